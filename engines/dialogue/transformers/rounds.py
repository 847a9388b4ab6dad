"""Rounds of tools, as chat templates take them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final

from engines.api import Request, ToolResult
from engines.dialogue.calls import Call

RESULT: Final = 4000  # characters of a tool's answer


async def use(request: Request, call: Call) -> ToolResult:
    """Run a tool, or say what is wrong with its call."""
    if call.fault:
        return ToolResult("failed", call.fault)
    return await request.call(call.name, call.arguments)


def called(words: str, calls: Sequence[Call]) -> list[dict[str, Any]]:
    """Write what the model wrote as templates take it."""
    wanted = [
        {
            "type": "function",
            "id": f"call{number:05}",
            "function": {"name": call.name or "unknown", "arguments": dict(call.arguments)},
        }
        for number, call in enumerate(calls)
    ]
    return [{"role": "assistant", "content": words, "tool_calls": wanted}]


def answered(number: int, call: Call, result: ToolResult) -> dict[str, Any]:
    """Write what a tool answered as templates take it."""
    content = (
        result.value[:RESULT]
        if result.status == "ok"
        else json.dumps({"status": result.status, "message": result.value[:RESULT]}, ensure_ascii=False)
    )
    return {"role": "tool", "name": call.name or "unknown", "tool_call_id": f"call{number:05}", "content": content}
