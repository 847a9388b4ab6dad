"""What every engine does: a small async-iterator protocol for each job.

An engine takes its parameters in `__init__`, gets ready in `start`, lets go in `close`, and knows nothing of the
bridge, of the wire or of another engine. What it takes and gives stands in `engines.api`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

from engines.api import (
    FaceBlock,
    FaceStyle,
    Message,
    Passage,
    Phrase,
    Picture,
    Request,
    Resting,
    Rig,
    Said,
    Seen,
    Speech,
    Stream,
    Transcript,
    Unreadable,
    Voice,
)
from engines.duplex.exchange import Given, Parley, Taken
from engines.guard.verdicts import Line, Verdict


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


@runtime_checkable
class Adaptable(Protocol):
    """An engine that serves other people too with what it has loaded once."""

    def for_person(self, **own: Any) -> Engine:
        """Return an engine for another person, by those of its arguments that tell of one.

        Its `start` gets that person ready, its `close` leaves what is shared alone.
        """
        ...


@runtime_checkable
class Preparable(Protocol):
    """An engine that can do the long part of its `start` beforehand, in a thread."""

    def prepare(self) -> None:
        """Do it; raises what `start` raises."""
        ...


class VadStream(Protocol):
    """Voice activity of one microphone."""

    def probability(self, window: bytes) -> float:
        """Return the probability 0..1 of speech in exactly `Vad.window` samples, s16le at MIC_RATE. Must not block."""
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
        """Open a stream for one microphone."""
        ...


class Stt(Engine, Protocol):
    """Speech to text."""

    def transcribe(self, audio: Stream[bytes], language: str, names: Sequence[str] = ()) -> Stream[Transcript]:
        """Yield partials while `audio` (s16le at MIC_RATE, any chunking) comes in, and exactly one final at its end.

        `names` are those of the people who talk, as far as they are known, for a recogniser to write them rightly.
        """
        ...


class Ending(Engine, Protocol):
    """Tells by their words whether the user has finished."""

    async def likely(self, text: str, language: str) -> float:
        """Return the likelihood 0..1 that the user's turn is over after `text`; 0.5 is no opinion.

        `text` is what was understood of one utterance, often without punctuation or case. An answer that takes longer
        than a tenth of a second is not waited for.
        """
        ...


class Intonation(Engine, Protocol):
    """Hears whether the user has finished."""

    async def finished(self, sound: bytes) -> float:
        """Return the likelihood 0..1 that the user's turn is over after `sound`, by how it sounds.

        `sound` is what they said last, up to now: s16le at MIC_RATE, the pause at its end included, seldom more than
        eight seconds. It is asked while they pause, and again while the pause lasts; an answer that comes when they
        have gone on is not used.
        """
        ...


class Dialogue(Engine, Protocol):
    """Writes the companion's words."""

    @property
    def model(self) -> str:
        """Name of the loaded language model, or "" when there is none."""
        ...

    def reply(self, request: Request) -> Stream[Said]:
        """Yield the reply in pieces of any size, inline tags such as [happy] or [gesture:wave] included.

        "" is a sign of life while it thinks; a Cut, as the last item, says that the reply is not whole.
        """
        ...

    def forget(self, session: str) -> None:
        """Drop what was kept for a session that is over."""
        ...


@runtime_checkable
class Asking(Protocol):
    """A dialogue whose language model can be asked something beside the conversation."""

    async def ask(self, system: str, words: str, *, most: int) -> str:
        """Return the answer in at most `most` tokens; EngineError when there is none. Nothing of it is said aloud."""
        ...


@runtime_checkable
class Selectable(Protocol):
    """A dialogue that has several language models for people to choose from."""

    def models(self) -> tuple[str, ...]:
        """Return the names of those that it lets people choose, once it has started; `Request.model` takes each."""
        ...


@runtime_checkable
class Onlooker(Protocol):
    """A dialogue that may be shown pictures."""

    @property
    def vision(self) -> bool:
        """Return whether its model looks at the pictures that tools bring."""
        ...


class Tts(Engine, Protocol):
    """Text to speech."""

    @property
    def rate(self) -> int:
        """Samples per second of every piece it yields; certain once it has started."""
        ...

    def speak(self, phrases: Stream[Phrase], voice: Voice) -> Stream[Speech]:
        """Yield speech for each phrase in order; at least one piece per phrase that has something to say."""
        ...


@runtime_checkable
class Voiced(Protocol):
    """A synthesizer that has several voices for people to choose from."""

    def voices(self, language: str) -> tuple[str, ...]:
        """Return the names of those that speak a language (BCP-47), once it has started; `Voice.name` takes each."""
        ...


class Face(Engine, Protocol):
    """Decorates the speech stream with face frames."""

    def rig(self, profile: str, fps: int) -> Rig:
        """Name the channels of a profile; raises EngineError for a profile or frame rate it cannot draw."""
        ...

    def animate(self, speech: Stream[Speech], style: FaceStyle) -> Stream[Speech | FaceBlock]:
        """Pass every piece through unchanged, preceded by the frames that begin in it.

        Frame i begins at i / fps of the stream. After the last piece exactly ceil(samples * fps / rate) frames
        have been yielded, in order and without a gap.
        """
        ...

    def idle(self, style: FaceStyle, first: int, count: int) -> FaceBlock:
        """Draw frames first..first+count of the session's life clock when nobody speaks. Pure and cheap."""
        ...


class Sight(Engine, Protocol):
    """Reads the faces in pictures."""

    def watch(self, pictures: Stream[Picture]) -> Stream[Seen | Unreadable]:
        """Yield, for each picture of one camera in order, what is seen in it, or why it cannot be read.

        It keeps no picture. Raises EngineError when it cannot go on.
        """
        ...


class Gate(Engine, Protocol):
    """Judges what is said, before it is heard. One that raises or is slow is taken to have said no."""

    async def heard(self, request: Request) -> Verdict:
        """Judge what the user said last, before the dialogue is asked; what was said before it is in the history."""
        ...

    async def said(self, line: Line) -> Verdict:
        """Judge what the companion is about to say."""
        ...

    async def rest(self, request: Request, said: str) -> str:
        """Return what must still be said when the reply has said `said` and would end, "" for nothing.

        One that fails here is taken to ask for nothing.
        """
        ...


class Diarizer(Engine, Protocol):
    """Tells people apart who share one microphone."""

    async def who(self, pcm: bytes, session: str) -> str:
        """Return what to call whoever speaks in one utterance, s16le mono at MIC_RATE; "" where it cannot tell.

        The same voice is called the same within a session.
        """
        ...

    def forget(self, session: str) -> None:
        """Forget the voices of a session."""
        ...


class Talk(Protocol):
    """One conversation with a duplex model."""

    def hear(self) -> Stream[Taken]:
        """Yield what comes of the model, from the call that opens the conversation until it is closed; once only.

        A model that is lost is called again; only what is wrong with the engine itself is raised.
        """
        ...

    def tell(self, given: Given) -> bool:
        """Tell the model something, in order; False when it is not there to be told. Never waits.

        Of sound that it takes too slowly the oldest is dropped.
        """
        ...


class Duplex(Engine, Protocol):
    """Hears and speaks by itself: sound in, sound and its words out. Whose turn it is, the model decides."""

    @property
    def model(self) -> str:
        """Name of the model, "" where it is not known."""
        ...

    @property
    def rate(self) -> int:
        """Samples per second of its sound."""
        ...

    @property
    def interrupts(self) -> bool:
        """Return whether speech that it hears ends what it says; otherwise it says itself when it stops."""
        ...

    @property
    def unwritten(self) -> bool:
        """Return whether what it says may be heard although it does not write it, so that no gate can judge it."""
        ...

    def converse(self, parley: Parley) -> Talk:
        """Begin a conversation; nothing is opened before `Talk.hear` is read."""
        ...


class Documents(Protocol):
    """What a companion's documents have to say. Both answer at once, in a few milliseconds."""

    def passages_for(self, history: Sequence[Message]) -> tuple[Passage, ...]:
        """Return what speaks of the user's last words, best first; () when the last word is not the user's."""
        ...

    def rests_on(self, reply: str) -> tuple[Resting, ...]:
        """Return the places that a reply rests on, those that bear most of it first."""
        ...


@dataclass(frozen=True, slots=True)
class Engines:
    """The engines of one companion; without `stt` it only reads, without `face` it only speaks.

    Without `sight` it opens no pictures.

    Without `ending` every user is given the same time to go on. `understudy` speaks when the dialogue fails before its
    first word. Each of `gates` judges what those before it have left, so that the last has the last word. `diarizer` is
    asked in rooms alone. Where there is a `duplex` model, it hears and answers outside of rooms, and `tts` says only
    what the model does not: the words of gates, apologies and scripts.
    """

    vad: Vad | None
    stt: Stt | None
    dialogue: Dialogue
    tts: Tts
    face: Face | None
    voice: Voice = field(default_factory=Voice)
    ending: Ending | None = None
    intonation: Intonation | None = None
    understudy: Dialogue | None = None
    gates: tuple[Gate, ...] = ()
    sight: Sight | None = None
    diarizer: Diarizer | None = None
    duplex: Duplex | None = None

    def all(self) -> tuple[Engine, ...]:
        """List those that there are."""
        hearing = (self.vad, self.stt, self.ending, self.intonation, self.diarizer)
        every = (*hearing, self.dialogue, self.understudy, self.tts, self.face, self.sight, self.duplex, *self.gates)
        return tuple(engine for engine in every if engine is not None)
