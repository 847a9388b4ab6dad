"""Follows the companion's turns as responses: which is asked for, which is under way, which waits for a function."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Final, Literal

from bridge.realtime.effects import Effect, Say, Settle, SpeakUp, Told
from bridge.realtime.incoming import ResponseWish
from bridge.realtime.items import Item, Items
from bridge.realtime.naming import Naming
from bridge.realtime.refused import Refused
from bridge.realtime.response import HEARD_TOKEN, Response, Status, tokens
from bridge.realtime.settings import Settings, speaks
from bridge.realtime.sound import encoded
from protocol import messages as m

REFUSALS: Final = ("empty_text", "bad_message", "unanswered")  # of what was to be answered
GO_ON: Final = "It is your turn to speak."
NOTHING: Final = "nothing was understood of what was said"


class Replies:
    """The responses of one connection; `settings` are those of the moment."""

    def __init__(self, naming: Naming, items: Items, settings: Callable[[], Settings], *, rate: int) -> None:
        self._naming = naming
        self._items = items
        self._settings = settings
        self._rate = rate
        self._conversation = naming.new("conv")
        self._response: Response | None = None
        self._asked: ResponseWish | None = None  # what is asked for and has not begun
        self._because: tuple[int, int] = (0, 0)  # tokens of what is answered
        self._turn = 0
        self._ended = True  # everything of the turn has come
        self._end_at = 0  # of the turn's sound so far, in ticks
        self._seq = 0
        self._speaks = True  # of the response under way
        self._cancelled = False  # by the client
        self._calls: dict[str, int] = {}  # functions that were called and not answered
        self._answers: dict[str, str] = {}  # what came of them, until a response is asked for

    @property
    def under_way(self) -> bool:
        """Say whether a response is being made."""
        return self._response is not None

    @property
    def asked(self) -> bool:
        """Say whether one was asked for that has not begun."""
        return self._asked is not None

    @property
    def turn(self) -> int:
        """Return the number of the newest turn."""
        return self._turn

    def again(self) -> None:
        """Forget the turns: the session was opened anew."""
        self._turn, self._ended, self._seq = 0, True, 0

    # ------------------------------------------------------------------------------------------------ as is asked

    def check(self, wish: ResponseWish | None) -> ResponseWish:
        """Return what is asked for; Refused when there cannot be such a response now."""
        wish = wish or ResponseWish()
        if self._response is not None or self._asked is not None:
            sentence = "there is a response already; cancel it, or wait for its end"
            raise Refused("conversation_already_has_active_response", sentence)
        if wish.conversation == "none" or wish.input is not None:
            sentence = "responses belong to the conversation here: none beside it, and no input of their own"
            raise Refused("unsupported", sentence, "response.conversation" if wish.input is None else "response.input")
        if modalities := wish.output_modalities or wish.modalities:
            speaks(modalities, "response.output_modalities")
        return wish

    def ask(self, wish: ResponseWish) -> None:
        """Expect a response of that kind."""
        self._asked = wish

    def begin(self, answered: Item | None, *, told: bool) -> list[Effect]:
        """Begin what was asked for: the answer to a message of the user's, or else of the companion's own accord.

        `told` says whether anything has been said before.
        """
        if answered is not None:
            self._because = (tokens(answered.text), 0)
            return [Say(m.UserText(text=answered.text))]
        self._because = (0, 0)
        if not told:
            return [SpeakUp()]
        return [Say(m.Context(events=(GO_ON,), respond="must"))]

    def output(self, call_id: str, output: str) -> bool:
        """Take what came of a function; False if none was called by that name."""
        if call_id not in self._calls:
            return False
        self._answers[call_id] = output[:8192]
        return True

    @property
    def answerable(self) -> bool:
        """Say whether the turn waits for functions of which something has come."""
        return bool(self._answers) and not self._ended

    def go_on(self, wish: ResponseWish) -> list[Effect]:
        """Go on with the turn, now that its functions are answered."""
        self._asked = wish
        effects: list[Effect] = [*self._open(self._turn)]
        for call_id, number in self._calls.items():
            output = self._answers.get(call_id)
            status: Literal["ok", "cancelled"] = "cancelled" if output is None else "ok"
            value = "there was no answer" if output is None else output
            effects.append(Say(m.ToolAnswer(call=number, status=status, value=value)))
        self._calls.clear()
        self._answers.clear()
        return effects

    def cancel(self, response_id: str | None) -> list[Effect]:
        """Stop the response under way; Refused if there is none."""
        response = self._response
        if response is None or response_id not in (None, response.id):
            raise Refused("response_cancel_not_active", "there is no such response under way")
        self._cancelled = True
        return [Say(m.Interrupt(turn=response.turn))]

    def failed(self, code: str, sentence: str) -> Iterator[Told]:
        """Begin and end what was asked for: there can be no answer."""
        if self._asked is None:
            return
        yield from self._open(self._turn)
        yield from self._close("failed", _error(code, sentence))

    # --------------------------------------------------------------------------------------------------- as it goes

    def because(self, words: str, milliseconds: int) -> None:
        """Note what the next response answers."""
        self._because = (tokens(words), milliseconds // HEARD_TOKEN)

    def tell(self, message: m.ServerMessage) -> Iterator[Effect]:
        """Write what a session says as events."""
        self._seq = max(self._seq, getattr(message, "seq", 0))
        if isinstance(message, m.Media | m.WordText | m.CueAt | m.ToolCall) and message.turn:
            if self._ended:
                return
            if self._response is None:
                # Its functions were answered by nobody in time: it goes on by itself.
                self._calls.clear()
                self._answers.clear()
                yield from self._open(message.turn)
        match message:
            case m.ReplyStart(turn=turn):
                self._turn, self._ended, self._end_at = turn, False, 0
                yield from self._open(turn)
            case m.Media(turn=turn) if turn:
                yield from self._media(message)
            case m.WordText(text=text, gap=gap, pts=pts):
                yield from self._running.word(pts, gap + text)
            case m.CueAt(pts=pts, kind=kind, name=name, intensity=intensity) if self._settings().face:
                fields = {"kind": kind, "name": name, "intensity": intensity}
                yield from self._running.face("response.companion_cue", pts, fields)
            case m.ToolCall(call=number, name=name, arguments=arguments):
                call_id = self._naming.new("call")
                self._calls[call_id] = number
                yield from self._running.call(call_id, name, json.dumps(arguments, ensure_ascii=False))
                yield Settle()
            case m.Interrupted(pts=pts):
                yield from self._interrupted(pts)
            case m.ReplyEnd(reason=reason):
                self._ended = True
                yield from self._end(reason)
            case m.Error(code=code, message=sentence):
                if self._asked is not None and code in REFUSALS:
                    yield from self.failed(code, sentence)
            case _:
                pass

    def _media(self, media: m.Media) -> Iterator[Effect]:
        response = self._running
        if media.face and self._settings().face is not None:
            fields = {"delta": encoded(media.face), "source": media.source}
            yield from response.face("response.companion_face.delta", media.face_pts, fields)
        yield from response.sound(media.pts, media.pcm)
        self._end_at = response.end
        if not self._speaks:
            # Nobody listens: what was written counts as said, and nothing is held back for a loudspeaker.
            yield Say(m.Playhead(turn=media.turn, pts=response.end, seq=self._seq))

    def settle(self) -> Iterator[Told]:
        """End the response if it waits for functions: it has called all that it calls at once."""
        if self._calls:
            yield from self._close("completed")

    @property
    def _running(self) -> Response:
        assert self._response is not None, "it was opened"
        return self._response

    def _open(self, turn: int) -> Iterator[Told]:
        asked, self._asked = self._asked, None
        settings = self._settings()
        wanted = (asked.output_modalities or asked.modalities) if asked is not None else None
        self._speaks = "audio" in wanted if wanted else settings.speaks
        self._cancelled = False
        self._response = Response(
            turn,
            naming=self._naming,
            items=self._items,
            settings=settings,
            conversation=self._conversation,
            rate=self._rate,
            metadata=asked.metadata if asked is not None else None,
            asked=self._because,
            speaks=self._speaks,
            begins=self._end_at,
        )
        yield from self._response.created()

    def _interrupted(self, pts: int) -> Iterator[Told]:
        self._ended = True
        self._calls.clear()
        self._answers.clear()
        if self._response is not None:
            self._response.cut(pts)
            reason = "client_cancelled" if self._cancelled else "turn_detected"
            yield from self._close("cancelled", {"type": "cancelled", "reason": reason})

    def _end(self, reason: str) -> Iterator[Told]:
        match reason:
            case "failed":
                yield from self._close("failed", _error("engine_failed", "the reply could not be made to its end"))
            case "cut" | "too_long":
                yield from self._close("incomplete", {"type": "incomplete", "reason": "max_output_tokens"})
            case _:
                yield from self._close("completed")

    def _close(self, status: Status, details: Mapping[str, object] | None = None) -> Iterator[Told]:
        if self._response is not None:
            yield from self._response.done(status, details)
            self._response = None


def _error(code: str, sentence: str) -> dict[str, object]:
    return {"type": "failed", "error": {"type": "server_error", "code": code, "message": sentence}}
