"""Gives everybody in a room a name that is theirs alone, and finds names in what is said, in any script."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from functools import lru_cache
from typing import Final

LONGEST: Final = 40  # characters of a name
GUEST: Final = "Guest"
# Scripts in which combining marks only vary a letter that can be left plain; elsewhere they are vowels.
_PLAIN: Final = re.compile(r"LATIN|GREEK|CYRILLIC")
# Scripts that are written without spaces: a name is found wherever it stands.
_JOINED: Final = re.compile(r"CJK|HIRAGANA|KATAKANA|THAI|LAO|KHMER|MYANMAR")
_LIKE: Final = str.maketrans("аеорсухіјѕԁɡ0", "aeopcyxijsdgo")


def tidy(name: str) -> str:
    """Return a name as it can stand before what is said: one line, no marks of speech, LONGEST characters."""
    kept = "".join(" " if c.isspace() else c for c in unicodedata.normalize("NFC", name) if c.isspace() or _shown(c))
    return " ".join(kept.split())[:LONGEST].strip()


def own_name(wanted: str, taken: Collection[str]) -> str:
    """Return `wanted`, tidied and told apart from the names that are `taken` or look like them."""
    base = tidy(wanted) or GUEST
    skeletons = {_skeleton(name) for name in taken}
    name, number = base, 1
    while _skeleton(name) in skeletons:
        number += 1
        name = f"{base[: LONGEST - 5]} ({number})"
    return name


@lru_cache(maxsize=4096)
def folded(text: str) -> str:
    """Return `text` as it is compared: without case, width, and accents where a letter is the same without them."""
    out: list[str] = []
    plain = False
    for c in unicodedata.normalize("NFKD", text).casefold():
        if unicodedata.combining(c) and plain:
            continue
        if not unicodedata.combining(c):
            plain = bool(_PLAIN.match(unicodedata.name(c, "")))
        out.append(c)
    return unicodedata.normalize("NFC", "".join(out))


def places(name: str, text: str) -> list[tuple[int, int]]:
    """Return where `name` stands in `text`, both `folded`: as a whole word, or anywhere in a script without spaces."""
    if not name:
        return []
    ends = "" if _joined(name[0]) and _joined(name[-1]) else r"(?!\w)"
    begins = "" if not ends else r"(?<!\w)"
    return [found.span() for found in re.finditer(f"{begins}{re.escape(name)}{ends}", text)]


def _joined(letter: str) -> bool:
    return bool(_JOINED.match(unicodedata.name(letter, "")))


def _shown(c: str) -> bool:
    """Return whether a character may stand in a name: not what cannot be seen, nor what ends or quotes a name."""
    return unicodedata.category(c)[0] in "LMN" or c in "'’-.·&"


def _skeleton(name: str) -> str:
    """Return what two names that look alike have in common."""
    return re.sub(r"[\W_]", "", folded(name)).translate(_LIKE)
