"""What passes between engines and whoever uses them: frozen values, and how an engine fails.

Times inside a value are samples at that value's own rate, counted from the start of that value; nothing here knows the
reply's clock. What an engine does with them stands in `engines.jobs`.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias, TypeVar

T = TypeVar("T")

# An async iterator that can be closed; consumers hold it in `contextlib.aclosing`.
Stream: TypeAlias = AsyncGenerator[T, None]

Occasion: TypeAlias = Literal["user", "greeting", "scene"]  # what is answered

MIC_RATE = 16_000  # samples per second of everything that is heard
Source: TypeAlias = Literal["exact", "aligned", "audio"]  # how the phone times of a piece of speech are known


class EngineError(Exception):
    """An engine failed: the turn fails, the session lives.

    `code` is for machines (`stt_failed`, `dialogue_failed`, `tts_failed`, `face_failed`), `message` for people;
    `retryable` says whether the same request may succeed when asked again.
    """

    def __init__(self, code: str, message: str, *, retryable: bool = False) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.retryable = retryable


# ------------------------------------------------------------------------------------------------ what is heard


@dataclass(frozen=True, slots=True)
class Transcript:
    """What the recogniser understood so far of one utterance; the last one of an utterance is `final`.

    `agreed` says of a partial that the recogniser doubts none of these words any more: only more can come.
    `words` are those of a final whose recogniser knows their times, in samples at MIC_RATE since the utterance began.
    """

    text: str
    final: bool
    agreed: bool = False
    words: tuple[Word, ...] = ()


# --------------------------------------------------------------------------------------------- what is thought


@dataclass(frozen=True, slots=True)
class Message:
    """One past contribution to the conversation; a companion's holds only the words that were heard."""

    role: Literal["user", "companion", "scene"]
    text: str


@dataclass(frozen=True, slots=True)
class Tool:
    """Something the scene can do when asked; `parameters` is a JSON Schema object."""

    name: str
    description: str
    parameters: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class ToolResult:
    """What came of a tool call; `value` is text for the dialogue to use."""

    status: Literal["ok", "failed", "cancelled", "timeout"]
    value: str


@dataclass(frozen=True, slots=True)
class Request:
    """All that a dialogue engine may know when it answers.

    `occasion` says what is answered: the user's last words (the last message of `history`), the user's arrival, or
    something that happened in the scene (the last message, role "scene"). `call` runs a tool of `tools` and waits for
    its result; it never raises for a failing tool.
    """

    session: str
    occasion: Occasion
    history: tuple[Message, ...]
    user: str
    language: str
    now: datetime
    scene: Mapping[str, str]
    tools: tuple[Tool, ...]
    call: Callable[[str, Mapping[str, object]], Awaitable[ToolResult]]


# --------------------------------------------------------------------------------------------- what is spoken


@dataclass(frozen=True, slots=True)
class Cue:
    """An emotion or gesture that the dialogue asked for, `at` a character of its phrase's text (0..len)."""

    kind: Literal["emotion", "gesture"]
    name: str
    intensity: float
    at: int


@dataclass(frozen=True, slots=True)
class Phrase:
    """What the synthesizer gets at once: a clause at first, sentences later. Free of tags."""

    text: str
    cues: tuple[Cue, ...] = ()


@dataclass(frozen=True, slots=True)
class Consent:
    """That a person agreed to the cloning of their voice: who, on which day (ISO 8601), in which words."""

    by: str
    on: str
    statement: str


@dataclass(frozen=True, slots=True)
class Reference:
    """Recordings of a voice to be cloned, each the bytes of a sound file; without `consent` no engine may use them."""

    clips: tuple[bytes, ...]
    consent: Consent | None = None


@dataclass(frozen=True, slots=True)
class Voice:
    """How to speak: a BCP-47 `language`, the engine's own voice `name` ("": its default), relative rate and pitch.

    `reference` is the voice to clone, for engines that can.
    """

    language: str = "en-us"
    name: str = ""
    rate: float = 1.0
    pitch: float = 1.0
    reference: Reference | None = None


@dataclass(frozen=True, slots=True)
class Phone:
    """A speech sound in samples of its piece: IPA without stress marks ("" is a pause), stress 0, 1 (primary) or 2.

    For a plosive `start` is where the closure begins, not where the burst is.
    """

    ipa: str
    start: int
    end: int
    stress: int = 0


@dataclass(frozen=True, slots=True)
class Word:
    """A word as it is shown, with its times in samples of its piece and the character it begins at in its phrase."""

    text: str
    start: int
    end: int
    at: int


@dataclass(frozen=True, slots=True)
class TimedCue:
    """A cue with its time in samples of its piece."""

    cue: Cue
    start: int


@dataclass(frozen=True, slots=True)
class Speech:
    """A piece of speech: s16le mono at `rate`, with the phones, words and cues that lie in it.

    `phones` cover the piece without gaps when `source` is "exact" or "aligned", and are empty for "audio".
    """

    pcm: bytes
    rate: int
    phones: tuple[Phone, ...] = ()
    words: tuple[Word, ...] = ()
    cues: tuple[TimedCue, ...] = ()
    source: Source = "exact"

    @property
    def samples(self) -> int:
        """Length in samples at `rate`."""
        return len(self.pcm) // 2


# ------------------------------------------------------------------------------------------------ what is seen


@dataclass(frozen=True, slots=True)
class Rig:
    """The channels of a face profile in wire order, and the (low, high) range that byte 0..255 spans for each."""

    profile: str
    names: tuple[str, ...]
    ranges: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class FaceStyle:
    """How to animate: profile, frames per second, and what keeps a face the same person from reply to reply.

    `seed` fixes blinks, gaze and nods; `origin` is the frame of the session's life clock at which this stream begins,
    so that idle life runs on from idle into speech; `emotion` and `intensity` are the mood it begins in.
    """

    profile: str = "arkit52"
    fps: int = 60
    seed: int = 0
    origin: int = 0
    emotion: str = "neutral"
    intensity: float = 0.0


@dataclass(frozen=True, slots=True)
class FaceBlock:
    """Consecutive face frames from frame `first` of the stream: row-major uint8, frames x channels of the rig."""

    first: int
    weights: bytes
    source: Source
