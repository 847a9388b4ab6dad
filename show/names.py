"""Says odd user names as people would: "xX_D4rk_L0rd_99_Xx" is "Dark Lord". Pure."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

LONGEST: Final = 24  # characters of a name that are said
SOMEBODY: Final = "somebody"
_FRAME: Final = re.compile(r"^(?:x+|i+|l+|o+)(?=[_\-.\s])|(?<=[_\-.\s])(?:x+|i+|l+|o+)$", re.IGNORECASE)
_HUMPS: Final = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_FILLERS: Final = frozenset({"official", "ttv", "tv", "yt", "live", "gaming", "real", "the", "its", "im", "itz"})
# Digits and signs that stand for letters, where letters stand beside them.
_DIGITS: Final = str.maketrans({"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "@": "a", "$": "s"})
_INNER: Final = re.compile(r"(?<=[^\W\d_])[013457@$]+(?=[^\W\d_])|^[013457@$]{1,2}(?=[^\W\d_]{2})")


def spoken(name: str) -> str:
    """Return how a name is said, SOMEBODY where nothing of it can be."""
    text = unicodedata.normalize("NFKC", name).strip().lstrip("@")
    for _ in range(2):  # "xX_" and what it hides
        text = _FRAME.sub("", text).strip("_-.~|*!?#=+<>()[]{} ")
    text = _INNER.sub(lambda found: found[0].translate(_DIGITS), text)
    text = re.sub(r"\d+$", "", text) or text
    parts = [part for part in re.split(r"[\W_]+", _HUMPS.sub(" ", text)) if part]
    words = [word for part in parts for word in _split(part) if _sayable(word)]
    telling = [word for word in words if word.lower() not in _FILLERS] or words
    said = " ".join(telling)
    while len(said) > LONGEST and " " in said:
        said = said.rpartition(" ")[0]
    said = said[:LONGEST]
    if not said or not any(map(str.isalpha, said)):
        return SOMEBODY
    if said.isupper() and len(said) > 4:
        said = said.lower()
    return " ".join(word[0].upper() + word[1:] for word in said.split())


def _split(part: str) -> list[str]:
    """Take the number off the end of a word: it tells people apart and is not said."""
    bare = re.sub(r"\d{2,}$", "", part)
    return [bare] if bare else [part]


def _sayable(word: str) -> bool:
    letters = [letter for letter in word if letter.isalpha()]
    return bool(letters) and not (len(letters) > 1 and len(set(word.lower())) == 1)
