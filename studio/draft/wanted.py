"""What a sentence wants of a person: typed, without contradictions, with what was understood of it and what was not."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from engines.identity.attributes import (
    PROFESSION,
    Attributes,
    FacialHair,
    Garment,
    Glasses,
    Hair,
    VoiceManner,
)
from engines.identity.vocabulary import HAIRLESS, OPPOSED
from studio.errors import StudioError
from studio.tongue.ages import Age
from studio.tongue.reading import Reader
from studio.tongue.traits import Reading

CODE: Final = "contradiction"
TEMPERAMENTS: Final = 3
INTERESTS: Final = 8


@dataclass(frozen=True, slots=True)
class Wanted:
    """A person in part.

    `age` is a range in years; `professions` are those that a word such as "teacher" leaves open; `refused` are
    temperaments that are not wanted; `understood` says of which words what was made, `unread` are the words that said
    nothing, `choices` say how what did not fit together was decided.
    """

    attributes: Attributes = field(default_factory=Attributes)
    age: tuple[int, int] | None = None
    region: str = ""
    professions: tuple[str, ...] = ()
    hobby: str = ""
    glasses: bool = False
    refused: tuple[str, ...] = ()
    name: str = ""
    understood: tuple[tuple[str, str], ...] = ()
    unread: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()


def wanted(reading: Reading, reader: Reader) -> Wanted:
    """Return what a wish wants; StudioError `contradiction` where it asks for what cannot be together."""
    choices: list[str] = []
    _check_hair(reading)
    age = _age(reading, choices)
    profession, open_, unread = _profession(reading, reader, choices)
    hobbies = [reader.hobby(text) for text in reading.interests]
    hobby = next((key for key in (*hobbies, *(trait.value for trait in reading.of("hobby"))) if key), "")
    interests = tuple(key or text for key, text in zip(hobbies, reading.interests, strict=True))[:INTERESTS]
    attributes = Attributes(
        age=age[0] if age and age[0] == age[1] else 0,
        presentation=_presentation(reading, choices),
        ancestry=_one(reading, "ancestry", choices),
        skin=_one(reading, "skin", choices),
        hair=Hair(_one(reading, "hair_colour", choices), _style(reading, choices)),
        eyes=_one(reading, "eyes", choices),
        glasses=_glasses(reading, choices),
        facial_hair=FacialHair(reading.first("facial_hair"), reading.first("beard_colour")),
        outer=_garment(reading, "outer", choices),
        inner=_garment(reading, "inner", choices),
        headwear=_one(reading, "headwear", choices) or _none(reading, "headwear"),
        build=_one(reading, "build", choices),
        features=tuple(dict.fromkeys(trait.value for trait in reading.of("features"))),
        profession=profession,
        temperament=_temperament(reading, choices),
        interests=tuple(dict.fromkeys((*interests, *([hobby] if hobby else ()))))[:INTERESTS],
        audience=_one(reading, "audience", choices),
        languages=tuple(dict.fromkeys(trait.value for trait in reading.of("languages"))),
        accent=_one(reading, "accent", choices),
        voice=VoiceManner(
            pitch=_one(reading, "voice_pitch", choices),
            rate=_one(reading, "voice_rate", choices),
            energy=_one(reading, "voice_energy", choices),
            style=_one(reading, "voice_style", choices),
        ),
    )
    return Wanted(
        attributes=attributes,
        age=age,
        region=reading.first("regions"),
        professions=open_,
        hobby=hobby,
        glasses=bool(reading.of("glasses") or reading.of("frame")),
        refused=tuple(trait.value for trait in reading.traits if trait.key == "temperament" and trait.denied),
        name=reading.name,
        understood=_understood(reading),
        unread=unread,
        choices=tuple(choices),
    )


def over(base: Attributes, asked: Attributes) -> Attributes:
    """Return `base` with what was asked for in its place, part by part."""
    changes: dict[str, object] = {}
    for name in Attributes.__dataclass_fields__:
        old, new = getattr(base, name), getattr(asked, name)
        if isinstance(new, Hair | Glasses | FacialHair | Garment | VoiceManner):
            parts = {part: value for part in new.__dataclass_fields__ if (value := getattr(new, part))}
            changes[name] = replace(old, **parts)
        else:
            changes[name] = new or old
    return replace(base, **changes)  # type: ignore[arg-type]  # the fields are of several types


# ------------------------------------------------------------------------------------------------ parts


def _clash(first: str, second: str) -> StudioError:
    return StudioError(CODE, f"the wish says both {first!r} and {second!r}: leave one of them out")


def _one(reading: Reading, key: str, choices: list[str]) -> str:
    """Return the one value that was said under a key; the first of several, which is told."""
    found = list({trait.value: trait for trait in reading.of(key)}.values())
    choices += [f"{found[0].words} rather than {other.words}, which came later" for other in found[1:]]
    return found[0].value if found else ""


def _none(reading: Reading, key: str) -> str:
    return "none" if any(trait.key == key and trait.denied for trait in reading.traits) else ""


def _age(reading: Reading, choices: list[str]) -> tuple[int, int] | None:
    sure = [(age, words) for age, words in reading.ages if age.sure]
    unsure = [(age, words) for age, words in reading.ages if not age.sure]
    found = _narrowed(sure, clash=True)
    for age, words in unsure:
        if found is None:
            found = (age.low, age.high)
        elif age.low <= found[1] and age.high >= found[0]:
            found = (max(age.low, found[0]), min(age.high, found[1]))
        else:
            other = sure[0][1] if sure else unsure[0][1]
            choices.append(f"{other} rather than {words}")
    return found


def _narrowed(ages: Sequence[tuple[Age, str]], *, clash: bool) -> tuple[int, int] | None:
    found: tuple[int, int] | None = None
    for age, words in ages:
        low, high = (age.low, age.high) if found is None else (max(found[0], age.low), min(found[1], age.high))
        if low > high:
            raise _clash(ages[0][1], words)
        found = (low, high)
    return found


def _check_hair(reading: Reading) -> None:
    bald = next((trait for trait in reading.of("hair_style") if trait.value in HAIRLESS), None)
    other = next((t for t in (*reading.of("hair_style"), *reading.of("hair_colour")) if t.value not in HAIRLESS), None)
    if bald and other:
        raise _clash(bald.words, f"{other.words} hair")


def _style(reading: Reading, choices: list[str]) -> str:
    """Return the style of the hair; of two that go together, such as "short, curly", the more telling one."""
    said = list(dict.fromkeys(trait.value for trait in reading.of("hair_style")))
    lengths = ("short", "long", "shoulder-length", "cropped")
    telling = [value for value in said if value not in lengths]
    if len(telling) > 1:
        choices.append(f"{telling[0]} rather than {', '.join(telling[1:])}")
    if "short" in said and "long" in said:
        raise _clash("short", "long hair")
    return (telling or said or [""])[0]


def _glasses(reading: Reading, choices: list[str]) -> Glasses:
    denied = next((trait for trait in reading.traits if trait.key == "glasses" and trait.denied), None)
    worn = next((trait for trait in reading.of("glasses")), None)
    if denied and worn:
        raise _clash(f"no {denied.words}", worn.words)
    if denied:
        return Glasses("none")
    shapes = [trait for trait in reading.of("glasses") if trait.value != "some"]
    choices += [f"{shapes[0].words} rather than {other.words} glasses" for other in shapes[1:]]
    return Glasses(shapes[0].value if shapes else "", _one(reading, "frame", choices))


def _garment(reading: Reading, part: str, choices: list[str]) -> Garment:
    worn = _one(reading, f"{part}.kind", choices) or _none(reading, f"{part}.kind")
    return Garment(worn, _one(reading, f"{part}.colour", []))


def _presentation(reading: Reading, choices: list[str]) -> str:
    nouns = list(dict.fromkeys(trait.value for trait in reading.of("presentation")))
    pronouns = [trait.value for trait in reading.of("pronoun")]
    if len(nouns) > 1:
        choices.append(f"{nouns[0]} rather than {nouns[1]}, which came later")
    if nouns:
        return nouns[0]
    # "They" may stand for things as well, so it counts only where nothing else does.
    return next((value for value in pronouns if value != "androgynous"), next(iter(pronouns), ""))


def _temperament(reading: Reading, choices: list[str]) -> tuple[str, ...]:
    kept: list[str] = []
    for trait in reading.of("temperament"):
        clash = next((other for other in kept if _opposed(other, trait.value)), "")
        if clash:
            choices.append(f"{clash} rather than {trait.value}: nobody is both at once")
        elif trait.value not in kept and len(kept) < TEMPERAMENTS:
            kept.append(trait.value)
    return tuple(kept)


def _opposed(one: str, other: str) -> bool:
    return (one, other) in OPPOSED or (other, one) in OPPOSED


def _profession(reading: Reading, reader: Reader, choices: list[str]) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    """Return the profession, those left open, and the words that are still unread.

    A profession that is not known is taken as it was written, from the words that said nothing else.
    """
    known = _one(reading, "profession", choices)
    if known:
        return known.replace("_", " "), (), reading.unread
    if family := reading.first("family"):
        return "", *_said_beside(tuple(reader.tongue.traits["families"][family]), reading, reader)
    for text in reading.heads[:1]:
        return text[:PROFESSION], (), tuple(each for each in reading.unread if each != text)
    return "", (), reading.unread


def _said_beside(open_: tuple[str, ...], reading: Reading, reader: Reader) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the professions of which words say most that nothing else said ("a guide of a museum"), and the others."""
    signs = reader.tongue.code in ("zh", "ja")

    def shared(key: str) -> tuple[str, ...]:
        profession = reader.tongue.professions[key]
        about = " ".join((*profession.names, *profession.words, profession.place)).casefold()
        words = about if signs else {_singular(word) for word in about.split()}
        said = ((text, text.casefold()) for text in reading.unread)
        return tuple(
            text
            for text, each in said
            if any(word in words for word in (_signs(each) if signs else map(_singular, each.split())))
        )

    found = {key: shared(key) for key in open_ if key in reader.tongue.professions}
    most = max((len(texts) for texts in found.values()), default=0)
    if not most:
        return open_, reading.unread
    best = tuple(key for key, texts in found.items() if len(texts) == most)
    return best, tuple(each for each in reading.unread if not any(each in found[key] for key in best))


def _singular(word: str) -> str:
    return word.removesuffix("s") if len(word) > 3 else word


def _signs(text: str) -> list[str]:
    """Return each two signs of a text that stand beside each other."""
    return [text[at : at + 2] for at in range(len(text) - 1)]


def _understood(reading: Reading) -> tuple[tuple[str, str], ...]:
    """Say of which words what was made."""
    ages = [
        (words, f"age {age.low}" + (f" to {age.high}" if age.high > age.low else "")) for age, words in reading.ages
    ]
    told = [(trait.words, _told(trait.key, trait.value, denied=trait.denied)) for trait in reading.traits]
    loved = [(text, "interest") for text in reading.interests]
    named = [(reading.name, "name")] if reading.name else []
    return tuple(dict.fromkeys((*ages, *told, *loved, *named)))


def _told(key: str, value: str, *, denied: bool) -> str:
    plain = f"{key.replace('_', ' ').replace('.', ' ')} {value}".replace("_", " ")
    return f"not {plain}" if denied else plain


def merged_interests(*groups: Iterable[str]) -> tuple[str, ...]:
    """Return all interests, each once, as many as a person may have."""
    return tuple(dict.fromkeys(text for group in groups for text in group))[:INTERESTS]
