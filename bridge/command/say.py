"""Speaks one line into files (`companion say`), through the chain that a live reply takes, without a server."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from pathlib import Path

from bridge.core.timeline import CueMark, MediaPiece, SpokenWord, seconds
from bridge.errors import BridgeError
from bridge.session.companion import Companion
from bridge.session.patience import Limits
from bridge.session.reply import Progress, reply
from bridge.session.verbatim import Verbatim
from bridge.setup.lifecycle import started
from bridge.wallclock import here
from engines.api import FaceStyle, Request, Rig, ToolResult
from engines.provenance.explicit import rhythm
from engines.provenance.labels.files import labelled
from engines.provenance.labels.label import Label
from engines.provenance.signing.keys import Keys
from engines.provenance.signing.trouble import SigningError
from engines.text.redaction import quoted
from talk.record import Recording


@dataclass(frozen=True, slots=True)
class Labelling:
    """What files that leave say of themselves, and the keys that sign it, None for no signature."""

    words: Label
    keys: Keys | None = None


async def say(companion: Companion, text: str, *, rig: Rig, fps: int, rate: int) -> Recording:
    """Speak `text` as `companion`; tags in it work as in a live reply.

    Raises BridgeError `empty_text` when it has no words, and EngineError.
    """
    if not any(char.isalnum() for char in text):
        raise _nothing(text)
    deaf = replace(companion.engines, vad=None, stt=None, ending=None, intonation=None, diarizer=None, sight=None)
    # Whoever asks for these words has written them.
    engines = replace(deaf, understudy=None, gates=(), dialogue=Verbatim(text))
    phones: list[tuple[str, float, float]] = []
    recording = Recording(rate, fps, rig.names)
    recording.turn(1)
    async with started(engines):
        stream = reply(
            engines,
            _request(companion, text),
            style=FaceStyle(rig.profile, fps),
            rate=rate,
            channels=len(rig.names),
            emotions=companion.emotions,
            limits=Limits(),
            progress=Progress(),
            mark=companion.marking(rate).mark if companion.marking else None,
        )
        async with aclosing(stream):
            async for stamped in stream:
                for item in stamped:
                    match item:
                        case MediaPiece():
                            recording.speech(item.pcm)
                            phones += [(phone.ipa, seconds(phone.pts), seconds(phone.end)) for phone in item.phones]
                            recording.frames(_rows(item.face, rig), source=item.source)
                        case SpokenWord(word, pts, end, gap):
                            recording.words([(word, seconds(pts), seconds(end), gap)])
                        case CueMark(pts, kind, name, intensity):
                            recording.cue(kind, name, at=seconds(pts), intensity=intensity)
    if not recording.seconds:
        raise _nothing(text)
    recording.phones(phones)
    recording.end()
    return recording


def _nothing(text: str) -> BridgeError:
    return BridgeError("empty_text", f"there is nothing to say in {quoted(text)}: it has no words")


def _request(companion: Companion, text: str) -> Request:
    async def no_tools(name: str, arguments: object) -> ToolResult:
        await asyncio.sleep(0)
        return ToolResult("failed", f"there is no tool named {name}")

    return Request("say", "user", (), "", companion.language, here(), {}, (), no_tools)


def _rows(face: bytes, rig: Rig) -> list[Sequence[float]]:
    width = len(rig.names)
    return [
        [low + (high - low) * face[row + i] / 255 for i, (low, high) in enumerate(rig.ranges)]
        for row in range(0, len(face), width or 1)
    ]


async def save(
    companion: Companion,
    text: str,
    directory: Path,
    *,
    rig: Rig,
    fps: int,
    rate: int,
    label: Labelling | None = None,
    said: Callable[[Recording], None] = lambda recording: None,
) -> str:
    """Speak `text` into `directory`, labelled; return one sentence on what was written.

    `said` gets the recording as soon as it is whole.
    """
    recording = await say(companion, text, rig=rig, fps=fps, rate=rate)
    said(recording)
    if label is not None and label.words.china:
        recording.speech(rhythm(rate))
    missing = recording.save(directory, about={"companion": companion.name, "face": rig.profile})
    if label is not None:
        _label(directory, label)
    return f"{recording.seconds:.2f} s spoken into {directory}{'; ' + missing if missing else ''}"


def _label(directory: Path, label: Labelling) -> None:
    """Label the sound and the picture that were written, each file written beside and renamed."""
    for name, source in (("reply.wav", label.words.source), ("plot.png", "algorithmicMedia")):
        path = directory / name
        if not path.exists():
            continue
        words = replace(label.words, source=source, title=f"{label.words.title}: {name}")
        try:
            data = labelled(path.read_bytes(), words, keys=label.keys)
        except SigningError as error:
            raise BridgeError(error.code, error.message) from error
        beside = path.with_name(f".{name}.part")
        beside.write_bytes(data)
        beside.replace(path)
