"""Judges a reply by what a scenario expects of it. Pure; each fault is a sentence."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from bridge.command.evaluating.experience import Experience, Reply
from bridge.command.evaluating.scenario import Budget, Expected

SHOWN: Final = 200  # characters of a reply in a sentence


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of one step: how long it took (s), what was wrong, and what was said."""

    name: str
    seconds: float
    faults: tuple[str, ...]
    said: str = ""


def faults(reply: Reply | None, asked_at: float, expected: Expected, budget: Budget, whole: Experience) -> list[str]:
    """Return what is wrong with a reply; `asked_at` is when it was asked for, on the experience's clock."""
    if reply is None:
        return ["nobody answered"]
    out: list[str] = []
    text = reply.text.strip()
    shown = f"{text[:SHOWN]!r}"
    if expected.by and not whole.called(reply.companion, expected.by):
        out.append(f"{_name(whole, reply.companion)} answered and not {expected.by}")
    if expected.complete and reply.reason != "complete":
        out.append(f"the reply ended with {reply.reason or 'nothing'}: {shown}")
    folded = text.casefold()
    out += [f"{word!r} is not in {shown}" for word in expected.has if word.casefold() not in folded]
    out += [f"{word!r} is in {shown}" for word in expected.lacks if word.casefold() in folded]
    if expected.any_of and not any(word.casefold() in folded for word in expected.any_of):
        out.append(f"none of {', '.join(expected.any_of)} is in {shown}")
    if expected.matches and re.search(expected.matches, text) is None:
        out.append(f"{expected.matches!r} does not match {shown}")
    return out + _over(reply, asked_at, expected, budget, len(text.split()))


def _over(reply: Reply, asked_at: float, expected: Expected, budget: Budget, words: int) -> list[str]:
    out: list[str] = []
    soon = expected.first_sound_ms or budget.first_sound_ms
    if soon is not None:
        took = None if reply.first_sound is None else 1000 * (reply.first_sound - asked_at)
        if took is None:
            out.append("nothing was heard of the reply")
        elif took > soon:
            out.append(f"its first sound came after {took:.0f} ms; {soon:g} are allowed")
    lips = expected.lips_ms or budget.lips_ms
    if lips is not None and reply.bare > lips:
        out.append(f"{reply.bare:.0f} ms of sound have no face; {lips:g} are allowed")
    most = expected.words or budget.words
    if most is not None and words > most:
        out.append(f"it has {words} words; {most} are allowed")
    return out


def _name(whole: Experience, companion: str) -> str:
    return next((name for name in reversed(whole.names.get(companion, ())) if name), companion)
