"""What every engine does: a small async-iterator protocol for each job.

An engine takes its parameters in `__init__`, gets ready in `start`, lets go in `close`, and knows nothing of the
bridge, of the wire or of another engine. What it takes and gives stands in `engines.api`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from engines.api import FaceBlock, FaceStyle, Phrase, Request, Rig, Speech, Stream, Transcript, Voice


class Engine(Protocol):
    """What every engine has: a name to show people, and a beginning and an end."""

    @property
    def name(self) -> str:
        """Short and honest, e.g. "espeak-ng", "scripted"."""
        ...

    async def start(self) -> None:
        """Load and warm up; raises EngineError when it cannot work here, with what to do about it."""
        ...

    async def close(self) -> None:
        """Release everything; safe to call twice, and without `start`."""
        ...


class VadStream(Protocol):
    """Voice activity of one microphone."""

    def probability(self, window: bytes) -> float:
        """Probability 0..1 of speech in exactly `Vad.window` samples, s16le at MIC_RATE. Must not block."""
        ...

    def reset(self) -> None:
        """Forget what was heard (after a gap)."""
        ...


class Vad(Engine, Protocol):
    """Voice activity detection: a probability per window, no more."""

    @property
    def window(self) -> int:
        """Samples per window at MIC_RATE."""
        ...

    def open(self) -> VadStream:
        """A new stream for one microphone."""
        ...


class Stt(Engine, Protocol):
    """Speech to text."""

    def transcribe(self, audio: Stream[bytes], language: str) -> Stream[Transcript]:
        """Partials while `audio` (s16le at MIC_RATE, any chunking) comes in, and exactly one final at its end."""
        ...


class Ending(Engine, Protocol):
    """Tells by their words whether the user has finished."""

    async def likely(self, text: str, language: str) -> float:
        """Likelihood 0..1 that the user's turn is over after `text`; 0.5 is no opinion.

        `text` is what was understood of one utterance, often without punctuation or case. An answer that takes longer
        than a tenth of a second is not waited for.
        """
        ...


class Dialogue(Engine, Protocol):
    """Writes the companion's words."""

    @property
    def model(self) -> str:
        """Name of the loaded language model, or "" when there is none."""
        ...

    def reply(self, request: Request) -> Stream[str]:
        """The reply in pieces of any size, inline tags such as [happy] or [gesture:wave] included."""
        ...

    def forget(self, session: str) -> None:
        """The session is over: drop what was kept for it."""
        ...


class Tts(Engine, Protocol):
    """Text to speech."""

    @property
    def rate(self) -> int:
        """Samples per second of every piece it yields; certain once it has started."""
        ...

    def speak(self, phrases: Stream[Phrase], voice: Voice) -> Stream[Speech]:
        """Speech for each phrase in order; at least one piece per phrase that has something to say."""
        ...


class Face(Engine, Protocol):
    """Decorates the speech stream with face frames."""

    def rig(self, profile: str, fps: int) -> Rig:
        """The channels of a profile; raises EngineError for a profile or frame rate it cannot draw."""
        ...

    def animate(self, speech: Stream[Speech], style: FaceStyle) -> Stream[Speech | FaceBlock]:
        """Passes every piece through unchanged, preceded by the frames that begin in it.

        Frame i begins at i / fps of the stream. After the last piece exactly ceil(samples * fps / rate) frames
        have been yielded, in order and without a gap.
        """
        ...

    def idle(self, style: FaceStyle, first: int, count: int) -> FaceBlock:
        """Frames first..first+count of the session's life clock when nobody speaks. Pure and cheap."""
        ...


@dataclass(frozen=True, slots=True)
class Engines:
    """The engines of one companion; without `stt` it only reads, without `face` it only speaks.

    Without `ending` every user is given the same time to go on. `understudy` speaks when the dialogue fails before its
    first word.
    """

    vad: Vad | None
    stt: Stt | None
    dialogue: Dialogue
    tts: Tts
    face: Face | None
    voice: Voice = field(default_factory=Voice)
    ending: Ending | None = None
    understudy: Dialogue | None = None
