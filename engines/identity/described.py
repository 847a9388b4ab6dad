"""Reads how somebody looks out of the text of a card, for a drawn face of a card that says nothing of looks.

Cards of other tools describe people in prose or in lists ("long pink hair, blue eyes", "Hair: silver, short"). What is
said of hair, eyes, glasses, beard, skin, age and presentation is read, and only where the words stand together; what is
said first counts. English and Chinese.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

MOST: Final = 6000  # characters that are read

COLOURS: Final = (
    "black", "dark", "brown", "chestnut", "auburn", "red", "ginger", "copper", "blonde", "blond", "golden", "silver",
    "grey", "gray", "white", "pink", "blue",
)  # fmt: skip
STYLES: Final = ("long", "short", "curly", "wavy", "straight", "bob", "ponytail", "bun", "bald", "cropped")
EYES: Final = ("brown", "dark", "black", "hazel", "amber", "green", "blue", "grey", "gray", "violet", "purple")
SKIN: Final = ("pale", "fair", "porcelain", "olive", "tan", "tanned", "brown", "dark", "ebony", "bronze", "light")

# What Chinese cards say, in the words that a rig knows.
CHINESE: Final[Mapping[str, str]] = {
    "黑": "black", "棕": "brown", "褐": "brown", "红": "red", "金": "blonde", "银": "silver", "白": "white",
    "灰": "grey", "粉": "pink", "蓝": "blue", "绿": "green", "紫": "violet", "长": "long", "短": "short",
    "卷": "curly", "直": "straight",
}  # fmt: skip
_HAN: Final = re.compile(r"([黑棕褐红金银白灰粉蓝绿紫长短卷直色的]{1,6})(?:头发|发|(眼睛|眼眸|瞳))")

_BEFORE: Final = r"(?P<said>(?:[a-z-]+[ ,]+(?:and )?){{1,5}}){thing}\b"
_AFTER: Final = r"\b{thing}\s*(?:is|are|:|=|\(|-)\s*(?P<said>[a-z ,-]{{3,60}})"
_KINDS: Final = {
    thing: tuple(re.compile(pattern.format(thing=thing)) for pattern in (_BEFORE, _AFTER))
    for thing in ("hair", "eyes", "skin")
}
_BEARD: Final = re.compile(r"((?:[a-z-]+ ){0,3})(beard(?:ed)?|stubble|goatee|moustache|mustache)\b")
_GLASSES: Final = re.compile(r"((?:[a-z-]+ ){0,3})(?:glasses|spectacles)\b|眼镜")
_NONE: Final = re.compile(r"\b(?:no|not|without|never)\b")
_AGE: Final = re.compile(r"\b(\d{1,2})[- ]years?[- ]old\b|\bage\s*[:=(]\s*(\d{1,2})\b|(\d{1,2})\s*岁")
_SHE: Final = re.compile(r"\b(?:she|her|woman|girl|female|lady)\b|[她女]")
_HE: Final = re.compile(r"\b(?:he|his|him|man|boy|male|gentleman)\b|[他男]")

Look = str | int | bool


def described(text: str) -> dict[str, Look]:
    """Return what `text` says of somebody's looks, in the words of an identity's `looks`; {} where it says nothing."""
    text = text[:MOST].lower()
    found: dict[str, Look] = {}
    if hair := _picked("hair", text, (*COLOURS, *STYLES)) or _chinese(text, eyes=False):
        found["hair"] = hair
    elif re.search(r"\bbald\b|光头", text):
        found["hair"] = "bald"
    if eyes := _picked("eyes", text, EYES) or _chinese(text, eyes=True):
        found["eyes"] = eyes
    if skin := _picked("skin", text, SKIN):
        found["skin"] = skin
    if any(not _NONE.search(seen[1] or "") for seen in _GLASSES.finditer(text)):
        found["glasses"] = True
    if beard := next((seen for seen in _BEARD.finditer(text) if not _NONE.search(seen[1])), None):
        kind = "full" if beard[2].startswith("beard") else beard[2]
        found["beard"] = " ".join([kind, *(word for word in beard[1].split() if word in COLOURS)])
    if age := _AGE.search(text):
        found["age"] = int(next(each for each in age.groups() if each))
    she, he = len(_SHE.findall(text)), len(_HE.findall(text))
    # A person's own pronouns outnumber those of whom they meet; on a tie nobody knows.
    if she != he and max(she, he) > 0:
        found["presentation"] = "female" if she > he else "male"
    return found if found.keys() - {"age", "presentation"} else {}


def _picked(thing: str, text: str, known: tuple[str, ...]) -> str:
    """Return the known words beside the first of a thing that has any: those before it, else those after."""
    for place, pattern in enumerate(_KINDS[thing]):
        for seen in pattern.finditer(text):
            words = re.split(r"[ ,-]+", seen["said"])
            # Of a list only what stands nearest belongs to it.
            near = words[:5] if place else words[-6:]
            if kept := [word for word in near if word in known]:
                return " ".join(dict.fromkeys(kept))
    return ""


def _chinese(text: str, *, eyes: bool) -> str:
    for seen in _HAN.finditer(text):
        if bool(seen[2]) == eyes and (words := [CHINESE[sign] for sign in seen[1] if sign in CHINESE]):
            return " ".join(dict.fromkeys(words))
    return ""
