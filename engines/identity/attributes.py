"""What kind of person an identity is: typed attributes that text, picture and voice are all made from.

They stand under `attributes` in identity.json. Every one may be missing, which means that nobody said. What the drawn
face is dressed in, `looks`, is derived from them. A voice and an accent are only ever what somebody asked for or what
was chosen apart from skin, ancestry and name; nothing here derives them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from engines.identity import vocabulary as words
from engines.identity.errors import IdentityError
from engines.identity.fields import Fields, Json

CODE: Final = "bad_attributes"
AGES: Final = (4, 120)  # years
PROFESSION: Final = 80  # characters
INTERESTS: Final = 8

_LANGUAGE: Final = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,4}")


@dataclass(frozen=True, slots=True)
class Hair:
    """The hair of the head; "" is unsaid."""

    colour: str = ""
    style: str = ""


@dataclass(frozen=True, slots=True)
class Glasses:
    """`shape` "none" says that there are none, "" that nobody said."""

    shape: str = ""
    frame: str = ""


@dataclass(frozen=True, slots=True)
class FacialHair:
    """`style` "none" says that there is none; without a `colour` it has that of the hair."""

    style: str = ""
    colour: str = ""


@dataclass(frozen=True, slots=True)
class Garment:
    """One piece of clothing; `kind` "none" says that there is none."""

    kind: str = ""
    colour: str = ""


@dataclass(frozen=True, slots=True)
class VoiceManner:
    """How the voice is to sound, in words of the scale "very low" to "very high": pitch, rate, range and energy."""

    pitch: str = ""
    rate: str = ""
    range: str = ""
    energy: str = ""
    style: str = ""


@dataclass(frozen=True, slots=True)
class Attributes:
    """A person by its attributes: `age` in years (0: unsaid), `languages` and `accent` as BCP-47 codes.

    `presentation` is how the person presents, `audience` whom it is made for. Texts are "" and lists are empty where
    nobody said anything.
    """

    age: int = 0
    presentation: str = ""
    ancestry: str = ""
    skin: str = ""
    hair: Hair = Hair()
    eyes: str = ""
    glasses: Glasses = Glasses()
    facial_hair: FacialHair = FacialHair()
    outer: Garment = Garment()
    inner: Garment = Garment()
    headwear: str = ""
    build: str = ""
    features: tuple[str, ...] = ()
    profession: str = ""
    temperament: tuple[str, ...] = ()
    interests: tuple[str, ...] = ()
    audience: str = ""
    languages: tuple[str, ...] = ()
    accent: str = ""
    voice: VoiceManner = VoiceManner()

    def looks(self) -> dict[str, str | int | bool]:
        """Return the looks that the drawn face is dressed by, in its words; what is unsaid is left out."""
        found: dict[str, str | int | bool] = {}
        if self.presentation and self.presentation != "androgynous":
            found["presentation"] = self.presentation
        if self.age:
            found["age"] = self.age
        said = {
            "skin": self.skin,
            "hair": _joined(self.hair.colour, _HAIR_DRAWN.get(self.hair.style, self.hair.style)),
            "eyes": self.eyes,
            "clothes": _joined(*(_garment(each) for each in (self.outer, self.inner))),
            "profession": self.profession,
        }
        found |= {key: value for key, value in said.items() if value}
        if self.glasses.shape or self.glasses.frame:
            bare = self.glasses.shape == "none"
            found["glasses"] = False if bare else _joined(self.glasses.shape or "glasses", self.glasses.frame)
        if self.facial_hair.style:
            found["beard"] = _joined(self.facial_hair.style, self.facial_hair.colour)
        return found

    def as_json(self) -> dict[str, Json]:
        """Write them as identity.json holds them, without what is unsaid."""
        plain: dict[str, Json] = {
            "age": self.age,
            "presentation": self.presentation,
            "ancestry": self.ancestry,
            "skin": self.skin,
            "hair": _object(colour=self.hair.colour, style=self.hair.style),
            "eyes": self.eyes,
            "glasses": _object(shape=self.glasses.shape, frame=self.glasses.frame),
            "facial_hair": _object(style=self.facial_hair.style, colour=self.facial_hair.colour),
            "outer": _object(kind=self.outer.kind, colour=self.outer.colour),
            "inner": _object(kind=self.inner.kind, colour=self.inner.colour),
            "headwear": self.headwear,
            "build": self.build,
            "features": list(self.features),
            "profession": self.profession,
            "temperament": list(self.temperament),
            "interests": list(self.interests),
            "audience": self.audience,
            "languages": list(self.languages),
            "accent": self.accent,
            "voice": _object(
                pitch=self.voice.pitch,
                rate=self.voice.rate,
                range=self.voice.range,
                energy=self.voice.energy,
                style=self.voice.style,
            ),
        }
        return {key: value for key, value in plain.items() if value not in ("", 0, [], {})}


# What the drawn face calls a style that it has no word of its own for.
_HAIR_DRAWN: Final[Mapping[str, str]] = {
    "receding": "short, receding",
    "wavy": "long, wavy",
    "braids": "long, braids",
}
_OUTER_DRAWN: Final[Mapping[str, str]] = {"apron": "waistcoat", "overalls": "waistcoat"}
_INNER_DRAWN: Final[Mapping[str, str]] = {"t-shirt": "tee"}


def read_attributes(fields: Fields) -> Attributes:
    """Read the attributes of identity.json; IdentityError `bad_attributes` names the one that cannot be used.

    Fields that this version does not know are skipped.
    """
    at = Fields(fields.values, fields.where, code=CODE)
    hair, glasses, beard = at.at("hair"), at.at("glasses"), at.at("facial_hair")
    voice = at.at("voice")
    return Attributes(
        age=_age(at),
        presentation=_word(at, "presentation", words.PRESENTATIONS),
        ancestry=_word(at, "ancestry", words.ANCESTRIES),
        skin=_word(at, "skin", words.SKINS),
        hair=Hair(_word(hair, "colour", words.HAIR_COLOURS), _word(hair, "style", words.HAIR_STYLES)),
        eyes=_word(at, "eyes", words.EYES),
        glasses=Glasses(_word(glasses, "shape", words.GLASSES), _word(glasses, "frame", words.FRAMES)),
        facial_hair=FacialHair(_word(beard, "style", words.FACIAL_HAIR), _word(beard, "colour", words.HAIR_COLOURS)),
        outer=_read_garment(at.at("outer"), words.OUTER),
        inner=_read_garment(at.at("inner"), words.INNER),
        headwear=_word(at, "headwear", words.HEADWEAR),
        build=_word(at, "build", words.BUILDS),
        features=_several(at, "features", words.FEATURES, most=len(words.FEATURES)),
        profession=_line(at, "profession"),
        temperament=_several(at, "temperament", words.TEMPERAMENTS, most=3),
        interests=_lines(at, "interests"),
        audience=_word(at, "audience", words.AUDIENCES),
        languages=tuple(_language(at, "languages", code) for code in at.texts("languages", most=8)),
        accent=_language(at, "accent", at.text("accent", longest=35)),
        voice=VoiceManner(
            pitch=_word(voice, "pitch", words.LEVELS),
            rate=_word(voice, "rate", words.LEVELS),
            range=_word(voice, "range", words.LEVELS),
            energy=_word(voice, "energy", words.LEVELS),
            style=_word(voice, "style", words.VOICE_STYLES),
        ),
    )


# ------------------------------------------------------------------------------------------------ parts


def _joined(*parts: str) -> str:
    return ", ".join(part for part in parts if part)


def _object(**values: str) -> dict[str, Json]:
    return {key: value for key, value in values.items() if value}


def _garment(worn: Garment) -> str:
    if worn.kind in ("", "none"):
        return ""
    kind = _OUTER_DRAWN.get(worn.kind, _INNER_DRAWN.get(worn.kind, worn.kind))
    return f"{worn.colour} {kind}".strip()


def _age(at: Fields) -> int:
    low, high = AGES
    value = at.values.get("age")
    if value is None or value == 0:
        return 0
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        at.fail("age", f"a whole number of years from {low} to {high}")
    return value


def _word(at: Fields, key: str, known: tuple[str, ...]) -> str:
    value = at.text(key, longest=40).strip()
    if value and value not in known:
        raise IdentityError(CODE, f"{at.where}.{key} is {value!a}; it may be: {', '.join(known)}")
    return value


def _several(at: Fields, key: str, known: tuple[str, ...], *, most: int) -> tuple[str, ...]:
    values = tuple(dict.fromkeys(at.texts(key, most=64)))
    for value in values:
        if value not in known:
            raise IdentityError(CODE, f"{at.where}.{key} has {value[:40]!a}; it may have: {', '.join(known)}")
    if len(values) > most:
        raise IdentityError(CODE, f"{at.where}.{key} has more than {most} values")
    return values


def _line(at: Fields, key: str) -> str:
    return _one_line(at.text(key, longest=PROFESSION))


def _lines(at: Fields, key: str) -> tuple[str, ...]:
    values = tuple(_one_line(value) for value in at.texts(key, most=INTERESTS))
    if any(len(value) > PROFESSION for value in values):
        raise IdentityError(CODE, f"{at.where}.{key} has one longer than {PROFESSION} characters")
    return tuple(value for value in dict.fromkeys(values) if value)


def _one_line(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _read_garment(at: Fields, kinds: tuple[str, ...]) -> Garment:
    return Garment(_word(at, "kind", kinds), _word(at, "colour", words.COLOURS))


def _language(at: Fields, key: str, code: str) -> str:
    if code and not _LANGUAGE.fullmatch(code):
        raise IdentityError(CODE, f"{at.where}.{key} must be a BCP-47 code such as en-gb, not {code[:40]!a}")
    return code.lower()
