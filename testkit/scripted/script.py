"""What scripted engines share: a name, a beginning and an end, and faults on demand. It knows no engine's job."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Literal, assert_never

from engines.api import EngineError


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong at item `at` of a stream, in the engine's first `times` streams.

    `fail`: an EngineError that repeating will not cure; `die`: a retryable EngineError, as when a worker process is
    lost; `crash`: a RuntimeError, as from a bug; `hang`: nothing, for ever.
    """

    kind: Literal["fail", "die", "crash", "hang"]
    at: int = 0
    times: int = 1


class Script:
    """What all scripted engines share: a name, and faults counted by stream and item."""

    name = "scripted"

    def __init__(self, code: str, fault: Fault | None) -> None:
        self.streams = 0  # how many were begun
        self._code = code
        self._fault = fault

    async def start(self) -> None:
        """Do nothing: there is nothing to load."""

    async def close(self) -> None:
        """Do nothing: there is nothing to release."""

    def begin(self) -> Fault | None:
        self.streams += 1
        return self._fault if self._fault and self.streams <= self._fault.times else None

    async def strike(self, fault: Fault | None, item: int) -> None:
        if fault is None or item != fault.at:
            return
        match fault.kind:
            case "fail":
                raise EngineError(self._code, "the script says that this fails")
            case "die":
                raise EngineError(self._code, "the script says that the engine died", retryable=True)
            case "crash":
                raise RuntimeError("the script says that the engine has a bug")
            case "hang":
                await asyncio.Event().wait()
            case _:
                assert_never(fault.kind)
