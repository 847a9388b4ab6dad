"""The published schema of the Realtime API, as the types of the `openai` package have it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, get_args

from openai.types import realtime as types
from pydantic import BaseModel

OURS = ("response.companion_face.delta", "response.companion_cue", "companion_face.idle.delta")
# What the interface itself sends and its package does not list.
SENT = {
    "session.created": {"session.id", "session.object"},
    "session.updated": {"session.id", "session.object"},
}


def _types() -> dict[str, type[BaseModel]]:
    union = get_args(types.RealtimeServerEvent)[0]
    found = {}
    for each in get_args(union):
        (name,) = get_args(each.model_fields["type"].annotation)
        found[name] = each
    return found


TYPES = _types()


def faults(event: Mapping[str, Any], *, ours: Iterable[str] = OURS) -> Iterator[str]:
    """Yield what is wrong with an event of the server's: it must be one of the types, and have nothing beyond them."""
    kind = event["type"]
    if kind in ours:
        return
    if kind not in TYPES:
        yield f"there is no event {kind}"
        return
    model = TYPES[kind].model_validate(event, strict=True)
    for extra in _extras(model, ""):
        if extra not in SENT.get(kind, set()) and not extra.startswith("session.companion_face"):
            yield f"{kind} has no {extra}"


def _extras(value: object, place: str) -> Iterator[str]:
    if isinstance(value, BaseModel):
        for name in value.model_extra or {}:
            yield f"{place}{name}"
        for name in type(value).model_fields:
            yield from _extras(getattr(value, name), f"{place}{name}.")
    elif isinstance(value, list):
        for item in value:
            yield from _extras(item, place)
