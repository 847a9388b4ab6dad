"""What a session remembers, and what of it stands: only replies that were heard count. It writes no words.

A reply is planned on the settled state and leaves a draft of the next one. The history that comes with the next request
tells which draft was heard, and how far; the others (a speculation withdrawn, a reply cut before its first word) never
happened.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Literal

from engines.api import Message
from engines.words.text import join, sentences

DRAFTS: Final = 4
ALIKE: Final = 0.8  # of what was heard must be what was planned
PART: Final = 0.6  # of it, where sentences were put right on the way


@dataclass(frozen=True, slots=True)
class Wish:
    """A tool that lacks one parameter, which the user has been asked for."""

    tool: str
    arguments: Mapping[str, object]
    missing: str


@dataclass(frozen=True, slots=True)
class State:
    """All that a conversation rests on between two turns.

    `tongue` is the language spoken now, "" for the companion's own, `refused` those it had to say it does not speak;
    `offer` is what a yes accepts; `rest` is what was planned and not heard; `echo` is what the last reply merely
    repeated; `question` is the open question of a lesson or quiz, `at` its (lesson, step), `asked_again` how often it
    was put again; `recent` and `answered` keep replies from coming again too soon, `told_self` are the sentences that
    the companion has said of itself.
    """

    turn: int = 0
    tongue: str = ""
    refused: tuple[str, ...] = ()
    user: str = ""
    topic: int = -1
    told: tuple[int, ...] = ()
    offer: str = ""
    said: str = ""
    echo: str = ""
    rest: str = ""
    recent: tuple[str, ...] = ()
    answered: tuple[str, ...] = ()
    told_self: tuple[int, ...] = ()
    offered: int = 0
    mode: Literal["talk", "lesson", "quiz", "paused"] = "talk"
    at: tuple[int, int] = (0, 0)
    question: str = ""
    tries: int = 0
    asked_again: int = 0
    done: tuple[int, ...] = ()
    asked: int = 0
    right: int = 0
    quiz: tuple[tuple[int, int], ...] = ()
    quiz_asked: int = 0
    quiz_right: int = 0
    wish: Wish | None = None


@dataclass(slots=True)
class Draft:
    """A reply on its way: the state it will leave, and the history it answered."""

    state: State
    replies: int
    last: str


@dataclass(slots=True)
class Session:
    """One conversation."""

    settled: State = field(default_factory=State)
    drafts: deque[Draft] = field(default_factory=lambda: deque(maxlen=DRAFTS))

    def settle(self, history: Sequence[Message]) -> State:
        """Return the state after what was heard."""
        replies = [message.text for message in history if message.role == "companion"]
        last = replies[-1] if replies else ""
        for draft in reversed(self.drafts):
            if (len(replies), last) != (draft.replies, draft.last) and (heard := _heard(draft.state.said, last)):
                self.settled = _cut(draft.state, heard)
                self.drafts.clear()
                break
        return self.settled

    def plan(self, state: State, history: Sequence[Message]) -> Draft:
        """Return a new draft; its `state` may be replaced while the reply is being said."""
        replies = [message.text for message in history if message.role == "companion"]
        draft = Draft(state, len(replies), replies[-1] if replies else "")
        self.drafts.append(draft)
        return draft


class Sessions:
    """The latest `most` sessions; the one that was silent longest is forgotten first."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._sessions: OrderedDict[str, Session] = OrderedDict()

    def __len__(self) -> int:
        return len(self._sessions)

    def __getitem__(self, name: str) -> Session:
        session = self._sessions.setdefault(name, Session())
        self._sessions.move_to_end(name)
        while len(self._sessions) > self._most:
            self._sessions.popitem(last=False)
        return session

    def forget(self, name: str) -> None:
        """Drop a session, known or not."""
        self._sessions.pop(name, None)


def letters(text: str) -> str:
    """Return a text reduced to what survives speech and subtitles: letters and digits."""
    return "".join(filter(str.isalnum, text.lower()))


def _heard(planned: str, heard: str) -> int:
    """Say how many letters of the planned words were heard; 0 when it was something else that was heard."""
    ours, theirs = letters(planned), letters(heard)
    same = _shared(ours, theirs)
    if not theirs:
        return 0
    if same >= ALIKE * len(theirs):
        return min(len(theirs), len(ours))
    return _heard_in_part(planned, heard, len(theirs))


def _heard_in_part(planned: str, heard: str, whole: int) -> int:
    """Say how far the planned words were heard when some of their sentences were put right on the way.

    At least PART of what was heard must be sentences as they were planned, or nearly; what follows the last of them
    was not heard.
    """
    ends: list[tuple[str, int]] = []
    count = 0
    for sentence in sentences(planned):
        count += len(letters(sentence))
        ends.append((letters(sentence), count))
    at = known = reached = 0
    for sentence in sentences(heard):
        said = letters(sentence)
        for i in range(at, len(ends)):
            line, end = ends[i]
            cut = line.startswith(said)
            if said and (
                cut or _shared(line, said) + _shared(line[::-1], said[::-1]) >= PART * max(len(line), len(said))
            ):
                at, known = i + 1, known + len(said)
                reached = end - len(line) + min(len(said), len(line)) if cut else end
                break
    return reached if known >= PART * whole else 0


def _shared(one: str, other: str) -> int:
    """Count the letters with which both begin."""
    return next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def _cut(state: State, heard: int) -> State:
    """Return the state when only `heard` letters reached the user; the rest begins with the sentence that was cut."""
    if heard >= len(letters(state.said)):
        return state
    count, lines = 0, sentences(state.said)
    for i, line in enumerate(lines):
        count += len(letters(line))
        if count > heard:
            return replace(state, rest=join(lines[i:]))
    return state
