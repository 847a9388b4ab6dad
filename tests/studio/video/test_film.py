"""Films: what was put in comes out again, at its time; and nothing half-written is left."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from engines.provenance.labels.files import said
from engines.provenance.labels.label import Label
from engines.provenance.signing import keys as keyring
from studio.errors import StudioError
from studio.video import film as films
from studio.video.captions import Caption
from studio.video.cut import Chapter, Cut
from studio.video.film import Format, write
from tests.studio.video.acting import RATE, pictures, silent, sound

SIZE = (64, 48)
LABEL = Label("compositeSynthetic", "Ada: a.mp4")
MORE: dict[str, Any] = {
    "captions": (Caption(0.25, 0.75, "Hello\nthere", "Ada"), Caption(1.0, 1.5, "Bye")),
    "chapters": (Chapter("One", 0.0, 1.0), Chapter("Two", 1.0, 2.0)),
}


def flashing(count: int, at: int) -> Iterator[Any]:
    for number in range(count):
        yield np.full((SIZE[1], SIZE[0], 3), 230 if number == at else 20, np.uint8)


def clicking(cut: Cut, frame: int) -> Cut:
    pcm = np.zeros(len(cut.pcm) // 2, np.int16)
    start = frame * RATE // cut.fps
    pcm[start : start + RATE // 20] = 20_000 * np.sin(np.arange(RATE // 20) * 0.4)
    return Cut(pcm.tobytes(), cut.rate, cut.fps, cut.frames, cut.shots, cut.captions, cut.chapters)


@pytest.mark.parametrize("suffix", [".mp4", ".webm"])
@pytest.mark.parametrize("fps", [24, 30, 60])
def test_sound_and_picture_stay_together(tmp_path: Path, suffix: str, fps: int) -> None:
    """A flash and a click of the same instant come out within a frame of each other."""
    path, at = tmp_path / f"a{suffix}", fps
    heard: list[int] = []
    write(
        path, clicking(silent(2 * fps, fps), at), flashing(2 * fps, at), Format(suffix, SIZE), label=LABEL,
        told=heard.append,
    )  # fmt: skip
    seen = pictures(path)
    assert len(seen) == 2 * fps
    assert heard == list(range(1, 2 * fps + 1))
    bright = int(np.argmax([picture.mean() for picture in seen]))
    samples, rate, begins = sound(path)
    onset = np.flatnonzero(np.abs(samples) > 0.1)[0] / rate + begins
    assert abs(bright / fps - onset) <= 1 / fps
    assert bright == at


@pytest.mark.parametrize("suffix", [".mp4", ".webm"])
def test_subtitles_and_chapters_come_out(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a{suffix}"
    write(path, silent(48, **MORE), flashing(48, 0), Format(suffix, SIZE), label=LABEL)
    with av.open(str(path)) as container:
        assert [chapter["metadata"]["title"] for chapter in container.chapters()] == ["One", "Two"]
        stream = container.streams.subtitles[0]
        shown = [packet for packet in container.demux(stream) if len(bytes(packet)) > 2]
        assert [round(float((packet.pts or 0) * packet.time_base), 2) for packet in shown] == [0.25, 1.0]
        assert b"Ada: Hello\nthere" in bytes(shown[0])


def test_colours_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    patch = np.zeros((SIZE[1], SIZE[0], 3), np.uint8)
    patch[:, :32] = (200, 60, 40)
    patch[:, 32:] = (30, 90, 180)
    write(path, silent(3), iter([patch] * 3), Format(".mp4", SIZE, quality=10), label=LABEL)
    with av.open(str(path)) as container:
        frame = next(container.decode(video=0))
        assert frame.colorspace == 1
        shown = frame.reformat(format="rgb24", src_colorspace="ITU709").to_ndarray()
    assert np.abs(shown[20, 10].astype(int) - (200, 60, 40)).max() < 12
    assert np.abs(shown[20, 50].astype(int) - (30, 90, 180)).max() < 12


def test_webm_keeps_what_is_transparent(tmp_path: Path) -> None:
    path = tmp_path / "a.webm"
    picture = np.zeros((SIZE[1], SIZE[0], 4), np.uint8)
    picture[10:40, 10:50] = (200, 100, 50, 255)
    write(path, silent(4), iter([picture] * 4), Format(".webm", SIZE, alpha=True), label=LABEL)
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        decoder = av.CodecContext.create("libvpx-vp9", "r")
        frames = [frame for packet in container.demux(stream) if packet.size for frame in decoder.decode(packet)]
    alpha = frames[0].to_ndarray(format="rgba")[..., 3]
    assert alpha[25, 30] > 240
    assert alpha[2, 2] < 15


def test_it_says_that_a_machine_made_it(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    write(path, silent(3), flashing(3, 0), Format(".mp4", SIZE), label=LABEL)
    assert said(path.read_bytes()).source == "compositeSynthetic"
    write(tmp_path / "a.webm", silent(3), flashing(3, 0), Format(".webm", SIZE), label=LABEL)
    with av.open(str(tmp_path / "a.webm")) as container:
        assert container.metadata["DIGITAL_SOURCE_TYPE"] == "compositeSynthetic"


def test_it_is_signed_by_keys(tmp_path: Path) -> None:
    pytest.importorskip("c2pa")
    from datetime import date

    from engines.provenance.signing import c2pa

    keyring.make(tmp_path / "keys", "Tests", date(2026, 1, 1))
    path = tmp_path / "a.mp4"
    keys = keyring.load(tmp_path / "keys")
    write(path, silent(3), flashing(3, 0), Format(".mp4", SIZE), label=LABEL, keys=keys)
    assert len(pictures(path)) == 3
    assert c2pa is not None
    from engines.provenance import finding

    found = finding.look(path.read_bytes(), anchors=(tmp_path / "keys" / "authority.pem").read_bytes())
    assert found.manifest is not None
    assert found.manifest.state == "valid"
    assert found.manifest.source.endswith("compositeSynthetic")


class Interrupted(Exception):
    """Stands for whatever ends a program."""


def test_an_interruption_leaves_the_old_film(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(b"old")

    def breaking() -> Iterator[Any]:
        yield from flashing(5, 0)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write(path, silent(48), breaking(), Format(".mp4", SIZE), label=LABEL)
    assert path.read_bytes() == b"old"
    assert [each.name for each in tmp_path.iterdir()] == ["a.mp4"]


def test_a_full_disk_is_told_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*args: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(films, "_encode", full)
    with pytest.raises(StudioError) as caught:
        write(tmp_path / "a.mp4", silent(3), flashing(3, 0), Format(".mp4", SIZE), label=LABEL)
    assert caught.value.code == "disk_full"
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(StudioError) as caught:
        write(tmp_path / "file" / "a.mp4", silent(3), flashing(3, 0), Format(".mp4", SIZE), label=LABEL)
    assert caught.value.code == "unwritable"


def test_other_formats_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(StudioError, match=r"\.mp4 or \.webm"):
        Format(".avi", SIZE).check()
    with pytest.raises(StudioError, match="transparency"):
        Format(".mp4", SIZE, alpha=True).check()
    with pytest.raises(StudioError, match="longer"):
        write(tmp_path / "a.mp4", silent(200_000, 50), flashing(1, 0), Format(".mp4", SIZE), label=LABEL)
    monkeypatch.setattr(films, "find_spec", lambda name: None)
    with pytest.raises(StudioError, match="pip install"):
        Format(".mp4", SIZE).check()
