"""Numbers as they are written and spelt. It knows figures and signs; a language brings its own number words."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Final

_FIGURES: Final = {c: i for i, c in enumerate("〇一二三四五六七八九")} | {"零": 0, "两": 2, "兩": 2}
_TENS: Final = {"十": 10, "百": 100, "千": 1000}
_MYRIADS: Final = {"万": 10**4, "萬": 10**4, "亿": 10**8, "億": 10**8}
_NUMERAL: Final = frozenset({*_FIGURES, *_TENS, *_MYRIADS})


def is_numeral(word: str) -> bool:
    """Say whether a word is a sign, or signs, of a number."""
    return bool(word) and all(sign in _NUMERAL for sign in word)


@dataclass(frozen=True, slots=True)
class Number:
    """A number and the words, first and one past the last, that say it."""

    value: float
    start: int
    end: int


def _in_digits(words: Sequence[str]) -> list[tuple[str, int, int]]:
    """Write numbers in Han signs as digits, with their words: 一九零二 is 1902, 三百四十 340, 30万 300000."""
    if all(word.isascii() for word in words):
        return [(word, i, i + 1) for i, word in enumerate(words)]
    found: list[tuple[str, int, int]] = []
    i = 0
    while i < len(words):
        end = i
        while end < len(words) and is_numeral(words[end]):
            end += 1
        scale = end
        if words[i].isascii() and words[i][:1].isdecimal():
            scale = i + 1
            while scale < len(words) and words[scale] in _MYRIADS:
                scale += 1
        if scale > i + 1 and end == i:
            factor = prod(_MYRIADS[word] for word in words[i + 1 : scale])
            found.append((_written(_digits(words[i]) * factor), i, scale))
            i = scale
        elif end > i:
            found.append((str(_han("".join(words[i:end]))), i, end))
            i = end
        else:
            found.append((words[i], i, i + 1))
            i += 1
    return found


def _written(value: float) -> str:
    return str(int(value)) if value == int(value) else f"{value:f}"


def _han(signs: str) -> int:
    if all(sign in _FIGURES for sign in signs):
        return int("".join(str(_FIGURES[sign]) for sign in signs[:15]))
    total = part = figure = 0
    for sign in signs[:40]:
        if sign in _FIGURES:
            figure = _FIGURES[sign]
        elif sign in _TENS:
            part, figure = part + (figure or 1) * _TENS[sign], 0
        else:
            total, part, figure = total + (part + figure or 1) * _MYRIADS[sign], 0, 0
    return total + part + figure


def numbers(words: Sequence[str], units: Mapping[str, int], scales: Mapping[str, int], point: str) -> list[float]:
    """Find every number in the words, digits or spelt.

    "three hundred and forty" is 340, "one point five" 1.5, "trois cent quarante mille" 340 000, 三百四十 340.
    """
    return [number.value for number in find_numbers(words, units, scales, point)]


def find_numbers(words: Sequence[str], units: Mapping[str, int], scales: Mapping[str, int], point: str) -> list[Number]:
    """Find every number in the words, and where it stands."""
    read = _in_digits(words)
    found: list[Number] = []
    total, part, open_, decimals = 0.0, 0.0, False, 0
    start = end = 0

    def close() -> None:
        nonlocal total, part, open_, decimals
        if open_:
            found.append(Number(round(total + part, 9), start, end))
        total, part, open_, decimals = 0.0, 0.0, False, 0

    for i, (word, first, last) in enumerate(read):
        was_open = open_
        if word[0].isdecimal():
            digits = _digits(word)
            if open_ and not decimals:
                close()
                was_open = False
            part, open_ = (part + digits / 10**decimals, True) if decimals else (digits, True)
        elif word in units:
            value = units[word]
            if decimals:
                part += value / 10**decimals
                decimals += 1
                end = last
                continue
            if open_ and not (_joins(part, value) or (total and not part)):
                close()
                was_open = False
            part, open_ = part + value, True
        elif word in scales:
            scale = scales[word]
            if scale == 100:
                part = (part or 1) * 100
            else:
                total, part = total + (part or 1) * scale, 0.0
            open_, decimals = True, 0
        elif word == point and open_ and not decimals:
            decimals = 1
            continue
        else:
            if not (open_ and i + 1 < len(read) and word == "and" and read[i + 1][0] in units):
                close()
            continue
        start, end = (start if was_open else first), last
    close()
    return found


def _digits(word: str) -> float:
    """Read a number in digits; commas part thousands, and a lone one is a decimal point."""
    if re.fullmatch(r"\d{1,3}(,\d{3})+(\.\d+)?", word):
        return float(word.replace(",", ""))
    found = re.match(r"\d+(?:[.,]\d+)?", word)
    return float(found[0].replace(",", ".")) if found else 0.0


def _joins(part: float, value: int) -> bool:
    """Say whether "twenty" and "one", "hundred" and "forty" make one number; "one" and "two" do not."""
    return (part % 100 == 0 and value < 100 and part > 0) or (part % 10 == 0 and part % 100 >= 20 and value < 10)
