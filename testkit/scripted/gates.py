"""A gate that follows a script: which words it blocks or softens, and how it fails."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Mapping

from engines.api import Request
from engines.guard.verdicts import ALLOWED, Line, Verdict
from testkit.scripted.script import Fault, Script


class ScriptedGate(Script):
    """Gives the verdict of the first of `said` or `heard` that stands in the words, as they read with those before.

    Words that were said before and are not continued do not count again; `owed` is what must be said. It takes `takes`
    seconds; a fault's item is 0.
    """

    def __init__(
        self,
        said: Mapping[str, Verdict] | None = None,
        heard: Mapping[str, Verdict] | None = None,
        *,
        owed: str = "",
        takes: float = 0.0,
        fault: Fault | None = None,
    ) -> None:
        super().__init__("gate_failed", fault)
        self._said, self._heard, self._takes = dict(said or {}), dict(heard or {}), takes
        self._owed = owed
        self.lines: deque[Line] = deque(maxlen=256)
        self.requests: deque[Request] = deque(maxlen=256)

    async def heard(self, request: Request) -> Verdict:
        """Judge the user's last words."""
        self.requests.append(request)
        await asyncio.sleep(self._takes)
        return self._verdict(self._heard, "", request.history[-1].text)

    async def said(self, line: Line) -> Verdict:
        """Judge a phrase with what was said before it."""
        self.lines.append(line)
        await self.strike(self.begin(), 0)
        await asyncio.sleep(self._takes)
        return self._verdict(self._said, line.before, line.text)

    async def rest(self, request: Request, said: str) -> str:
        """Ask for what is owed, unless it has been said."""
        await asyncio.sleep(self._takes)
        return "" if self._owed in said else self._owed

    @staticmethod
    def _verdict(rules: Mapping[str, Verdict], before: str, text: str) -> Verdict:
        whole = before + text
        for words, verdict in rules.items():
            if whole.find(words, max(0, len(before) - len(words) + 1)) >= 0:
                return verdict
        return ALLOWED
