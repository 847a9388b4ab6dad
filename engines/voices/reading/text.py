"""What espeak-ng is given to read: text made speakable, cut into stretches of bounded length, one language each.

Pure. Every stretch knows the place in the phrase's text of each of its characters, so that word events can be traced
back. It does not know the library: voices are only named here.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from engines.voices.reading.folding import folded
from engines.voices.reading.japanese import in_kana, is_japanese, missing
from engines.voices.reading.spoken import as_said

# Letters, or what takes as long to say, in one stretch: a little in the first of a phrase, so that it is heard at once,
# and more in those synthesized while it is. They end where a writer set a mark; HARD is where they end without one.
FIRST, NEXT, HARD = 60, 120, 200

# espeak-ng's own names where they differ from the tags in use.
ALIASES = {
    "en-gb": "en-gb-x-rp", "en-uk": "en-gb-x-rp", "zh": "cmn", "zh-cn": "cmn", "zh-tw": "cmn", "zh-hk": "yue",
    "zh-yue": "yue", "no": "nb", "nn": "nb", "iw": "he", "in": "id", "es-mx": "es-419", "es-us": "es-419",
    "fr-fr": "fr", "sh": "hr", "mo": "ro", "en-sco": "en-gb-scotland",
}  # fmt: skip

# The languages written in a script (named by the first word of its characters' Unicode names); the first reads it when
# the phrase's own language does not write in it.
SCRIPTS = {
    "CYRILLIC": "ru uk be bg mk sr bs kk ky tt ba cv nog uz az",
    "GREEK": "el grc",
    "CJK": "cmn yue hak",
    "HIRAGANA": "ja",
    "KATAKANA": "ja",
    "HANGUL": "ko",
    "ARABIC": "ar fa ur sd ug ku ks",
    "HEBREW": "he",
    "DEVANAGARI": "hi mr ne kok",
    "BENGALI": "bn as bpy",
    "GURMUKHI": "pa",
    "GUJARATI": "gu",
    "TAMIL": "ta",
    "TELUGU": "te",
    "KANNADA": "kn",
    "MALAYALAM": "ml",
    "SINHALA": "si",
    "THAI": "th",
    "GEORGIAN": "ka",
    "ARMENIAN": "hy hyw",
    "ETHIOPIC": "am ti",
}
UNSPACED = frozenset({"CJK", "HIRAGANA", "KATAKANA", "THAI", "LAO", "KHMER", "MYANMAR"})

SENTENCE_END = ".!?…。！？｡।؟"
CLAUSE_END = ",;:—–、，；：،؛"
CLOSERS = "\"'”’»)]}）」』】"
WIDE_END = "。！？｡、，；："  # ends without a space after it
SENTENCES, CLAUSES = (
    re.compile(rf"[{re.escape(ends)}][{re.escape(CLOSERS)}]*(?:\s+|(?<=[{WIDE_END}]))")
    for ends in (SENTENCE_END, CLAUSE_END)
)
BLANKS = re.compile(r"\s+")
JOINERS = "\u200c\u200d"
# Marks that a writer means for the eye; a hash or a star between letters or digits is left to be read.
FOR_THE_EYE = re.compile(r"[`~|\\^_]|(?<!\w)[*#]+(?!\d)|[*]+(?!\w)")


@dataclass(frozen=True, slots=True)
class Stretch:
    """What is spoken in one go: `text`, and in `origin` the index in the phrase of each of its characters.

    It stands for the phrase's characters `start` to `end`. `language` is "" for the phrase's own.
    """

    text: str
    origin: tuple[int, ...]
    start: int
    end: int
    language: str = ""


def voice_names(language: str) -> list[str]:
    """List the espeak-ng voices that may stand for a BCP-47 tag, best first: "de-AT" gives de-at, de."""
    tag = language.strip().lower().replace("_", "-")
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", tag):
        return []
    parts = tag.split("-")
    names = []
    for length in range(len(parts), 0, -1):
        name = "-".join(parts[:length])
        names += [ALIASES[name], name] if name in ALIASES else [name]
    return names


def script(char: str) -> str:
    """Name the script of a letter as Unicode does, e.g. "LATIN", "CJK"; "" for what is no letter."""
    if not char.isalpha() and not unicodedata.category(char).startswith("M"):
        return ""
    return unicodedata.name(char, "").split(" ")[0].split("-")[0]


def stretches(text: str, language: str) -> list[Stretch]:
    """Cut a phrase into the pieces it is spoken in, in order; they cover all of its characters, without a gap."""
    kept = _said(text, language)
    clean = "".join(char for _, char in kept)
    origin = [index for index, _ in kept]
    cuts: list[tuple[int, int, str]] = []
    for begin, end, spoken in _runs(clean, language):
        at = begin
        while at < end:
            stop = _cut(clean, at, end, NEXT if cuts else FIRST)
            cuts.append((at, stop, spoken))
            at = stop
    cuts = _whole(cuts, origin)
    found = []
    for number, (begin, end, spoken) in enumerate(cuts):
        first = origin[begin] if number else 0
        last = origin[end] if number + 1 < len(cuts) else len(text)
        found.append(Stretch(clean[begin:end], tuple(origin[begin:end]), first, last, spoken))
    return found or [Stretch("", (), 0, len(text))]


def _whole(cuts: list[tuple[int, int, str]], origin: list[int]) -> list[tuple[int, int, str]]:
    """Move cuts that fall within what is said for one character behind it."""
    found: list[tuple[int, int, str]] = []
    at = 0
    for _, end, spoken in cuts:
        while 0 < end < len(origin) and origin[end] == origin[end - 1]:
            end += 1
        if end > at:
            found.append((at, end, spoken))
            at = end
    return found


def pause_after(text: str) -> float:
    """Return the seconds of silence that the end of this text asks for at the normal rate."""
    last = text.rstrip().rstrip(CLOSERS).rstrip()[-1:]
    if not last:
        return 0.2
    if last in SENTENCE_END:
        return 0.32
    if last in CLAUSE_END:
        return 0.15 if last in ",、，،" else 0.22
    return 0.04


def _said(text: str, language: str) -> list[tuple[int, str]]:
    """Return a phrase as it is read, each character with the index of what it stands for."""
    plain = as_said(folded(list(enumerate(text))), language)
    spoken_here = {name.split("-")[0] for name in voice_names(language)}
    if "ja" in spoken_here or (is_japanese(text) and not spoken_here.intersection(SCRIPTS["CJK"].split())):
        plain = in_kana(plain)
    return _speakable(plain)


def _speakable(text: list[tuple[int, str]]) -> list[tuple[int, str]]:
    """Keep what can be read aloud: no controls, pictures, marks for the eye, or halves of pairs."""
    plain = "".join(char for _, char in text)
    for_the_eye = {at for match in FOR_THE_EYE.finditer(plain) for at in range(*match.span())}
    kept: list[tuple[int, str]] = []
    marks = 0
    for at, (index, char) in enumerate(text):
        category = unicodedata.category(char)
        marks = marks + 1 if category[0] == "M" else 0
        if marks > 3 or category == "Me" or "\ufe00" <= char <= "\ufe0f":
            continue
        if category == "Cf" and not (char in JOINERS and all(map(script, _beside(plain, at)))):
            continue
        unreadable = category in ("Cc", "Cs", "Co", "Cn", "Zl", "Zp") or at in for_the_eye
        picture = (category == "So" and char >= "\u2190") or (category == "Sk" and char >= "\U0001f000")
        kept.append((index, " " if unreadable or picture else char))
    return kept


def _runs(clean: str, language: str) -> list[tuple[int, int, str]]:
    """Yield spans of text in one language: a script that `language` does not use is read by one that does."""
    base = {name.split("-")[0] for name in voice_names(language)}
    # espeak-ng has no Japanese word for a kanji: what has no reading by now is left to Mandarin.
    kana = is_japanese(clean) and not missing()
    runs: list[tuple[int, int, str]] = []
    begun = False
    for index, char in enumerate(clean):
        spoken = runs[-1][2] if runs else ""
        name = script(char)
        if name in SCRIPTS:
            writers = SCRIPTS[name].split()
            # A lone Greek or Cyrillic letter is a symbol, and every language has a name for it.
            alone = name not in UNSPACED and all(script(near) != name for near in _beside(clean, index))
            spoken = "" if alone or base.intersection(writers) else writers[0]
            if spoken == "cmn" and kana:
                spoken = "ja"  # Han beside kana
        elif name and char.isalpha():
            spoken = ""
        if runs and (runs[-1][2] == spoken or not begun):
            runs[-1] = (runs[-1][0], index + 1, spoken)
        else:
            begin = index
            while begin > 0 and not clean[begin - 1].isalnum() and not clean[begin - 1].isspace():
                begin -= 1
            if begin > 0 and clean[begin - 1].isalnum():
                begin = index  # not an opening quote, but what closes the word before
            if runs:
                runs[-1] = (runs[-1][0], begin, runs[-1][2])
            runs.append((begin, index + 1, spoken))
        begun = begun or char.isalnum()
    return runs


def _beside(text: str, index: int) -> str:
    return text[max(index - 1, 0) : index] + text[index + 1 : index + 2]


def _cut(text: str, begin: int, end: int, soft: int) -> int:
    """Choose where a stretch from `begin` ends: after a sentence, else a clause, else a word, else wherever it must."""
    near, far = _reach(text, begin, end, soft), _reach(text, begin, end, HARD)
    if near == end:
        return end
    window = text[begin:far]
    marks = [match.end() for match in SENTENCES.finditer(window)], [match.end() for match in CLAUSES.finditer(window)]
    least = (near - begin) // 4
    for stops in marks:
        if close := [stop for stop in stops if least < stop <= near - begin]:
            return begin + close[-1]
    if later := [stop for stops in marks for stop in stops if stop > near - begin]:
        return begin + min(later)
    if far == end:
        return end
    if blanks := [match.end() for match in BLANKS.finditer(window) if match.end() > least]:
        return begin + blanks[-1]
    while far < end and unicodedata.category(text[far])[0] == "M":
        far += 1
    return far


def _reach(text: str, begin: int, end: int, letters: int) -> int:
    """Find the index up to which text from `begin` takes no longer to say than so many letters."""
    weight = 0
    for index in range(begin, end):
        weight += _weight(text[index])
        if weight > letters:
            return index
    return end


def _weight(char: str) -> int:
    """Estimate the speech a character makes, in letters: a syllable, the name of a number or of a sign."""
    if char.isalpha() or char.isspace():
        return 3 if unicodedata.east_asian_width(char) in "WF" else 1
    return 4 if char.isnumeric() or unicodedata.category(char)[0] == "S" else 2
