"""Rounds of tools: the calls of an answer are run, and the model is told what came of them."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from engines.api import Picture, Request, ToolResult
from engines.dialogue.calls import Call
from engines.dialogue.prompting import OVERHEAD, estimate

RESULT: Final = 4000  # characters of a tool's result that the model is told
PICTURE: Final = 1000  # tokens that a picture takes, about
_WHAT: Final = {"type": "text", "text": "(The picture that the tool has taken.)"}


async def carried_out(
    request: Request, text: str, calls: Sequence[Call], names: Mapping[str, str], number: int, *, vision: bool = False
) -> list[dict[str, Any]]:
    """Run the calls of an answer side by side; return the messages that tell the model what came of them.

    A model with `vision` is shown the pictures that tools have brought, others have their words alone.
    """

    async def run(call: Call) -> ToolResult:
        if call.fault:
            return ToolResult("failed", call.fault)
        return await request.call(names.get(call.name, call.name), call.arguments)

    results = await asyncio.gather(*map(run, calls))
    # Ids of our own: some endpoints give none, or the same twice, and some take only nine letters and digits.
    ids = [f"call{number:02}{at:03}" for at in range(len(calls))]
    wanted = [
        {
            "id": known,
            "type": "function",
            "function": {
                "name": call.name or "unknown",
                "arguments": json.dumps(dict(call.arguments), ensure_ascii=False),
            },
        }
        for known, call in zip(ids, calls, strict=True)
    ]
    told = [
        {
            "role": "tool",
            "tool_call_id": known,
            "content": json.dumps({"status": result.status, "value": result.value[:RESULT]}, ensure_ascii=False),
        }
        for known, result in zip(ids, results, strict=True)
    ]
    pictures = [result.picture for result in results if result.picture is not None] if vision else []
    shown = [{"role": "user", "content": [_WHAT, *map(_part, pictures)]}] if pictures else []
    return [{"role": "assistant", "content": text, "tool_calls": wanted}, *told, *shown]


def _part(picture: Picture) -> dict[str, Any]:
    """Return a picture as part of a message, as OpenAI's interface takes it."""
    data = base64.b64encode(picture.data).decode()
    return {"type": "image_url", "image_url": {"url": f"data:image/{picture.format};base64,{data}"}}


def fitting(rounds: Sequence[list[dict[str, Any]]], budget: int) -> list[list[dict[str, Any]]]:
    """Keep the latest rounds within so many tokens, at least one; no result goes without its call."""
    kept = list(rounds)
    while len(kept) > 1 and sum(map(size, kept)) > budget:
        del kept[0]
    return kept


def size(messages: Sequence[Mapping[str, Any]]) -> int:
    """Estimate how many tokens some messages have."""
    return sum(_size(message) + OVERHEAD for message in messages)


def _size(message: Mapping[str, Any]) -> int:
    """Estimate one message: a picture is worth about a thousand tokens, however many bytes it has."""
    parts = message.get("content")
    if not isinstance(parts, list):
        return estimate(json.dumps(message, ensure_ascii=False))
    return sum(PICTURE if part["type"] == "image_url" else estimate(part["text"]) for part in parts)
