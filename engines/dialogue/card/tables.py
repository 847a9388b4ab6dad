"""The tables of the languages that ship, as files hold them. It knows TOML and names of languages, not what is in them.

In `languages/CODE.toml` what people say stands under `hear`, what is replied under `reply`, by the name of an intent;
what an intent does is the same in all languages and stands in English, whose file lists the intents themselves. The
words of a language stand in `engines/words`. Chinese has two files: what is said in Traditional signs stands in
`zh-hant.toml`, what is heard is the same.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Final, cast

from engines.identity.bundle import primary
from engines.identity.fields import Fields, Json
from engines.words.vocabulary import read_words

INTENTS: Final = 400
SHARED: Final = frozenset({"name", "do", "firm", "offer", "trait", "offer_course"})  # of an intent, by all languages
TRADITIONAL: Final = "zh-hant"
WRITTEN_SO: Final = frozenset({"tw", "hk", "mo", "hant"})  # parts of a tag by which Chinese is in Traditional signs
PARTS: Final = ("none", "course", "end")  # further replies of an intent


def has_tables(code: str) -> bool:
    """Say whether phrases of a language ship with this package."""
    return bool(read_tables(primary(code)))


def table_name(code: str) -> str:
    """Return the name of the tables for a BCP-47 code: "de" for "de-AT", "zh-hant" for "zh-TW"."""
    first, *others = code.replace("_", "-").lower().split("-")
    traditional = first == "yue" or (primary(code) == "zh" and not WRITTEN_SO.isdisjoint(others))
    return TRADITIONAL if traditional and "hans" not in others else primary(code)


@cache
def read_tables(name: str) -> Mapping[str, Json]:
    """Read the shipped tables of a language, {} when there are none."""
    own = {**_read("zh"), **_read(name)} if name == TRADITIONAL else _read(name)
    if not own:
        return {}
    tables = {**read_words(primary(name)), **own}
    return tables if "intent" in tables else {**tables, "intent": _intents(Fields(tables, name, code="bad_phrases"))}


def _read(name: str) -> dict[str, Json]:
    source = files("engines.dialogue.card") / "languages" / f"{name}.toml"
    if not (name.isascii() and name.replace("-", "").isalpha() and source.is_file()):
        return {}
    return cast("dict[str, Json]", tomllib.loads(source.read_text(encoding="utf-8")))


def _intents(fields: Fields) -> list[Json]:
    """Make the intents of a language from `hear` and `reply`; what they do is the same in all and stands in English."""
    hear, reply = fields.at("hear"), fields.at("reply")
    made: list[Json] = []
    for item in Fields(read_tables("en"), "en", code="bad_phrases").each("intent", most=INTENTS):
        name = item.text("name")
        if name in hear.values:
            more = {f"say_{part}": reply.values[f"{name}_{part}"] for part in PARTS if f"{name}_{part}" in reply.values}
            shared = {key: value for key, value in item.values.items() if key in SHARED}
            made.append({**shared, "ask": hear.values[name], "say": reply.values.get(name), **more})
    return made
