"""Answers private questions in a room: one at a time for each person, and nobody else is told."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from bridge.rooms.part import Circumstances, Part
from bridge.rooms.seat import Seat
from bridge.rooms.whisper import written
from bridge.session.patience import Limits
from engines.api import EngineError, ToolResult
from protocol import messages as m


class Asides:
    """The answers that are being written, of each person at most one."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._written: dict[Seat, asyncio.Task[None]] = {}

    def ask(self, group: asyncio.TaskGroup, part: Part, seat: Seat, around: Circumstances) -> None:
        """Have `part` answer the question that ends `around`, in a task of `group`."""
        if seat in self._written:
            seat.out.answer("unanswered", "your last private question is still being answered")
            return
        task = self._written[seat] = group.create_task(self._answer(part, seat, around))
        task.add_done_callback(lambda _: self._written.pop(seat, None))

    def end(self) -> None:
        """Answer no more."""
        for task in self._written.values():
            task.cancel()

    async def _answer(self, part: Part, seat: Seat, around: Circumstances) -> None:
        request = part.request(around, _no_tools)
        try:
            answer = await written(part.companion, request, self._limits)
        except EngineError as error:
            seat.out.answer(error.code, error.message)
            return
        if answer:
            seat.out.keep(
                lambda seq: m.SomebodySaid(seq=seq, by=part.name, text=answer, private=True, companion=part.id)
            )


async def _no_tools(name: str, arguments: Mapping[str, object]) -> ToolResult:
    """Refuse a tool: a private answer only speaks."""
    return ToolResult("failed", "there are no tools here")
