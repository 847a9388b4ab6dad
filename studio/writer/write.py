"""The model writer: attributes and an outline first, then texts that must agree with them.

Each answer is checked against its schema and against what was wished for; what is wrong with it is told to the model,
twice at most. What it gets right is cleaned and bounded; the rest of the card (answers about itself, instructions)
comes from the offline writer's lines, so that a model cannot write its own rules.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from engines.identity.attributes import Attributes, FacialHair, Garment, Glasses, Hair
from studio.draft.drawing import Person, drawn
from studio.draft.figures import figure_in
from studio.draft.naming import named
from studio.draft.offline import OfflineWriter
from studio.draft.texts import Lore, Texts
from studio.draft.wanted import Wanted, over
from studio.errors import StudioError
from studio.stage import Progress
from studio.tongue.tables import Tongue
from studio.writer.cleaning import SHORTEST, clean, contradictions, without
from studio.writer.models import Model, Said
from studio.writer.schema import Schema, Sizes, outline_schema, read, text_schema

REPAIRS: Final = 2

WRITER: Final = (
    "You invent people for conversations. You write in {language}. You answer with one JSON object by the given "
    "schema and with nothing else. Nobody you invent is a real person, and nothing you write is unkind to a group."
)
OUTLINE: Final = (
    "Invent somebody by this wish: {wish}\nWhat is fixed already: {fixed}\nAnswer by this JSON schema: {schema}"
)
TEXT: Final = (
    "Write the card of this person: {person}\nEverything must agree with it. `description` speaks of the person in "
    "the third person and names age, looks and clothes; `about`, `greetings` and `reply` are what the person says; "
    "`topics` are things that the person knows, as true statements.\nAnswer by this JSON schema: {schema}"
)


@dataclass
class ModelWriter:
    """Writes people by a model; `tries` counts its answers, `notes` say what had to be mended."""

    model: Model
    sizes: Sizes = field(default_factory=Sizes)
    repairs: int = REPAIRS
    tries: int = 0
    notes: list[str] = field(default_factory=list)

    def write(
        self, found: Wanted, spoken: Tongue, wish: str, chance: str, seed: int, progress: Progress, name: str = ""
    ) -> tuple[Person, Texts]:
        """Return a person and their texts; StudioError `bad_model` when the model cannot be brought to write them."""
        progress(0.1, "asking the model who it is")
        schema = outline_schema(found.attributes, self.sizes)
        fixed = json.dumps(found.attributes.as_json(), ensure_ascii=False)
        ask = OUTLINE.replace("{wish}", wish).replace("{fixed}", fixed).replace("{schema}", json.dumps(schema))
        outline = self._asked(_talk(spoken, ask), schema, seed, _names_nobody)
        person = self._person(outline, found, spoken, chance, name)
        return person, self.describe(person, spoken, wish, outline["outline"], seed, progress)

    def describe(self, person: Person, spoken: Tongue, wish: str, outline: str, seed: int, progress: Progress) -> Texts:
        """Return texts of a person who is known already; StudioError `bad_model` as above."""
        progress(0.4, "asking the model for the texts")
        schema = text_schema(self.sizes)
        told = {"name": person.name.full, **person.attributes.as_json(), "wish": wish, "outline": outline}
        ask = TEXT.replace("{person}", json.dumps(told, ensure_ascii=False)).replace("{schema}", json.dumps(schema))
        check = lambda value: contradictions(person.attributes, value["description"], person.language)  # noqa: E731
        written = self._asked(_talk(spoken, ask), schema, seed, check, gentle=True)
        progress(0.9, "making the texts fit")
        return self._texts(written, person, spoken, wish)

    def _asked(
        self,
        talk: Sequence[Said],
        schema: Schema,
        seed: int,
        check: Callable[[dict[str, Any]], list[str]],
        *,
        gentle: bool = False,
    ) -> dict[str, Any]:
        """Ask, and ask again with what was wrong; with `gentle` a last answer that fits the schema is taken."""
        said, problems = list(talk), ["nothing was asked"]
        value: dict[str, Any] = {}
        for attempt in range(1 + self.repairs):
            self.tries += 1
            answer = self.model.ask(said, schema, seed + attempt)
            value, problems = read(answer, schema)
            fits = not problems
            problems = problems or check(value)
            if not problems or (fits and gentle and attempt == self.repairs):
                return value
            told = "That was not right: " + "; ".join(problems) + ". Answer again, with the whole JSON object."
            said = [*talk, Said("assistant", answer[:2000]), Said("user", told)]
        raise StudioError(
            "bad_model", f"{self.model.name} wrote nothing that fits in {1 + self.repairs} tries: {problems[0]}"
        )

    def _person(self, outline: dict[str, Any], found: Wanted, spoken: Tongue, chance: str, name: str) -> Person:
        """Return the person of an outline; what was wished for stays, what the model left out is drawn."""
        own = Attributes(
            age=outline["age"],
            presentation=outline["presentation"],
            skin=outline["skin"],
            hair=Hair("" if outline["hair_style"] == "bald" else outline["hair_colour"], outline["hair_style"]),
            eyes=outline["eyes"],
            glasses=Glasses(outline["glasses"]),
            facial_hair=FacialHair(outline["facial_hair"]),
            outer=Garment(outline["outer"], "" if outline["outer"] == "none" else outline["outer_colour"]),
            inner=Garment(outline["inner"], outline["inner_colour"]),
            profession=clean(outline["profession"], 60) or "companion",
            temperament=tuple(dict.fromkeys(outline["temperament"])),
            interests=tuple(clean(text, 40) for text in outline["interests"]),
        )
        wanted = replace(found, attributes=over(own, found.attributes))
        person = drawn(wanted, spoken, chance, name=name)
        return person if name or found.name else replace(person, name=named(clean(outline["name"], 60)))

    def _texts(self, written: dict[str, Any], person: Person, spoken: Tongue, wish: str) -> Texts:
        """Return the model's texts, cleaned, over those of the offline writer."""
        base = OfflineWriter(person, spoken, wish).texts()
        long, short = self.sizes.long, self.sizes.short
        description = clean(written["description"], long)
        kept = without(person.attributes, description, person.language)
        if kept != description:
            self.notes.append("sentences that contradicted the attributes were left out of the description")
        if len(kept) < SHORTEST:
            self.notes.append("the description is the offline writer's")
            kept = base.description
        greetings = tuple(text for each in written["greetings"] if (text := clean(each, short)))
        talks = tuple((clean(each["user"], 160), clean(each["reply"], short)) for each in written["talks"])
        lore = tuple(
            Lore(title, tuple(key for each in topic["keys"] if (key := clean(each, 30))), clean(topic["text"], short))
            for topic in written["topics"]
            if (title := clean(topic["title"], 40)) and clean(topic["text"], short)
        )
        about = clean(written["about"], short)
        notes = spoken.lines["notes"]["model"].replace("{tool}", self.model.name).replace("{sentence}", wish)
        return replace(
            base,
            description=kept,
            personality=clean(written["personality"], short) or base.personality,
            scenario=clean(written["scenario"], short) or base.scenario,
            greetings=greetings or base.greetings,
            examples=tuple(pair for pair in talks if all(pair)) or base.examples,
            lore=(*lore, *base.lore),
            about=(about,) if about else base.about,
            notes=notes,
        )


def _talk(spoken: Tongue, ask: str) -> list[Said]:
    """Return the talk that a question begins."""
    return [Said("system", WRITER.replace("{language}", str(spoken.lines["name"]))), Said("user", ask)]


def _names_nobody(outline: dict[str, Any]) -> list[str]:
    """Say whether a model named its person after somebody whom the public knows."""
    known = figure_in(f"{outline['name']}\n{outline['outline']}")
    return [f"{known} is a real person: invent somebody"] if known else []
