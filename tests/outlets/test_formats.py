"""Each format as another program reads it: decoders of others where there are some, else written from the layout."""

from __future__ import annotations

import struct
from contextlib import suppress
from math import degrees, pi
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pythonosc.osc_bundle import OscBundle
from pythonosc.osc_message import OscMessage

from engines.face.rigs import HEAD, NAMES
from outlets import ifacialmocap, livelink, osc, vmc, vrchat
from outlets.frame import REST, Frame, reader
from outlets.names import PERFECT_SYNC, SUFFIXED, clips

UNIT = st.floats(0, 1, width=32)
ANGLE = st.floats(-0.5, 0.5, width=32)
WEIGHTS = st.lists(UNIT, min_size=len(NAMES), max_size=len(NAMES)).map(tuple)
FRAMES = st.builds(Frame, WEIGHTS, ANGLE, ANGLE, ANGLE)


def worn(**weights: float) -> Frame:
    return Frame(tuple(weights.get(name, 0.0) for name in NAMES))


def messages(packets: list[bytes]) -> list[tuple[str, tuple[Any, ...]]]:
    """What python-osc reads of bundles or messages."""
    found = []
    for packet in packets:
        contents = list(OscBundle(packet)) if OscBundle.dgram_is_bundle(packet) else [OscMessage(packet)]
        for each in contents:
            assert isinstance(each, OscMessage)
            found.append((each.address, tuple(each.params)))
    return found


# --------------------------------------------------------------------------------------------- Live Link Face


def unreal(packet: bytes) -> tuple[str, str, int, float, tuple[int, int], tuple[float, ...]]:
    """Read a packet as Unreal's receiver does, from its layout."""
    (version, size), at = struct.unpack_from(">Bi", packet), 5
    assert version == 6
    device, at = packet[at : at + size].decode("ascii"), at + size
    (size,), at = struct.unpack_from(">i", packet, at), at + 4
    name, at = packet[at : at + size].decode("ascii"), at + size
    number, part, over, under, count = struct.unpack_from(">ifiiB", packet, at)
    at += 17
    assert count == 61
    assert len(packet) == at + 61 * 4
    return device, name, number, part, (over, under), struct.unpack_from(">61f", packet, at)


@given(FRAMES)
def test_unreal_reads_every_shape_in_its_own_order_and_angles_as_parts_of_half_a_turn(frame: Frame) -> None:
    device, name, number, part, rate, values = unreal(livelink.LiveLink("Mira", "A" * 36, 60).packet(frame, 1234))
    assert (device, name, number, part, rate) == ("A" * 36, "Mira", 1234, 0.0, (60, 1))
    assert values[:52] == pytest.approx(frame.weights, abs=1e-6)
    assert values[52:55] == pytest.approx([angle / pi for angle in (frame.yaw, frame.pitch, frame.roll)], abs=1e-6)
    assert all(-1 <= value <= 1 for value in values[52:])


def test_a_decoder_of_others_reads_it() -> None:
    """PyLiveLinkFace takes ids of 36 characters for granted, and reads the version as the other byte order's."""
    others = pytest.importorskip("pylivelinkface")
    frame = worn(jawOpen=0.5, eyeBlinkLeft=1.0, tongueOut=0.25)
    found, face = others.PyLiveLinkFace.decode(livelink.LiveLink("Mira", "x" * 36, 60).packet(frame, 0))
    assert found
    for name, value in (("JawOpen", 0.5), ("EyeBlinkLeft", 1.0), ("TongueOut", 0.25), ("MouthClose", 0.0)):
        assert face.get_blendshape(getattr(others.FaceBlendShape, name)) == pytest.approx(value)


@pytest.mark.parametrize("name", ["", "灯", "x" * 500, "two\0words"])
def test_any_name_makes_a_packet_that_unreal_takes(name: str) -> None:
    found = unreal(livelink.LiveLink(name, "", 30).packet(REST, 5))
    assert 1 <= len(found[1]) <= livelink.NAME_BYTES


def test_the_clock_begins_anew_at_midnight() -> None:
    assert unreal(livelink.LiveLink("Mira", "d", 60).packet(REST, 86_400 * 60 + 3))[2] == 3


# -------------------------------------------------------------------------------------------------------- OSC


ARGUMENTS = st.one_of(
    st.text(max_size=40).map(lambda text: text.replace("\0", "")),
    st.integers(-(2**31), 2**31 - 1),
    st.floats(width=32, allow_nan=False),
    st.booleans(),
)
SENT = st.tuples(st.from_regex(r"/[a-zA-Z/]{1,20}", fullmatch=True), st.lists(ARGUMENTS, max_size=5))


@given(st.lists(SENT, max_size=30))
def test_what_is_sent_is_what_others_and_we_read(sent: list[tuple[str, list[osc.Argument]]]) -> None:
    packets = osc.bundles([osc.message(address, *arguments) for address, arguments in sent], most=200)
    wanted = [(address, tuple(arguments)) for address, arguments in sent]
    assert messages(packets) == wanted
    assert [(each.address, each.arguments) for packet in packets for each in osc.read(packet)] == wanted
    assert all(len(packet) <= 200 or len(list(OscBundle(packet))) == 1 for packet in packets)


@given(st.binary(max_size=200))
def test_hostile_packets_are_read_or_refused(packet: bytes) -> None:
    for data in (packet, b"#bundle\0" + packet, b"/a\0\0,s\0\0" + packet):
        with suppress(osc.BadPacket):
            osc.read(data)


def test_bundles_within_bundles_end_somewhere() -> None:
    packet = osc.message("/a")
    for _ in range(100):
        packet = b"#bundle\0" + bytes(8) + struct.pack(">i", len(packet)) + packet
    with pytest.raises(osc.BadPacket):
        osc.read(packet)


# -------------------------------------------------------------------------------------------------------- VMC


@given(FRAMES)
def test_vmc_carries_every_name_and_ends_with_apply(frame: Frame) -> None:
    packets = vmc.Vmc().packets(frame, 1.5)
    assert all(len(packet) <= osc.DATAGRAM for packet in packets)
    found = messages(packets)
    assert found[0][0] == "/VMC/Ext/OK"
    assert found[1] == ("/VMC/Ext/T", (1.5,))
    assert found[-1] == ("/VMC/Ext/Blend/Apply", ())
    blends = {params[0]: params[1] for address, params in found if address == "/VMC/Ext/Blend/Val"}
    for name, weight in zip(NAMES, frame.weights, strict=True):
        assert blends[PERFECT_SYNC[name]] == pytest.approx(weight, abs=1e-6)
    assert {"A", "I", "U", "E", "O", "Blink_L", "Blink_R", "aa", "ih", "blinkLeft"} <= blends.keys()
    assert all(0 <= value <= 1 for value in blends.values())
    bones = {params[0]: params[1:] for address, params in found if address == "/VMC/Ext/Bone/Pos"}
    assert bones.keys() == {"Head", "Neck", "LeftEye", "RightEye"}
    assert all(sum(value * value for value in pose[3:]) == pytest.approx(1, abs=1e-5) for pose in bones.values())


@given(FRAMES)
def test_what_vmc_sends_a_receiver_of_ours_reads(frame: Frame) -> None:
    performer = vmc.Performer()
    (found,) = [found for packet in vmc.Vmc().packets(frame, 0.0) for found in performer.take(packet)]
    assert found.weights == pytest.approx(frame.weights, abs=1e-6)
    assert (found.yaw, found.pitch, found.roll) == pytest.approx((frame.yaw, frame.pitch, frame.roll), abs=1e-5)


def test_a_turn_to_the_own_left_is_to_the_left_in_unity() -> None:
    """Unity's z is forward and x to the right: a head that looks to its left looks towards less x."""
    x, y, z, w = vmc.quaternion(0.4, 0.0, 0.0)
    assert 2 * (x * z + w * y) < 0
    x, y, z, w = vmc.quaternion(0.0, 0.4, 0.0)
    assert 2 * (y * z - w * x) > 0


@pytest.mark.parametrize("silent", ["perfect_sync", "clips", "bones"])
def test_each_part_can_be_left_out(silent: str) -> None:
    whole = {(address, params[:1]) for address, params in messages(vmc.Vmc().packets(REST, 0.0))}
    part = {(address, params[:1]) for address, params in messages(vmc.Vmc(**{silent: False}).packets(REST, 0.0))}
    assert part < whole


def test_a_performer_is_read_in_any_case_and_nonsense_changes_nothing() -> None:
    performer = vmc.Performer()
    for packet in (
        b"nonsense",
        osc.message("/VMC/Ext/Blend/Val", "JAWOPEN", 0.5),
        osc.message("/VMC/Ext/Blend/Val", "mouthClose", 9.0),
        osc.message("/VMC/Ext/Blend/Val", "browInnerUp", float("nan")),
        osc.message("/VMC/Ext/Blend/Val", "Tail", 1.0),
        osc.message("/VMC/Ext/Blend/Val", "jawLeft", "far"),
        osc.message("/VMC/Ext/Bone/Pos", "Head", *[0.0] * 7),
        osc.message("/VMC/Ext/Bone/Pos", "Head", "x"),
        osc.message("/VMC/Ext/Bone/Pos", "Head", 0.0, 0.0, 0.0, "a", "b", "c", "d"),
    ):
        assert performer.take(packet) == []
    (frame,) = performer.take(osc.message("/VMC/Ext/Blend/Apply"))
    assert (frame["jawOpen"], frame["mouthClose"], frame["browInnerUp"], frame["jawLeft"]) == (0.5, 1.0, 0.0, 0.0)
    assert (frame.yaw, frame.pitch, frame.roll) == (0, 0, 0)


@pytest.mark.parametrize(
    ("weights", "vowel"),
    [
        ({"jawOpen": 0.6}, "A"),
        ({"jawOpen": 0.1, "mouthStretchLeft": 0.7, "mouthStretchRight": 0.7}, "I"),
        ({"jawOpen": 0.1, "mouthPucker": 0.9}, "U"),
        ({"jawOpen": 0.5, "mouthPucker": 0.6, "mouthFunnel": 0.6}, "O"),
        ({"jawOpen": 0.5, "mouthStretchLeft": 0.7, "mouthStretchRight": 0.7}, "E"),
    ],
)
def test_the_strongest_vowel_is_that_of_the_mouth(weights: dict[str, float], vowel: str) -> None:
    found = clips(worn(**weights))
    assert max("AIUEO", key=lambda name: found[name]) == vowel
    assert sum(found[name] for name in "AIUEO") <= 1.0001


def test_sealed_lips_say_no_vowel() -> None:
    found = clips(worn(jawOpen=0.3, mouthClose=0.3, mouthPressLeft=0.6, mouthPressRight=0.6))
    assert all(found[name] < 0.01 for name in "AIUEO")


# ---------------------------------------------------------------------------------- iFacialMocap and VRChat


@pytest.mark.parametrize(("version", "between"), [(1, "-"), (2, "&")])
def test_ifacialmocap_is_read_back(version: int, between: str) -> None:
    frame = Frame(worn(jawOpen=0.5, mouthSmileLeft=1.0, mouthLeft=0.25, eyeLookOutLeft=0.5).weights, 0.2, 0.1, -0.05)
    shapes, _, poses = ifacialmocap.text(frame, version=version).decode().partition("=")
    found = dict(part.split(between) for part in shapes.strip("|").split("|"))
    assert len(found) == 52
    assert (found["jawOpen"], found["mouthSmile_L"], found["mouthLeft"]) == ("50", "100", "25")
    bones = dict(part.split("#") for part in poses.strip("|").split("|"))
    head = [float(value) for value in bones["head"].split(",")]
    assert head == pytest.approx([-degrees(0.1), degrees(0.2), degrees(-0.05), 0, 0, 0], abs=1e-4)
    assert float(bones["leftEye"].split(",")[1]) == pytest.approx(15.0, abs=0.01)
    with pytest.raises(ValueError, match="versions"):
        ifacialmocap.text(frame, version=3)


def test_every_name_of_ifacialmocap_is_its_own() -> None:
    assert len(set(SUFFIXED.values())) == 52
    assert SUFFIXED["jawLeft"] == "jawLeft"
    assert SUFFIXED["browOuterUpRight"] == "browOuterUp_R"


@given(FRAMES)
def test_vrchat_gets_floats_in_range_under_the_avatars_prefix(frame: Frame) -> None:
    found = dict(messages(vrchat.VrChat().packets(frame)))
    assert all(address.startswith("/avatar/parameters/FT/v2/") for address in found)
    assert all(len(params) == 1 and isinstance(params[0], float) and -1 <= params[0] <= 1 for params in found.values())
    assert found["/avatar/parameters/FT/v2/JawOpen"][0] == pytest.approx(frame["jawOpen"], abs=1e-6)
    assert messages(vrchat.VrChat("").packets(REST))[0][0].startswith("/avatar/parameters/v2/")


def test_a_long_subtitle_ends_with_what_was_said_last() -> None:
    ((address, params),) = messages([vrchat.VrChat().subtitle("word " * 100 + "end")])
    assert address == "/chatbox/input"
    assert len(params[0]) == vrchat.CHATBOX
    assert params[0].endswith("end")
    assert params[1:] == (True, False)


# ------------------------------------------------------------------------------------------------- the channels


def test_channels_are_found_by_name_in_any_order() -> None:
    names = [*reversed(NAMES), *HEAD]
    values = [index / 100 for index in range(52)] + [0.1, 0.2, 0.3]
    frame = reader(names)(values)
    assert frame["tongueOut"] == 0.0
    assert frame["eyeBlinkLeft"] == 0.51
    assert (frame.yaw, frame.pitch, frame.roll) == (0.1, 0.2, 0.3)
    assert reader(["jawOpen"])([0.4])["jawOpen"] == 0.4


@pytest.mark.parametrize("names", [[], ["aa", "ih"], list(HEAD)])
def test_another_profile_is_refused(names: list[str]) -> None:
    with pytest.raises(ValueError, match="arkit52"):
        reader(names)
