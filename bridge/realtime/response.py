"""Writes the events of one response in their order: what was created, what is said, how it ended."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Final, Literal, TypeAlias

from bridge.realtime.effects import Told
from bridge.realtime.items import TICKS, Item, Items
from bridge.realtime.naming import Naming
from bridge.realtime.settings import Settings
from bridge.realtime.sound import Mouth, encoded

Status: TypeAlias = Literal["completed", "cancelled", "failed", "incomplete"]

HEARD_TOKEN: Final = 100  # ms of the user's sound that count as a token
SPOKEN_TOKEN: Final = 50  # ms of the companion's
LETTERS: Final = 4  # characters of a text that do


class Response:
    """One response, to turn `turn`; `asked` is how many tokens led to it: of text, of sound.

    `begins` is where the turn's sound goes on, in ticks.
    """

    def __init__(
        self,
        turn: int,
        *,
        naming: Naming,
        items: Items,
        settings: Settings,
        conversation: str,
        rate: int,
        metadata: Mapping[str, str] | None,
        asked: tuple[int, int],
        speaks: bool,
        begins: int,
    ) -> None:
        self.turn = turn
        self.id = naming.new("resp")
        self._naming = naming
        self._items = items
        self._settings = settings
        self._conversation = conversation
        self._rate = rate
        self._metadata = metadata
        self._asked = asked
        self._speaks = speaks
        self._at = begins  # of the sound that comes next
        self._output: list[Item] = []
        self._item: Item | None = None  # the message that is being said
        self._mouth: Mouth | None = None

    # --------------------------------------------------------------------------------------------------- its events

    def created(self) -> Iterator[Told]:
        """Begin it."""
        yield from self._tell("response.created", response=self._told("in_progress"))

    def word(self, pts: int, text: str) -> Iterator[Told]:
        """Say a word that is heard at `pts` of the turn."""
        yield from self._message()
        item = self._item
        assert item is not None, "a message has begun"
        item.words.append((pts - item.base, text))
        delta = text if item.text else text.lstrip()
        item.text += delta
        kind = "output_audio_transcript" if self._speaks else "output_text"
        yield from self._tell(f"response.{kind}.delta", **self._place(item), delta=delta)

    def sound(self, pts: int, pcm: bytes) -> Iterator[Told]:
        """Let a piece of speech be heard, which begins at `pts` of the turn."""
        yield from self._message()
        item = self._item
        assert item is not None, "a message has begun"
        samples = len(pcm) // 2
        self._at = pts + samples * 1000 * TICKS // self._rate
        item.end = self._at - item.base
        if self._mouth is not None:
            yield from self._heard(item, self._mouth.push(pcm))

    def face(self, kind: str, pts: int, fields: Mapping[str, object]) -> Iterator[Told]:
        """Show something at `pts` of the turn: an event of ours, on the clock of the item's sound."""
        yield from self._message()
        item = self._item
        assert item is not None, "a message has begun"
        yield from self._let_go(kind, **self._place(item), pts=pts - item.base, **fields)

    def call(self, call_id: str, name: str, arguments: str) -> Iterator[Told]:
        """Call a function; what was being said ends before."""
        yield from self._close("completed")
        item = Item(self._naming.new("item"), "function_call", call_id=call_id, name=name, known=True)
        item.status = "in_progress"
        yield from self._begin(item)
        place = {
            "response_id": self.id,
            "item_id": item.id,
            "output_index": self._output.index(item),
            "call_id": call_id,
        }
        yield from self._tell("response.function_call_arguments.delta", **place, delta=arguments)
        item.arguments = arguments
        named = {} if self._naming.beta else {"name": name}
        yield from self._tell("response.function_call_arguments.done", **place, **named, arguments=arguments)
        yield from self._finish(item, "completed")

    def done(self, status: Status, details: Mapping[str, object] | None = None) -> Iterator[Told]:
        """End it, and whatever is being said."""
        yield from self._close("completed" if status == "completed" else "incomplete")
        told = self._told(status, details, usage=self._usage())
        yield from self._tell("response.done", response=told)

    def cut(self, pts: int) -> None:
        """Forget what was not heard after `pts` of the turn."""
        for item in self._output:
            if item.kind == "message":
                item.cut(max(0, pts - item.base))

    # ----------------------------------------------------------------------------------------------------- its items

    @property
    def end(self) -> int:
        """Return where the turn's sound ends so far, in ticks."""
        return self._at

    def _message(self) -> Iterator[Told]:
        """Begin a message unless one has begun."""
        if self._item is not None:
            return
        # Words and cues come before the sound that they are in, and say nothing of where it begins.
        base = self._at
        item = Item(self._naming.new("item"), "message", "assistant", sounds=self._speaks, turn=self.turn, base=base)
        item.status, item.known = "in_progress", True
        self._item = item
        self._mouth = Mouth(self._settings.spoken, self._rate) if self._speaks else None
        yield from self._begin(item)
        part = {"type": "audio", "transcript": ""} if self._speaks else {"type": "text", "text": ""}
        yield from self._tell("response.content_part.added", **self._place(item), part=part)

    def _begin(self, item: Item) -> Iterator[Told]:
        self._output.append(item)
        before = self._items.add(item)
        told = item.told(beta=self._naming.beta)
        index = self._output.index(item)
        yield from self._tell("response.output_item.added", response_id=self.id, output_index=index, item=told)
        yield from self._tell("conversation.item.added", previous_item_id=before, item=told)

    def _close(self, status: Literal["completed", "incomplete"]) -> Iterator[Told]:
        """End the message that is being said."""
        item = self._item
        if item is None:
            return
        if self._mouth is not None:
            if status == "completed":
                yield from self._heard(item, self._mouth.flush())
            yield from self._tell("response.output_audio.done", **self._place(item))
            text = {"transcript": item.text}
            yield from self._tell("response.output_audio_transcript.done", **self._place(item), **text)
            part: dict[str, object] = {"type": "audio", "transcript": item.text}
        else:
            yield from self._tell("response.output_text.done", **self._place(item), text=item.text)
            part = {"type": "text", "text": item.text}
        yield from self._tell("response.content_part.done", **self._place(item), part=part)
        self._item = self._mouth = None
        yield from self._finish(item, status)

    def _finish(self, item: Item, status: str) -> Iterator[Told]:
        item.status = status
        told, index = item.told(beta=self._naming.beta), self._output.index(item)
        yield from self._tell("response.output_item.done", response_id=self.id, output_index=index, item=told)
        yield from self._tell("conversation.item.done", item=told)

    def _heard(self, item: Item, audio: bytes) -> Iterator[Told]:
        if audio:
            yield from self._let_go("response.output_audio.delta", **self._place(item), delta=encoded(audio))

    def _place(self, item: Item) -> dict[str, object]:
        index = self._output.index(item)
        return {"response_id": self.id, "item_id": item.id, "output_index": index, "content_index": 0}

    # ------------------------------------------------------------------------------------------------------- as told

    def _told(
        self,
        status: str,
        details: Mapping[str, object] | None = None,
        usage: Mapping[str, object] | None = None,
    ) -> dict[str, object]:
        beta = self._naming.beta
        return {
            "object": "realtime.response",
            "id": self.id,
            "status": status,
            "status_details": dict(details) if details else None,
            "output": [item.told(beta=beta) for item in self._output],
            "conversation_id": self._conversation,
            **self._settings.output_told(beta=beta),
            "max_output_tokens": self._settings.most_tokens,
            "usage": usage,
            "metadata": dict(self._metadata) if self._metadata else None,
        }

    def _usage(self) -> dict[str, object]:
        text_in, sound_in = self._asked
        sound = sum(math.ceil(item.end / TICKS / SPOKEN_TOKEN) for item in self._output if item.sounds)
        text = sum(tokens(item.text or item.arguments) for item in self._output)
        heard = {"text_tokens": text_in, "audio_tokens": sound_in, "cached_tokens": 0}
        return {
            "total_tokens": text_in + sound_in + text + sound,
            "input_tokens": text_in + sound_in,
            "output_tokens": text + sound,
            "input_token_details": heard,
            "output_token_details": {"text_tokens": text, "audio_tokens": sound},
        }

    def _tell(self, kind: str, **fields: object) -> Iterator[Told]:
        event = self._naming.event(kind, **fields)
        if event is not None:
            yield Told(event)

    def _let_go(self, kind: str, **fields: object) -> Iterator[Told]:
        """Tell what is worth nothing once the response is cut."""
        event = self._naming.event(kind, **fields)
        if event is not None:
            yield Told(event, droppable=True)


def tokens(text: str) -> int:
    """Count a text in tokens, as far as characters tell."""
    return math.ceil(len(text) / LETTERS)
