"""Compares Chinese as it is written in China with that of Taiwan and Hong Kong: 灯塔 and 燈塔 are one word.

It turns sign by sign, which is right for comparing and wrong for showing: several Traditional signs may share a
Simplified one (後 and 后), and words differ besides (軟體, 软件). Japanese has signs of its own that would be confused
(機 and 机), so a text with kana is left as it is.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Final

LOOKED_AT: Final = 20_000  # characters of a text whose script is asked for
SHARED: Final = 2  # Simplified signs for each Traditional one that a Traditional text may have: many are in both

_HAN: Final = re.compile("[\u3400-\u4dbf\u4e00-\u9fff]")
_KANA: Final = re.compile("[\u3041-\u30fa\u30fd-\u30ff]")  # not the dots and bars that Chinese uses too


def may_be_chinese(text: str) -> bool:
    """Say whether a text has Han signs, and no kana that would make it Japanese."""
    return not text.isascii() and _HAN.search(text) is not None and _KANA.search(text) is None


def alike(text: str) -> str:
    """Return the text with Traditional signs as Simplified ones, for comparing; of the same length."""
    return text.translate(_signs()) if may_be_chinese(text) else text


def is_traditional(text: str) -> bool | None:
    """Say whether Chinese text is in Traditional signs; None when no sign of it tells."""
    text, signs = text[:LOOKED_AT], _signs()
    traditional = sum(ord(sign) in signs for sign in text)
    simplified = sum(ord(sign) in _simplified() for sign in text)
    return SHARED * traditional > simplified if traditional or simplified else None


@cache
def _signs() -> Mapping[int, int]:
    listed = tomllib.loads((files("engines.text") / "han.toml").read_text(encoding="utf-8"))
    traditional, simplified = ("".join(listed[name].split()) for name in ("traditional", "simplified"))
    return {ord(a): ord(b) for a, b in zip(traditional, simplified, strict=True)}


@cache
def _simplified() -> frozenset[int]:
    return frozenset(_signs().values()) - _signs().keys()
