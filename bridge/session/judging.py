"""Puts one reply before the gates: every phrase, what the user said, and what a tool would be told.

The one place between the dialogue and the voice where words may be judged and replaced. What a gate does not allow is
neither spoken nor written, so neither subtitle nor history has it. A gate that fails or does not answer is taken to
have said no.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, TypeVar

from bridge.core.text.phrases import Phrases
from bridge.session.driven import asked
from engines.api import EngineError, Phrase, Request
from engines.guard.verdicts import Flag, Line, Side, Verdict
from engines.jobs import Gate

Asked = TypeVar("Asked", Request, Line)

log = logging.getLogger("bridge.session.judging")

REMEMBERED: Final = 400  # characters of what a reply has said that its next phrase is judged with
WHOLE: Final = 8000  # and that its end is judged with
TRIES: Final = 2  # of a dialogue at one reply
TOLD: Final = 4000  # characters of a tool call that are judged; a longer one is refused
FLAGS: Final = 64  # of one reply; later ones are not kept
FAILED: Final = "failed"  # the category of a gate that has no verdict to give


@dataclass(slots=True)
class Judging:
    """One reply before `gates`, each of which sees what those before it have left.

    `withheld` is said where a gate blocks without words of its own; `patience` is how long one may take, in seconds.
    """

    gates: Sequence[Gate]
    request: Request
    withheld: str = ""
    patience: float = 2.0
    flags: list[Flag] = field(default_factory=list)
    over: bool = False  # a gate has ended the reply
    again: bool = True  # the dialogue is to begin the reply, or to begin it anew
    begun: int = 0  # how often it has
    _said: str = field(default="", init=False)

    async def begins(self) -> bool:
        """Say whether the dialogue is asked now: at first, and again when a gate wants another reply of it."""
        again, self.again = self.again, False
        self.begun += again
        return again

    async def heard(self) -> list[Phrase] | None:
        """Judge what the user said; return what is said in the dialogue's stead, None to have it answer."""
        if self.request.occasion != "user" or not self.request.history:
            return None
        words = self.request.history[-1].text
        for gate in self.gates:
            verdict = await self._ask(gate, gate.heard, self.request)
            if verdict.ruling == "block":
                return self._ended(gate, "user", verdict, words)
            if verdict.ruling == "soften":
                self._flag(gate, "user", verdict, words)
            self._told(verdict.instead)
        return None

    async def rest(self) -> list[Phrase]:
        """Return what the gates want said before the reply ends; each of them judges what the others add."""
        added: list[Phrase] = []
        for gate in self.gates:
            words = await self._owed(gate)
            for phrase in self._cut(words, " " if self._said else ""):
                added += await self.phrase(phrase)
        return added

    async def phrase(self, phrase: Phrase, *, anew: bool = False) -> list[Phrase]:
        """Judge a phrase; return what is said: it, what stands in for it, or what ends the reply.

        With `anew` a gate may have the dialogue asked once more, as long as nothing has been said: then `again` is set.
        """
        if not any(char.isalnum() for char in phrase.text):
            return [phrase]
        for gate in self.gates:
            before = f"{self._said[-REMEMBERED:]}{phrase.gap}"[-REMEMBERED:] if self._said else ""
            verdict = await self._ask(gate, gate.said, Line(phrase.text, before, self.request))
            if verdict.ruling == "block":
                gap = " " if phrase.gap.strip() else phrase.gap
                return self._ended(gate, "companion", verdict, phrase.text, gap if self._said else "")
            if verdict.ruling == "soften" and verdict.wish and anew and not self._said and self.begun < TRIES:
                self._flag(gate, "companion", verdict, phrase.text, anew=True)
                self._told(verdict.wish)
                self.again = True
                return []
            if verdict.ruling == "soften":
                self._flag(gate, "companion", verdict, phrase.text, verdict.instead)
                if not any(char.isalnum() for char in verdict.instead):
                    return []
                phrase = replace(phrase, text=verdict.instead, cues=())
        self._remember(phrase)
        return [phrase]

    async def call(self, name: str, arguments: Mapping[str, object]) -> bool:
        """Judge what a tool would be told, and show; whether it may be called."""
        if not self.gates:
            return True
        text = _words({name: arguments})
        for gate in self.gates:
            if len(text) > TOLD:
                verdict = Verdict("block", "too_long")
            else:
                verdict = await self._ask(gate, gate.said, Line(text, "", self.request))
            if verdict.ruling != "allow":
                self._flag(gate, "tool", verdict, text)
                return False
        return True

    def _ended(self, gate: Gate, side: Side, verdict: Verdict, text: str, gap: str = "") -> list[Phrase]:
        self.over = True
        words = verdict.instead or self.withheld
        self._flag(gate, side, verdict, text, words)
        return self._cut(words, gap)

    def _cut(self, words: str, gap: str) -> list[Phrase]:
        cutting = Phrases(self.request.language)
        phrases = [*cutting.push(words), *cutting.flush()]
        return [replace(phrases[0], gap=gap), *phrases[1:]] if phrases else []

    def _told(self, wish: str) -> None:
        """Tell the dialogue what is wished of its reply."""
        if wish:
            self.request = replace(self.request, guidance=f"{self.request.guidance} {wish}".strip())

    async def _owed(self, gate: Gate) -> str:
        try:
            async with asyncio.timeout(self.patience):
                return await asked("gate", lambda: gate.rest(self.request, self._said))
        except (EngineError, TimeoutError) as error:
            log.warning("a gate failed at a reply's end", extra={"gate": gate.name, "reason": str(error)})
            return ""

    def _flag(
        self, gate: Gate, side: Side, verdict: Verdict, text: str, instead: str = "", *, anew: bool = False
    ) -> None:
        if len(self.flags) < FLAGS:
            self.flags.append(Flag(gate.name, side, verdict, text, instead, anew))

    def _remember(self, phrase: Phrase) -> None:
        self._said = f"{self._said}{phrase.gap if self._said else ''}{phrase.text}"[-WHOLE:]

    async def _ask(self, gate: Gate, judge: Callable[[Asked], Awaitable[Verdict]], what: Asked) -> Verdict:
        try:
            async with asyncio.timeout(self.patience):
                return await asked("gate", lambda: judge(what))
        except EngineError as error:
            log.warning("a gate failed", extra={"gate": gate.name, "code": error.code, "reason": error.message})
        except TimeoutError:
            log.warning("a gate did not answer in time", extra={"gate": gate.name})
        return Verdict("block", FAILED)


def _words(value: object) -> str:
    """Write the arguments of a tool call as text that can be judged."""
    return json.dumps(value, ensure_ascii=False, default=str)
