"""`companion play` and `companion say --outlet`: one line, shown and heard on one clock; and a performer's face."""

from __future__ import annotations

import asyncio
import socket
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from bridge.command import cli, showing
from bridge.command.performing import face_of, performing
from bridge.command.serving import opened
from bridge.errors import BridgeError, ConfigError
from bridge.setup.config import load
from outlets.address import BadAddress, parse
from outlets.frame import Frame
from outlets.intake import MOST, Intake, listening
from outlets.vmc import Performer, Vmc
from talk.record import Recording
from testkit.patience import PATIENCE

SMILE = Frame(tuple(0.5 if place in (23, 24) else 0.0 for place in range(52)), yaw=0.2)


@asynccontextmanager
async def receiver() -> AsyncIterator[tuple[int, list[Frame]]]:
    """A program that shows what VMC brings it."""
    frames: list[Frame] = []
    performer = Performer()

    class Receiver(asyncio.DatagramProtocol):
        def datagram_received(self, data: bytes, addr: object) -> None:
            frames.extend(performer.take(data))

    transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(Receiver, local_addr=("127.0.0.1", 0))
    try:
        yield transport.get_extra_info("sockname")[1], frames
    finally:
        transport.close()


def recording(seconds: float = 0.3) -> Recording:
    made = Recording(8000, 60, ["jawOpen", "headYaw"])
    made.turn(1)
    made.speech(bytes(2 * round(8000 * seconds)))
    made.frames([[0.01 * (number + 1), 0.0] for number in range(round(60 * seconds))], source="exact")
    made.words([("Well", 0.0, 0.1, ""), ("then.", 0.1, 0.2, " ")])
    made.cue("emotion", "happy", at=0.05)
    made.end()
    return made


def test_a_recording_knows_what_is_due_at_an_instant() -> None:
    made = recording()
    assert made.cues == [("happy", 0.05)]
    row = made.row(0.1)
    assert row is not None
    assert row[0] == pytest.approx(0.07)
    assert made.row(99.0) is None
    assert Recording(8000, 60, []).row(0.0) is None
    assert len(made.pcm) == 4800


def test_what_is_said_is_shown_by_another_program_and_ends_at_rest() -> None:
    async def main() -> list[Frame]:
        async with receiver() as (port, frames), asyncio.timeout(PATIENCE):
            await showing.play(recording(), "Mira", [parse(f"vmc://127.0.0.1:{port}")], sound=False)
            for _ in range(1000):  # what was sent last is on its way
                await asyncio.sleep(0)
            return frames

    frames = asyncio.run(main())
    shown = [frame["jawOpen"] for frame in frames]
    assert max(shown) > 0.05
    assert shown[-1] == 0.0
    rising = shown[: shown.index(max(shown))]
    assert rising == sorted(rising), "in the order of the sound"


def test_the_loudspeaker_is_the_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Any] = []

    class Stream:
        latency = 0.01

        def __init__(self, *, callback: Callable[..., None], **settings: Any) -> None:
            self.callback, self.closed = callback, False
            made.append(self)

        def start(self) -> None:
            out = bytearray(2 * 8000)
            self.callback(out, 8000, None, None)
            assert out == bytes(2 * 8000), "what is behind the end is silence"

        def close(self) -> None:
            self.closed = True

    monkeypatch.setitem(sys.modules, "sounddevice", SimpleNamespace(RawOutputStream=Stream))
    took = asyncio.run(showing.play(recording(), "Mira", [], sound=True))
    assert took < PATIENCE
    assert made[0].closed


@pytest.mark.parametrize("broken", [None, SimpleNamespace()])
def test_no_loudspeaker_is_told(monkeypatch: pytest.MonkeyPatch, broken: Any) -> None:
    monkeypatch.setitem(sys.modules, "sounddevice", broken)
    with pytest.raises(BridgeError) as told:
        asyncio.run(showing.play(recording(), "Mira", [], sound=True))
    assert told.value.code == "no_sound"


def test_a_face_of_another_profile_is_not_shown() -> None:
    faceless = Recording(8000, 60, ["aa"])
    faceless.turn(1)
    with pytest.raises(BridgeError, match="arkit52"):
        asyncio.run(showing.play(faceless, "Mira", [parse("vmc://")], sound=False))
    with pytest.raises(BridgeError, match="cannot be reached"):
        asyncio.run(showing.play(faceless, "Mira", [parse("vmc://no.such.host.invalid", abroad=True)], sound=False))


def test_the_commands_speak_into_an_outlet(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listening:
        listening.bind(("127.0.0.1", 0))
        listening.setblocking(False)
        to = ["--outlet", f"vmc://127.0.0.1:{listening.getsockname()[1]}?bones=no&clips=no"]
        for command in (["play", "Yes.", "--no-sound"], ["say", "Yes.", "--out", str(tmp_path)]):
            assert cli.main([*command, *to]) == 0, capsys.readouterr().err
            performer, opening = Performer(), 0.0
            while True:
                try:
                    opening = max([opening, *(frame["jawOpen"] for frame in performer.take(listening.recv(2000)))])
                except BlockingIOError:
                    break
            assert opening > 0.05


# ------------------------------------------------------------------------------------------------ a performer


def packets(frame: Frame) -> Sequence[bytes]:
    return Vmc(clips=False).packets(frame, 0.0)


def test_a_performer_comes_in_by_vmc_and_is_forgotten_when_nothing_comes() -> None:
    intake = Intake(parse("vmc://"))
    assert intake.face(0.0, 1.0) is None

    async def take() -> tuple[Frame | None, Frame | None]:
        loop = asyncio.get_running_loop()
        for packet in (b"\0", b"nonsense", *packets(SMILE)):
            intake.datagram_received(packet, ("127.0.0.1", 1))
        intake.error_received(OSError())
        now = loop.time()
        return intake.face(now, 1.0), intake.face(now + 2.0, 1.0)

    fresh, stale = asyncio.run(take())
    assert stale is None
    assert fresh is not None
    assert fresh["mouthSmileLeft"] == pytest.approx(0.5)
    assert fresh.yaw == pytest.approx(0.2, abs=1e-5)
    seen = face_of(fresh)
    assert seen.weights["mouthSmileRight"] == pytest.approx(0.5)
    assert seen.yaw == pytest.approx(11.459, abs=0.01)


def test_a_flood_of_packets_is_not_read() -> None:
    intake = Intake(parse("vmc://"))

    async def flood() -> None:
        for _ in range(2 * MOST):
            intake.datagram_received(b"\0", ("127.0.0.1", 1))

    asyncio.run(flood())
    assert intake.dropped >= MOST / 2


@pytest.mark.parametrize("performer", ["smell://", "vts://127.0.0.1", "vmc://127.0.0.1?bones=no"])
def test_what_is_no_performer_is_told(performer: str) -> None:
    async def main() -> None:
        async with performing(SimpleNamespace(newest=None), performer):  # type: ignore[arg-type]
            pass

    with pytest.raises((ConfigError, BadAddress)):
        asyncio.run(main())


def test_a_performer_needs_an_outlet() -> None:
    async def main() -> None:
        async with opened(load(None, {}, ["server.port=0", "outlets.performer=client"])):
            pass

    with pytest.raises(ConfigError, match="nowhere to"):
        asyncio.run(main())


def test_a_performers_face_goes_through_the_bridge_while_nobody_speaks() -> None:
    async def main() -> Frame:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
            free.bind(("127.0.0.1", 0))
            tracker = free.getsockname()[1]
        async with receiver() as (port, frames), asyncio.timeout(PATIENCE):
            given = [
                "server.port=0",
                f"outlets.to=vmc://127.0.0.1:{port}",
                f"outlets.performer=vmc://127.0.0.1:{tracker}",
            ]
            async with opened(load(None, {}, given)):
                with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
                    while not frames or frames[-1]["mouthSmileLeft"] < 0.499:
                        for packet in packets(SMILE):
                            sender.sendto(packet, ("127.0.0.1", tracker))
                        await asyncio.sleep(0.01)
                    return frames[-1]

    assert asyncio.run(main()).yaw == pytest.approx(0.2, abs=0.01)


def test_somebody_else_who_listens_there_is_told() -> None:
    async def main() -> None:
        async with receiver() as (port, _), listening(parse(f"vmc://127.0.0.1:{port}")):
            pass

    with pytest.raises(BadAddress, match="nobody can listen"):
        asyncio.run(main())
