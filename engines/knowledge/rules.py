"""Rules that answers are held to: what must be said, what never, and when. Reads rules.toml. It judges nothing.

[[rule]]
name = "mains"
when = ["open the housing", "change the bulb"]   # any of these is spoken of, by either side
must = ["unplug"]                                # any of these must be said in the answer
never = ["without unplugging"]                   # none of these may be said
say = "Please unplug the lamp first."            # what is said instead, or besides

[[fact]]
subject = "speed of light"
relation = "is"
object = "299,792 kilometres per second"
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from typing import Final, cast

from engines.identity.errors import IdentityError
from engines.identity.fields import Fields, Json
from engines.knowledge.document import Place
from engines.knowledge.facts import FACTS, Fact, read_fact

RULES: Final = 1_000
PHRASES: Final = 64
TEXT: Final = 400
CODE: Final = "bad_rules"
KNOWN: Final = frozenset({"rule", "fact", "language"})
FIELDS: Final = frozenset({"name", "when", "must", "never", "say"})


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: `when` (none: always) any of the phrases is spoken of, `must` or `never` any of these is said."""

    name: str
    place: Place
    when: tuple[str, ...] = ()
    must: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    say: str = ""

    def as_json(self) -> dict[str, Json]:
        """Return it as rules.toml has it."""
        lists = {"when": self.when, "must": self.must, "never": self.never}
        value: dict[str, Json] = {"name": self.name} | {key: [*texts] for key, texts in lists.items() if texts}
        return value | ({"say": self.say} if self.say else {})


def read_rules(text: str, file: str) -> tuple[list[Rule], list[Fact]]:
    """Read the rules and facts of a TOML text; IdentityError `bad_rules` says where it is wrong."""
    try:
        tables = cast("dict[str, Json]", tomllib.loads(text))
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise IdentityError(CODE, f"{file} is not TOML: {error or 'it is nested too deeply'}") from error
    if strange := sorted(set(tables) - KNOWN):
        raise IdentityError(CODE, f"{file} holds {strange[0][:60]!a}: there are [[rule]] and [[fact]]")
    fields = Fields(tables, file, code=CODE)
    rules = [read_rule(item, Place(file)) for item in fields.each("rule", most=RULES)]
    return rules, [read_fact(item, Place(file)) for item in fields.each("fact", most=FACTS)]


def read_rule(fields: Fields, place: Place) -> Rule:
    """Read one rule; IdentityError `bad_rules` names what is wrong with it."""
    if strange := sorted(set(fields.values) - FIELDS):
        raise IdentityError(CODE, f"{fields.where} has no field {strange[0][:60]!a}: {', '.join(sorted(FIELDS))}")
    rule = Rule(
        name=fields.text("name", longest=80).strip() or fields.where.rpartition(".")[2],
        place=place,
        when=_phrases(fields, "when"),
        must=_phrases(fields, "must"),
        never=_phrases(fields, "never"),
        say=fields.text("say", longest=TEXT).strip(),
    )
    if not (rule.must or rule.never):
        raise IdentityError(CODE, f"{fields.where} asks for nothing: it needs `must` or `never`")
    if rule.must and not (rule.when and rule.say):
        raise IdentityError(CODE, f"{fields.where} has a `must`: it needs `when` it holds and what to `say` then")
    return rule


def _phrases(fields: Fields, key: str) -> tuple[str, ...]:
    found = tuple(text.strip() for text in fields.texts(key, most=PHRASES) if text.strip())
    if any(len(text) > TEXT for text in found):
        raise IdentityError("too_large", f"{fields.where}.{key} holds a phrase of more than {TEXT} characters")
    return found
