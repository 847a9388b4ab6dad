"""Describes many people: what was read back, evenness, complexity, likeness, what tells of what. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Final

from engines.identity import vocabulary as words
from engines.identity.fields import Json
from engines.words.vocabulary import vocabulary_of
from studio.evaluate.measures import Measure, Section, Wanted, share
from studio.evaluate.numbers.information import SHUFFLES
from studio.evaluate.numbers.similarity import HASHES, likeness, sketches
from studio.evaluate.numbers.spread import quantile, spread
from studio.evaluate.numbers.words import distinct, variety
from studio.evaluate.population.audit import information, values
from studio.evaluate.population.leaning import leaning
from studio.evaluate.population.people import Someone, flat
from studio.extract import compared

# The values that an attribute may have; what is not here is free text.
POSSIBLE: Final[Mapping[str, Sequence[str]]] = {
    "presentation": words.PRESENTATIONS, "ancestry": words.ANCESTRIES, "skin": words.SKINS,
    "hair.colour": words.HAIR_COLOURS, "hair.style": words.HAIR_STYLES, "eyes": words.EYES, "glasses": words.GLASSES,
    "frame": words.FRAMES, "facial_hair": words.FACIAL_HAIR, "outer.kind": words.OUTER, "outer.colour": words.COLOURS,
    "inner.kind": words.INNER, "inner.colour": words.COLOURS, "headwear": words.HEADWEAR, "build": words.BUILDS,
    "features": words.FEATURES, "temperament": words.TEMPERAMENTS, "audience": words.AUDIENCES,
    "voice.pitch": words.LEVELS, "voice.rate": words.LEVELS, "voice.range": words.LEVELS, "voice.energy": words.LEVELS,
    "voice.style": words.VOICE_STYLES,
}  # fmt: skip
READ: Final = Wanted(at_least=0.98)
ALIKE: Final = Wanted(at_most=0.8)  # the most alike pair
LINES: Final = 10  # people that a measure names
TOKENS: Final = 20_000


def studied(people: Sequence[Someone], *, seed: int = 0, shuffles: int = SHUFFLES) -> list[Section]:
    """Return the sections of a study of people in one language."""
    rows = [flat(each.attributes) for each in people]
    language = vocabulary_of(people[0].language if people else "en")
    tokens = [language.tokens(each.text, most=TOKENS) for each in people]
    leans = leaning(people, tokens)
    lean: list[Json] = [{"word": word, "towards": side, "z": round(z, 2)} for word, side, z in leans]
    return [
        read_back(people),
        information(rows, seed=seed, shuffles=shuffles),
        spreads(rows),
        complexity(tokens),
        alike(people, tokens, seed),
        Section("leaning", (Measure("leaning.words", len(leans), unit="count"),), {"table": lean}),
    ]


def read_back(people: Sequence[Someone]) -> Section:
    """Say how often each attribute was read back exactly."""
    every = [same for each in people for same in each.same.values()]
    floors = strangers(people)
    measures = [replace(share("readback.all", sum(every), len(every), wanted=READ), floor=floors.get("", None))]
    for key in dict.fromkeys(key for each in people for key in each.same):
        held = [each for each in people if key in each.same]
        wrong = [each for each in held if not each.same[key]]
        told = ((each, flat(each.attributes), flat(each.found)) for each in wrong[:LINES])
        lines = [f"seed {each.seed}: {a.get(key, 'none')} was read as {b.get(key, 'none')}" for each, a, b in told]
        one = share(f"readback.{key}", len(held) - len(wrong), len(held), wanted=READ, evidence=lines)
        measures.append(replace(one, floor=floors.get(key)))
    return Section("readback", tuple(measures), {"people": len(people)})


def strangers(people: Sequence[Someone]) -> dict[str, float]:
    """Return how often each attribute is found in the text of the next person, who has nothing to do with this one.

    That is the floor of reading back; "" is that of all attributes together.
    """
    found: dict[str, list[bool]] = {"": []}
    for one, other in pairwise(people):
        for key, same in compared(one.attributes, other.found).items():
            found.setdefault(key, []).append(same)
            found[""].append(same)
    return {key: sum(same) / len(same) for key, same in found.items() if same}


def spreads(rows: Sequence[Mapping[str, str]]) -> Section:
    """Say how the values of each attribute are spread."""
    measures: list[Measure] = []
    table: list[Json] = []
    for key in ("age", *POSSIBLE, "profession", "interests", "accent"):
        every = [value for row in rows for value in values(key, row)]
        if not every:
            continue
        found = spread(every, POSSIBLE.get(key, ()))
        measures.append(Measure(f"spread.{key}", found.evenness))
        table.append(
            {
                "attribute": key,
                "n": found.n,
                "values": found.values,
                "possible": found.possible,
                "coverage": round(found.coverage, 6),
                "entropy": round(found.entropy, 6),
                "evenness": round(found.evenness, 6),
                "chi_square": round(found.chi_square, 3),
                "freedom": found.freedom,
                "p": float(f"{found.p:.3g}"),
                "top": found.top,
                "top_share": round(found.top_share, 6),
            }
        )
    different = len({tuple(sorted(row.items())) for row in rows})
    measures.append(Measure("spread.people", different, unit="count", evidence=("people of different attributes",)))
    return Section("spread", tuple(measures), {"table": table})


def complexity(tokens: Sequence[Sequence[str]]) -> Section:
    """Say how long and how rich the texts are."""
    lengths = sorted(len(each) for each in tokens)
    own = [variety(each) for each in tokens if each]
    measures = (
        *(Measure(f"complexity.words_{q * 100:.0f}", quantile(lengths, q), unit="words") for q in (0.05, 0.5, 0.95)),
        Measure("complexity.variety", sum(own) / len(own) if own else None),
        Measure("complexity.distinct_2", distinct(tokens, 2) if own else None),
        Measure("complexity.vocabulary", len({word for each in tokens for word in each}), unit="words"),
    )
    return Section("complexity", measures, {"words": [*lengths]})


def alike(people: Sequence[Someone], tokens: Sequence[Sequence[str]], seed: int) -> Section:
    """Say how alike the texts are, two by two."""
    found = likeness(sketches(tokens, seed=seed))
    if not found.pairs:
        return Section("alike", (Measure("alike.mean", why="there are no two people"),))
    one, other = (people[number] for number in found.closest)
    measures = (
        Measure("alike.mean", found.mean, evidence=(f"{found.pairs} pairs",)),
        Measure("alike.p99", found.p99),
        Measure("alike.most", found.most, wanted=ALIKE, evidence=(f"seeds {one.seed} and {other.seed}",)),
        Measure("alike.half", found.near, unit="count", evidence=("pairs that are at least half alike",)),
    )
    return Section("alike", measures, {"histogram": [*found.histogram], "hashes": HASHES})
