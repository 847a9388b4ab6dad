"""Finds the unit that stands by a number in a text: "km/h", "kilometres per second", 每秒…公里. It reads no numbers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from engines.words.text import Place, fold, is_sign
from engines.words.units import LONGEST, TIMES, Unit, units
from engines.words.vocabulary import Vocabulary

STOP: Final = re.compile(r"[,;:.!?()\n，。；：！？、（）…]")  # no number and no unit goes on behind one
_SYMBOL: Final = re.compile(r"\s?(km/h|m/s|km/s|°\s?[cfCF]\b|[℃℉]|[°%％€£$¥Ω]|[mck]?m[²³]|[mck]?m\^[23])")
_BEFORE: Final = re.compile(r"([€£$¥])\s?$")
_SLASH: Final = re.compile(r"\s?/\s?")
BEFORE: Final = 7  # signs before a number that may say by which time it is
_BY: Final = {"时速": "小时", "秒速": "秒"}


def unit_at(text: str, words: Sequence[Place], at: int, end: int = -1) -> tuple[Unit | None, int, int]:
    """Return the unit that stands at word `at`, where it ends in the text, and the word after it."""
    end = end if end >= 0 else (words[at - 1].end if at else 0)
    known = units()
    if symbol := _SYMBOL.match(text, end):
        name = fold(symbol[1]).replace(" ", "").replace("²", "2").replace("³", "3")
        if name in known:
            past = next((i for i in range(at, len(words)) if words[i].start >= symbol.end()), len(words))
            return known[name], symbol.end(), past
    if at >= len(words) or STOP.search(text, end, words[at].start):
        return None, end, at
    if is_sign(words[at].word):
        for size in range(min(LONGEST, len(words) - at), 0, -1):
            if (name := "".join(word.word for word in words[at : at + size])) in known:
                return known[name], words[at + size - 1].end, at + size
        return None, end, at
    for size in range(min(2, len(words) - at), 0, -1):
        name = "-".join(word.word for word in words[at : at + size])
        decade = name == "s" and words[at].start == end and text[end - 1 : end].isdecimal()  # "1960s"
        if name in known and not decade:
            return known[name], words[at + size - 1].end, at + size
    return None, end, at


def with_per(
    text: str, words: Sequence[Place], unit: Unit, end: int, at: int, language: Vocabulary
) -> tuple[Unit, int, int]:
    """Return the unit "per second" when that follows."""
    after = at
    slash = _SLASH.match(text, end)
    per = after < len(words) and (words[after].word,) in language.figures.get("per", ())
    if not slash and not per:
        return unit, end, at
    other, other_end, past = unit_at(text, words, after + (0 if slash else 1), slash.end() if slash else -1)
    if other is None or (other.dimension not in TIMES and not slash):
        return unit, end, at
    return unit.per(other), other_end, past


def unit_before(words: Sequence[Place], first: int, language: Vocabulary) -> tuple[Unit | None, int]:
    """Return the unit of time that a number is by when it is said before it (每秒, 时速), and where that begins."""
    near = [word.word for word in words[max(0, first - BEFORE) : first]]
    for i in range(len(near) - 1, -1, -1):
        at = first - len(near) + i
        if (near[i],) in language.figures.get("per", ()) and is_sign(near[i]):
            for size in range(min(3, len(near) - i - 1), 0, -1):
                if (name := "".join(near[i + 1 : i + 1 + size])) in units():
                    return units()[name], words[at].start
        if "".join(near[i : i + 2]) in _BY:
            return units()[_BY["".join(near[i : i + 2])]], words[at].start
    return None, -1


def money_before(text: str, start: int) -> tuple[Unit | None, int]:
    """Return the currency whose sign stands before a number, and where that begins."""
    sign = _BEFORE.search(text, 0, start)
    return (units()[fold(sign[1])], sign.start()) if sign else (None, -1)
