"""What passes between a session and a duplex model, which hears and speaks by itself: frozen values of both ways.

Sound to the model is s16le mono at MIC_RATE, sound from it s16le mono at the model's own rate. A `reply` is the model's
name for one answer, an `item` its name for something that the user said; both are opaque.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from engines.api import EngineError, Memories, Message, Passage, Tool


@dataclass(frozen=True, slots=True)
class Known:
    """What a model is told beside the conversation: what is remembered of the user, and what documents say."""

    memory: Memories | None = None
    passages: tuple[Passage, ...] = ()


@dataclass(frozen=True, slots=True)
class Parley:
    """One conversation as a model is told of it; what changes is asked for when it is needed.

    `history` is what was said so far, of the companion's words those that were heard. `instructions` are what the
    application asks of the companion, "" for nothing.
    """

    session: str
    language: str
    user: str
    history: Callable[[], tuple[Message, ...]]
    tools: Callable[[], tuple[Tool, ...]]
    instructions: Callable[[], str]
    known: Callable[[], Known] = Known


# ------------------------------------------------------------------------------------------------ to the model


@dataclass(frozen=True, slots=True)
class Sound:
    """What the microphone heard."""

    pcm: bytes


@dataclass(frozen=True, slots=True)
class Words:
    """What the user typed; it is to be answered."""

    text: str


@dataclass(frozen=True, slots=True)
class Happened:
    """What happened in the scene; with `answer` the companion is to speak of it, or ("") of its own accord."""

    text: str
    answer: bool = False


@dataclass(frozen=True, slots=True)
class Pressed:
    """Push-to-talk went down: until it is released the user alone says when their turn is over."""


@dataclass(frozen=True, slots=True)
class Released:
    """Push-to-talk went up: what was heard since is to be answered."""


@dataclass(frozen=True, slots=True)
class Stop:
    """Stop `reply`."""

    reply: str


@dataclass(frozen=True, slots=True)
class Unask:
    """What was asked for last and has not begun is not wanted any more."""


@dataclass(frozen=True, slots=True)
class Heard:
    """Of `reply` no more than its first `samples` were heard: the rest was never said."""

    reply: str
    samples: int


@dataclass(frozen=True, slots=True)
class Answered:
    """What came of a call."""

    call: str
    output: str


@dataclass(frozen=True, slots=True)
class GoOn:
    """All calls of a reply are answered: it is to go on."""


@dataclass(frozen=True, slots=True)
class Renew:
    """Tools, instructions or what is known have changed."""


@dataclass(frozen=True, slots=True)
class Done:
    """What was done with the memory at the user's word: the next answer is to say so."""

    memory: Memories


@dataclass(frozen=True, slots=True)
class Forget:
    """Nothing of what was said so far is to be known any more."""


Given: TypeAlias = (
    Sound | Words | Happened | Pressed | Released | Stop | Unask | Heard | Answered | GoOn | Renew | Done | Forget
)

# ---------------------------------------------------------------------------------------------- from the model


@dataclass(frozen=True, slots=True)
class Opened:
    """The model listens, for the first time or again; it knows the history."""


@dataclass(frozen=True, slots=True)
class Lost:
    """The model is gone; it is called again until it is there."""

    error: EngineError


@dataclass(frozen=True, slots=True)
class SpeechBegan:
    """The model hears the user speak; `item` is what that will be, "" where it does not say."""

    item: str = ""


@dataclass(frozen=True, slots=True)
class SpeechEnded:
    """The model takes the user's turn as over."""

    item: str = ""


@dataclass(frozen=True, slots=True)
class Understood:
    """What the model understood of `item`: all of it so far, or (`final`) all of it."""

    item: str
    text: str
    final: bool


@dataclass(frozen=True, slots=True)
class ReplyBegan:
    """The model begins to answer."""

    reply: str


@dataclass(frozen=True, slots=True)
class ReplySound:
    """More sound of a reply."""

    reply: str
    pcm: bytes


@dataclass(frozen=True, slots=True)
class ReplyText:
    """More of what a reply says, in words."""

    reply: str
    text: str


@dataclass(frozen=True, slots=True)
class ReplyCall:
    """A reply calls a tool; `arguments` is JSON."""

    reply: str
    call: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class ReplyOver:
    """A reply is over: said, stopped, cut by a limit, or failed (`why` is for people)."""

    reply: str
    end: Literal["complete", "stopped", "cut", "failed"]
    why: str = ""


@dataclass(frozen=True, slots=True)
class Declined:
    """The answer that was asked for will not come."""

    error: EngineError


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something is wrong at the model's end, and the conversation goes on."""

    error: EngineError


Taken: TypeAlias = (
    Opened
    | Lost
    | SpeechBegan
    | SpeechEnded
    | Understood
    | ReplyBegan
    | ReplySound
    | ReplyText
    | ReplyCall
    | ReplyOver
    | Declined
    | Trouble
)
