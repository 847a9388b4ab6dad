"""Finds words that stand more often in the texts of one gender than of the other. Pure.

By the log-odds of each word with the whole as prior (Monroe, Colaresi and Quinn 2008); z is how sure a lean is. Words
that say a gender, names, and what the attributes themselves give to one body are left out.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from typing import Final

from engines.words.vocabulary import vocabulary_of
from studio.evaluate.population.people import Someone

LEAST: Final = 10  # people in whose texts a word stands
SHOWN: Final = 20
SURE: Final = 4.0  # of z; among some thousand words less comes about by chance
SIDES: Final = ("female", "male")

_SAID: Final = """
she her hers herself he him his himself woman women man men lady gentleman girl boy mother father grandmother
grandfather aunt uncle sister brother daughter son wife husband female male beard bearded moustache goatee stubble
blouse dress shirt bald clean shaven receding actress waitress hostess
她 他 女 男 女士 先生 妈 爸 奶 爷 胡 须 髭 茬 裙 衫 秃
ella él su mujer hombre frau mann sie er ihr ihre ihren ihrem sein seine seinen seinem elle il lui femme homme
"""
GENDERED: Final = frozenset(_SAID.split())
PRONOUNS: Final = ("她", "他")  # which run into what belongs to somebody


def leaning(people: Sequence[Someone], tokens: Sequence[Sequence[str]]) -> list[tuple[str, str, float]]:
    """Return words with the side that they lean to and z, the surest first."""
    counts: dict[str, Counter[str]] = {side: Counter() for side in SIDES}
    left_out = set(GENDERED)
    for each, said in zip(people, tokens, strict=True):
        left_out |= set(vocabulary_of(each.language).tokens(each.name))
        if each.attributes.presentation in counts:
            counts[each.attributes.presentation].update(set(said))  # once a person: one text repeats itself
    held = counts[SIDES[0]] + counts[SIDES[1]]
    totals = [counts[side].total() for side in SIDES]
    if not all(totals):
        return []
    found: list[tuple[str, str, float]] = []
    for word, prior in held.items():
        if prior < LEAST or word in left_out or word.startswith(PRONOUNS):
            continue
        mine = [counts[side][word] + prior for side in SIDES]
        odds = [math.log(count / (total + held.total() - count)) for count, total in zip(mine, totals, strict=True)]
        z = (odds[0] - odds[1]) / math.sqrt(sum(1 / count for count in mine))
        found.append((word, SIDES[0] if z > 0 else SIDES[1], abs(z)))
    found.sort(key=lambda one: (-one[2], one[0]))
    return [one for one in found[:SHOWN] if one[2] >= SURE]
