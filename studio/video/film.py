"""Writes a film: H.264 and AAC in MP4, VP9 (with alpha where it is wanted) and Opus in WebM, subtitles and chapters.

It is written beside its place and renamed when it is whole and labelled; whatever happens before leaves nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from fractions import Fraction
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import numpy as np

from engines.provenance.labels.files import labelled
from engines.provenance.labels.label import Label
from engines.provenance.signing.keys import Keys
from engines.provenance.signing.trouble import SigningError
from studio.errors import StudioError
from studio.journal import failure
from studio.video.cut import Cut
from studio.video.looks.appearance import Bytes

RATE: Final = 48_000  # samples a second of what is written
BLOCK: Final = 1024  # samples given to the encoder at once
BT709: Final = 1  # how colours become luma and chroma: matrix, primaries and transfer have the same number
SUFFIXES: Final = (".mp4", ".webm")
FRAMES: Final = 60 * 60 * 30  # half an hour at 60


@dataclass(frozen=True, slots=True)
class Format:
    """How a film is written: its `suffix` says the container; `alpha` keeps what is transparent (WebM)."""

    suffix: str
    size: tuple[int, int]  # width, height
    alpha: bool = False
    quality: int = 20  # CRF of H.264; VP9 takes 12 more

    def check(self) -> None:
        """Raise StudioError `bad_option` for what cannot be written, `missing_package` without PyAV."""
        if self.suffix not in SUFFIXES:
            raise StudioError("bad_option", f"a film is a file that ends in {' or '.join(SUFFIXES)}")
        if self.alpha and self.suffix != ".webm":
            raise StudioError("bad_option", "only .webm keeps transparency; or give a --background")
        if find_spec("av") is None:
            raise StudioError("missing_package", "films need PyAV: pip install 'companion-bridge[video]'")


def write(
    path: Path,
    cut: Cut,
    frames: Iterator[Bytes],
    form: Format,
    *,
    label: Label,
    keys: Keys | None = None,
    told: Callable[[int], None] = lambda done: None,
) -> None:
    """Write `cut` with its drawn `frames` (height, width, 3 or 4) to `path`, labelled, and signed where there are keys.

    `told` hears how many frames are done. StudioError `disk_full`, `unwritable`, `too_large`.
    """
    form.check()
    if cut.count > FRAMES:
        raise StudioError("too_large", f"a film of {cut.seconds:.0f} seconds is longer than this program writes")
    with beside(path) as part:
        _encode(part, cut, frames, form, label, told)
        if form.suffix == ".mp4":
            try:
                part.write_bytes(labelled(part.read_bytes(), label, keys=keys))
            except SigningError as error:
                raise StudioError(error.code, error.message) from error


@contextmanager
def beside(path: Path) -> Iterator[Path]:
    """Give a place beside `path` to write to; it takes the place of `path` only if nothing goes wrong."""
    part = path.with_name(f".{path.stem}.part{path.suffix}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield part
        part.replace(path)
    except OSError as error:
        raise failure(error, path) from error
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def _encode(
    part: Path, cut: Cut, frames: Iterator[Bytes], form: Format, label: Label, told: Callable[[int], None]
) -> None:
    import av

    mp4 = form.suffix == ".mp4"
    options = {"movflags": "+faststart"} if mp4 else {}
    with av.open(str(part), "w", options=options) as container:
        container.metadata.update(
            {"title": label.title, "comment": label.sentence(), "digital_source_type": label.source}
        )
        video = _video(container, cut.fps, form)
        sound = container.add_stream("aac" if mp4 else "libopus", rate=RATE, layout="mono")
        sound.bit_rate = 96_000 if mp4 else 64_000
        words = container.add_stream("mov_text" if mp4 else "webvtt") if cut.captions else None
        if words is not None:
            words.codec_context.subtitle_header = ASS.encode()
            words.time_base = Fraction(1, 1000)
        container.set_chapters(
            [
                {
                    "id": number,
                    "start": round(each.start * 1000),
                    "end": round(each.end * 1000),
                    "time_base": Fraction(1, 1000),
                    "metadata": {"title": each.title},
                }
                for number, each in enumerate(cut.chapters, 1)
            ]
        )
        audio = _Sound(container, sound, cut)
        due = list(cut.captions)
        for number, picture in enumerate(frames):
            frame = av.VideoFrame.from_ndarray(
                np.ascontiguousarray(picture), format="rgba" if picture.shape[2] == 4 else "rgb24"
            )
            frame = frame.reformat(format=video.pix_fmt, dst_colorspace="ITU709", dst_color_range="MPEG")
            frame.pts, frame.time_base = number, Fraction(1, cut.fps)
            container.mux(video.encode(frame))
            second = (number + 1) / cut.fps
            audio.until(second)
            while words is not None and due and due[0].start < second:
                container.mux(_subtitle(words, due.pop(0)))
            told(number + 1)
        audio.until(cut.seconds + 1)
        container.mux(video.encode())
        audio.close()


ASS: Final = (
    "[Script Info]\nScriptType: v4.00+\n\n[V4+ Styles]\nFormat: Name, Fontname, Fontsize, PrimaryColour, "
    "SecondaryColour, OutlineColour, BackColour, Bold, Italic, Underline, StrikeOut, ScaleX, ScaleY, Spacing, Angle, "
    "BorderStyle, Outline, Shadow, Alignment, MarginL, MarginR, MarginV, Encoding\n"
    "Style: Default,Arial,16,&Hffffff,&Hffffff,&H0,&H0,0,0,0,0,100,100,0,0,1,1,0,2,10,10,10,0\n\n[Events]\n"
    "Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\n"
)


def _video(container: Any, fps: int, form: Format) -> Any:
    if form.suffix == ".mp4":
        options = {"preset": "veryfast", "crf": str(form.quality), "threads": "1"}
        stream = container.add_stream("libx264", rate=fps, options=options)
        stream.pix_fmt = "yuv420p"
    else:
        options = {"deadline": "realtime", "cpu-used": "8", "crf": str(form.quality + 12), "b": "0", "threads": "1"}
        if form.alpha:
            options["auto-alt-ref"] = "0"
        stream = container.add_stream("libvpx-vp9", rate=fps, options=options)
        stream.pix_fmt = "yuva420p" if form.alpha else "yuv420p"
    stream.width, stream.height = form.size
    stream.time_base = Fraction(1, fps)
    context = stream.codec_context
    context.colorspace = context.color_primaries = context.color_trc = BT709
    context.color_range = 1
    return stream


class _Sound:
    """Encodes the sound as far as the picture has come."""

    def __init__(self, container: Any, stream: Any, cut: Cut) -> None:
        import soxr

        pcm = np.frombuffer(cut.pcm, np.int16)
        whole = soxr.resample(pcm, cut.rate, RATE) if cut.rate != RATE else pcm
        length = round(cut.seconds * RATE)
        self._pcm = np.zeros(length, np.int16)
        self._pcm[: min(length, len(whole))] = whole[:length]
        self._at = 0
        self._container, self._stream = container, stream

    def until(self, second: float) -> None:
        """Encode what is heard before that second."""
        import av

        end = min(len(self._pcm), int(second * RATE))
        while self._at < end:
            block = self._pcm[self._at : min(self._at + BLOCK, end)]
            frame = av.AudioFrame.from_ndarray(block[None, :], format="s16", layout="mono")
            frame.sample_rate, frame.pts, frame.time_base = RATE, self._at, Fraction(1, RATE)
            self._container.mux(self._stream.encode(frame))
            self._at += len(block)

    def close(self) -> None:
        """Encode what the encoder holds back."""
        self._container.mux(self._stream.encode())


def _subtitle(stream: Any, row: Any) -> Any:
    from av.subtitles.subtitle import SubtitleSet

    text = (f"{row.who}: {row.text}" if row.who else row.text).replace("\n", "\\N")
    length = max(1, round((row.end - row.start) * 1000))
    packet = stream.codec_context.encode_subtitle(
        SubtitleSet.create(f"0,0,Default,,0,0,0,,{text}".encode(), start=0, end=length)
    )
    packet.stream, packet.time_base = stream, Fraction(1, 1000)
    packet.pts = packet.dts = round(row.start * 1000)
    packet.duration = length
    return packet
