"""Makes what a model wrote fit for a card: plain, bounded, about the right person. It trusts nothing of it."""

from __future__ import annotations

import re
from typing import Final

from engines.identity.attributes import Attributes
from studio.extract import compared, extracted

SHORTEST: Final = 40  # characters of a description

_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_MACRO: Final = re.compile(r"\{\{(?!(?:user|char)\}\})[^{}]*\}\}")
_TAGS: Final = re.compile(r"<[^<>\n]{0,200}>|```\w*|^\s*(?:[#>*-]+\s+|\d+[.)]\s+)", re.MULTILINE)
_MARKS: Final = re.compile(r"\*{1,3}|_{2,3}|`")
_LINKS: Final = re.compile(r"(?:https?://|www\.)\S+")
_SPEAKER: Final = re.compile(r"^\s*\{\{(?:user|char)\}\}\s*:\s*", re.MULTILINE)
_SPACES: Final = re.compile(r"[ \t]{2,}")
_SENTENCE: Final = re.compile(r"[^.!?\u3002\uff01\uff1f]+(?:[.!?]+(?=\s|$)|[\u3002\uff01\uff1f]+|$)\s*")


def clean(text: str, most: int) -> str:
    """Return a text without markup, addresses, foreign macros and control signs, whole sentences within `most`."""
    for pattern in (_CONTROL, _MACRO, _TAGS, _MARKS, _LINKS, _SPEAKER):
        text = pattern.sub(" " if pattern in (_CONTROL, _LINKS) else "", text)
    text = _SPACES.sub(" ", "\n".join(line.strip() for line in text.split("\n") if line.strip())).strip()
    if len(text) <= most:
        return text
    kept = ""
    for sentence in _SENTENCE.findall(text):
        if len(kept) + len(sentence) > most:
            break
        kept += sentence
    return (kept or text[:most]).strip()


def contradictions(told: Attributes, description: str, language: str) -> list[str]:
    """Return what a description says otherwise than the attributes; what it does not say is no contradiction."""
    found = extracted(description, "", language)
    wrong = [key for key, same in compared(told, found).items() if not same and key in CHECKED and _said(found, key)]
    return [f"the description contradicts the {key.replace('.', ' ')}" for key in wrong]


CHECKED: Final = ("age", "presentation", "hair.colour", "hair.style", "eyes", "profession")


def without(told: Attributes, description: str, language: str) -> str:
    """Return the description without the sentences that contradict the attributes."""
    sentences = _SENTENCE.findall(description)
    return "".join(each for each in sentences if not contradictions(told, each, language)).strip()


def _said(found: Attributes, key: str) -> bool:
    value: object = found
    for part in key.split("."):
        value = getattr(value, part)
    return bool(value)
