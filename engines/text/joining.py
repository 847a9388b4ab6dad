"""Joins what was said or written in parts as its script does: with a space, or without one.

Chinese, Japanese, Thai and other scripts are written without spaces between words and sentences, Korean with them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

# Han, kana and their marks, full-width forms; Thai, Lao, Myanmar, Khmer, Tibetan.
UNSPACED: Final = re.compile(
    "[\u2e80-\u30ff\u31f0-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff01-\uff65\U00020000-\U0003134f"
    "\u0e00-\u0eff\u0f00-\u0fff\u1000-\u109f\u1780-\u17ff]"
)


def glued(before: str, after: str) -> bool:
    """Say whether no space belongs between two texts, by the signs that meet."""
    return UNSPACED.match(before[-1:]) is not None and UNSPACED.match(after[:1]) is not None


def joined(parts: Iterable[str]) -> str:
    """Join parts, each without the white space around it; empty ones are left out."""
    text = ""
    for part in map(str.strip, parts):
        text += part if not text or not part or glued(text, part) else f" {part}"
    return text
