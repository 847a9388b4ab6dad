"""Decides what happens next on the show: lines are read aloud and answered, a quiet chat gets a topic. Pure."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from show.lines import Line
from show.names import SOMEBODY, spoken
from show.phrases import phrases
from show.queue import Queue, Verdict

PAUSE_S: Final = 0.8  # seconds of silence between two things
READ: Final = 180  # characters of a line that are read aloud


@dataclass(frozen=True, slots=True)
class Read:
    """Say these words as they stand: what the chat wrote."""

    words: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Ask:
    """Answer these lines; `text` is how the companion is asked."""

    text: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Topic:
    """Speak of this by itself: nobody writes. `text` is the topic; `asked` is how a listener would ask for it."""

    text: str
    asked: str


Cue: TypeAlias = Read | Ask | Topic


@dataclass(frozen=True, slots=True)
class Manner:
    """How a show is held: up to `read` lines are read before they are answered, `together` in one answer or in turn.

    `together` is for a mind that follows any talk; where it answers one line at a time it is given what asks something.

    After `quiet` seconds without a line one of the topics comes up.
    """

    read: int = 3
    together: bool = False
    quiet: float = 30.0
    aloud: bool = True
    language: str = "en"


class Director:
    """One show; `name` is the companion's, `allows` the content filter, which is asked of names, too."""

    def __init__(
        self,
        name: str,
        manner: Manner = Manner(),
        *,
        topics: Sequence[str] = (),
        allows: Callable[[str], bool] = lambda text: True,
    ) -> None:
        self.queue = Queue(name, allows)
        self.muted = False
        self.manner = manner
        self._phrases = phrases(manner.language)
        self._allows = allows
        self._topics = tuple(topics)
        self._next_topic = 0
        self._planned: deque[Cue] = deque()
        self._free_since: float | None = None
        self._quiet_since: float | None = None

    def hear(self, line: Line, now: float) -> Verdict:
        """Take a line of chat."""
        return self.queue.hear(line, now)

    def next(self, now: float, *, busy: bool) -> Cue | None:
        """Return what is to be done now, None for nothing; `busy` while the companion thinks or speaks."""
        if busy or self.muted:
            self._free_since = None
            self._quiet_since = now if busy else self._quiet_since
            return None
        if self._free_since is None:
            self._free_since = now
        if self._quiet_since is None:
            self._quiet_since = now
        if now - self._free_since < PAUSE_S:
            return None
        if not self._planned:
            self._plan(now)
        if not self._planned:
            return None
        # What was done makes the companion busy; until it is, nothing else is done.
        self._free_since, self._quiet_since = None, now
        return self._planned.popleft()

    def skip(self) -> None:
        """Forget what was planned after what is being said."""
        self._planned.clear()

    def _plan(self, now: float) -> None:
        lines = tuple(self.queue.take(self.manner.read, now))
        if lines:
            if self.manner.aloud:
                self._planned.append(Read(" ".join(self._aloud(line) for line in lines), lines))
            asking = tuple(line for line in lines if self._wants_answer(line))
            if self.manner.together and len(asking) > 1:
                text = "\n".join(f"{self.called(line)}: {line.text}" for line in asking)
                self._planned.append(Ask(text, asking))
            else:
                self._planned.extend(Ask(line.text, (line,)) for line in asking)
        elif self._topics and self._quiet_since is not None and now - self._quiet_since >= self.manner.quiet:
            topic = self._topics[self._next_topic % len(self._topics)]
            self._planned.append(Topic(topic, self._phrases.topic.format(topic=topic)))
            self._next_topic += 1

    def _wants_answer(self, line: Line) -> bool:
        """Tell whether a line is answered. Who gave something and asked nothing has been thanked.

        What was read aloud and asks nothing is left at that where each line is answered by itself: a mind that has
        no word for "my dog is watching too" would only say so.
        """
        if not line.text:
            return False
        return line.asks or not self.manner.aloud or (self.manner.together and not line.gift)

    def called(self, line: Line) -> str:
        """Return how whoever wrote a line is called aloud."""
        said = spoken(line.name)
        may = said != SOMEBODY and self._allows(said) and self._allows(line.name)
        return said if may else self._phrases.somebody

    def _aloud(self, line: Line) -> str:
        who, said = self.called(line), self._phrases
        text = line.text if len(line.text) <= READ else f"{line.text[:READ].rpartition(' ')[0]}…"
        gift = ""
        if line.gift:
            gift = said.thank_you if who == said.somebody else said.thanks.format(who=who, gift=f"{line.gift:g}")
        if not text:
            return gift
        closed = text if text[-1] in ".!?…？！。" else f"{text}?" if line.asks else f"{text}."
        return f"{gift} {(said.asks if line.asks else said.writes).format(who=who, text=closed)}".strip()
