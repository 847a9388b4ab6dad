"""The offline writer: puts a person who was drawn into texts, by a grammar over the tables of a language.

It is no language model and says so in what it writes. The same person, seed and tables give the same texts; a change of
one attribute changes the texts that speak of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from studio.draft.drawing import OTHER, Person, advisers
from studio.draft.grammar import capital, listed
from studio.draft.telling import Teller
from studio.draft.texts import Answer, Lesson, Lore, Texts
from studio.tongue.tables import Tongue

TOOL: Final = "offline writer 1"
VERSION: Final = 1
GREETINGS: Final = 4


@dataclass(frozen=True)
class OfflineWriter:
    """Writes one person in one language; `sentence` is the wish, for the creator's notes."""

    person: Person
    spoken: Tongue
    sentence: str

    def texts(self) -> Texts:
        """Return all texts of the person."""
        lessons = self._lessons()
        return Texts(
            line=self._one_line(),
            description=self._description(),
            personality=self._personality(),
            scenario=self._teller.say("scenario", "lines"),
            greetings=self._greetings(bool(lessons)),
            examples=self._examples(),
            system=self._system(),
            reminder=self._teller.line(self.spoken.lines["system"]["reminder"]),
            notes=self._teller.line(self.spoken.lines["notes"]["offline"]),
            tags=self._tags(bool(lessons)),
            lore=self._lore(),
            about=self._about(),
            answers=self._answers(),
            course=self._teller.profession.subject,
            lessons=lessons,
        )

    # -------------------------------------------------------------------------------------------- what is said of whom

    @cached_property
    def _teller(self) -> Teller:
        return Teller(self.person, self.spoken, self.sentence)

    # -------------------------------------------------------------------------------------------- the texts

    def _one_line(self) -> str:
        two = self._teller.temperaments[0] is not self._teller.temperaments[1]
        return capital(self._teller.say("notes", "one_line" if two else "one_line_plain"))

    def _description(self) -> str:
        lines = self.spoken.lines["description"]
        order = self._teller.chance.choice("order", lines["order"])
        made = []
        for part in order:
            if part in ("opening", "work"):
                made.append(self._teller.say("description", part))
            else:
                made.append(self._teller.line(self._teller.slots[part]))
        return self._teller.joined(capital(part) for part in made)

    def _personality(self) -> str:
        parts = [
            listed(
                list(dict.fromkeys((self._teller.slots["adjective"], self._teller.slots["adjective2"]))), self.spoken
            )
        ]
        stop = str(self.spoken.lines.get("stop", "."))
        return self._teller.joined(
            [capital(parts[0]) + stop, self._teller.line("{manner}"), self._teller.line("{manner2}")]
        )

    def _greetings(self, course: bool) -> tuple[str, ...]:
        children = self.person.attributes.audience == "children"
        offers = list(self.spoken.variants("greeting", "children" if children else "offer"))
        offers = self._teller.chance.order("offers", offers)
        opened = self._teller.chance.order(
            "greet", [*self._teller.temperaments[0].greet, self._teller.temperaments[1].greet[0]]
        )
        made = [self._teller.joined((hello, offers[i % len(offers)])) for i, hello in enumerate(opened)]
        if course:
            made[0] = self._teller.joined((opened[0], self.spoken.lines["greeting"]["course"]))
        return tuple(self._teller.line(each, first=True) for each in dict.fromkeys(made))[:GREETINGS]

    def _examples(self) -> tuple[tuple[str, str], ...]:
        talks = [*self._teller.profession.asks, *dict.fromkeys(each.exchange for each in self._teller.temperaments)]
        return tuple((self._teller.line(ask, first=True), self._teller.line(reply, first=True)) for ask, reply in talks)

    def _system(self) -> str:
        lines = self.spoken.lines["system"]
        chosen = list(lines["lines"])
        if self.person.attributes.audience == "children":
            chosen.append(lines["children"])
        if self.person.profession in advisers():
            chosen.append(lines["adviser"])
        return "\n".join(self._teller.line(line) for line in chosen)

    def _tags(self, teaches: bool) -> tuple[str, ...]:
        names = self.spoken.lines["notes"]["tags"]
        tags = [self._teller.slots["profession"], self._teller.slots["adjective"], self.person.language]
        tags += [names["teacher"]] if teaches else []
        tags += [names["children"]] if self.person.attributes.audience == "children" else []
        return tuple(dict.fromkeys(tags))

    def _lore(self) -> tuple[Lore, ...]:
        own = [Lore(topic.title, topic.keys, topic.text) for topic in self._teller.topics]
        about = []
        for key in ("story", "hobby", "tools", "place"):
            row = self.spoken.lines["lore"][key]
            keys = tuple(
                dict.fromkeys((*row["keys"], *([self._teller.slots["hobby_title"]] if key == "hobby" else ())))
            )
            text = self._teller.line(row["text"], first=True)
            about.append(Lore(self._teller.line(row["title"], first=True), keys, text, offer=key in ("story", "hobby")))
        return (*own, *about, *self._pastimes())

    def _pastimes(self) -> Iterator[Lore]:
        """Yield what there is to say of each further pastime that was wished for."""
        for key in self.person.attributes.interests:
            hobby = self.spoken.hobbies.get(key)
            if hobby and key != self.person.hobby:
                text = self._teller.joined((hobby.line, hobby.more))
                yield Lore(hobby.name, (hobby.name, *hobby.words), self._teller.line(text, first=True))

    def _about(self) -> tuple[str, ...]:
        return self._lines(*self.spoken.variants("about", "lines"))

    def _answers(self) -> tuple[Answer, ...]:
        first, second, *_ = self._teller.temperaments
        made = [
            Answer("greet", self._lines(*first.greet, second.greet[-1]), do="greet"),
            Answer("how_are_you", self._lines(*first.how, second.how[0]), offer="feeling"),
            Answer("bye", self._lines(*first.bye, second.bye[0]), do="bye"),
        ]
        known = ("age", "job", "look", "nature", "likes", "dislikes", "origin", "family", "doing")
        made += [Answer(name, self._lines(*self.spoken.variants("answers", name))) for name in known]
        made += [Answer(f"own_{name}", say, self.spoken.variants("questions", name)) for name, say in self._own()]
        return tuple(made)

    def _lines(self, *lines: str, more: Mapping[str, str] | None = None) -> tuple[str, ...]:
        """Fill lines as the person says them, each once."""
        filled = (self._teller.line(line, first=True, more=more) for line in lines)
        return tuple(dict.fromkeys(capital(line) for line in filled if line))

    def _own(self) -> list[tuple[str, tuple[str, ...]]]:
        """Return what is said to the questions that the card engine does not know of itself."""
        lines = {
            "path": ("{path}",),
            "how_long": self.spoken.variants("life", "how_long"),
            "place": ("{place_said}",),
            "favourite": self.spoken.variants("life", "favourite"),
            "advice": self.spoken.variants("life", "advice"),
            "moment": ("{moment}",),
            "tools": ("{tools_said}",),
            "hobby": ("{hobby}",),
            "typical": ("{typical}",),
        }
        lore, asks = self.spoken.lines["lore"], self._teller.profession.asks
        more = {
            "place_said": lore["place"]["text"],
            "tools_said": lore["tools"]["text"],
            "typical": str(self.spoken.lines["typical"]).replace("{ask}", asks[0][0]).replace("{reply}", asks[0][1]),
        }
        return [(name, self._lines(*variants, more=more)) for name, variants in lines.items()]

    def _lessons(self) -> tuple[Lesson, ...]:
        if self.person.profession == OTHER or not self._teller.profession.subject:
            return ()
        end = self.spoken.lines["notes"]["course_end"]
        return tuple(
            Lesson(
                title=topic.title,
                keys=topic.keys,
                explain=topic.text,
                ask=topic.ask,
                accept=topic.accept,
                hint=topic.hint,
                answer=topic.answer,
                end=self._teller.line(end, more={"lesson": topic.title}),
            )
            for topic in self._teller.topics
            if topic.ask
        )
