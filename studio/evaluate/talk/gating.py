"""Puts a whole reply before the gates, sentence by sentence, as a session does phrase by phrase."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from engines.api import Request
from engines.guard.verdicts import Line
from engines.jobs import Gate
from engines.words.text import join, plain, sentences

BEFORE: Final = 400  # characters of a reply that its next sentence is judged with


@dataclass(frozen=True, slots=True)
class Passed:
    """What the gates made of what was said.

    `text` is what is heard; `category` is that of the first verdict that was no simple yes; `over` says that nothing
    follows; `wish`, when it is not "", is what the dialogue is to be told for another try.
    """

    text: str
    category: str = ""
    over: bool = False
    wish: str = ""


@dataclass(frozen=True, slots=True)
class Gating:
    """The gates of one companion; `withheld` is said where one blocks without words of its own."""

    gates: Sequence[Gate] = ()
    withheld: str = ""

    async def heard(self, request: Request) -> tuple[Request, Passed | None]:
        """Judge the user's words: the request that the dialogue is asked with, or what is said in its stead."""
        for gate in self.gates:
            verdict = await gate.heard(request)
            if verdict.ruling == "block":
                return request, Passed(plain(verdict.instead or self.withheld), verdict.category, over=True)
            request = told(request, verdict.instead)
        return request, None

    async def said(self, text: str, request: Request, *, anew: bool) -> Passed:
        """Judge a reply; with `anew` a gate may ask for another one while nothing of this has been said."""
        if not self.gates:
            return Passed(text)
        kept: list[str] = []
        category = ""
        for sentence in sentences(text):
            one = await self._line(sentence, join(kept)[-BEFORE:], request, anew=anew and not kept)
            if one.wish:
                return one
            category = category or one.category
            kept += [one.text] if one.text else []
            if one.over:
                return Passed(join(kept), category, over=True)
        for gate in self.gates:
            owed = await gate.rest(request, join(kept))
            kept += [owed] if owed else []
        return Passed(join(kept), category)

    async def _line(self, text: str, before: str, request: Request, *, anew: bool) -> Passed:
        category = ""
        for gate in self.gates:
            verdict = await gate.said(Line(text, before, request))
            match verdict.ruling:
                case "allow":
                    continue
                case "soften":
                    category = category or verdict.category
                    if verdict.wish and anew:
                        return Passed("", category, wish=verdict.wish)
                    text = verdict.instead
                case "block":
                    return Passed(verdict.instead or self.withheld, verdict.category, over=True)
        return Passed(text, category)


def told(request: Request, wish: str) -> Request:
    """Return the request with what a gate wishes of the reply."""
    return replace(request, guidance=f"{request.guidance} {wish}".strip()) if wish else request
