"""Defines what can happen to the floor and what can be done about it: the values that `turns` takes and gives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

# ------------------------------------------------------------------------------------------------- what happened


@dataclass(frozen=True, slots=True)
class SpeechStarted:
    """The user began utterance `utterance`."""

    utterance: int


@dataclass(frozen=True, slots=True)
class SpeechPaused:
    """Within utterance `utterance` the user fell silent, or (`paused` False) went on."""

    utterance: int
    paused: bool


@dataclass(frozen=True, slots=True)
class SpeechStopped:
    """The user ended utterance `utterance`."""

    utterance: int


@dataclass(frozen=True, slots=True)
class PartlyTranscribed:
    """So much of `utterance` is understood; `agreed` when the recogniser no longer doubts any of these words."""

    utterance: int
    text: str
    agreed: bool = False


@dataclass(frozen=True, slots=True)
class EndOfTurnLikely:
    """By what was understood of `utterance` last, the user's turn is over with `likelihood` (0..1; 0.5: no idea).

    `final` says that these are all of its words.
    """

    utterance: int
    likelihood: float
    final: bool = False


@dataclass(frozen=True, slots=True)
class SoundsFinished:
    """By how `utterance` sounded up to the pause that it is in, the turn is over with `likelihood` (0..1)."""

    utterance: int
    likelihood: float


@dataclass(frozen=True, slots=True)
class MouthMoves:
    """While `utterance` pauses the user's mouth is seen to move on as in talking, or (`moves` False) to rest."""

    utterance: int
    moves: bool


@dataclass(frozen=True, slots=True)
class Transcribed:
    """All words of `utterance` are known; "" when there were none, or its recogniser has failed."""

    utterance: int
    text: str


@dataclass(frozen=True, slots=True)
class TalkPressed:
    """Push-to-talk went down: `utterance` begins, and nobody else has the floor."""

    utterance: int


@dataclass(frozen=True, slots=True)
class TalkReleased:
    """Push-to-talk went up: the user's turn is over as soon as its words are known."""

    utterance: int


@dataclass(frozen=True, slots=True)
class Typed:
    """The user typed."""

    text: str


@dataclass(frozen=True, slots=True)
class Prompted:
    """The companion is to speak of its own accord; `must` waits for a free floor, otherwise a busy one forgets it."""

    text: str
    must: bool = False


@dataclass(frozen=True, slots=True)
class Led:
    """In a room a companion begins turn `turn`, at whoever's wish; nothing of it is this session's to make."""

    turn: int


@dataclass(frozen=True, slots=True)
class Answering:
    """A model that decides itself whose turn it is begins to answer."""


@dataclass(frozen=True, slots=True)
class PlaybackStarted:
    """The first sound of `turn` has been let go."""

    turn: int


@dataclass(frozen=True, slots=True)
class PlaybackEnded:
    """All of `turn` has been heard, or there is nothing of it to hear."""

    turn: int


@dataclass(frozen=True, slots=True)
class StopRequested:
    """The client wants the reply to stop."""


Event: TypeAlias = (
    SpeechStarted
    | SpeechPaused
    | SpeechStopped
    | PartlyTranscribed
    | EndOfTurnLikely
    | SoundsFinished
    | MouthMoves
    | Transcribed
    | TalkPressed
    | TalkReleased
    | Typed
    | Prompted
    | Led
    | Answering
    | PlaybackStarted
    | PlaybackEnded
    | StopRequested
)

# ---------------------------------------------------------------------------------------------------- what to do


@dataclass(frozen=True, slots=True)
class StartReply:
    """Answer `text` as turn `turn`; `utterance` is the last that led to it (0: it was not spoken).

    `prompted` says that the text is not the user's. `again` says that it begins with what the turn before answered,
    of which next to nothing was heard. `guess` is the speculation that answers the same words (0: there is none): it is
    the turn's reply from now on.
    """

    turn: int
    text: str
    utterance: int = 0
    prompted: bool = False
    again: bool = False
    guess: int = 0


@dataclass(frozen=True, slots=True)
class Speculate:
    """Begin an answer to `text`, which may turn out to be the user's turn, and let nobody notice.

    `guess` counts speculations, `again` is that of `StartReply`.
    """

    guess: int
    text: str
    again: bool = False


@dataclass(frozen=True, slots=True)
class Withdraw:
    """Stop speculation `guess`; it never happened."""

    guess: int


@dataclass(frozen=True, slots=True)
class EndUtterance:
    """Take `utterance` as ended: what was said sounds finished, and it is silent."""

    utterance: int


@dataclass(frozen=True, slots=True)
class Lost:
    """Report that the words of `utterance` will not be answered: they came when something else was being answered."""

    utterance: int


@dataclass(frozen=True, slots=True)
class CancelReply:
    """Stop turn `turn` at once."""

    turn: int


@dataclass(frozen=True, slots=True)
class Duck:
    """Lower the voice of `turn`: the user speaks over it."""

    turn: int


@dataclass(frozen=True, slots=True)
class Unduck:
    """Raise the voice of `turn` again."""

    turn: int


@dataclass(frozen=True, slots=True)
class LearnWords:
    """Note what the user said that turn `turn` answers: it has become known only now."""

    turn: int
    text: str


Action: TypeAlias = StartReply | Speculate | Withdraw | EndUtterance | Lost | CancelReply | Duck | Unduck | LearnWords
