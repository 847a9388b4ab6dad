"""Speech sounds as a face needs them: what IPA a synthesizer's phone stands for, and what lips, jaw and tongue do.

Covers the IPA chart and what espeak-ng writes beside it. It does not know time, loudness or neighbours: targets are
those of a sound spoken alone. Heights of vowels follow the IPA chart; places of consonants likewise.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

VISEMES: Final = ("sil", "PP", "FF", "TH", "DD", "kk", "CH", "SS", "nn", "RR", "aa", "E", "ih", "oh", "ou")


@dataclass(frozen=True, slots=True)
class Sound:
    """Articulatory targets of one sound, each 0..1.

    `viseme` indexes VISEMES. `jaw` opening, lip `round`ing, `spread` and `bare` teeth, `tongue` tip out, contact of the
    lips (`seal`) and of lower lip and upper teeth (`teeth`); contact 1 is a promise, less is a tendency.
    `jaw_pull` and `lip_pull` say how firmly the sound insists on its targets; `heavy` lips start early and end late.
    """

    ipa: str
    viseme: int
    jaw: float
    round: float = 0.0
    spread: float = 0.0
    bare: float = 0.0
    tongue: float = 0.0
    seal: float = 0.0
    teeth: float = 0.0
    jaw_pull: float = 1.0
    lip_pull: float = 1.0
    heavy: bool = False
    vowel: bool = False


REST: Final = Sound("", 0, 0.0, lip_pull=0.6)


def _vowels() -> dict[str, Sound]:
    # height (jaw), rounding and spread; the viseme is the nearest of aa E ih oh ou
    rows: dict[str, tuple[str, float, float, float]] = {
        "i": ("ih", 0.30, 0.0, 0.80), "y": ("ih", 0.28, 0.90, 0.0), "ɨ": ("ih", 0.30, 0.0, 0.45),
        "ʉ": ("ou", 0.28, 0.85, 0.0), "ɯ": ("ou", 0.30, 0.10, 0.25), "u": ("ou", 0.25, 1.0, 0.0),
        "ɪ": ("ih", 0.38, 0.0, 0.55), "ʏ": ("ih", 0.36, 0.70, 0.0), "ʊ": ("ou", 0.38, 0.70, 0.0),
        "ᵻ": ("ih", 0.38, 0.0, 0.40), "ᵿ": ("ou", 0.38, 0.60, 0.0),
        "e": ("E", 0.50, 0.0, 0.60), "ø": ("E", 0.48, 0.75, 0.0), "ɘ": ("E", 0.48, 0.0, 0.30),
        "ɵ": ("oh", 0.48, 0.60, 0.0), "ɤ": ("oh", 0.50, 0.15, 0.15), "o": ("oh", 0.50, 0.85, 0.0),
        "ə": ("E", 0.53, 0.0, 0.15), "ɚ": ("RR", 0.54, 0.30, 0.0),
        "ɛ": ("E", 0.68, 0.0, 0.45), "œ": ("E", 0.64, 0.60, 0.0), "ɜ": ("E", 0.69, 0.05, 0.15),
        "ɝ": ("RR", 0.60, 0.35, 0.0), "ɞ": ("oh", 0.62, 0.45, 0.0), "ʌ": ("aa", 0.74, 0.0, 0.10),
        "ɔ": ("oh", 0.70, 0.60, 0.0), "æ": ("aa", 0.86, 0.0, 0.35), "ɐ": ("aa", 0.85, 0.0, 0.12),
        "a": ("aa", 1.0, 0.0, 0.12), "ɶ": ("aa", 0.92, 0.35, 0.0), "ä": ("aa", 1.0, 0.0, 0.10),
        "ɑ": ("aa", 1.0, 0.0, 0.05), "ɒ": ("aa", 0.90, 0.40, 0.0),
    }  # fmt: skip
    return {
        ipa: Sound(
            ipa, VISEMES.index(viseme), jaw, rnd, spread, 0.15 * spread, heavy=rnd >= 0.7, vowel=True, jaw_pull=1.8,
            lip_pull=1.4 if rnd >= 0.7 else 0.5 if ipa in "əɨᵻ" else 1.0,
        )
        for ipa, (viseme, jaw, rnd, spread) in rows.items()
    }  # fmt: skip


def _consonants() -> dict[str, Sound]:
    lips = Sound("", 1, 0.12, seal=1.0, jaw_pull=0.8, lip_pull=0.12)
    dental = Sound("", 2, 0.16, teeth=1.0, jaw_pull=1.2, lip_pull=0.15)
    th = Sound("", 3, 0.20, bare=0.15, tongue=1.0, lip_pull=0.12)
    stop = Sound("", 4, 0.15, bare=0.1, tongue=0.0, jaw_pull=1.0, lip_pull=0.06)
    back = Sound("", 5, 0.15, jaw_pull=0.9, lip_pull=0.05)
    hush = Sound("", 6, 0.18, 0.55, bare=0.35, jaw_pull=1.5, lip_pull=1.1, heavy=True)
    hiss = Sound("", 7, 0.12, spread=0.3, bare=0.4, jaw_pull=1.5, lip_pull=0.25)
    nasal = Sound("", 8, 0.18, tongue=0.1, jaw_pull=0.9, lip_pull=0.05)
    rhotic = Sound("", 9, 0.17, 0.3, jaw_pull=0.8, lip_pull=0.5)
    glottal = Sound("", 5, 0.30, jaw_pull=0.08, lip_pull=0.02)
    loose_lips = replace(lips, seal=0.6, round=0.2, lip_pull=0.4)
    loose_teeth = replace(dental, teeth=0.6)
    glide = Sound("", 12, 0.20, spread=0.6, lip_pull=0.6, jaw_pull=0.8)
    round_glide = Sound("", 14, 0.15, 1.0, lip_pull=1.6, heavy=True)
    groups: tuple[tuple[str, Sound], ...] = (
        ("pbmɓʙʘ", lips), ("ɸβ", loose_lips), ("fvɱ", dental), ("ʋⱱ", loose_teeth), ("θð", th),
        ("tdɾʈɖɟcɗʄǀǁǂǃ", stop), ("kɡgqxɣɢɠʛʟŋɴ", back), ("hɦħʔχʕʜʢʡɧ", glottal), ("ʃʒɕʑʂʐç", hush), ("sz", hiss),
        ("nɲɳlɫɭʎɬɮɺ", nasal), ("ɹrʁɽɻʀ", rhotic), ("jʝɰ", glide), ("wʍɥ", round_glide),
    )  # fmt: skip
    table = {ipa: replace(sound, ipa=ipa) for symbols, sound in groups for ipa in symbols}
    for ipa in "çʝ":
        table[ipa] = replace(table[ipa], round=0.0, spread=0.45, heavy=False, lip_pull=0.3)
    for ipa in "hɦ":
        table[ipa] = replace(table[ipa], jaw=0.25, jaw_pull=0.3)
    for ipa in "lɫɺ":
        table[ipa] = replace(table[ipa], tongue=0.25)
    table["ʁ"] = replace(table["ʁ"], round=0.1, lip_pull=0.15)
    return table


TABLE: Final[dict[str, Sound]] = _vowels() | _consonants()
AFFRICATES: Final = {"tʃ": "ʃ", "dʒ": "ʒ", "tɕ": "ɕ", "dʑ": "ʑ", "tʂ": "ʂ", "dʐ": "ʐ", "ts": "s", "dz": "z"}
# Letters that espeak-ng writes where IPA has another, or two where IPA has one.
SPELLINGS: Final = {
    "nɡ": "ŋ",
    "ng": "ŋ",
    "?": "ʔ",
    "ε": "ɛ",
    "A": "ɑ",
    "I": "ɪ",
    "U": "ʊ",
    "E": "ɛ",
    "O": "ɔ",
    "@": "ə",
}
NEUTRAL: Final = Sound("", VISEMES.index("kk"), 0.3, jaw_pull=0.3, lip_pull=0.05)
ROUNDING: Final = "ʷᵝ"
PALATAL: Final = "ʲ"
LONG: Final = "ːˑ"


def _letters(token: str) -> list[str]:
    """Split a token into base letters, each with its modifiers; brackets name a voice, not a sound."""
    letters: list[str] = []
    named = False
    for char in unicodedata.normalize("NFC", token):
        named = (named or char == "(") and char != ")"
        if named or char == ")":
            continue
        char = SPELLINGS.get(char, char)
        if char not in TABLE and (parts := unicodedata.normalize("NFD", char))[0] in TABLE:
            letters.append(parts)
        elif char in TABLE or unicodedata.category(char) in ("Ll", "Lu", "Lo"):
            letters.append(char)
        elif letters:
            letters[-1] += char
    return letters


def _joined(letters: list[str]) -> list[str]:
    """Join the affricates, aspirates and digraphs of `letters`."""
    out: list[str] = []
    for letter in letters:
        last = out[-1] if out else ""
        digraph = last[:1] + letter[:1]
        if digraph in AFFRICATES and len(last.rstrip("͡ʰʲ̪̺̻")) == 1:
            out[-1] = digraph + letter[1:]
        elif digraph in SPELLINGS:
            out[-1] = SPELLINGS[digraph] + letter[1:]
        elif letter == "h" and last and not sound(last).vowel:
            out[-1] += "ʰ"
        else:
            out.append(letter)
    return out


@lru_cache(maxsize=4096)
def sound(ipa: str) -> Sound:
    """Look up the targets of one IPA sound with its modifiers; without a row, its plain letter's, or neutral."""
    if ipa == "":
        return REST
    stem = AFFRICATES.get(ipa[:2], ipa[0])
    found = TABLE.get(stem)
    if found is None:
        words = unicodedata.name(stem, "").split()
        plain = words[words.index("LETTER") + 1].lower() if "LETTER" in words[:-1] else ""
        found = TABLE.get(plain, NEUTRAL)
    marks = ipa[1:]
    if any(mark in marks for mark in ROUNDING):
        found = replace(found, round=max(found.round, 0.5), lip_pull=max(found.lip_pull, 0.7))
    if PALATAL in marks:
        found = replace(found, spread=min(1.0, found.spread + 0.2), lip_pull=max(found.lip_pull, 0.2))
    if found.vowel and any(mark in marks for mark in LONG):
        found = replace(
            found, jaw=min(1.0, found.jaw * 1.06), jaw_pull=1.2 * found.jaw_pull, lip_pull=1.2 * found.lip_pull
        )
    return replace(found, ipa=ipa)


@lru_cache(maxsize=4096)
def split(token: str) -> tuple[tuple[str, float], ...]:
    """Split a synthesizer's phone token into sounds in order, each with its share of the token's time (sum 1).

    A diphthong gives its first vowel 60 %, a triphthong 45/25/30, a vowel with a consonant 65 %. Stress marks, tones
    and punctuation are dropped; a token without a sound is a pause, ("", 1.0).
    """
    parts = _joined(_letters(token))
    match [sound(part).vowel for part in parts]:
        case []:
            return (("", 1.0),)
        case [_]:
            shares = [1.0]
        case [True, True]:
            shares = [0.6, 0.4]
        case [True, True, True]:
            shares = [0.45, 0.25, 0.3]
        case [True, False]:
            shares = [0.65, 0.35]
        case kinds:
            weights = [1.0 if vowel else 0.6 for vowel in kinds]
            shares = [weight / sum(weights) for weight in weights]
    return tuple(zip(parts, shares, strict=True))


def unknown(token: str) -> str:
    """List the base letters of `token` that have no row of their own, "" when all have."""
    return "".join(part[0] for part in _joined(_letters(token)) if part[:2] not in AFFRICATES and part[0] not in TABLE)
