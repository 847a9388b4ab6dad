"""Reads the looks of an identity that has no attributes, as the drawn face is dressed by, into attributes."""

from __future__ import annotations

from collections.abc import Sequence

from engines.identity import vocabulary as words
from engines.identity.attributes import AGES, Attributes, FacialHair, Garment, Glasses, Hair
from engines.identity.fields import Json


def from_looks(looks: dict[str, Json]) -> Attributes:
    """Return what of `looks` is in the vocabulary; other words are left out."""
    age = looks.get("age")
    clothes = [part.strip() for part in _text(looks, "clothes").split(",")]
    beard, glasses = looks.get("beard"), looks.get("glasses")
    frame = _text(looks, "glasses")
    return Attributes(
        age=age if isinstance(age, int) and not isinstance(age, bool) and AGES[0] <= age <= AGES[1] else 0,
        presentation=_found(_text(looks, "presentation"), words.PRESENTATIONS),
        skin=_found(_text(looks, "skin"), words.SKINS),
        hair=Hair(_found(_text(looks, "hair"), words.HAIR_COLOURS), _style(_text(looks, "hair"))),
        eyes=_found(_text(looks, "eyes"), words.EYES),
        glasses=Glasses(
            _found(frame, words.GLASSES) or ("round" if glasses else "none" if glasses is False else ""),
            _found(frame, words.FRAMES),
        ),
        facial_hair=FacialHair(
            _found(_text(looks, "beard"), words.FACIAL_HAIR)
            or ("short" if beard else "none" if beard is False else ""),
            _found(_text(looks, "beard"), words.HAIR_COLOURS),
        ),
        outer=_garment(clothes, words.OUTER),
        inner=_garment(clothes, words.INNER),
        profession=_text(looks, "profession")[:80],
    )


def _text(looks: dict[str, Json], key: str) -> str:
    value = looks.get(key)
    return value.casefold() if isinstance(value, str) else ""


def _style(text: str) -> str:
    """Return the style of hair: what it is like says more than how long it is ("curly, shoulder-length")."""
    return _found(text, ("afro", "braids", "curly", "wavy")) or _found(text, words.HAIR_STYLES)


def _found(text: str, known: Sequence[str]) -> str:
    """Return the longest word of a list that a text has, "" for none."""
    spaced = f" {text.replace(',', ' ').replace('-', ' ')} "
    hits = [word for word in known if f" {word.replace('-', ' ')} " in spaced]
    return max(hits, key=len, default="")


def _garment(clothes: Sequence[str], kinds: Sequence[str]) -> Garment:
    for piece in clothes:
        kind = _found(piece, kinds)
        if kind and kind != "none":
            return Garment(kind, _found(piece, words.COLOURS))
    return Garment()
