"""What a stranger's line may not say to be read aloud, beyond what a content filter judges: threats and slurs. Pure.

A companion that reads a chat lends it its voice: what is doubtful is left out, since nobody is owed to be read.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_THREATS: Final = re.compile(
    r"\b(?:should|must|deserves? to|ought to|need to|gonna|will|going to)\s+(?:all\s+)?"
    r"(?:die|be\s+(?:killed|shot|hanged|gassed|raped|deported)|burn|rot|hang)\b"
    r"|\b(?:kill|hang|shoot|rape|gas|doxx?)\s+(?:you|your|yourself|urself|them|him|her|all|the)\b"
    r"|\bi\s+know\s+where\s+you\s+live\b|\bgo\s+die\b|\bkys\b",
    re.IGNORECASE,
)
_SLURS: Final = re.compile(
    r"\b(?:r+e+t+a+r+d+(?:s|ed)?|f+a+g+(?:g+o+t+)?s?|n+i+g+g+\w*|tr+a+n+n+(?:y|ies)|sp+i+c+s?|k+i+k+e+s?|ch+i+n+k+s?)\b",
    re.IGNORECASE,
)
_PERSONAL: Final = re.compile(
    r"\b\d{1,5}\s+\w+\s+(?:street|st|avenue|ave|road|rd|lane)\b|\b(?:\+?\d[\s-]?){8,}\b", re.IGNORECASE
)
_SIGNS: Final = str.maketrans(
    {"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "@": "a", "$": "s", "!": "i"}
)


def fit(text: str) -> bool:
    """Return whether a line may be read aloud as far as this page knows."""
    plain = unicodedata.normalize("NFKC", text)
    masked = re.sub(r"(?<=\w)[.*_\-](?=\w)", "", plain.translate(_SIGNS))
    return not (
        _PERSONAL.search(plain) or any(rule.search(form) for rule in (_THREATS, _SLURS) for form in (plain, masked))
    )
