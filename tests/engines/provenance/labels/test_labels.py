"""Labels in every container: written, read back, written over, and the content as it was; hostile files say so."""

from __future__ import annotations

import io
import json
import struct
import wave

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engines.identity.errors import IdentityError
from engines.identity.png import SIGNATURE, chunk, chunks
from engines.provenance.labels import glb, mp4, png, wav
from engines.provenance.labels.files import kind_of, labelled, marked_picture, said, stamped_picture
from engines.provenance.labels.label import IPTC, Label, Said, read_aigc, read_packet
from engines.provenance.labels.trouble import LabelError
from tests.studio.sealing import picture

LABEL = Label("compositeSynthetic", "Ada & <Bea> 灯", '学校 "A"', "id-1", "0.1.0", china=True)
PLAIN = Label("algorithmicMedia", "Ada")


def sound(odd: bool = False) -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setparams((1, 1 if odd else 2, 24_000, 0, "NONE", ""))
        file.writeframes(bytes(range(256)) + (b"x" if odd else b""))
    return out.getvalue()


def box(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I4s", len(body) + 8, kind) + body


def film(*, samples_first: bool, large: bool = False) -> bytes:
    """A film whose table of samples tells where b"SAMPLES" lies."""
    kind, form = (b"co64", ">Q") if large else (b"stco", ">I")
    head = box(b"ftyp", b"isom\0\0\2\0isomiso2")

    def moov(place: int) -> bytes:
        table = box(kind, struct.pack(">II", 0, 1) + struct.pack(form, place))
        inner = box(b"trak", box(b"mdia", box(b"minf", box(b"stbl", box(b"stsz", bytes(12)) + table))))
        return box(b"moov", box(b"mvhd", bytes(100)) + inner)

    data = box(b"mdat", b"SAMPLES")
    if samples_first:
        return head + data + moov(len(head) + 8)
    return head + moov(len(head) + len(moov(0)) + 8) + data


def samples_at(data: bytes) -> bytes:
    """What lies where the table says that the samples are."""
    for kind, form in ((b"stco", ">I"), (b"co64", ">Q")):
        if kind in data:
            (place,) = struct.unpack_from(form, data, data.index(kind) + 12)
            return data[place : place + 7]
    return b""


def head() -> bytes:
    text = json.dumps({"asset": {"version": "2.0", "extras": {"x": 1}}, "meshes": [], "extensionsUsed": ["A"]}).encode()
    text += b" " * (-len(text) % 4)
    body = struct.pack("<I4s", len(text), b"JSON") + text + struct.pack("<I4s", 4, b"BIN\0") + b"DATA"
    return b"glTF" + struct.pack("<II", 2, 12 + len(body)) + body


FILES = {
    "png": picture(),
    "wav": sound(),
    "odd wav": sound(odd=True),
    "mp4": film(samples_first=True),
    "mp4, moov first": film(samples_first=False),
    "mp4, moov first, large": film(samples_first=False, large=True),
    "glb": head(),
}


@pytest.mark.parametrize("data", FILES.values(), ids=FILES.keys())
def test_what_is_written_is_read_and_can_be_written_over(data: bytes) -> None:
    assert not said(data)
    once = labelled(data, LABEL)
    found = said(once)
    assert (found.source, found.tool) == ("compositeSynthetic", "companion-bridge 0.1.0")
    assert dict(found.aigc)["ContentProducer"] == '学校 "A"'
    assert kind_of(once) == kind_of(data)
    assert labelled(once, LABEL) == once
    other = said(labelled(labelled(data, PLAIN), PLAIN))
    assert (other.source, other.aigc) == ("algorithmicMedia", ())


def test_the_content_stays_as_it_was() -> None:
    made = labelled(picture(), LABEL)
    assert [each for each in chunks(made) if each[0] in (b"IHDR", b"IDAT")] == list(chunks(picture()))[:2]
    with wave.open(io.BytesIO(labelled(sound(), LABEL))) as file:
        assert file.readframes(9999) == bytes(range(256))
    with wave.open(io.BytesIO(labelled(sound(odd=True), LABEL))) as file:
        assert file.readframes(9999) == bytes(range(256)) + b"x"
    assert labelled(head(), LABEL).endswith(struct.pack("<I4s", 4, b"BIN\0") + b"DATA")
    tree = json.loads(labelled(head(), LABEL)[20 : 20 + struct.unpack_from("<I", labelled(head(), LABEL), 12)[0]])
    assert tree["asset"]["extras"]["x"] == 1
    assert tree["extensionsUsed"] == ["A", "KHR_xmp_json_ld"]


@pytest.mark.parametrize("name", [name for name in FILES if name.startswith("mp4")])
def test_samples_are_found_where_the_table_says(name: str) -> None:
    data = FILES[name]
    assert samples_at(data) == b"SAMPLES"
    once = labelled(data, LABEL)
    assert samples_at(once) == b"SAMPLES"
    assert samples_at(labelled(once, LABEL)) == b"SAMPLES"


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(FILES)), st.data())
def test_hostile_bytes_are_read_as_something_or_nothing(name: str, data: st.DataObject) -> None:
    whole = labelled(FILES[name], LABEL)
    cut = data.draw(st.integers(0, len(whole)))
    place = data.draw(st.integers(0, len(whole) - 1))
    byte = data.draw(st.integers(0, 255))
    for wrong in (whole[:cut], whole[:place] + bytes([byte]) + whole[place + 1 :], whole + whole[cut:]):
        said(wrong)
        for write in (png.write, wav.write, mp4.write, glb.write):
            try:
                write(wrong, LABEL)
            except (LabelError, IdentityError):
                continue


@pytest.mark.parametrize(
    ("write", "data"),
    [
        (png.write, b"no picture"),
        (wav.write, b"RIFF\0\0\0\0AVI "),
        (wav.write, b"RF64\xff\xff\xff\xffWAVE"),
        (mp4.write, b"\0\0\0\x10ftypisomisom"),
        (mp4.write, b"\0\0\0\x10ftypisom\0\0\0\x05moov"),
        (mp4.write, film(samples_first=False).replace(b"stco\0\0\0\0\0\0\0\1", b"stco\0\0\0\0\0\0\xff\1")),
        (glb.write, b"glTF\1\0\0\0" + bytes(20)),
        (glb.write, b"glTF\2\0\0\0\0\0\0\0\2\0\0\0JSON[]"),
        (glb.write, b"glTF\2\0\0\0\0\0\0\0\4\0\0\0JSON{{{{"),
        (glb.write, b"glTF\2\0\0\0\0\0\0\0\xff\0\0\0JSON{}"),
    ],
)
def test_what_cannot_be_labelled_says_why(write: object, data: bytes) -> None:
    with pytest.raises((LabelError, IdentityError)) as failed:
        write(data, LABEL)  # type: ignore[operator]
    assert isinstance(failed.value, LabelError | IdentityError)
    assert failed.value.code.startswith("bad_")


def test_a_kind_without_a_place_for_a_label_says_so() -> None:
    for data in (b"OggS" + bytes(40), b"", b"\xff\xd8\xff" + bytes(40), b"text"):
        with pytest.raises(LabelError) as failed:
            labelled(data, LABEL)
        assert failed.value.code == "unlabelled"


@pytest.mark.parametrize(
    ("head_", "kind"),
    [
        (b"\xff\xd8\xff\xe0", "image/jpeg"), (b"RIFF\0\0\0\0WEBPVP8 ", "image/webp"), (b"RIFF\0\0\0\0AVI ", ""),
        (b"\0\0\0\x20ftypM4A ", "audio/mp4"), (b"\0\0\0\x20ftypmp42", "video/mp4"), (b"OggS", "audio/ogg"),
        (b"fLaC", "audio/flac"), (b"ID3\3", "audio/mpeg"), (b"\xff\xfb\x90", "audio/mpeg"),
        (b"\xff\xf1\x50", "audio/aac"),
        (b"PK\3\4", "application/zip"), (b"\x1aE\xdf\xa3", "video/webm"), (b"", ""), (b"hello", ""),
    ],
)  # fmt: skip
def test_kinds_are_told_by_the_first_bytes(head_: bytes, kind: str) -> None:
    assert kind_of(head_ + bytes(20) if head_ else head_) == kind


@pytest.mark.parametrize(
    ("packet", "source"),
    [
        (f'<a Iptc4xmpExt:DigitalSourceType="{IPTC}digitalCapture"/>'.encode(), "digitalCapture"),
        (b"<Iptc4xmpExt:DigitalSourceType> trainedAlgorithmicMedia</x>", "trainedAlgorithmicMedia"),
        (b"\xff\xfe\0broken", ""),
        (b"", ""),
    ],
)
def test_packets_of_other_programs_are_read(packet: bytes, source: str) -> None:
    assert read_packet(packet).source == source


def test_aigc_of_other_programs_is_read_and_nonsense_is_not() -> None:
    attribute = b'<r TC260:AIGC="{&quot;Label&quot;:&quot;1&quot;,&quot;ContentProducer&quot;:&quot;x&quot;}"/>'
    assert dict(read_packet(attribute).aigc) == {"Label": "1", "ContentProducer": "x"}
    for text in ("", "null", "[1]", "{}", "{" * 9000, '{"Label": 1}'):
        assert not dict(read_aigc(text)).get("Label")
    text_chunk = SIGNATURE + chunk(b"IHDR", bytes(13)) + chunk(b"tEXt", b'AIGC\0{"Label":"2"}') + chunk(b"IEND", b"")
    assert dict(said(text_chunk).aigc) == {"Label": "2"}
    assert said(text_chunk) == Said("", "", (("Label", "2"),))


def test_a_picture_is_marked_once_and_its_texts_stay() -> None:
    carded = picture().replace(chunk(b"IEND", b""), chunk(b"tEXt", b"chara\0e30=") + chunk(b"IEND", b""))
    once = marked_picture(carded, 77)
    assert once != carded
    assert marked_picture(once, 77) == once
    assert (b"tEXt", b"chara\0e30=") in list(chunks(once))
    assert stamped_picture(carded) != carded
    for odd in (b"no picture", picture(16), SIGNATURE + b"rubbish"):
        assert marked_picture(odd, 77) == odd
