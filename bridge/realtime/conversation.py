"""Translates one Realtime connection: what its client sends, and what the session says, into what is to be done.

It drives the same session as the bridge's own wire does, and decides nothing about turns.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final, assert_never

from bridge.core.turn_events import (
    Event,
    SpeechStarted,
    SpeechStopped,
    TalkPressed,
    TalkReleased,
    Transcribed,
)
from bridge.realtime import incoming as i
from bridge.realtime.buffer import Buffer
from bridge.realtime.effects import (
    AnswerSpeech,
    Effect,
    EndUtterance,
    Erase,
    Instruct,
    Recall,
    Reopen,
    Say,
    Told,
    Truncate,
    Updated,
)
from bridge.realtime.hearing import Utterances
from bridge.realtime.items import TICKS, Item, Items, made
from bridge.realtime.naming import Naming
from bridge.realtime.refused import Refused
from bridge.realtime.replies import NOTHING, Replies
from bridge.realtime.settings import Settings
from bridge.realtime.sound import encoded
from engines.api import Message
from protocol import messages as m

SERVER_CODES: Final = (
    "dialogue_failed",
    "stt_failed",
    "tts_failed",
    "face_failed",
    "vad_failed",
    "stt_slow",
    "internal",
)
PRE_ROLL: Final = 300 * m.MIC_RATE // 1000  # samples before speech was certain that a session takes along


class Conversation:
    """One connection: its settings, its items, what it hears and what it says. `session` is a short name of its own."""

    def __init__(self, settings: Settings, *, session: str, beta: bool, rate: int, longest_text: int) -> None:
        self.settings = settings
        self._naming = Naming(session, beta=beta)
        self._items = Items()
        self._buffer = Buffer(settings.heard)
        self._replies = Replies(self._naming, self._items, lambda: self.settings, rate=rate)
        self._utterances = Utterances(self._naming, self._items, lambda: self.settings.transcription)
        self._utterances.pad = PRE_ROLL
        self._longest_text = longest_text
        self._face: dict[str, object] | None = None  # as it was agreed
        self._begun = False  # something was said: what is fixed at the opening stays
        self._waiting: i.Respond | None = None  # for the words of what was committed

    # --------------------------------------------------------------------------------------------------- the session

    def welcomed(self, welcome: m.Welcome) -> None:
        """Note what was agreed with a session that has just been opened."""
        self._replies.again()
        face = welcome.face
        self._face = None
        if self.settings.face is not None:
            names = {"names": list(face.names), "ranges": [list(each) for each in face.ranges]}
            self._face = {"profile": face.profile, "fps": face.fps, "idle": self.settings.face.idle, **names}

    def briefed(self) -> list[Effect]:
        """Return what a session that has just been opened must know."""
        seen = self.settings.detection
        return [
            AnswerSpeech(seen is not None and seen.create_response),
            Instruct(self.settings.instructions),
            Say(m.Tools(tools=self.settings.offered)),
        ]

    def told(self, kind: str) -> list[Effect]:
        """Return the settings as they are, as `session.created` or `session.updated`."""
        return [*self._tell(kind, session=self.settings.told(beta=self._naming.beta, face=self._face))]

    def error(self, code: str, sentence: str, param: str = "", event_id: str | None = None) -> list[Effect]:
        """Return an error event."""
        blame = "server_error" if code in SERVER_CODES else "invalid_request_error"
        said = {"type": blame, "code": code, "message": sentence, "param": param or None, "event_id": event_id}
        return [*self._tell("error", error=said)]

    # ------------------------------------------------------------------------------------------------- from the client

    def take(self, event: i.Incoming) -> list[Effect]:
        """Return what follows from an event of the client's; Refused when it cannot be done."""
        match event:
            case i.SessionUpdate(session=patch):
                return self._update(patch)
            case i.Append(audio=audio):
                return self._buffer.append(audio, hold=self._holds)
            case i.Commit():
                return self._commit()
            case i.Clear():
                self._buffer.clear()
                return [*self._tell("input_audio_buffer.cleared")]
            case i.ClearOutput():
                stopped = self._replies.cancel(None) if self._replies.under_way else []
                if self.settings.tracks:
                    return stopped  # its end is told where the track falls silent
                return [*stopped, *self._tell("output_audio_buffer.cleared", response_id="")]
            case i.Create():
                return self._create(event)
            case i.Delete(item_id=item_id):
                item = self._items.remove(item_id)
                gone: list[Effect] = [Erase(item.turn, item.said)] if item.known and item.said else []
                return [*gone, *self._tell("conversation.item.deleted", item_id=item_id)]
            case i.Retrieve(item_id=item_id):
                told = self._items.find(item_id).told(beta=self._naming.beta)
                return [*self._tell("conversation.item.retrieved", item=told)]
            case i.TruncateItem():
                return self._truncate(event)
            case i.Respond():
                return self._respond(event)
            case i.Cancel(response_id=response_id):
                return self._replies.cancel(response_id)
            case _:
                assert_never(event)

    def hear(self, pcm: bytes) -> list[Effect]:
        """Return what follows from sound of a track, s16le at 24 kHz; Refused when too much of it waits."""
        return self._buffer.take(pcm, hold=self._holds)

    def event(self, kind: str, **fields: object) -> dict[str, object]:
        """Return an event of this connection's."""
        return self._naming.event(kind, **fields) or {}

    @property
    def _holds(self) -> bool:
        """Say whether sound waits for a commit."""
        return self.settings.detection is None

    def _update(self, patch: i.SessionPatch) -> list[Effect]:
        before, after = self.settings, self.settings.patched(patch)
        effects: list[Effect] = []
        if after.wish != before.wish:
            if self._begun:
                after = self._kept(before, after)
            else:
                effects.append(Reopen(after.wish))
        self.settings = after
        self._buffer.recast(after.heard)
        return [*effects, *self.briefed(), Updated()]

    def _kept(self, before: Settings, after: Settings) -> Settings:
        """Return the new settings as far as they can change in the course of a conversation."""
        if after.voice != before.voice:
            sentence = "the voice cannot change once something was said"
            raise Refused("cannot_update_voice", sentence, "session.audio.output.voice")
        if after.face != before.face:
            raise Refused("session_begun", "the face is agreed before anything is said", "session.companion_face")
        # The numbers of turn detection stay as they were; whether turns are found, and answered, may change.
        seen, was = after.detection, before.detection
        if seen is None or was is None:
            return replace(after, chosen=before.chosen)
        mixed = replace(was, create_response=seen.create_response)
        return replace(after, detection=mixed, chosen=before.chosen)

    def _commit(self) -> list[Effect]:
        held = self._holds
        passed = self._buffer.commit(hold=held)
        if held:
            self._begun = True
            return [*self._utterances.commit(), *passed]
        return [*passed, EndUtterance()]

    def _create(self, event: i.Create) -> list[Effect]:
        new = event.item
        item_id = new.id or self._naming.new("item")
        if self._items.has(item_id):
            raise Refused("invalid_value", f"there is an item {item_id[:64]!r} already", "item.id")
        if event.previous_item_id not in (None, "root"):
            self._items.find(event.previous_item_id or "", "previous_item_id")
        item = made(new, item_id, self._longest_text)
        if item.kind == "function_call_output" and self._replies.output(item.call_id, item.output):
            item.known = True
        before = self._items.add(item)
        told = item.told(beta=self._naming.beta)
        return [
            *self._tell("conversation.item.added", previous_item_id=before, item=told),
            *self._tell("conversation.item.done", previous_item_id=before, item=told),
        ]

    def _truncate(self, event: i.TruncateItem) -> list[Effect]:
        item = self._items.find(event.item_id)
        if item.kind != "message" or item.role != "assistant" or not item.turn:
            raise Refused("invalid_value", "only what the companion has said can be truncated", "item_id")
        ticks = event.audio_end_ms * TICKS
        if ticks > item.end + TICKS:
            sentence = f"the item has {item.end // TICKS} ms of sound; it cannot end at {event.audio_end_ms} ms"
            raise Refused("invalid_value", sentence, "audio_end_ms")
        effects: list[Effect] = [Truncate(item.turn, item.base + ticks)]
        item.cut(ticks)
        place = {"item_id": item.id, "content_index": event.content_index, "audio_end_ms": event.audio_end_ms}
        return [*effects, *self._tell("conversation.item.truncated", **place)]

    def _respond(self, event: i.Respond) -> list[Effect]:
        wish = self._replies.check(event.response)
        if self._replies.answerable:
            return self._replies.go_on(wish)
        if self._waiting is not None:
            sentence = "a response was asked for already; it waits for the words of what was said"
            raise Refused("conversation_already_has_active_response", sentence)
        if self._utterances.awaited:
            self._waiting = event
            return []
        return self._begin(wish)

    def _begin(self, wish: i.ResponseWish) -> list[Effect]:
        """Have the companion answer the last of the user's words that it has not answered."""
        unknown = [item for item in self._items.unknown() if item.said is not None]
        answered = unknown[-1] if unknown and unknown[-1].role == "user" and unknown[-1].kind == "message" else None
        earlier = [item for item in unknown if item is not answered]
        told = bool(earlier) or self._begun
        effects: list[Effect] = [*self._recall(earlier)]
        if answered is not None:
            answered.known = True
        self._begun = True
        self._replies.ask(wish)
        begun = self._replies.begin(answered, told=told)
        if wish.instructions is None:
            return [*effects, *begun]
        return [*effects, Instruct(wish.instructions), *begun, Instruct(self.settings.instructions)]

    def _recall(self, items: list[Item]) -> list[Effect]:
        said: list[Message] = []
        for item in items:
            item.known = True
            if item.said is not None:
                said.append(item.said)
        return [Recall(tuple(said))] if said else []

    # ------------------------------------------------------------------------------------------------ from the session

    def settle(self) -> list[Effect]:
        """Return what follows when the session has said all that it says at once."""
        return [*self._replies.settle()]

    def tell(self, message: m.ServerMessage) -> list[Effect]:
        """Return what the client is told of a message of the session's."""
        match message:
            case m.Welcome():
                self.welcomed(message)
                return []
            case m.Interrupted():
                return [*self._utterances.tell(), *self._replies.tell(message)]
            case m.ReplyStart(utterance=utterance):
                self._begun = True
                if utterance:
                    self._replies.because(*self._utterances.said(utterance))
                return [*(self._utterances.tell() if utterance else ()), *self._replies.tell(message)]
            case m.StateChange(state="listening"):
                return [*self._utterances.tell()]
            case m.StateChange(state="idle"):
                self._utterances.forget_quiet()
                return []
            case m.Media(turn=0):
                return [*self._idle(message)]
            case m.Error(code=code, message=sentence):
                return [*self._replies.tell(message), *self.error(code, sentence)]
            case m.IdentityChange():
                return self.told("session.updated")
            case _:
                return [*self._replies.tell(message)]

    def overhear(self, event: Event) -> list[Effect]:
        """Return what the client is told of something that happened to the floor."""
        self._utterances.heard = self._buffer.samples
        match event:
            case SpeechStarted(utterance=utterance):
                self._begun = True
                quietly = self._replies.under_way
                pending = self._recall([item for item in self._items.unknown() if not item.sounds])
                return [*pending, *self._utterances.began(utterance, quietly=quietly)]
            case TalkPressed(utterance=utterance):
                self._utterances.pressed(utterance)
                return []
            case SpeechStopped(utterance=utterance) | TalkReleased(utterance=utterance):
                return [*self._utterances.ended(utterance)]
            case Transcribed(utterance=utterance, text=text):
                effects: list[Effect] = [*self._utterances.understood(utterance, text)]
                seen = self.settings.detection
                if seen is not None and seen.create_response:
                    self._utterances.known(utterance)
                return [*effects, *self._awaited()]
            case _:
                return []

    def _awaited(self) -> list[Effect]:
        """Begin the response that has waited for the user's words."""
        event = self._waiting
        if event is None or self._utterances.awaited:
            return []
        self._waiting = None
        wish = event.response or i.ResponseWish()
        if not any(item.said for item in self._items.unknown()):
            self._replies.ask(wish)
            return [*self._replies.failed("no_words", NOTHING)]
        return self._begin(wish)

    def _idle(self, media: m.Media) -> Iterator[Told]:
        if self.settings.face is not None and self.settings.face.idle and media.face:
            fields = {"pts": media.face_pts, "delta": encoded(media.face)}
            event = self._naming.event("companion_face.idle.delta", **fields)
            if event is not None:
                yield Told(event, droppable=True)

    def _tell(self, kind: str, **fields: object) -> Iterator[Told]:
        event = self._naming.event(kind, **fields)
        if event is not None:
            yield Told(event)
