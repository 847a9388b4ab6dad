"""Holds what a companion is about to say to what it knows, phrase by phrase, before it is heard.

What contradicts a fact, or breaks a rule, is softened: the right number or name stands in its place, or the fact does.
A dialogue that can is asked again instead, as the verdict's `wish` tells it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from engines.api import Request
from engines.guard.verdicts import ALLOWED, Line, Verdict
from engines.identity.bundle import primary
from engines.knowledge.checking.check import Checker
from engines.knowledge.checking.righting import chosen, put_right, said
from engines.knowledge.checking.ruling import RuleBook
from engines.knowledge.checking.sentence import Sentence
from engines.knowledge.checking.wording import wording_of
from engines.knowledge.library import Library
from engines.words.text import sentences

ASKED: Final = 400  # characters of the user's words that a reply is compared with
ENDS: Final = ".!?…。！？۔।॥"
CLOSING: Final = "\"'”’」』）)] *"


class KnowledgeGate:
    """The gate of one companion; it judges replies in the language of its facts and lets others pass."""

    name = "knowledge"

    def __init__(self, library: Library, language: str) -> None:
        self._wording = wording_of(language)
        self._checker = Checker(library.facts, self._wording)
        self._rules = RuleBook(library.rules, self._wording)
        self._language = primary(language)

    async def start(self) -> None:
        """Load nothing more."""

    async def close(self) -> None:
        """Release nothing."""

    async def heard(self, request: Request) -> Verdict:
        """Let everything pass: it is not for knowledge to judge what users say."""
        return ALLOWED

    async def said(self, line: Line) -> Verdict:
        """Judge a phrase: allow it, or soften it with what is right in its place."""
        return self.judge(line)

    async def rest(self, request: Request, said: str) -> str:
        """Return what a rule asks for and the reply has not said, "" for nothing."""
        if primary(request.language) != self._language:
            return ""
        texts = [self._sentence(text) for text in sentences(said)]
        asked = [self._sentence(text) for text in sentences(_asked(request))]
        return " ".join(dict.fromkeys(rule.say for rule in self._rules.owed(texts, asked)))

    def judge(self, line: Line) -> Verdict:
        """Judge a phrase at once; about a millisecond."""
        if primary(line.request.language) != self._language:
            return ALLOWED
        asked = [self._sentence(text) for text in sentences(_asked(line.request))][-3:]
        before = sentences(line.before)
        tail = before.pop() if before and not _is_whole(line.before) else ""
        earlier = [self._sentence(text) for text in before[-2:]]
        parts: list[str] = []
        verdict = ALLOWED
        for text, gap in _parts(line.text):
            whole = f"{tail}{_gap(line.before)}{text}" if tail else text
            sentence = Sentence(whole, self._wording, len(whole) - len(text))
            tail = ""
            one = self._one(text, sentence, [*reversed(earlier), *reversed(asked)])
            earlier.append(sentence)
            verdict = one if verdict is ALLOWED else verdict
            parts.append(f"{gap}{one.instead if one.ruling != 'allow' else text}")
        if verdict is ALLOWED:
            return ALLOWED
        return Verdict(verdict.ruling, verdict.category, verdict.span, "".join(parts).strip(), verdict.wish)

    def _one(self, text: str, sentence: Sentence, around: list[Sentence]) -> Verdict:
        """Judge one sentence, or the part of it that the phrase holds."""
        shift = sentence.fresh
        if broken := self._rules.broken(sentence, around):
            instead = broken.rule.say or chosen(self._wording.never, text)
            wish = f"Do not say: {text.strip()} A rule forbids it. {broken.rule.say}".strip()
            return Verdict("soften", "rule", (max(0, broken.start - shift), broken.end - shift), instead, wish)
        if found := self._checker.contradiction(sentence, *around):
            fact = said(found.fact, self._wording)
            instead = put_right(text, shift, found, self._wording)
            wish = f"Do not say: {text.strip()} That is wrong. What you know for certain: {fact}"
            return Verdict("soften", "contradiction", (max(0, found.start - shift), found.end - shift), instead, wish)
        return ALLOWED

    def _sentence(self, text: str) -> Sentence:
        return Sentence(text, self._wording)


def _asked(request: Request) -> str:
    """Return the user's words that are answered."""
    last = request.history[-1] if request.history and request.occasion == "user" else None
    return last.text[-ASKED:] if last is not None and last.role == "user" else ""


def _is_whole(before: str) -> bool:
    """Say whether what was said before ends a sentence."""
    return before.rstrip().rstrip(CLOSING)[-1:] in ENDS


def _gap(before: str) -> str:
    return before[len(before.rstrip()) :]


def _parts(text: str) -> Iterator[tuple[str, str]]:
    """Yield the sentences of a phrase, each with the white space before it."""
    at = 0
    for sentence in sentences(text) or [text]:
        start = text.find(sentence, at)
        start = at if start < 0 else start
        yield sentence, text[at:start]
        at = start + len(sentence)
