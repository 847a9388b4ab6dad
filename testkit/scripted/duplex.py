"""A Realtime server with a duplex model that follows a script, in memory: what a client sends is kept, all is exact.

`dial` gives connections as `websockets` does. It hears speech where sound is loud, takes a turn as over after 0.3 s of
silence, and says its answers word by word as tones, each with its place in the transcript. It waits only by
`asyncio.sleep`, and never longer than told.
"""

from __future__ import annotations

import asyncio
import json
from array import array
from binascii import a2b_base64, b2a_base64
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal, Protocol, TypeAlias

from websockets.exceptions import ConnectionClosedOK

from engines.api import Phrase, Speech
from testkit.scripted.media import ScriptedTts

RATE: Final = 24_000
BEGINS: Final = RATE * 60 // 1000  # samples of loud sound that are speech
ENDS: Final = RATE * 300 // 1000  # samples of silence that end it
LOUD: Final = 600


@dataclass(frozen=True, slots=True)
class Use:
    """An answer that calls a function."""

    name: str
    arguments: Mapping[str, object] = field(default_factory=dict)


Answer: TypeAlias = str | Use


class Saying(Protocol):
    """A voice that says a text word by word."""

    def say(self, phrase: Phrase, at: int) -> Iterable[Speech]:
        """Yield the sound of word number `at`."""
        ...


class Socket:
    """A client's end of a connection."""

    def __init__(self, server: ScriptedServer) -> None:
        self._server = server
        self._queue: asyncio.Queue[str | bytes | None] = asyncio.Queue()
        self.closed = False

    async def send(self, text: str) -> None:
        """Give the server an event; one that takes nothing never returns."""
        if self.closed:
            raise ConnectionClosedOK(None, None)
        if self._server.deaf:
            await asyncio.Event().wait()
        self._server.take(json.loads(text))

    async def recv(self) -> str | bytes:
        """Return the next event."""
        data = await self._queue.get()
        if data is None:
            raise ConnectionClosedOK(None, None)
        return data

    async def close(self) -> None:
        """Close it."""
        self.drop()

    def put(self, data: str | bytes) -> None:
        """Let the client receive something."""
        if not self.closed:
            self._queue.put_nowait(data)

    def drop(self) -> None:
        """Close it from the server's side, after what was sent."""
        if not self.closed:
            self.closed = True
            self._queue.put_nowait(None)


class ScriptedServer:
    """Says `answers` in turn, the last again and again; understands `heard` in turn.

    `words` says when the transcript comes: along with its sound, all of it before or after, or not at all. `think`
    seconds pass before an answer and `pace` seconds for each second of sound, but for the first `lead` seconds, which
    come at once. The transcript of the user's words comes
    `understands` seconds after them (None: never). It dies after `dies` words of its first answer, and is away for the
    next `away` calls. `interrupts`: what it hears of the user ends its answer. `beta`: it uses the beta's names.
    """

    def __init__(
        self,
        *answers: Answer,
        heard: Sequence[str] = ("hello",),
        words: Literal["along", "before", "after", "none"] = "along",
        think: float = 0.1,
        pace: float = 0.0,
        lead: float = 0.0,
        understands: float | None = 0.0,
        ms_per_word: int = 200,
        dies: int | None = None,
        away: int = 0,
        interrupts: bool = True,
        beta: bool = False,
        garbage: Sequence[str | bytes] = (),
        fails: str = "",
        voice: Saying | None = None,
    ) -> None:
        self.voice = ScriptedTts(rate=RATE, ms_per_word=ms_per_word)
        self._says: Saying = voice or self.voice
        self._lead = lead
        self._came: list[tuple[float, float]] = []  # when the sound up to so many seconds of an answer had come
        self.sent: list[dict[str, Any]] = []  # what clients sent, but for sound
        self.sound = bytearray()  # of the microphone
        self.items: dict[str, str] = {}  # of the conversation: what they say, by name
        self.calls = 0
        self.deaf = False  # it takes nothing any more
        self._answers = deque(answers or ("Hello there.",))
        self._heard = deque(heard)
        self._words = words
        self._think, self._pace, self._understands = think, pace, understands
        self._dies = dies
        self._away = away
        self._interrupts = interrupts
        self._beta = beta
        self._garbage = tuple(garbage)
        self._fails = fails
        self._socket: Socket | None = None
        self._active: asyncio.Task[None] | None = None
        self._response = 0
        self._items = 0
        self._loud = self._quiet = 0
        self._speaking = False
        self._detects = True

    async def dial(self) -> Socket:
        """Return a new connection; OSError while it is away."""
        self.calls += 1
        if self._away and self.calls > 1:
            self._away -= 1
            raise OSError("nobody listens")
        self._socket = Socket(self)
        self._loud = self._quiet = 0
        self._speaking = False
        self._detects = True
        self._tell("session.created", session={"model": "scripted"})
        self.items.clear()
        return self._socket

    def of(self, kind: str) -> list[dict[str, Any]]:
        """Return the events of a kind that were sent, in order."""
        return [event for event in self.sent if event["type"] == kind]

    def came(self, seconds: float) -> float:
        """Return when the sound after so many seconds of the last answer came, on the loop's clock."""
        return next((at for end, at in self._came if end > seconds), self._came[-1][1])

    def lose(self) -> None:
        """Lose the connection."""
        self._stop()
        if self._socket is not None:
            self._socket.drop()

    # ----------------------------------------------------------------------------------------------- what comes

    def take(self, event: dict[str, Any]) -> None:
        """Take an event."""
        if event["type"] == "input_audio_buffer.append":
            pcm = a2b_base64(event["audio"])
            self.sound += pcm
            self._listen(array("h", pcm))
            return
        self.sent.append(event)
        match event["type"]:
            case "session.update":
                session = event["session"]
                heard = session.get("audio", {}).get("input", session)
                if "turn_detection" in heard:
                    self._detects = heard["turn_detection"] is not None
                self._tell("session.updated", session={})
            case "conversation.item.create":
                said = event["item"].get("content") or [{}]
                self._add(f"told_{len(self.sent)}", said[0].get("text", ""))
            case "conversation.item.delete":
                del self.items[event["item_id"]]
            case "input_audio_buffer.commit":
                self._commit()
            case "response.create":
                if self._active is not None:
                    code = "conversation_already_has_active_response"
                    self._tell("error", error={"code": code, "message": "busy", "event_id": event["event_id"]})
                elif self._fails:
                    self._tell("error", error={"message": self._fails, "event_id": event["event_id"]})
                else:
                    self._answer()
            case "response.cancel":
                self._cancel("client_cancelled")
            case _:
                pass

    def _listen(self, samples: array[int]) -> None:
        if not self._detects:
            return
        peak = max(max(samples), -min(samples))
        self._loud, self._quiet = (
            (self._loud + len(samples), 0) if peak > LOUD else (self._loud, self._quiet + len(samples))
        )
        if not self._speaking and self._loud >= BEGINS:
            self._speaking = True
            self._tell("input_audio_buffer.speech_started", item_id=f"user_{self._items + 1}", audio_start_ms=0)
            if self._interrupts:
                self._cancel("turn_detected")
        if self._quiet >= ENDS:
            if self._speaking:
                self._speaking = False
                self._tell("input_audio_buffer.speech_stopped", item_id=f"user_{self._items + 1}", audio_end_ms=0)
                self._commit()
                if self._active is None:
                    self._answer()
            self._loud = 0

    def _commit(self) -> None:
        self._items += 1
        item = f"user_{self._items}"
        self._tell("input_audio_buffer.committed", item_id=item)
        self._add(item, "")
        if self._understands is None:
            return
        text = self._heard[0] if len(self._heard) == 1 else self._heard.popleft()
        asyncio.get_running_loop().call_later(self._understands, self._understood, item, text)

    def _add(self, item: str, text: str) -> None:
        self.items[item] = text
        self._tell("conversation.item.added", item={"id": item, "type": "message"})

    def _understood(self, item: str, text: str) -> None:
        kind = "conversation.item.input_audio_transcription"
        self._tell(f"{kind}.delta", item_id=item, delta=text)
        self.items[item] = text
        self._tell(f"{kind}.completed", item_id=item, transcript=text)

    # ------------------------------------------------------------------------------------------------ what it says

    def _answer(self) -> None:
        answer = self._answers[0] if len(self._answers) == 1 else self._answers.popleft()
        self._response += 1
        self._active = asyncio.create_task(self._say(f"resp_{self._response}", answer))

    def _cancel(self, reason: str) -> None:
        if self._active is not None:
            self._stop()
            self._done("cancelled", {"type": "cancelled", "reason": reason})

    def _stop(self) -> None:
        active, self._active = self._active, None
        if active is not None:
            active.cancel()

    def _done(self, status: str, details: Mapping[str, object] | None = None) -> None:
        told = {"id": f"resp_{self._response}", "status": status, "status_details": details}
        self._tell("response.done", response=told)

    async def _say(self, name: str, answer: Answer) -> None:
        await asyncio.sleep(self._think)
        self._tell("response.created", response={"id": name, "status": "in_progress"})
        if self._socket is not None:
            for data in self._garbage:
                self._socket.put(data)
        self._add(f"item_{self._response}", answer if isinstance(answer, str) else answer.name)
        place = {"response_id": name, "item_id": f"item_{self._response}", "output_index": 0, "content_index": 0}
        if isinstance(answer, Use):
            call = {"type": "function_call", "call_id": f"call_{self._response}", "name": answer.name}
            done = {**call, "arguments": json.dumps(dict(answer.arguments))}
            self._tell("response.output_item.done", response_id=name, output_index=0, item=done)
        elif answer:
            await self._speak(place, answer)
        self._active = None
        self._done("completed")

    async def _speak(self, place: Mapping[str, object], text: str) -> None:
        words = [f" {word}" if at else word for at, word in enumerate(text.split())]
        written, spoken = "response.output_audio_transcript.delta", "response.output_audio.delta"
        said = 0.0
        self._came.clear()
        if self._words == "before":
            self._tell(written, **place, delta=text)
        for at, word in enumerate(words):
            if self._dies is not None and at == self._dies:
                self._dies = None
                self._active = None
                if self._socket is not None:
                    self._socket.drop()
                return
            if self._words == "along":
                self._tell(written, **place, delta=word)
            for piece in self._says.say(Phrase(word.strip()), at):
                said += piece.samples / RATE
                if said > self._lead:
                    await asyncio.sleep(self._pace * piece.samples / RATE)
                self._came.append((said, asyncio.get_running_loop().time()))
                self._tell(spoken, **place, delta=b2a_base64(piece.pcm, newline=False).decode())
        if self._words == "after":
            self._tell("response.output_audio_transcript.done", **place, transcript=text)

    def _tell(self, kind: str, **fields: object) -> None:
        if self._beta:
            kind = kind.replace("output_audio", "audio")
        if self._socket is not None:
            self._socket.put(json.dumps({"type": kind, "event_id": "e", **fields}))
