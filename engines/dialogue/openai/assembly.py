"""Tool calls put together from the pieces of a stream, by what the pieces say of themselves. Pure.

Servers disagree: some give every call the same index, some every piece another id, some send a call twice or whole each
time. A piece goes on with a call that has its id and index, or else one of both, or else with the last; it begins a new
call when it names another tool, or the same one after arguments that are complete.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Final

from engines.dialogue.calls import LONGEST, Call, checked, distinct
from engines.dialogue.openai.wire import CallPiece, Function

PENDING: Final = 32  # calls that are put together, doubles included


@dataclass(slots=True)
class _Pending:
    """Collect a call of which more may come."""

    id: str
    index: int | None
    name: str
    parts: list[str] = field(default_factory=list)
    size: int = 0

    def add(self, arguments: str) -> None:
        if arguments and self.size <= LONGEST:
            self.parts.append(arguments)
            self.size += len(arguments)

    @property
    def whole(self) -> bool:
        """Say whether the arguments are an object by now."""
        return bool(self.parts) and not checked("", "".join(self.parts)).fault

    def call(self) -> Call:
        """Return the call as it is."""
        found = checked(self.name, "".join(self.parts))
        if found.fault and len(self.parts) > 1:
            # Each piece may have been all arguments so far.
            last = checked(self.name, self.parts[-1])
            return last if self.parts[-1].startswith(self.parts[0]) and not last.fault else found
        return found


class Assembly:
    """Put the calls of one answer together; `tools` are the names that are offered."""

    def __init__(self, tools: Collection[str] = ()) -> None:
        self._tools = frozenset(tools)
        self._pending: list[_Pending] = []

    def add(self, piece: CallPiece) -> None:
        """Take a piece of a call, or a whole one."""
        function = piece.function or Function()
        name = (function.name or "").strip().removeprefix("functions.")
        known = str(piece.id) if piece.id not in (None, "") else ""
        arguments = function.arguments
        text = json.dumps(arguments, ensure_ascii=False) if isinstance(arguments, dict) else arguments or ""
        call = self._continued(known, piece.index, name)
        if call is None:
            if len(self._pending) >= PENDING or not (name or known or text):
                return
            call = _Pending(known, piece.index, name)
            self._pending.append(call)
        call.add(text)

    def calls(self) -> list[Call]:
        """Return each call once; those that cannot be called have a fault."""
        return distinct([pending.call() for pending in self._pending if pending.name or pending.parts])

    def _continued(self, known: str, index: int | None, name: str) -> _Pending | None:
        """Find the call that a piece goes on with, None when it begins one."""
        same_id = [call for call in self._pending if known and call.id == known]
        same_index = [call for call in self._pending if index is not None and call.index == index]
        both = [call for call in same_id if call in same_index]
        last = self._pending[-1:] if not name else []
        call = next((group[-1] for group in (both, same_id, same_index, last) if group), None)
        if call is None or not name:
            return call
        if not call.name:
            call.name = name
        elif call.name != name:
            if call.parts or call.name + name not in self._tools:
                return None
            call.name += name  # the name comes in pieces, too
        elif call.whole:
            return None
        return call
