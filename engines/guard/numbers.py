"""Finds numbers that belong to somebody: payment cards, bank accounts, social security numbers. Each has its check."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

_CARD: Final = re.compile(r"(?<!\d)(?<!\d\.)(?:\d[ -]?){12,18}\d(?!\.?\d)")
_IBAN: Final = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b")
_SOCIAL: Final = re.compile(r"(?<![\d-])(?!000|666|9)\d{3}-(?!00)\d{2}-(?!0000)\d{4}(?![\d-])")
_DIGIT: Final = re.compile(r"\d.*\d", re.DOTALL)


def personal(text: str) -> Iterator[tuple[int, int]]:
    """Yield where such numbers stand."""
    if _DIGIT.search(text) is None:
        return
    for match in _CARD.finditer(text):
        digits = re.sub(r"\D", "", match[0])
        if digits[0] in "23456" and len(set(digits)) > 1 and _luhn(digits):
            yield match.span()
    for match in _IBAN.finditer(text):
        if _mod97(match[0].replace(" ", "")):
            yield match.span()
    for match in _SOCIAL.finditer(text):
        yield match.span()


def _luhn(digits: str) -> bool:
    """Check the last digit as ISO/IEC 7812 has it."""
    total = 0
    for place, char in enumerate(reversed(digits)):
        value = int(char) * (1 + place % 2)
        total += value - 9 * (value > 9)
    return total % 10 == 0


def _mod97(account: str) -> bool:
    """Check the two digits of an IBAN as ISO 13616 has it."""
    if not 15 <= len(account) <= 34:
        return False
    return int("".join(str(int(char, 36)) for char in account[4:] + account[:4])) % 97 == 1
