"""Says how rich the card's texts are: how often it repeats itself, and how much it says."""

from __future__ import annotations

from typing import Final

from engines.identity.fields import Json
from studio.evaluate.measures import Measure, Section, Wanted, unmeasured
from studio.evaluate.numbers.words import density, distinct, variety
from studio.evaluate.subject import Subject

NAME: Final = "richness"
LEAST: Final = 60  # words below which nothing is said about them


def richness(subject: Subject) -> Section:
    """Measure distinct-1, -2 and -3, the variety of words within fifty, and what is left when it is compressed."""
    words = [word for text in subject.tokens for word in text]
    if len(words) < LEAST:
        why = f"the card has only {len(words)} words"
        return Section(NAME, tuple(unmeasured(f"{NAME}.{name}", why) for name in ("distinct_2", "variety")))
    everything = "\n".join(text.text for text in subject.texts)
    grams = {n: distinct(subject.tokens, n) for n in (1, 2, 3)}
    # Speakers of any language repeat function words, but hardly ever a run of three words in a text of card length.
    measures = (
        Measure(f"{NAME}.words", len(words), unit="words"),
        Measure(f"{NAME}.distinct_1", grams[1]),
        Measure(f"{NAME}.distinct_2", grams[2], wanted=Wanted(at_least=0.5)),
        Measure(f"{NAME}.distinct_3", grams[3], wanted=Wanted(at_least=0.7)),
        Measure(f"{NAME}.variety", variety(words), wanted=Wanted(at_least=0.6)),
        Measure(f"{NAME}.density", density(everything)),
    )
    longest = sorted(subject.texts, key=lambda text: -len(text.text))[:12]
    lengths: list[Json] = [{"where": text.where, "characters": len(text.text)} for text in longest]
    return Section(NAME, measures, {"texts": len(subject.texts), "longest": lengths})
