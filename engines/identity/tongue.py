"""Tells which language a text is in: by its script, and among those of Latin script by their commonest words.

Short texts are often of no language in particular ("OK", a name, "Wi-Fi"); then nothing is told. It knows the common
words of a language, not its grammar, and no conversation.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections import Counter
from importlib.resources import files
from typing import Final

LONGEST: Final = 4000  # characters that are looked at
SURE: Final = 1.0  # what the words of a language must tell together
AHEAD: Final = 1.6  # times as much as those of the next one
SHARE: Final = 0.25  # of the words must be common ones

# Scripts of one language each, or of one that is far more spoken than the others written in it.
_SCRIPTS: Final = (
    ("ja", re.compile("[\u3041-\u30ff]")),
    ("ko", re.compile("[\u1100-\u11ff\u3130-\u318f\uac00-\ud7af]")),
    ("zh", re.compile("[\u3400-\u4dbf\u4e00-\u9fff]")),
    ("hi", re.compile("[\u0900-\u097f]")),
    ("ar", re.compile("[\u0600-\u06ff\u0750-\u077f]")),
    ("ru", re.compile("[\u0400-\u04ff]")),
    ("el", re.compile("[\u0370-\u03ff]")),
    ("he", re.compile("[\u0590-\u05ff]")),
    ("th", re.compile("[\u0e00-\u0e7f]")),
)
# Letters that tell a language from the one that its script is taken for.
_APART: Final = (
    ("ar", "ur", re.compile("[\u0679\u0688\u0691\u06d2\u06ba]")),
    ("ar", "fa", re.compile("[\u067e\u0686\u0698\u06af\u06a9\u06cc]")),
    ("ru", "uk", re.compile("[\u0456\u0457\u0454\u0491]")),
)
_WORD: Final = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")


def _bare(text: str) -> str:
    text = unicodedata.normalize("NFKD", text.replace("\u2019", "'").lower())
    return "".join(c for c in text if not unicodedata.combining(c)).replace("\u00df", "ss")


_COMMON: Final = tomllib.loads((files("engines.identity") / "common_words.toml").read_text(encoding="utf-8"))
_WORDS: Final = {code: frozenset(_bare(words).split()) for code, words in _COMMON.items()}
_SHARED: Final = Counter(word for words in _WORDS.values() for word in words)
# A word of one language tells more than one of several; the longer it is, the more.
_TOLD: Final = {word: min(1.0, 0.35 + 0.15 * len(word)) / count for word, count in _SHARED.items()}
# Letters that speak for a language among those of Latin script.
_HINTS: Final = (
    ("es", "ñ¿¡"), ("de", "ßä"), ("pt", "ãõ"), ("fr", "œèê"), ("pl", "łąę"), ("cs", "řěů"), ("tr", "ğış"),
    ("vi", "ươđ"), ("sv", "å"),
)  # fmt: skip


def tongue_of(text: str, expected: str = "") -> str:
    """Return the primary code of the language that a text is in, "" when it does not tell.

    `expected` is the language that the text is likely to be in: it is kept where others are hardly likelier, and a text
    in Han alone is Japanese where Japanese is expected.
    """
    text = text[:LONGEST]
    if not text.isascii():
        script = _by_script(text, expected)
        if script:
            return script
    return _by_words(text, expected)


def _by_script(text: str, expected: str) -> str:
    counts = {code: len(pattern.findall(text)) for code, pattern in _SCRIPTS}
    if counts["ja"] and counts["ja"] * 8 >= counts["zh"]:
        counts["ja"], counts["zh"] = counts["ja"] + counts["zh"], 0
    elif counts["zh"] and expected == "ja" and not counts["ja"]:
        counts["ja"], counts["zh"] = counts["zh"], 0
    found = max(counts, key=lambda code: counts[code])
    # A sign of these scripts tells as much as some letters: "Python 是什么" is not English.
    latin = sum(c.isalpha() and ord(c) < 0x250 for c in text)
    if not counts[found] or counts[found] * 3 < latin:
        return ""
    for script, other, letters in _APART:
        if script == found and letters.search(text):
            return expected if expected in (found, other) else other
    return found


def _by_words(text: str, expected: str) -> str:
    bare = _bare(text)
    words = _WORD.findall(bare)
    if not words:
        return ""
    told: dict[str, float] = {}
    for code, common in _WORDS.items():
        held = [word for word in words if word in common]
        if len(held) >= SHARE * len(words):
            told[code] = sum(_TOLD[word] for word in held)
    for code, letters in _HINTS:
        if code in told and not text.isascii() and any(letter in text.lower() for letter in letters):
            told[code] += 0.5
    if not told:
        return ""
    ranked = sorted(told.items(), key=lambda item: -item[1])
    best, most = ranked[0]
    second = ranked[1][1] if len(ranked) > 1 else 0.0
    least = min(SURE, 0.9 * len(words))
    if most < least or (most < AHEAD * second) or (expected != best and most < AHEAD * told.get(expected, 0.0)):
        return expected if expected in told and told[expected] >= most / AHEAD else ""
    return best
