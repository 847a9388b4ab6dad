"""Draws a person: what was wanted stays, everything else is drawn by the seed, each attribute with a chance of its own.

How often what occurs stands in languages/people.toml. Profession, temperament, pastime, presentation and age are drawn
without regard to each other and to ancestry; ancestry shapes only what is inherited: skin, hair, eyes, and from a
region its names.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Final

from engines.identity.attributes import Attributes, FacialHair, Garment, Glasses, Hair
from engines.identity.vocabulary import FEATURES, OPPOSED, TEMPERAMENTS
from studio.draft.chance import Chance
from studio.draft.naming import Name, invented, named, regions
from studio.draft.speaking import accent, manner
from studio.draft.wanted import Wanted, merged_interests
from studio.tongue.tables import Tongue, table

OTHER: Final = "other"  # the profession of those whose trade the writer does not know
ADULT: Final = 18
LEARNT: Final = 20  # years of age at which a trade is begun
GREY: Final = (34, 74)  # years between which hair turns grey
OLDER: Final = 30  # years from which hair may recede


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who was drawn: `profession` and `hobby` are keys of the tables, `trade` is what it is called if unknown.

    `years` is for how long the trade has been learnt; `gender` is the grammatical one, "m" or "f".
    """

    name: Name
    attributes: Attributes
    profession: str
    trade: str
    hobby: str
    interests: tuple[str, ...]
    years: int
    gender: str
    language: str
    seed: str


def drawn(wanted: Wanted, spoken: Tongue, seed: str, *, name: str = "") -> Person:
    """Return the person that a wish and a seed make in a language; `name` goes before the wish's."""
    chance, tables, asked = Chance(seed), _tables(), wanted.attributes
    beard = asked.facial_hair.style not in ("", "none") or bool(asked.facial_hair.colour)
    presented = tables["bearded" if beard else "presentation"]
    presentation = asked.presentation or chance.weighted("presentation", presented)
    age = asked.age or _age(chance, wanted.age)
    region = _region(chance, wanted, spoken.code)
    ancestry = asked.ancestry or chance.weighted("ancestry", tables["ancestry"].get(region, {"mixed": 1}))
    key, trade = _profession(chance, wanted, spoken)
    hobby = _hobby(chance, wanted, key, spoken)
    temperament = _temperament(chance, wanted)
    outer = _outer(chance, asked.outer, key)
    attributes = replace(
        asked,
        age=age,
        presentation=presentation,
        ancestry=ancestry,
        skin=asked.skin or chance.weighted("skin", tables["skin"][ancestry]),
        hair=_hair(chance, _like_beard(asked), ancestry, age, presentation),
        eyes=asked.eyes or chance.weighted("eyes", _by_ancestry(tables["eyes"], ancestry)),
        glasses=_glasses(chance, wanted, age),
        facial_hair=_facial_hair(chance, asked.facial_hair, presentation, age),
        outer=outer,
        inner=_inner(chance, asked.inner, presentation, outer.colour),
        headwear=asked.headwear or "none",
        build=asked.build or chance.weighted("build", tables["build"]),
        features=asked.features or _features(chance),
        profession=trade or key.replace("_", " "),
        temperament=temperament,
        interests=merged_interests(asked.interests, (hobby,)),
        audience=asked.audience or "everyone",
        languages=tuple(dict.fromkeys((spoken.code, *asked.languages))),
        accent=accent(asked.accent, spoken, chance),
    )
    # A voice is made of these four alone: it is not told of skin, ancestry or name.
    attributes = replace(attributes, voice=manner(asked.voice, age, presentation, temperament))
    return Person(
        name=named(name or wanted.name) if name or wanted.name else invented(chance, region, presentation, spoken.code),
        attributes=attributes,
        profession=key,
        trade=trade,
        hobby=hobby,
        interests=tuple(text for text in asked.interests if text not in spoken.hobbies),
        years=_years(chance, age),
        gender=_gender(chance, presentation),
        language=spoken.code,
        seed=seed,
    )


def advisers() -> tuple[str, ...]:
    """Return the professions that people ask for advice which a program must not give."""
    return tuple(_tables()["care"]["advisers"])


# ------------------------------------------------------------------------------------------------ parts


@cache
def _tables() -> Mapping[str, Any]:
    return table("", "people")


def _by_ancestry(weights: Mapping[str, Mapping[str, float]], ancestry: str) -> Mapping[str, float]:
    return weights.get(ancestry, weights["other"])


def _age(chance: Chance, wanted: tuple[int, int] | None) -> int:
    if wanted is None:
        ages = _tables()["age"]
        return int(chance.triangular("age", ages["youngest"], ages["likeliest"], ages["oldest"]))
    low, high = wanted
    return low + chance.below("age", high - low + 1)


def _region(chance: Chance, wanted: Wanted, language: str) -> str:
    known = regions(language)
    if wanted.region in known:
        return wanted.region
    weights = _tables()["regions"].get(language, {})
    if weights.get("only"):
        return chance.choice("region", known)
    return chance.weighted("region", {region: float(weights.get(region, 1)) for region in known})


def _profession(chance: Chance, wanted: Wanted, spoken: Tongue) -> tuple[str, str]:
    """Return the profession's key and, for one that the tables do not have, what it is called."""
    asked = wanted.attributes.profession
    key = asked.replace(" ", "_")
    if key in spoken.professions and key != OTHER:
        return key, ""
    if asked:
        return OTHER, asked
    known = [key for key in spoken.professions if key != OTHER]
    open_ = list(wanted.professions) or known
    loved = [key for key in open_ if _knows(spoken, key, wanted.attributes.interests)]
    return chance.choice("profession", loved or open_), ""


def _knows(spoken: Tongue, key: str, interests: Sequence[str]) -> bool:
    """Say whether somebody of a profession knows about what was asked for ("a teacher who loves optics")."""
    fold = spoken.vocabulary.fold
    wanted = {fold(text) for text in interests}
    topics = spoken.professions[key].topics
    return not wanted.isdisjoint(fold(word) for topic in topics for word in (topic.title, *topic.keys))


def _hobby(chance: Chance, wanted: Wanted, profession: str, spoken: Tongue) -> str:
    if wanted.hobby:
        return wanted.hobby
    busman = _tables()["busman"]
    free = [key for key in spoken.hobbies if profession not in busman.get(key, ())]
    return chance.choice("hobby", free)


def _temperament(chance: Chance, wanted: Wanted) -> tuple[str, ...]:
    asked = wanted.attributes.temperament
    if len(asked) > 1:
        return asked
    free = [
        one for one in TEMPERAMENTS
        if one not in asked and one not in wanted.refused
        and not any((one, other) in OPPOSED or (other, one) in OPPOSED for other in asked)
    ]  # fmt: skip
    first = asked[0] if asked else chance.choice("temperament:0", free)
    rest = [one for one in free if one != first and (one, first) not in OPPOSED and (first, one) not in OPPOSED]
    return (first, chance.choice("temperament:1", rest))


def _hair(chance: Chance, asked: Hair, ancestry: str, age: int, presentation: str) -> Hair:
    styles = dict(_tables()["styles"])
    if presentation == "female" or age < OLDER:
        styles = {key: weight for key, weight in styles.items() if key not in ("bald", "receding")}
    if asked.colour:
        styles.pop("bald", None)
    style = asked.style or chance.weighted("hair:style", styles)
    if style == "bald":
        return Hair("", style)
    low, high = GREY
    grey = chance.number("hair:grey") < max(0.0, min(1.0, (age - low) / (high - low))) ** 1.3
    if grey:
        colour = "white" if chance.number("hair:white") < max(0.0, (age - 58) / 40) else "grey"
    else:
        colour = chance.weighted("hair:colour", _by_ancestry(_tables()["hair"], ancestry))
    return Hair(asked.colour or colour, style)


def _like_beard(asked: Attributes) -> Hair:
    """Return the hair that was asked for, of the beard's colour where only that was said."""
    alike = asked.facial_hair.colour if asked.hair.style != "bald" else ""
    return replace(asked.hair, colour=asked.hair.colour or alike)


def _facial_hair(chance: Chance, asked: FacialHair, presentation: str, age: int) -> FacialHair:
    if asked.style or asked.colour:
        return FacialHair(asked.style or "full", asked.colour)
    if presentation == "female" or age < ADULT:
        return FacialHair("none")
    return FacialHair(chance.weighted("facial_hair", _tables()["facial_hair"]))


def _glasses(chance: Chance, wanted: Wanted, age: int) -> Glasses:
    asked, tables = wanted.attributes.glasses, _tables()["glasses"]
    share = tables["old" if age >= 40 else "young"]
    worn = wanted.glasses or bool(asked.shape or asked.frame)
    if asked.shape == "none" or (not worn and chance.number("glasses") * 100 >= share):
        return Glasses("none")
    shape = asked.shape or chance.weighted("glasses:shape", tables["shapes"])
    return Glasses(shape, asked.frame or ("" if shape == "rimless" else chance.weighted("frame", tables["frames"])))


def _outer(chance: Chance, asked: Garment, profession: str) -> Garment:
    tables = _tables()["clothes"]
    usual = tables["work"].get(profession, "") if chance.number("outer:work") < 0.5 else ""
    kind = asked.kind or usual or chance.weighted("outer", tables["outer"])
    if kind == "none":
        return Garment("none")
    colour = tables["workcolour"].get(kind, "") or chance.weighted("outer:colour", tables["colours"])
    return Garment(kind, asked.colour or colour)


def _inner(chance: Chance, asked: Garment, presentation: str, outer: str) -> Garment:
    tables = _tables()["clothes"]
    kinds = {
        kind: weight for kind, weight in tables["inner"].items()
        if kind not in ("blouse", "dress") or presentation != "male"
    }  # fmt: skip
    kind = asked.kind or chance.weighted("inner", kinds)
    colours = {colour: weight for colour, weight in tables["colours"].items() if colour != outer}
    return Garment(kind, asked.colour or chance.weighted("inner:colour", colours))


def _features(chance: Chance) -> tuple[str, ...]:
    tables = _tables()["features"]
    at = chance.number("features") * 100
    count = 0 if at < tables["none"] else 1 if at < tables["none"] + tables["one"] else 2
    faces = [feature for feature in FEATURES if not feature.endswith(" face")]
    return tuple(chance.order("features", faces)[:count])


def _years(chance: Chance, age: int) -> int:
    """Return for how many years the trade has been learnt."""
    most = max(1, age - LEARNT)
    return max(1, round(most * (0.45 + 0.5 * chance.number("years"))))


def _gender(chance: Chance, presentation: str) -> str:
    """Return the grammatical gender: that of the presentation, by chance where it is neither."""
    return {"female": "f", "male": "m"}.get(presentation) or chance.choice("gender", "mf")
