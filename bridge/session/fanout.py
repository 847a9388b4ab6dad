"""Numbers a session's messages, keeps what a resume must replay, and posts to every connection."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from bridge.core.outbox import Outbox
from bridge.session.luggage import Sent
from protocol import messages as m


class Link(Protocol):
    """What a session needs of a connection. Nothing here waits."""

    @property
    def backlog(self) -> int:
        """Return the bytes posted and not yet handed to the socket."""
        ...

    def post(self, message: m.ServerMessage, size: int) -> None:
        """Send `message`, of about `size` bytes, after those before it."""
        ...

    def cut(self, interrupted: m.Interrupted) -> None:
        """Drop what is unsent of turns up to that of `interrupted`, and send it next."""
        ...

    def finish(self, error: m.Error | None) -> None:
        """Send what is unsent and `error`, then close."""
        ...


class Out(Protocol):
    """What replies leave by. Nothing here waits."""

    @property
    def attended(self) -> bool:
        """Return whether anybody is there to hear."""
        ...

    @property
    def backlog(self) -> int:
        """Return the bytes that wait on the way."""
        ...

    def keep(self, make: Callable[[int], m.ServerMessage], *, turn: int = 0) -> None:
        """Send a message that a resume must replay; `make` gets its number."""
        ...

    def post(self, message: m.ServerMessage) -> None:
        """Send a message that only matters now."""
        ...

    def cut(self, turn: int, pts: int) -> None:
        """Drop what is unsent of turns up to `turn`, and tell every connection before anything else."""
        ...


class Fanout:
    """The speaker's connection, if there is one, and those that watch."""

    def __init__(self) -> None:
        self.speaker: Link | None = None
        self._viewers: list[Link] = []
        self._outbox: Outbox[m.ServerMessage] = Outbox()
        self._complaints: set[tuple[str, int]] = set()

    @property
    def seq(self) -> int:
        """Return the newest number given."""
        return self._outbox.seq

    @property
    def links(self) -> tuple[Link | None, tuple[Link, ...]]:
        """Return the speaker's connection, and those of the viewers."""
        return self.speaker, tuple(self._viewers)

    @property
    def viewers(self) -> int:
        """Return how many connections watch."""
        return len(self._viewers)

    @property
    def attended(self) -> bool:
        """Return whether the speaker's connection is there."""
        return self.speaker is not None

    @property
    def backlog(self) -> int:
        """Return the unsent bytes of the speaker's connection."""
        return self.speaker.backlog if self.speaker is not None else 0

    def keep(self, make: Callable[[int], m.ServerMessage], *, turn: int = 0) -> None:
        """Send a message that a resume must replay; `make` gets its number."""
        seq = self._outbox.next_seq()
        message = make(seq)
        size = wire_size(message)
        self._outbox.keep(seq, message, turn=turn, size=size)
        self._post(message, size)

    def post(self, message: m.ServerMessage) -> None:
        """Send a message that only matters now."""
        self._post(message, wire_size(message))

    def cut(self, turn: int, pts: int, companion: str = "main") -> None:
        """Drop what is unsent of turns up to `turn`, and tell every connection before anything else."""
        self._outbox.cut(turn)
        message = m.Interrupted(turn=turn, seq=self._outbox.next_seq(), pts=pts, companion=companion)
        self._outbox.keep(message.seq, message, turn=0, size=wire_size(message))
        for link in self._links():
            link.cut(message)

    def complain(self, code: str, sentence: str, turn: int) -> None:
        """Answer a client's mistake; the same one is told once a turn."""
        if (code, turn) in self._complaints:
            return
        if len(self._complaints) > 64:
            self._complaints.clear()
        self._complaints.add((code, turn))
        self.answer(code, sentence)

    def answer(self, code: str, sentence: str) -> None:
        """Tell the speaker's client what was wrong with what it just sent."""
        if self.speaker is not None:
            error = m.Error(code=code, message=sentence)
            self.speaker.post(error, wire_size(error))

    def tell(self, message: m.ServerMessage) -> None:
        """Send a message to the speaker's client alone: it is nobody else's business."""
        if self.speaker is not None:
            self.speaker.post(message, wire_size(message))

    def ack(self, seq: int) -> None:
        """Forget everything up to `seq`, which the client has."""
        self._outbox.ack(seq)

    def sent(self) -> Sent:
        """Return what another process needs to go on with the numbers and a resume."""
        acked, lost, kept = self._outbox.standing
        return Sent(self._outbox.seq, acked, lost, kept)

    def restore(self, sent: Sent) -> None:
        """Go on with them."""
        self._outbox.restore(sent.seq, sent.acked, sent.lost, sent.kept)

    def join(self, link: Link, *, viewer: bool = False) -> None:
        """Take over a connection that was told of the session elsewhere: it is told nothing."""
        if viewer:
            self._viewers.append(link)
        else:
            self.speaker = link

    def leave(self) -> None:
        """Forget every connection without a word to it."""
        self.speaker = None
        self._viewers.clear()

    def attach(self, link: Link, welcome: m.Welcome, seq: int | None) -> None:
        """Make `link` the speaker's connection; with `seq` it gets everything after that (else ReplayGap)."""
        replay = [] if seq is None else self._outbox.since(seq)
        if self.speaker is not None:
            sentence = "the session was resumed by another connection"
            self.speaker.finish(m.Error(code="session_taken", message=sentence, fatal=True))
        self.speaker = link
        link.post(welcome, wire_size(welcome))
        for message in replay:
            link.post(message, wire_size(message))
        if seq is not None:
            self._outbox.ack(seq)

    def watch(self, link: Link, welcome: m.Welcome) -> None:
        """Let `link` see everything from now on."""
        self._viewers.append(link)
        link.post(welcome, wire_size(welcome))

    def detach(self, link: Link) -> bool:
        """Forget a connection that is gone; return whether it was the speaker's."""
        if link in self._viewers:
            self._viewers.remove(link)
        if link is not self.speaker:
            return False
        self.speaker = None
        return True

    def finish(self, error: m.Error | None) -> None:
        """Close every connection."""
        for link in self._links():
            link.finish(error)
        self.speaker = None
        self._viewers.clear()

    def _links(self) -> list[Link]:
        return self._viewers if self.speaker is None else [self.speaker, *self._viewers]

    def _post(self, message: m.ServerMessage, size: int) -> None:
        if self.speaker is not None:
            self.speaker.post(message, size)
        for viewer in self._viewers:
            viewer.post(message, size)


def wire_size(message: m.ServerMessage) -> int:
    """Estimate how many bytes a message takes: its media exactly, the rest roughly."""
    match message:
        case m.Media(pcm=pcm, face=face):
            return len(pcm) + len(face) + 80
        case m.WordText(text=text, gap=gap):
            return len(text) + len(gap) + 64
        case m.TranscriptText(text=text) | m.ReplyEnd(text=text):
            return len(text) + 64
        case m.MemoryTold(facts=facts, episodes=episodes, blob=blob):
            return 128 + len(blob) + sum(len(each.text) + 64 for each in facts) + sum(map(len, episodes))
        case _:
            return 128
