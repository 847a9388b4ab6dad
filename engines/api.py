"""What an engine is: small async-iterator protocols, and the frozen values that pass between them.

An engine takes its parameters in `__init__`, gets ready in `start`, lets go in `close`, and knows nothing of the
bridge, of the wire or of another engine. Times inside a value are samples at that value's own rate, counted from the
start of that value; nothing here knows the reply's clock.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal, Protocol, TypeAlias, TypeVar, runtime_checkable

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


# -------------------------------------------------------------------------------------------- what is measured

# Upper bounds in seconds of the counts in `Work.queue`; one more count stands for all that waited longer.
QUEUE_BOUNDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)


@dataclass(frozen=True, slots=True)
class Work:
    """What one stage of the models on one device has done since it began; counts only grow, seconds are of device time.

    `waiting` and `batch_limit` are as of now; `queue` counts items by how long they waited (QUEUE_BOUNDS);
    `tokens_per_second` and `real_time_factor` (device seconds for a second of audio, below 1 is faster than life)
    are those of the last runs, 0 where they mean nothing. `restarts` counts processes that took a dead one's place.
    """

    device: str
    stage: str
    waiting: int
    batch_limit: int
    items: int
    batches: int
    failed: int
    cancelled: int
    out_of_memory: int
    hung: int
    busy: float
    queue_sum: float
    queue: tuple[int, ...]
    tokens: int
    audio: float
    tokens_per_second: float
    real_time_factor: float
    restarts: int = 0


@runtime_checkable
class Measured(Protocol):
    """An engine that says what it does; those that share a device may each tell of all that the device did."""

    def work(self) -> tuple[Work, ...]:
        """The measures of each stage. Must not block."""
        ...


# ------------------------------------------------------------------------------------------------ the engines


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
