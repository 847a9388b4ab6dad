"""Tells whether a text has words, and compares texts by them."""

from __future__ import annotations

import unicodedata
from typing import Final

from engines.text.han import alike

# Letters and symbols by category, and yet nothing is to be seen of them: fillers, blanks, placeholders.
_BLANK: Final = frozenset("\u115f\u1160\u3164\uffa0\u2800\ufffc\ufffd")


def has_words(text: str) -> bool:
    """Tell whether anything in `text` was meant to be read: a letter, a digit or a symbol, an emoji among them.

    Punctuation, white space, combining marks and invisible characters alone are not.
    """
    return any(unicodedata.category(c) in _MEANT and c not in _BLANK for c in text)


_MEANT: Final = frozenset({"Lu", "Ll", "Lt", "Lm", "Lo", "Nd", "Nl", "No", "So", "Sc", "Sm"})


def key(text: str) -> str:
    """Return what of `text` is compared: its words, without case and punctuation; "" when there are none.

    A recogniser may write the same Chinese words in Simplified signs now and in Traditional ones a moment later.
    """
    plain = "".join(
        " " if unicodedata.category(c)[0] in "PZC" else c
        for c in alike(unicodedata.normalize("NFKC", text)).casefold()
        if c not in "'’"
    )
    return " ".join(plain.split())
