"""Translates one conversation into a Realtime server's events and back. No I/O and no clock.

A server has one response at a time. One that is asked for while another is under way is held back until that is done:
a server may refuse it otherwise, however soon the one before was cancelled. A response is told of when it has
something to say: some models report that they listen as a response without content.
"""

from __future__ import annotations

from binascii import b2a_base64
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias, assert_never

from engines.api import MIC_RATE, EngineError, Failure
from engines.duplex import persona
from engines.duplex.exchange import (
    Answered,
    Declined,
    Done,
    Forget,
    Given,
    GoOn,
    Happened,
    Heard,
    Parley,
    Pressed,
    Released,
    Renew,
    ReplyBegan,
    ReplyCall,
    ReplyOver,
    ReplySound,
    ReplyText,
    Sound,
    SpeechBegan,
    SpeechEnded,
    Stop,
    Taken,
    Trouble,
    Unask,
    Understood,
    Words,
)
from engines.duplex.realtime import events, telling
from engines.duplex.realtime.telling import Manner, Outgoing
from engines.identity import Identity
from engines.sound.audio import Resampler

End: TypeAlias = Literal["complete", "stopped", "cut", "failed"]

REMEMBERED: Final = 16  # responses, items and calls that are still known
OUTPUT: Final = 8192  # characters of what came of a call
ITEMS: Final = 512  # of a conversation that can still be deleted
LORE: Final = 6  # contributions that may call up entries of the lorebook
TRIES: Final = 3  # of asking for a response while the server says that there is another
# What a server complains of although nothing is wrong: it had stopped, or committed, by itself.
HARMLESS: Final = frozenset({"response_cancel_not_active", "input_audio_buffer_commit_empty"})
ACTIVE: Final = "conversation_already_has_active_response"
_ENDS: Final[dict[str, End]] = {"cancelled": "stopped", "incomplete": "cut", "failed": "failed"}


@dataclass(slots=True)
class _Reply:
    """A response as it comes: how much sound each of its items has, in order."""

    items: dict[str, int] = field(default_factory=dict)  # item: samples
    written: set[str] = field(default_factory=set)  # items of which words have come
    half: bytes = b""  # half a sample
    told: bool = False
    stopped: bool = False


class Wire:
    """One conversation with one server, from call to call."""

    def __init__(self, manner: Manner, identity: Identity, parley: Parley) -> None:
        self._manner = manner
        self._identity = identity
        self._parley = parley
        self._numbers = 0
        self._pressed = False
        self._forget()

    def _forget(self) -> None:
        """Begin anew: of another connection nothing is known."""
        self._resampler = Resampler(MIC_RATE, self._manner.hear_rate)
        self._replies: dict[str, _Reply] = {}
        self._active = ""  # the response under way
        self._stops: list[str] = []  # responses that are to be cancelled
        self._asked: str | None = None  # the event that asked for one which has not begun
        self._wanted: Outgoing | None = None  # what asks for one as soon as that under way is done
        self._names: dict[str, str] = {}  # of functions, by their items
        self._called: list[str] = []
        self._partial: dict[str, str] = {}  # what is understood so far, by item
        self._unwanted = False  # what was asked for is not wanted any more
        self._refused = 0  # times in a row that a response was, because there is another
        self._briefed: Outgoing = {}  # what changes in the course of a conversation, as the server knows it
        self._items: dict[str, None] = {}  # of the conversation, as the server names them

    # --------------------------------------------------------------------------------------------------- to the server

    def opening(self) -> list[Outgoing]:
        """Return what a server is told when it is called: who it is, and what was said so far."""
        self._forget()
        told = [self._event("session.update", session=self._session())]
        told += [
            self._event("conversation.item.create", item=item) for item in telling.recalled(self._parley.history())
        ]
        if self._pressed:
            told.append(self._detect(on=False))
        return told

    def give(self, given: Given) -> list[Outgoing]:
        """Return the events that tell the server."""
        match given:
            case Sound(pcm):
                data = self._resampler.push(pcm)
                return [self._event("input_audio_buffer.append", audio=_encoded(data))] if data else []
            case Words(text):
                return [self._item(telling.message("user", text)), *self._ask()]
            case Happened(text, answer):
                told = [self._item(telling.message("system", text))] if text else []
                if not answer:
                    return told
                return told + self._ask("" if text else persona.GO_ON if self._parley.history() else persona.GREET)
            case Pressed():
                self._pressed = True
                return [self._detect(on=False), self._event("input_audio_buffer.clear")]
            case Released():
                self._pressed = False
                return [self._event("input_audio_buffer.commit"), *self._ask(), self._detect(on=True)]
            case Stop(name):
                reply = self._replies.get(name)
                if reply is None or reply.stopped:
                    return []
                reply.stopped = True
                return [self._event("response.cancel", response_id=name)] if name == self._active else []
            case Unask():
                self._unwanted = self._asked is not None and self._wanted is None
                self._wanted = None
                return []
            case Heard(name, samples):
                return [*self._truncated(name, samples)]
            case Answered(call, output):
                answered: Outgoing = {"type": "function_call_output", "call_id": call, "output": output[:OUTPUT]}
                return [self._item(answered)]
            case GoOn():
                return self._ask()
            case Renew():
                before = self._briefed
                now = self._session(only_told=True)
                return [self._event("session.update", session=now)] if now != before else []
            case Done(memory):
                return [self._item(telling.message("system", persona.done(memory)))]
            case Forget():
                items, self._items = self._items, {}
                return [self._event("conversation.item.delete", item_id=item) for item in items]
            case _:
                assert_never(given)

    def _truncated(self, name: str, samples: int) -> Iterator[Outgoing]:
        """Cut the items of a response where its first `samples` end."""
        reply = self._replies.get(name)
        if reply is None:
            return
        last = next(reversed(reply.items), "")
        for item, length in reply.items.items():
            heard, samples = min(length, samples), max(0, samples - length)
            # Of what was stopped the server may have made more than has come.
            if heard < length or (reply.stopped and item == last):
                end = heard * 1000 // self._manner.speak_rate
                yield self._event("conversation.item.truncate", item_id=item, content_index=0, audio_end_ms=end)

    def _ask(self, instructions: str = "") -> list[Outgoing]:
        """Ask for a response: now, or when that under way is done."""
        wish = {"instructions": f"{self._instructions()}\n\n{instructions}"} if instructions else {}
        asks = self._event("response.create", **({"response": wish} if wish else {}))
        if self._busy:
            self._wanted = asks
            return []
        return [self._sent(asks)]

    @property
    def _busy(self) -> bool:
        """Say whether there is a response, or was asked for one: a server may refuse another."""
        return bool(self._active) or self._asked is not None

    def _sent(self, asks: Outgoing) -> Outgoing:
        self._asked = str(asks["event_id"])
        self._wanted = None
        return asks

    def due(self) -> list[Outgoing]:
        """Return what follows from what the server has said: the end of what is not wanted, and what waited for it."""
        told, self._stops = [self._event("response.cancel", response_id=name) for name in self._stops], []
        if self._wanted is not None and not self._busy:
            told.append(self._sent(self._wanted))
        return told

    # ------------------------------------------------------------------------------------------------- from the server

    def take(self, data: str | bytes) -> list[Taken]:
        """Return what an event tells; events.Unreadable for one that cannot be read."""
        event = events.read(data)
        match event.type:
            case "error":
                return self._complaint(event.error or events.Fault())
            case "input_audio_buffer.speech_started":
                return [SpeechBegan(event.item_id or "")]
            case "input_audio_buffer.speech_stopped":
                return [SpeechEnded(event.item_id or "")]
            case "conversation.item.input_audio_transcription.delta":
                item = event.item_id or ""
                so_far = (self._partial.get(item, "") + (event.delta or ""))[: events.TEXT]
                self._partial[item] = so_far
                _bounded(self._partial)
                return [Understood(item, so_far, final=False)]
            case "conversation.item.input_audio_transcription.completed":
                self._partial.pop(event.item_id or "", None)
                return [Understood(event.item_id or "", (event.transcript or "")[: events.TEXT], final=True)]
            case "conversation.item.input_audio_transcription.failed":
                return [Understood(event.item_id or "", "", final=True)]
            case "response.created":
                self._begun(event.reply)
                return []
            case "response.output_audio.delta":
                return self._sound(event)
            case "response.output_audio_transcript.delta" | "response.output_text.delta":
                return self._text(event, event.delta or "", whole=False)
            case "response.output_audio_transcript.done" | "response.output_text.done":
                return self._text(event, event.transcript or event.text or "", whole=True)
            case "conversation.item.added":
                if event.item is not None and event.item.id:
                    self._items[event.item.id] = None
                    _bounded(self._items, ITEMS)
                return []
            case "response.output_item.added":
                item_of = event.item or events.Item()
                if item_of.type == "function_call" and item_of.id:
                    self._names[item_of.id] = (item_of.name or "")[: events.NAME]
                    _bounded(self._names)
                return []
            case "response.output_item.done":
                done = event.item or events.Item()
                if done.type != "function_call":
                    return []
                return self._call(event, done.call_id or "", done.name or "", done.arguments or "")
            case "response.function_call_arguments.done":
                name = event.name or self._names.get(event.item_id or "", "")
                return self._call(event, event.call_id or "", name, event.arguments or "") if name else []
            case "response.done":
                return self._over(event)
            case _:
                return []

    def _begun(self, name: str) -> _Reply:
        reply = self._replies.get(name)
        if reply is None:
            reply = self._replies[name] = _Reply(stopped=self._unwanted)
            self._stops += [name] if self._unwanted else []
            self._unwanted = False
            _bounded(self._replies)
            self._active, self._asked, self._refused = name, None, 0
        return reply

    def _told(self, event: events.Event) -> tuple[str, list[Taken]] | None:
        """Return the response of an event that has something to say, and what tells of its beginning."""
        name = event.reply or self._active
        reply = self._begun(name)
        if reply.stopped:
            return None
        began: list[Taken] = [] if reply.told else [ReplyBegan(name)]
        reply.told = True
        return name, began

    def _sound(self, event: events.Event) -> list[Taken]:
        data = events.sound(event)
        told = self._told(event)
        if told is None:
            return []
        name, taken = told
        reply = self._replies[name]
        data = reply.half + data
        whole = len(data) // 2 * 2
        data, reply.half = data[:whole], data[whole:]
        item = event.item_id or ""
        reply.items[item] = reply.items.get(item, 0) + len(data) // 2
        return [*taken, ReplySound(name, data)] if data else taken

    def _text(self, event: events.Event, text: str, *, whole: bool) -> list[Taken]:
        """Take words; those of a whole item count only where it had none before."""
        item = event.item_id or ""
        known = self._replies.get(event.reply or self._active)
        if not text or (whole and known is not None and item in known.written):
            return []
        told = self._told(event)
        if told is None:
            return []
        name, taken = told
        self._replies[name].written.add(item)
        return [*taken, ReplyText(name, text[: events.TEXT])]

    def _call(self, event: events.Event, call: str, name: str, arguments: str) -> list[Taken]:
        if not call or not name or call in self._called:
            return []
        if len(arguments) > events.TEXT:
            raise events.Unreadable("the arguments of a call are too long")
        self._called = [*self._called, call][-REMEMBERED:]
        told = self._told(event)
        return [*told[1], ReplyCall(told[0], call, name, arguments)] if told is not None else []

    def _over(self, event: events.Event) -> list[Taken]:
        name = event.reply or self._active
        response = event.response or events.Response()
        asked = self._asked is not None
        reply = self._begun(name)
        if name == self._active:
            self._active = ""
        end = _ENDS.get(response.status or "", "complete")
        details = response.status_details
        why = (details.error.message if details is not None and details.error is not None else None) or ""
        if reply.stopped or (not reply.told and end in ("complete", "stopped") and not asked):
            return []
        began: list[Taken] = [] if reply.told else [ReplyBegan(name)]
        reply.told = True
        return [*began, ReplyOver(name, end, why[: events.NAME])]

    def _complaint(self, fault: events.Fault) -> list[Taken]:
        code = (fault.code or fault.type or "")[: events.NAME]
        ours = fault.event_id is not None and fault.event_id == self._asked
        if code in HARMLESS:
            return []
        if code == ACTIVE and self._refused < TRIES:
            # It has begun one by itself: what was asked for comes after that.
            self._refused += 1
            self._asked = None
            self._wanted = None if self._unwanted else self._event("response.create")
            self._unwanted = False
            return []
        sentence = f"the duplex model's server says: {(fault.message or code or 'there is an error')[: events.NAME]}"
        error = EngineError("dialogue_failed", sentence, kind=Failure.REFUSED)
        if ours:
            self._asked, unwanted, self._unwanted = None, self._unwanted, False
            return [] if unwanted else [Declined(error)]
        return [Trouble(error)]

    # ------------------------------------------------------------------------------------------------------- settings

    def _instructions(self) -> str:
        parley = self._parley
        told = {"language": parley.language, "user": parley.user, "session": parley.session}
        known, history = parley.known(), parley.history()[-LORE:]
        return persona.instructions(self._identity, **told, asked=parley.instructions(), known=known, history=history)

    def _session(self, *, only_told: bool = False) -> Outgoing:
        """Write the session's settings; `only_told`: those alone that change in the course of it."""
        told = self._briefed = telling.briefed(self._manner, self._instructions(), self._parley.tools())
        return told if only_told else telling.settled(self._manner, told)

    def _detect(self, *, on: bool) -> Outgoing:
        """Have the server find turns, or leave that to the user's button."""
        return self._event("session.update", session=telling.detecting(self._manner, on=on))

    def _item(self, item: Outgoing) -> Outgoing:
        return self._event("conversation.item.create", item=item)

    def _event(self, kind: str, **fields: object) -> Outgoing:
        self._numbers += 1
        return {"type": kind, "event_id": f"companion_{self._numbers}", **fields}


def _encoded(data: bytes) -> str:
    return b2a_base64(data, newline=False).decode()


def _bounded(kept: dict[str, None] | dict[str, str] | dict[str, _Reply], most: int = REMEMBERED) -> None:
    for old in list(kept)[:-most]:
        del kept[old]
