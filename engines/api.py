"""What passes between engines and whoever uses them: frozen values, and how an engine fails.

Times inside a value are samples at that value's own rate, counted from the start of that value; nothing here knows the
reply's clock. What an engine does with them stands in `engines.jobs`.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal, TypeAlias, TypeVar

from engines.text.redaction import redacted

T = TypeVar("T")

# An async iterator that can be closed; consumers hold it in `contextlib.aclosing`.
Stream: TypeAlias = AsyncGenerator[T, None]

Occasion: TypeAlias = Literal["user", "greeting", "scene"]  # what is answered

MIC_RATE = 16_000  # samples per second of everything that is heard
Source: TypeAlias = Literal["exact", "aligned", "audio"]  # how the phone times of a piece of speech are known


class Failure(StrEnum):
    """Names why an engine failed; what is done about a failure depends on this alone, never on its sentence."""

    OTHER = "other"
    AWAY = "away"  # nothing answers at the address
    LATE = "late"  # no answer within the time that a user waits
    BUSY = "busy"  # it asks to be left alone for a while
    BROKEN = "broken"  # it broke off, or sent what cannot be read
    FAULTY = "faulty"  # it failed inside
    FOREIGN = "foreign"  # something else listens at the address
    REFUSED = "refused"  # the key is wrong or has no right
    MISSING = "missing"  # the model is not there
    PARAMETER = "parameter"  # it does not take one of the settings
    TOO_LONG = "too_long"  # the request does not fit its context
    EMPTY = "empty"  # an answer without words
    SPENT = "spent"  # all tokens of the answer went into thinking
    WITHHELD = "withheld"  # its filter holds the answer back


class EngineError(Exception):
    """An engine failed: the turn fails, the session lives.

    `code` is for machines (`stt_failed`, `dialogue_failed`, `tts_failed`, `face_failed`), `message` for people;
    `retryable` says whether the same request may succeed when asked again. `kind` says why it failed, and `setting`
    names the setting that mends it ("openai.model"), "" when none does.
    """

    def __init__(
        self,
        code: str,
        message: str,
        *,
        retryable: bool = False,
        kind: Failure = Failure.OTHER,
        setting: str = "",
    ) -> None:
        message = redacted(message)  # players and logs are shown it
        super().__init__(message)
        self.code = code
        self.message = message
        self.retryable = retryable
        self.kind = kind
        self.setting = setting

    def again(self) -> EngineError:
        """Make the same error for another who waits: one that was raised carries its own traceback."""
        return EngineError(self.code, self.message, retryable=self.retryable, kind=self.kind, setting=self.setting)


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
    """One past contribution to the conversation; a companion's holds only the words that were heard.

    `by` is who said it where there are several: a person, or (role "user") another companion.
    """

    role: Literal["user", "companion", "scene"]
    text: str
    by: str = ""


@dataclass(frozen=True, slots=True)
class Tool:
    """Something the scene can do when asked; `parameters` is a JSON Schema object."""

    name: str
    description: str
    parameters: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class ToolResult:
    """What came of a tool call; `value` is text for the dialogue to use, `picture` one for a model that can see."""

    status: Literal["ok", "failed", "cancelled", "timeout"]
    value: str
    picture: Picture | None = None


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of the companion's own documents, or a fact it holds to, and the place it stands in, for people."""

    text: str
    source: str


@dataclass(frozen=True, slots=True)
class Resting:
    """A place in the companion's documents that a reply rests on: its title for people, file, page (0: none), words."""

    title: str
    file: str
    page: int
    quote: str


@dataclass(frozen=True, slots=True)
class Memo:
    """One thing that is remembered of the user: its kind, what it is `about`, its value, and the sentence that says it.

    The sentence is in the language of the conversation; `engines.memory.facts` lists the kinds.
    """

    kind: str
    value: str
    told: str
    about: str = ""
    said: str = ""


@dataclass(frozen=True, slots=True)
class Memories:
    """What is remembered of the user for one turn, the best first; words of theirs, never orders.

    `kept` is false where they have not agreed to be remembered. `done` is what was done at their word before this
    reply, or could not be: it is to be said. `episodes` are what earlier sessions were about, the newest first.
    """

    kept: bool = True
    memos: tuple[Memo, ...] = ()
    episodes: tuple[str, ...] = ()
    done: Literal["", "tell", "forgot", "forgot_nothing", "erased", "failed"] = ""

    @property
    def name(self) -> str:
        """Return the name that the user wants to be called by, "" when they told none."""
        return next((memo.value for memo in self.memos if memo.kind == "name"), "")


@dataclass(frozen=True, slots=True)
class Request:
    """All that a dialogue engine may know when it answers.

    `occasion` says what is answered: the user's last words (the last message of `history`), the user's arrival, or
    something that happened in the scene (the last message, role "scene"). `call` runs a tool of `tools` and waits for
    its result; it never raises for a failing tool. `guidance` is what a gate asks of this reply, for a language model;
    `passages` are what the companion's documents have on what was said, best first: words of others, never orders.
    `age` is how long the session has lasted, in seconds. `memory` is what is remembered of the user, None where nothing
    is; `earlier` is a summary of the first `covers` messages of `history` and of what went before them. `instructions`
    are what the application in which the companion speaks asks of it, for a language model. `model` is the one that was
    asked for, of those that the engine offers; "" for its own.
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
    guidance: str = ""
    passages: tuple[Passage, ...] = ()
    age: float = 0.0
    memory: Memories | None = None
    earlier: str = ""
    covers: int = 0
    instructions: str = ""
    model: str = ""


@dataclass(frozen=True, slots=True)
class Cut:
    """Ends a reply that is not whole: the model had more to say, or said the same over and over.

    `length`: the answer reached its limit; `loop`: it repeated itself; `withheld`: a filter stopped it. `setting` names
    the setting that would let it go on, "" when none does.
    """

    why: Literal["length", "loop", "withheld"]
    setting: str = ""


# What a dialogue yields: pieces of text ("" is a sign of life), and at most one Cut, as the last item.
Said: TypeAlias = str | Cut


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
    """What the synthesizer gets at once: a clause at first, sentences later. Free of tags and markup.

    `gap` is what is written between the phrase before it and this one.
    """

    text: str
    cues: tuple[Cue, ...] = ()
    gap: str = " "


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

    `range` is how far the pitch moves and `energy` how loud it is, both relative too. `reference` is the voice to
    clone, for engines that can.
    """

    language: str = "en-us"
    name: str = ""
    rate: float = 1.0
    pitch: float = 1.0
    range: float = 1.0
    energy: float = 1.0
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
    """A word as it is shown, with its times in samples of its piece and the character it begins at in its phrase.

    `gap` is what is written before it; voices leave it alone, for the bridge knows.
    """

    text: str
    start: int
    end: int
    at: int
    gap: str = " "


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
class Picture:
    """A picture as it came from somebody: the bytes of a file, and what it is said to be ("jpeg", "png", "webp")."""

    data: bytes
    format: str = "jpeg"


@dataclass(frozen=True, slots=True)
class SeenFace:
    """A face of somebody before the companion; the same `id` as long as it is followed.

    `weights` are 0..1 by ARKit's names, empty when they are not known. `yaw` to the own left, `pitch` up and `roll` to
    the own right are degrees towards the camera. `gaze` (in units of 45 degrees from the companion) and `place` (in
    half pictures from the middle) are to the right as in a mirror, and up; None: not known. `size` is a share of the
    picture's height, 0: not known. One that is not `present` has gone.
    """

    id: int
    weights: Mapping[str, float] = field(default_factory=dict)
    yaw: float = 0.0
    pitch: float = 0.0
    roll: float = 0.0
    gaze: tuple[float, float] | None = None
    place: tuple[float, float] | None = None
    size: float = 0.0
    present: bool = True


@dataclass(frozen=True, slots=True)
class Seen:
    """The faces that are seen at one moment, the largest first; none: nobody is there."""

    faces: tuple[SeenFace, ...] = ()


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A picture that could not be read; `why` is for people."""

    why: str


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
    so that idle life runs on from idle into speech; `emotion` and `intensity` are the mood it begins in. `listening`
    is how much (0..1) somebody who does not speak listens, before the first of some frames and at the last.
    """

    profile: str = "arkit52"
    fps: int = 60
    seed: int = 0
    origin: int = 0
    emotion: str = "neutral"
    intensity: float = 0.0
    listening: tuple[float, float] = (0.0, 0.0)


@dataclass(frozen=True, slots=True)
class FaceBlock:
    """Consecutive face frames from frame `first` of the stream: row-major uint8, frames x channels of the rig."""

    first: int
    weights: bytes
    source: Source
