"""Takes what the speaker's client says, message by message, and what is noticed of the user without a word."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, assert_never

from bridge.core.answers import answer, asks
from bridge.core.attention import Notice
from bridge.core.turn_events import MouthMoves, Prompted, StopRequested, Typed
from bridge.core.turns import State
from bridge.core.words import has_words
from bridge.session.conduct import Conduct
from bridge.session.parts import Parts
from engines.api import Tool, ToolResult
from engines.text.joining import joined
from protocol import messages as m

ANSWER_WITHIN: Final = 8.0  # seconds after a question in which a nod answers it


class Receiving:
    """What comes of one session's client; `end` ends the session at its wish, `complain` tells it of its mistakes."""

    def __init__(
        self,
        parts: Parts,
        conduct: Conduct,
        *,
        end: Callable[[], None],
        complain: Callable[[str, str], None],
        now: Callable[[], float],
    ) -> None:
        self.gone = False  # the user has, and was seen to go
        self._mouth = False  # the user's moves
        self._parts = parts
        self._conduct = conduct
        self._end = end
        self._complain = complain
        self._now = now

    def unheard(self) -> None:
        """Tell why a frame of the microphone was not taken."""
        if self._parts.hearing.works:
            self._complain("bad_mic", "a mic frame holds 10 to 60 ms of whole 16-bit samples at 16 kHz")
        else:
            self._complain("unsupported", "this server has no recogniser and takes no microphone")

    def receive(self, message: m.ClientMessage, now: float) -> None:
        """Take what the speaker's client says; nothing here waits, and a client's mistake is answered, not raised."""
        match message:
            case m.Playhead(turn=turn, pts=pts, seq=seq):
                self._parts.out.ack(seq)
                if not self._parts.speaking.played(turn, pts, now):
                    self._complain("bad_playhead", f"turn {turn} has not been sent as far as {pts}")
            case m.Talk(on=on):
                if self._parts.hearing.works:
                    self._parts.hearing.talk(on)
                else:
                    self._complain("unsupported", "this server has no recogniser and takes no microphone")
            case m.UserText():
                self._typed(message)
            case m.Interrupt(turn=turn) if self._parts.together is not None:
                self._parts.together.stop(turn)
            case m.Interrupt(turn=turn, pts=pts):
                if self._parts.speaking.is_playing(turn):
                    if pts is not None:
                        self._parts.speaking.played(self._parts.turns.turn, pts, now)
                    self._conduct.decide(StopRequested())
            case m.Context(states=states, events=events, respond=respond):
                self._share(message)
                self._happened(states, events, respond)
            case m.Tools(tools=tools):
                self._share(message)
                self._parts.calls.offered = tuple(Tool(t.name, t.description, t.parameters) for t in tools)
                if self._parts.partner is not None:
                    self._parts.partner.renew()
            case m.ToolAnswer(call=call, status=status, value=value):
                answers = self._parts.calls if self._parts.together is None else self._parts.together.company
                if not answers.answer(call, ToolResult(status, value)):
                    self._complain("unknown_call", f"there was no tool call {call}")
            case m.Seen():
                self._share(message)
                self._parts.watching.heed(message, now)
                self._hint(now)
            case m.Camera():
                self._parts.watching.look(message, now)
            case m.MemoryAsk():
                self._parts.remembering.receive(message)
            case m.RoomAsk():
                if why := self._share(message):
                    self._parts.out.answer("unsupported", why)
            case m.Bye():
                self._end()
            case m.Mic() | m.Ping() | m.Hello():
                raise AssertionError("the session and its connection take these themselves")
            case _:
                assert_never(message)

    def _share(self, message: m.RoomAsk | m.Seen | m.Context | m.Tools) -> str:
        """Tell the room what the client says, if there is one; return why that cannot be."""
        return "this is no room" if self._parts.together is None else self._parts.together.company.receive(message)

    def _typed(self, typed: m.UserText) -> None:
        words = " ".join(typed.text.split())
        if not has_words(words):
            self._parts.out.answer("empty_text", "there are no words in this text")
        elif len(words) > self._parts.shared.rules.text_chars:
            self._parts.out.answer("bad_message", f"a text may have {self._parts.shared.rules.text_chars} characters")
        elif self._parts.together is not None and typed.private:
            self._parts.together.company.whisper(words, typed.companion)
        else:
            self._parts.typed_at = self._now()
            if self._parts.together is not None:
                self._parts.together.companion = typed.companion
            if self._parts.partner is not None:
                self._parts.partner.type(words)
            self._conduct.decide(Typed(words))

    def _happened(self, states: dict[str, str], events: tuple[str, ...], respond: str) -> None:
        self._parts.scene.update(states)
        for event in events:
            self._parts.history.event(event)
        text = joined(events) or ", ".join(f"{key}: {value}" for key, value in states.items())
        if respond != "silent" and has_words(text):
            self._parts.typed_at = self._now()
            self._conduct.decide(Prompted(text, must=respond == "must"))
        elif self._parts.partner is not None and has_words(text):
            self._parts.partner.happened(text)

    def noticed(self, notice: Notice) -> None:
        """Do what follows from something that the user did without a word."""
        rules = self._parts.shared.rules.sighted
        match notice:
            case "came" if rules.greet and not self._parts.history.messages():
                self._parts.typed_at = self._now()
                self._conduct.decide(Prompted(""))
            case "came" if rules.greet and self.gone:
                self.gone = False
                self._happened({}, ("Somebody comes and looks at you.",), "auto")
            case "left" if rules.greet and self._parts.history.messages():
                self.gone = True
                self._happened({}, ("The user goes away.",), "auto")
            case "nodded" | "shook" if rules.answers and self._awaits_answer():
                self._parts.history.event("The user nods." if notice == "nodded" else "The user shakes their head.")
                self._parts.typed_at = self._now()
                said = answer(notice == "nodded", self._parts.language)
                if self._parts.partner is not None:
                    self._parts.partner.type(said)
                self._conduct.decide(Typed(said))
            case _:
                pass

    def _awaits_answer(self) -> bool:
        """Return whether the companion has just asked something."""
        said = self._parts.history.messages()
        late = self._now() - self._conduct.changed_at > ANSWER_WITHIN
        return self._parts.turns.state is State.IDLE and not late and bool(said) and asks(said[-1])

    def _hint(self, now: float) -> None:
        """Wait longer for a user who pauses while their mouth moves, and no longer once it rests."""
        talks = self._parts.watching.talks(now)
        if talks or self._mouth:
            self._conduct.decide(MouthMoves(self._parts.turns.utterance, talks))
        self._mouth = talks
