"""Keeps the conversation as a list of items, as Realtime clients see it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

from bridge.realtime.incoming import NewItem
from bridge.realtime.refused import Refused
from engines.api import Message

Kind: TypeAlias = Literal["message", "function_call", "function_call_output"]
Role: TypeAlias = Literal["user", "assistant", "system"]

MOST: Final = 400  # items that are kept; the oldest go
TICKS: Final = 48  # of the media clock in a millisecond


@dataclass(slots=True)
class Item:
    """One item; `sounds` when it was spoken. A reply's has its `turn` and where on that turn's clock it begins."""

    id: str
    kind: Kind = "message"
    role: Role = "user"
    text: str = ""
    sounds: bool = False
    status: str = "completed"
    call_id: str = ""
    name: str = ""
    arguments: str = ""
    output: str = ""
    turn: int = 0
    base: int = 0  # ticks
    end: int = 0  # ticks since `base`
    words: list[tuple[int, str]] = field(default_factory=list)  # when they begin, in ticks since `base`
    known: bool = False  # the session's history has it

    @property
    def said(self) -> Message | None:
        """Return it as the session's history has it."""
        match self.kind:
            case "message" if self.text:
                roles: dict[Role, Literal["user", "companion", "scene"]] = {"user": "user", "assistant": "companion"}
                return Message(roles.get(self.role, "scene"), self.text)
            case "function_call_output" if self.output:
                return Message("scene", f"{self.name or 'A tool'} returned: {self.output}")
            case _:
                return None

    def cut(self, ticks: int) -> None:
        """Forget the words that begin after `ticks`."""
        self.end = min(self.end, ticks)
        self.words = [(at, word) for at, word in self.words if at < ticks]
        self.text = "".join(word for _, word in self.words).strip()

    def told(self, *, beta: bool) -> dict[str, object]:
        """Return it as the client is told."""
        shared: dict[str, object] = {"id": self.id, "object": "realtime.item", "type": self.kind}
        match self.kind:
            case "function_call":
                call = {"call_id": self.call_id, "name": self.name, "arguments": self.arguments}
                return {**shared, "status": self.status, **call}
            case "function_call_output":
                return {**shared, "status": self.status, "call_id": self.call_id, "output": self.output}
            case _:
                content = [] if self.status == "in_progress" and self.role == "assistant" else [self.part(beta=beta)]
                return {**shared, "status": self.status, "role": self.role, "content": content}

    def part(self, *, beta: bool) -> dict[str, object]:
        """Return the one part of its content."""
        if self.role != "assistant":
            return (
                {"type": "input_audio", "transcript": self.text or None}
                if self.sounds
                else {"type": "input_text", "text": self.text}
            )
        if self.sounds:
            return {"type": "audio" if beta else "output_audio", "transcript": self.text}
        return {"type": "text" if beta else "output_text", "text": self.text}


class Items:
    """The items of one conversation, oldest first."""

    def __init__(self) -> None:
        self._all: dict[str, Item] = {}

    @property
    def last(self) -> str | None:
        """Return the identifier of the newest."""
        return next(reversed(self._all), None)

    def add(self, item: Item) -> str | None:
        """Put it at the end; return the identifier of the one before it."""
        before = self.last
        self._all[item.id] = item
        while len(self._all) > MOST:
            del self._all[next(iter(self._all))]
        return before

    def find(self, item_id: str, param: str = "item_id") -> Item:
        """Return one; Refused if there is none."""
        found = self._all.get(item_id)
        if found is None:
            raise Refused("item_not_found", f"there is no item {item_id[:64]!r}", param)
        return found

    def has(self, item_id: str) -> bool:
        """Say whether there is one."""
        return item_id in self._all

    def remove(self, item_id: str) -> Item:
        """Take one out."""
        item = self.find(item_id)
        del self._all[item_id]
        return item

    def unknown(self) -> list[Item]:
        """Return those that the session's history does not have yet."""
        return [item for item in self._all.values() if not item.known]


def made(new: NewItem, item_id: str, longest: int) -> Item:
    """Return what a client adds; Refused if it cannot be added. A text may have `longest` characters."""
    match new.type:
        case "message":
            if new.role not in ("user", "assistant", "system"):
                raise Refused("invalid_value", "a message's role is user, assistant or system", "item.role")
            parts = [part.text or part.transcript or "" for part in new.content or ()]
            if any(part.type in ("input_image", "image") for part in new.content or ()):
                raise Refused("invalid_value", "pictures cannot be sent here", "item.content")
            text = " ".join("\n".join(filter(None, parts)).split())
            if not text:
                sentence = "a message needs text, or a transcript of its sound: recordings alone cannot be added"
                raise Refused("invalid_value", sentence, "item.content")
            if len(text) > longest:
                raise Refused("string_above_max_length", f"a message may have {longest} characters", "item.content")
            return Item(item_id, "message", new.role, text)  # type: ignore[arg-type]  # it is one of the three
        case "function_call":
            name, arguments = new.name or "", new.arguments or "{}"
            return Item(item_id, "function_call", call_id=new.call_id or "", name=name, arguments=arguments, known=True)
        case "function_call_output":
            return Item(item_id, "function_call_output", call_id=new.call_id or "", output=(new.output or "")[:8192])
        case _:
            raise Refused("invalid_value", f"items of the type {new.type[:64]!r} cannot be added", "item.type")
