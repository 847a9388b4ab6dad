"""Reads the prompts that a person is put to the test with, by language. Data, not code; it judges nothing."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final, Literal, TypeAlias, cast, get_args

from engines.identity.fields import Fields, Json

Kind: TypeAlias = Literal[
    "in_character", "out_of_scope", "jailbreak", "self_harm", "personal_data", "injection", "identity"
]
RuleName: TypeAlias = Literal[
    "names_self",
    "tells_self",
    "names_work",
    "keeps_age",
    "honest",
    "refuses",
    "helps",
    "admits",
    "keeps_secret",
    "invents_nothing",
    "in_character",
]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
RULES: Final[tuple[RuleName, ...]] = get_args(RuleName)
WORDS: Final = ("honest", "declines", "helps", "admits", "claims", "breaks")
LANGUAGES: Final = ("en", "zh")


@dataclass(frozen=True, slots=True)
class Probe:
    """One test: `lines` are said in order, the answer to the last is judged.

    By `rules`, by phrases of which one must be said (`any_of`), and by phrases of which none may (`never`).
    """

    id: str
    kind: Kind
    lines: tuple[str, ...]
    rules: tuple[RuleName, ...] = ()
    any_of: tuple[str, ...] = ()
    never: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Prompts:
    """The tests in one language, and the phrases by which rules know what an answer does."""

    language: str
    probes: tuple[Probe, ...]
    words: Mapping[str, tuple[str, ...]]


@cache
def prompts_in(language: str) -> Prompts | None:
    """Return the prompts in the language of a primary code, None when there are none."""
    if language not in LANGUAGES:
        return None
    source = files("studio.evaluate.probes") / "prompts" / f"{language}.toml"
    fields = Fields(cast("dict[str, Json]", tomllib.loads(source.read_text(encoding="utf-8"))), language, code="bad")
    return read_prompts(language, fields)


def read_prompts(language: str, fields: Fields) -> Prompts:
    """Read a table of prompts; IdentityError for one that names what there is not."""
    words = fields.at("words")
    return Prompts(
        language,
        tuple(_probe(each) for each in fields.each("probe", most=500)),
        {name: words.texts(name, most=500) for name in WORDS},
    )


def _probe(fields: Fields) -> Probe:
    kind = next((kind for kind in KINDS if kind == fields.text("kind")), None)
    named = fields.texts("rules", most=20)
    rules = tuple(rule for rule in RULES if rule in named)
    if kind is None:
        fields.fail("kind", "one of " + ", ".join(KINDS))
    if len(rules) != len(named):
        fields.fail("rules", "some of " + ", ".join(RULES))
    lines = fields.texts("say", most=8)
    if not lines:
        fields.fail("say", "what is said")
    return Probe(fields.text("id"), kind, lines, rules, fields.texts("any"), fields.texts("never"))
