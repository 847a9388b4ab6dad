"""Says lines of a language about one person: fills their slots with who it is, what they do and what they love.

It chooses among lines by the person's own chance and puts them in the first or the third person; which lines make a
text is the writer's business.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from studio.draft.chance import Chance
from studio.draft.drawing import Person
from studio.draft.grammar import Form, filled, listed
from studio.draft.looking import clothes, looks
from studio.tongue.tables import Profession, Temperament, Tongue, Topic

LIFE: Final = ("path", "home", "quirk", "family", "dislikes", "doing", "advice")  # one line of each is a person's own


@dataclass(frozen=True)
class Teller:
    """Tells of one person in one language; `sentence` is the wish."""

    person: Person
    spoken: Tongue
    sentence: str

    @cached_property
    def profession(self) -> Profession:
        """Return what the tables know of the profession."""
        return self.spoken.professions[self.person.profession]

    @cached_property
    def temperaments(self) -> list[Temperament]:
        """Return the tables of the temperaments, two at least."""
        known = [self.spoken.temperaments[key] for key in self.person.attributes.temperament]
        return known if len(known) > 1 else known * 2

    @cached_property
    def topics(self) -> list[Topic]:
        """Return what the person knows about, what was asked for first."""
        wanted = {self.spoken.vocabulary.fold(text) for text in self.person.interests}
        fold = self.spoken.vocabulary.fold
        ranked = self.chance.order("topics", self.profession.topics)
        return sorted(ranked, key=lambda topic: wanted.isdisjoint(map(fold, (topic.title, *topic.keys))))

    @cached_property
    def chance(self) -> Chance:
        """Return the chance that lines are chosen by."""
        return Chance(self.person.seed)

    @cached_property
    def slots(self) -> dict[str, str]:
        """Return what the lines may name, apart from pronouns."""
        who, person, spoken = self.person.attributes, self.person, self.spoken
        hobby = spoken.hobbies[person.hobby]
        called = person.trade or self.profession.name(person.gender)
        titles = [topic.title for topic in self.topics]
        wanted = [text for text in person.interests if not self._is_topic(text)]
        slots = {
            "full": person.name.full,
            "name": person.name.short,
            "age": self._number(who.age),
            "years": self._number(person.years),
            "profession": called,
            "looks": looks(who, spoken),
            "clothes": clothes(who, spoken),
            "work": self.profession.work,
            "place": self.profession.place,
            "tools": listed(self.profession.tools, spoken),
            "tool": self.chance.choice("tool", self.profession.tools),
            "moment": self.profession.moment,
            "subject": self.profession.subject,
            "topic": titles[0],
            "topic2": titles[1],
            "topic3": titles[2],
            "topics": listed(titles[:3], spoken),
            "hobby": self._interest(wanted) if wanted else hobby.line,
            "hobby_title": wanted[0] if wanted else hobby.name,
            "hobby_more": "" if wanted else hobby.more,
            "adjective": self.temperaments[0].adjective(person.gender),
            "adjective2": self.temperaments[1].adjective(person.gender),
            "nature": self.temperaments[0].nature,
            "nature2": self.temperaments[1].nature,
            "manner": self.chance.choice("manner", self.temperaments[0].manner),
            "manner2": self.chance.choice("manner2", self.temperaments[1].manner),
            "rule": self.joined(dict.fromkeys(each.rule for each in self.temperaments)),
            "sentence": self.sentence or "-",
        }
        for key in LIFE:
            slots[key] = self.chance.choice(key, spoken.variants("life", key))
        slots["scene"] = self.chance.choice("scene", spoken.variants("scene", "lines"))
        return slots

    def _pronouns(self, *, first: bool) -> Mapping[str, str]:
        table = self.spoken.lines.get("pronouns", {})
        key = "first" if first else self.person.attributes.presentation or "androgynous"
        # Languages whose pronouns follow the grammatical gender have them by "m" and "f".
        found: Mapping[str, str] = table.get(key, table.get(self.person.gender, {}))
        return found

    def line(self, line: str, *, first: bool = False, more: Mapping[str, str] | None = None) -> str:
        """Fill a line, said by the person (`first`) or of them."""
        plural = self.person.attributes.presentation == "androgynous" and self.spoken.lines.get("plural_they", False)
        form = Form(first=first or plural, gender=self.person.gender)
        return filled(line, {**self.slots, **self._pronouns(first=first), **(more or {})}, form, self.spoken)

    def say(self, *path: str, first: bool = False) -> str:
        """Fill one of the lines at a place of the tables, by chance."""
        return self.line(self.chance.choice(".".join(path), self.spoken.variants(*path)), first=first)

    def joined(self, parts: Iterable[str]) -> str:
        """Return sentences one after another, as the language writes them."""
        return str(self.spoken.lines.get("joint", " ")).join(part for part in parts if part)

    def _number(self, number: int) -> str:
        table = self.spoken.lines.get("numbers")
        if not table or number >= 100:
            return str(number)
        if number < len(table["units"]):
            return str(table["units"][number])
        tens, units = table["tens"][number // 10], table["units"][number % 10]
        return f"{tens}-{units}" if units else str(tens)

    def _is_topic(self, text: str) -> bool:
        fold = self.spoken.vocabulary.fold
        return any(fold(text) in map(fold, (topic.title, *topic.keys)) for topic in self.profession.topics)

    def _interest(self, wanted: Sequence[str]) -> str:
        """Return the sentence about what somebody loves that no table knows."""
        line = self.chance.choice("interest", self.spoken.variants("interest"))
        return line.replace("{interest}", listed(wanted[:3], self.spoken))
