"""Kanji become kana, which espeak-ng can read; it knows no kanji, and would read them in Mandarin.

Readings are those of Janome (the extra `japanese`), loaded with the first Japanese text; without it kanji stay as they
are, and `missing` says so for people. Every kana knows the kanji that it stands for.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from importlib.util import find_spec
from typing import Any, Final

_KANA: Final = re.compile("[\u3041-\u3096\u30a1-\u30fa]")
_HAN: Final = re.compile("[\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
# A stretch of Japanese: its kanji, its kana, and the digits between them.
_STRETCH: Final = re.compile("[\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u3041-\u3096\u30a1-\u30fe0-9]+")
_SOUNDED: Final = ("は", "へ")  # particles that are said otherwise than they are written
_COUNTED: Final = {
    "月": "ガツ",
    "日": "ニチ",
    "分": "フン",
    "本": "ホン",
    "人": "ニン",
    "年": "ネン",
    "時": "ジ",
    "円": "エン",
}


def missing() -> str:
    """Return what is lacking to read kanji, "" for nothing."""
    if find_spec("janome") is not None:
        return ""
    return "kanji are read in Mandarin; for their Japanese readings: pip install 'companion-bridge[japanese]'"


def is_japanese(text: str) -> bool:
    """Whether a text has kana, so that the Han beside them is Japanese."""
    return _KANA.search(text) is not None


def in_kana(text: Sequence[tuple[int, str]]) -> list[tuple[int, str]]:
    """Return the same text with its kanji in kana, as far as their readings are known."""
    plain = "".join(char for _, char in text)
    if not _HAN.search(plain) or missing():
        return list(text)
    found: list[tuple[int, str]] = []
    at = 0
    for stretch in _STRETCH.finditer(plain):
        found += text[at : stretch.start()]
        found += _read(text[stretch.start() : stretch.end()], stretch[0])
        at = stretch.end()
    return found + list(text[at:])


def _read(text: Sequence[tuple[int, str]], plain: str) -> list[tuple[int, str]]:
    found: list[tuple[int, str]] = []
    at = 0
    before = ""
    for token in _tokenizer().tokenize(plain):
        surface: str = token.surface
        reading = _reading(token, before)
        written = text[at : at + len(surface)]
        found += [(written[0][0], char) for char in reading] if reading else written
        at += len(surface)
        before = surface
    return found + list(text[at:])


def _reading(token: Any, before: str) -> str:
    """The kana of a word that is not said as it is written; "" for one that is."""
    surface: str = token.surface
    if surface in _SOUNDED and str(token.part_of_speech).startswith("助詞"):
        return str(token.phonetic)
    if not _HAN.search(surface) or token.reading == "*":
        return ""
    if before[-1:].isdigit() and surface in _COUNTED:
        return _COUNTED[surface]
    return str(token.reading)


@lru_cache(maxsize=1)
def _tokenizer() -> Any:
    from janome.tokenizer import Tokenizer

    return Tokenizer(mmap=True)
