"""Every message that travels, as frozen structs in two tagged unions; SPEC.md says what each field means.

Field bounds are enforced when a client's message is decoded. Times called `pts` are ticks of the turn's media clock
(1/48000 s) except `Mic.pts` and `Talk.pts`, which count microphone samples (1/16000 s).
"""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from msgspec import Meta, Struct

VERSION = 1
MEDIA_RATE = 48_000
MIC_RATE = 16_000
SUBPROTOCOLS = ("companion.v1.msgpack", "companion.v1.json")
SAFE_INT = 2**53

Count: TypeAlias = Annotated[int, Meta(ge=0, le=SAFE_INT)]
Id: TypeAlias = Annotated[int, Meta(ge=1, le=SAFE_INT)]
Millis: TypeAlias = Annotated[float, Meta(ge=0, le=float(SAFE_INT))]
Name: TypeAlias = Annotated[str, Meta(max_length=64)]
Secret: TypeAlias = Annotated[str, Meta(max_length=4096)]
Line: TypeAlias = Annotated[str, Meta(max_length=1024)]
Text: TypeAlias = Annotated[str, Meta(max_length=8192)]
ModelName: TypeAlias = Annotated[str, Meta(max_length=128)]
Gap: TypeAlias = Annotated[str, Meta(max_length=64)]
Angle: TypeAlias = Annotated[float, Meta(ge=-180, le=180)]  # degrees
Signed: TypeAlias = Annotated[float, Meta(ge=-1, le=1)]
Share: TypeAlias = Annotated[float, Meta(ge=0, le=1)]
# What a JSON Schema or a tool's arguments may hold: JSON values, nested at will within the message size limit.
Object: TypeAlias = dict[str, object]


class Message(Struct, frozen=True, omit_defaults=True, tag_field="type"):
    """What all messages share: a `type`, and defaults that are left off the wire."""


# ------------------------------------------------------------------------------------------------ client -> server


class Resume(Struct, frozen=True, kw_only=True):
    """Which session to take up again, and the last `seq` received of it."""

    session: Name
    token: Secret
    seq: Count


class HelloAudio(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Audio that the client can handle; `aec` says that its microphone does not hear its own loudspeaker.

    `lead_ms` is how far ahead of its playhead it wants to be kept; None: as far as the server does.
    """

    codecs: Annotated[tuple[Name, ...], Meta(max_length=16)] = ("pcm_s16le",)
    aec: bool = False
    lead_ms: Annotated[int, Meta(ge=100, le=2000)] | None = None


class HelloFace(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Face data that the client wants."""

    profile: Name = "arkit52"
    fps: Annotated[int, Meta(ge=10, le=120)] = 60


class HelloSeen(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The channels of `seen.faces[].weights` in order: ARKit names; byte b means b / 255."""

    names: Annotated[tuple[Name, ...], Meta(max_length=64)] = ()


Metre: TypeAlias = Annotated[float, Meta(ge=-10_000, le=10_000)]
Place: TypeAlias = tuple[Metre, Metre, Metre]  # right, up and forward, in the scene's own metres
RoomKind: TypeAlias = Literal["talk", "meeting", "class"]


class CastMember(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One companion that is to be in a room: who, how it is called on the wire, how it sounds, where it stands."""

    identity: Name = ""
    companion: Name = ""
    voice: Name = ""
    place: Place | None = None


class AgendaItem(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing that a meeting is about, and how long it may take; 0: as long as it takes."""

    title: Annotated[str, Meta(min_length=1, max_length=200)]
    minutes: Annotated[float, Meta(ge=0, le=600)] = 0.0


class HelloRoom(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The room to enter, or to open where nobody is in it; what opens it says the rest.

    `key` keeps others out, `kind` says by what rules people and companions speak, `cast` who the companions are.
    """

    name: Annotated[str, Meta(min_length=1, max_length=64)]
    key: Secret = ""
    kind: RoomKind = "talk"
    cast: Annotated[tuple[CastMember, ...], Meta(max_length=8)] = ()
    agenda: Annotated[tuple[AgendaItem, ...], Meta(max_length=32)] = ()


Wish: TypeAlias = Literal["", "on", "off"]


class Hello(Message, tag="hello", frozen=True, kw_only=True):
    """Opens a connection; must be the first message.

    `identity` asks for one of `welcome.identities`, `voice` for one of `welcome.identity.voices`, `model`
    for one of `welcome.models`; "" for the server's. `memory` says that the user agrees to be remembered, or does not;
    "" leaves it as it is.
    """

    version: int = VERSION
    client: Name = ""
    companion: Name = "main"
    identity: Name = ""
    voice: Name = ""
    model: ModelName = ""
    role: Literal["speaker", "viewer"] = "speaker"
    token: Secret = ""
    resume: Resume | None = None
    watch: Resume | None = None
    audio: HelloAudio = HelloAudio()
    face: HelloFace = HelloFace()
    seen: HelloSeen = HelloSeen()
    language: Annotated[str, Meta(max_length=35)] = ""
    user: Name = ""
    greet: bool = False
    memory: Wish = ""
    room: HelloRoom | None = None
    features: Annotated[tuple[Name, ...], Meta(max_length=64)] = ()


class Mic(Message, tag="mic", frozen=True, kw_only=True):
    """10 to 60 ms of the microphone: s16le mono 16 kHz; `pts` in samples since it opened."""

    pts: Count
    data: Annotated[bytes, Meta(max_length=1920)]
    companion: Name = "main"


class Talk(Message, tag="talk", frozen=True, kw_only=True):
    """Push-to-talk: the key went down (`on`) or up; `pts` is the microphone sample at which it did."""

    on: bool
    pts: Count = 0
    companion: Name = "main"


class UserText(Message, tag="text", frozen=True, kw_only=True):
    """Words that the user typed; in a room, `private` ones are for the companion alone, and so is its answer."""

    text: Text
    private: bool = False
    companion: Name = "main"


class Playhead(Message, tag="playhead", frozen=True, kw_only=True):
    """What is being heard now, and the last `seq` received."""

    turn: Count
    pts: Count
    seq: Count
    companion: Name = "main"


class Interrupt(Message, tag="interrupt", frozen=True, kw_only=True):
    """The client has cut turn `turn` (0: whichever is running) at `pts` on its own."""

    turn: Count = 0
    pts: Count | None = None
    companion: Name = "main"


class Context(Message, tag="context", frozen=True, kw_only=True):
    """What is and what happens in the scene: states replace by key ("" removes), events append."""

    states: Annotated[dict[Name, Line], Meta(max_length=128)] = {}
    events: Annotated[tuple[Line, ...], Meta(max_length=32)] = ()
    respond: Literal["silent", "auto", "must"] = "silent"
    companion: Name = "main"


class ToolSpec(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One tool that the scene offers; `parameters` is a JSON Schema object."""

    name: Annotated[str, Meta(max_length=64, pattern=r"^[A-Za-z_][A-Za-z0-9_.-]*$")]
    description: Line = ""
    parameters: Object = {}


class Tools(Message, tag="tools", frozen=True, kw_only=True):
    """All tools that the scene offers from now on; an empty list withdraws them."""

    tools: Annotated[tuple[ToolSpec, ...], Meta(max_length=64)]
    companion: Name = "main"


class ToolAnswer(Message, tag="tool_result", frozen=True, kw_only=True):
    """What came of a `tool_call`."""

    call: Id
    status: Literal["ok", "failed", "cancelled"] = "ok"
    value: Text = ""
    companion: Name = "main"


class SeenFace(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A face that the client sees; `pose` is yaw, pitch and roll in degrees, left, up and its own right positive.

    `gaze` and `place` are seen as in a mirror: right and up are positive, (0, 0) is the companion, or the middle.
    """

    id: Id
    present: bool = True
    weights: Annotated[bytes, Meta(max_length=64)] = b""
    pose: tuple[Angle, Angle, Angle] = (0.0, 0.0, 0.0)
    gaze: tuple[Signed, Signed] | None = None
    place: tuple[Signed, Signed] | None = None
    size: Share = 0.0


class Seen(Message, tag="seen", frozen=True, kw_only=True):
    """The faces that the client sees now, as numbers; none: nobody is there."""

    faces: Annotated[tuple[SeenFace, ...], Meta(max_length=4)]
    companion: Name = "main"


class Camera(Message, tag="camera", frozen=True, kw_only=True):
    """A picture of the user: one of many whose faces the server reads, or the answer to the tool call `call`."""

    data: Annotated[bytes, Meta(max_length=262_144)]
    format: Literal["jpeg", "png", "webp"] = "jpeg"
    call: Count = 0
    companion: Name = "main"


MemoryOp: TypeAlias = Literal["agree", "refuse", "tell", "forget", "erase", "export", "import"]


class MemoryAsk(Message, tag="memory", frozen=True, kw_only=True):
    """Asks about what is remembered of the user; `facts` are those to forget, `blob` is what was exported."""

    op: MemoryOp
    facts: Annotated[tuple[Id, ...], Meta(max_length=64)] = ()
    blob: Annotated[bytes, Meta(max_length=65_536)] = b""
    companion: Name = "main"


RoomOp: TypeAlias = Literal["hand", "lower", "give", "next", "minutes", "end"]


class RoomAsk(Message, tag="room", frozen=True, kw_only=True):
    """What somebody does in a room beside speaking; `to` is whom a host gives the word."""

    op: RoomOp
    to: Name = ""
    companion: Name = "main"


class Ping(Message, tag="ping", frozen=True, kw_only=True):
    """Asks for a `pong`; `stamp` is the client's own clock in ms and comes back unchanged."""

    stamp: Millis


class Bye(Message, tag="bye", frozen=True, kw_only=True):
    """The client leaves for good: the session ends at once and cannot be resumed."""


ClientMessage: TypeAlias = (
    Hello
    | Mic
    | Talk
    | UserText
    | Playhead
    | Interrupt
    | Context
    | Tools
    | ToolAnswer
    | Seen
    | Camera
    | MemoryAsk
    | RoomAsk
    | Ping
    | Bye
)

# ------------------------------------------------------------------------------------------------ server -> client


class WelcomeAudio(Struct, frozen=True, kw_only=True):
    """How `media.pcm` is coded; `rate` in samples per second."""

    codec: Name = "pcm_s16le"
    rate: int = 24_000


class WelcomeFace(Struct, frozen=True, kw_only=True):
    """The channels of `media.face` in order; byte b of channel i means low + (high - low) * b / 255 of ranges[i]."""

    profile: Name
    fps: int
    names: tuple[str, ...]
    ranges: tuple[tuple[float, float], ...]


class WelcomeIdentity(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Who speaks.

    `disclosure`, which clients keep in sight, says in the language `locale` that this is an AI; a `draft` was not
    reviewed and sealed. `portrait` and `head` are paths on the port of the socket.
    """

    id: str = ""
    name: str
    description: str = ""
    language: str = ""
    languages: tuple[str, ...] = ()
    voices: tuple[str, ...] = ()
    locale: str = ""
    disclosure: str = ""
    draft: bool = False
    portrait: str = ""
    head: str = ""


class ListedIdentity(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One that can be asked for by its `id` in `hello.identity`."""

    id: str
    name: str
    description: str = ""
    languages: tuple[str, ...] = ()
    draft: bool = False
    portrait: str = ""


class WelcomeLimits(Struct, frozen=True, kw_only=True):
    """Bounds that a client must keep to."""

    message_bytes: int
    text_chars: int
    messages_per_s: int
    idle_s: float


class Welcome(Message, tag="welcome", frozen=True, kw_only=True):
    """Answers `hello`: the session and everything that was agreed.

    `model` is the language model that answers, `models` are those that `hello.model` may ask for: none, or several.
    """

    version: int
    server: str
    session: str
    token: str
    watch: str = ""
    resumed: bool
    seq: Count
    reason: str = ""
    resume_s: float
    lead_ms: int
    audio: WelcomeAudio
    face: WelcomeFace
    identity: WelcomeIdentity
    identities: tuple[ListedIdentity, ...] = ()
    model: ModelName = ""
    models: Annotated[tuple[ModelName, ...], Meta(max_length=64)] = ()
    engines: dict[str, str]
    limits: WelcomeLimits
    features: tuple[str, ...]
    notice: str = ""
    memory: bool = False


State: TypeAlias = Literal["idle", "listening", "thinking", "speaking", "overlap"]


class Timings(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The ms from a turn's `reply_start` to each stage it went through."""

    first_token: float = 0.0
    first_speech: float = 0.0
    first_media: float = 0.0


class StateChange(Message, tag="state", frozen=True, kw_only=True):
    """What the companion is doing; in `overlap` the client plays its voice quieter.

    `timings`, for clients that ask, come once a turn, when its first sound has been sent.
    """

    state: State
    turn: Count = 0
    timings: Timings | None = None
    companion: Name = "main"


class TranscriptText(Message, tag="transcript", frozen=True, kw_only=True):
    """What the recogniser understood of the user's utterance; only a final one has a `seq`."""

    utterance: Id
    text: str
    final: bool
    seq: Count = 0
    companion: Name = "main"


class ReplyStart(Message, tag="reply_start", frozen=True, kw_only=True):
    """The companion begins turn `turn`, in answer to `utterance` (0: to something else)."""

    turn: Id
    seq: Id
    utterance: Count = 0
    companion: Name = "main"


class WordText(Message, tag="text", frozen=True, kw_only=True):
    """Spoken words with the time they are heard, from `pts` to `end`, and in `gap` what is written before them."""

    turn: Id
    seq: Id
    text: str
    pts: Count
    end: Count
    gap: Gap = " "
    companion: Name = "main"


class PhoneAt(Struct, frozen=True, kw_only=True):
    """A speech sound in IPA and when it is heard; "" is a pause."""

    ipa: str
    pts: Count
    end: Count


class Media(Message, tag="media", frozen=True, kw_only=True):
    """Speech from `pts` and the face frames that begin in it, the first at `face_pts`; turn 0 is idle life.

    `phones`, for clients that ask, begin in it too. In a room, `at` is when `pts` is heard by everybody, in ms of
    the clock that `pong.server` tells.
    """

    turn: Count
    seq: Count = 0
    pts: Count
    pcm: bytes = b""
    face_pts: Count = 0
    face: bytes = b""
    source: Literal["exact", "aligned", "audio", ""] = ""
    phones: tuple[PhoneAt, ...] = ()
    at: Millis = 0.0
    companion: Name = "main"


class CueAt(Message, tag="cue", frozen=True, kw_only=True):
    """An emotion or gesture at `pts`."""

    turn: Id
    seq: Id
    pts: Count
    kind: Literal["emotion", "gesture"]
    name: str
    intensity: float = 1.0
    companion: Name = "main"


class ToolCall(Message, tag="tool_call", frozen=True, kw_only=True):
    """Asks the scene to run a tool and to answer with a `tool_result` within `timeout_ms`."""

    turn: Id
    seq: Id
    call: Id
    name: str
    arguments: Object = {}
    timeout_ms: int = 10_000
    companion: Name = "main"


class Interrupted(Message, tag="interrupted", frozen=True, kw_only=True):
    """Drop everything of turns up to `turn`; history was cut at `pts`."""

    turn: Id
    seq: Id
    pts: Count
    companion: Name = "main"


class Source(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A passage of the companion's own sources that a reply rests on; `page` counts from 1, 0 for none."""

    title: Annotated[str, Meta(max_length=200)]
    file: Annotated[str, Meta(max_length=200)] = ""
    page: Annotated[int, Meta(ge=0, le=100_000)] = 0
    quote: Annotated[str, Meta(max_length=300)] = ""


class ReplyEnd(Message, tag="reply_end", frozen=True, kw_only=True):
    """Everything of `turn` has been sent; its sound ends at `pts`, its full text is `text`.

    `sources` are the passages that it rests on, best first; empty when it rests on none.
    """

    turn: Id
    seq: Id
    pts: Count
    text: str
    reason: Literal["complete", "cut", "failed", "too_long"] = "complete"
    sources: Annotated[tuple[Source, ...], Meta(max_length=4)] = ()
    companion: Name = "main"


class IdentityChange(Message, tag="identity", frozen=True, kw_only=True):
    """Who speaks has changed on the server: it is what `welcome.identity` would say now."""

    identity: WelcomeIdentity
    companion: Name = "main"


class Person(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Somebody in a room, by the name that is theirs alone there; `here` is false while their connection is lost."""

    name: str
    host: bool = False
    hand: bool = False
    here: bool = True


class CastTold(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One companion of a room: its name on the wire, who it is, and its place in the scene."""

    companion: Name
    identity: WelcomeIdentity
    place: Place | None = None


class AgendaTold(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing that a meeting is about, with the seconds that it has taken."""

    title: str
    minutes: float = 0.0
    spent_s: float = 0.0


class RoomTold(Message, tag="room", frozen=True, kw_only=True):
    """How the room is now: who is in it, and what it is about.

    `you` is your own name there, `item` counts the agenda from 1, `minutes` is Markdown when somebody asked for it.
    """

    room: str
    you: str
    kind: RoomKind = "talk"
    people: tuple[Person, ...] = ()
    companions: tuple[CastTold, ...] = ()
    agenda: tuple[AgendaTold, ...] = ()
    item: Count = 0
    word: str = ""
    minutes: str = ""
    companion: Name = "main"


class SomebodySaid(Message, tag="said", frozen=True, kw_only=True):
    """Somebody else in the room has said or typed something; a `private` one is a companion's answer to you alone."""

    seq: Id
    by: str
    text: str
    private: bool = False
    companion: Name = "main"


class MemoryFact(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing that is remembered: its kind, the sentence that says it, and the day on which it was said last."""

    id: Id
    kind: str
    text: str
    day: str = ""


class MemoryTold(Message, tag="memory", frozen=True, kw_only=True):
    """Answers `memory`: whether the user is remembered now, and what was asked for.

    `count` is how many facts were forgotten or imported.
    """

    op: MemoryOp
    on: bool
    facts: tuple[MemoryFact, ...] = ()
    episodes: tuple[str, ...] = ()
    count: Count = 0
    blob: bytes = b""
    companion: Name = "main"


class Error(Message, tag="error", frozen=True, kw_only=True):
    """Something went wrong; a fatal one is the last message before the close."""

    code: str
    message: str
    fatal: bool = False
    turn: Count = 0
    retry_after_s: float = 0.0
    companion: Name = "main"


class Pong(Message, tag="pong", frozen=True, kw_only=True):
    """Answers `ping`: the client's stamp, and the server's clock in ms when it was read."""

    stamp: Millis
    server: Millis


ServerMessage: TypeAlias = (
    Welcome
    | StateChange
    | TranscriptText
    | ReplyStart
    | WordText
    | Media
    | CueAt
    | ToolCall
    | Interrupted
    | ReplyEnd
    | IdentityChange
    | MemoryTold
    | RoomTold
    | SomebodySaid
    | Error
    | Pong
)
