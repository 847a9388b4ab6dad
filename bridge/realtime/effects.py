"""Lists what the translation asks of those around it: the socket, and the session."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from bridge.realtime.settings import Wish
from engines.api import Message
from protocol import messages as m


@dataclass(frozen=True, slots=True)
class Told:
    """An event for the client; one that is `droppable` is worth nothing once its response is cut."""

    event: dict[str, object]
    droppable: bool = False


@dataclass(frozen=True, slots=True)
class Say:
    """A message for the session, as if its client had sent it."""

    message: m.ClientMessage


@dataclass(frozen=True, slots=True)
class Recall:
    """What was said before, for the session's history."""

    said: tuple[Message, ...]


@dataclass(frozen=True, slots=True)
class Erase:
    """Something that was said is to be forgotten: the reply of a turn, or (turn 0) a message."""

    turn: int
    message: Message


@dataclass(frozen=True, slots=True)
class Truncate:
    """Of turn `turn` nothing after `pts` was heard."""

    turn: int
    pts: int


@dataclass(frozen=True, slots=True)
class Instruct:
    """What the application asks of the dialogue, from the next reply on."""

    text: str


@dataclass(frozen=True, slots=True)
class AnswerSpeech:
    """Whether what the user says is answered by itself."""

    on: bool


@dataclass(frozen=True, slots=True)
class SpeakUp:
    """The companion is to say something of its own accord."""


@dataclass(frozen=True, slots=True)
class EndUtterance:
    """What the user is saying ends here."""


@dataclass(frozen=True, slots=True)
class Reopen:
    """The session is to be opened anew: nothing has been said yet, and this is fixed when it opens."""

    wish: Wish


@dataclass(frozen=True, slots=True)
class Updated:
    """The client is to be told the settings as they are now."""


@dataclass(frozen=True, slots=True)
class Settle:
    """The translation is to be asked again once the session has said all that it says at once."""


Effect: TypeAlias = (
    Told
    | Say
    | Recall
    | Erase
    | Truncate
    | Instruct
    | AnswerSpeech
    | SpeakUp
    | EndUtterance
    | Reopen
    | Updated
    | Settle
)
