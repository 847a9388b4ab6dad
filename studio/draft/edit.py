"""The stage `edit`: changes a person by a sentence ("make her stricter, with glasses"), by rules or by a model.

What the sentence does not speak of stays: the offline writer writes the same texts again, but for those that speak of
what changed. Texts that it did not write are left as they are, without the sentences that are no longer true.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from engines.identity.attributes import AGES, Attributes, VoiceManner
from engines.identity.fields import Fields, Json, dump, parse_object
from engines.identity.storage import CARD
from engines.identity.vocabulary import OPPOSED
from studio.draft.drawing import Person, drawn
from studio.draft.figures import check_wish
from studio.draft.naming import Name, named
from studio.draft.offline import TOOL, OfflineWriter
from studio.draft.stage import Draft
from studio.draft.texts import Texts, document
from studio.draft.wanted import Wanted, over, wanted
from studio.errors import StudioError
from studio.folder import Folder
from studio.stage import Made, Progress, Wish
from studio.tongue.reading import Reader, reader
from studio.tongue.said import Meaning, Phrases, words_of
from studio.tongue.tables import LANGUAGES, Tongue, supported, tongue
from studio.writer.cleaning import without
from studio.writer.models import Model

DRAFT: Final = "reports/draft.json"
YEARS: Final = 10  # that "older" adds
MOST: Final = 3  # temperaments


class Edit(Draft):
    """Changes the person in a folder; the option `model` names who rewrites the texts."""

    name = "edit"

    def run(self, folder: Folder, wish: Wish, progress: Progress) -> Made:
        """Return the changed card and facts; StudioError `bad_wish` when the sentence changes nothing."""
        progress(0.1, "reading the wish")
        identity, before = folder.identity, folder.attributes
        spoken = tongue(identity.language if supported(identity.language) else "en")
        found, told = _understood(wish, spoken, before)
        after = changed(before, found, told)
        name = Name(identity.card.name, identity.card.char, "")
        name = named(found.name) if found.name else name
        if after == before and name.full == identity.card.name:
            unread = ", ".join(found.unread) or wish.sentence
            raise StudioError("bad_wish", f"the sentence says nothing that would change the person: {unread!a}")
        report = parse_object(folder.read(DRAFT), DRAFT) if folder.has(DRAFT) else {}
        gone = tuple(key for key, step in told.items() if step < 0)
        person = _person(after, name, spoken, f"{report.get('seed', 0)}:{report.get('sentence', '')}", gone)
        progress(0.4, "writing")
        tool, card = self._card(folder, wish, person, spoken, report, progress)
        facts: dict[str, Json] = {
            "attributes": person.attributes.as_json(),
            "looks": dict(person.attributes.looks()),
            "description": OfflineWriter(person, spoken, "").texts().line,
        }
        section: dict[str, Json] = {
            "sentence": wish.sentence,
            "understood": [{"words": words, "as": meaning} for words, meaning in found.understood],
            "not_understood": [*found.unread],
            "choices": [*found.choices],
            "changed": _differences(before, person.attributes),
        }
        return Made({CARD: dump(card)}, section, inputs=(CARD,), tool=tool, facts=facts)

    def _card(
        self, folder: Folder, wish: Wish, person: Person, spoken: Tongue, report: Mapping[str, Json], progress: Progress
    ) -> tuple[str, dict[str, Json]]:
        """Return what wrote the card anew, and the card."""
        sentence = str(report.get("sentence", ""))
        old = parse_object(folder.read(CARD), CARD)
        if model := self.model_of(wish):
            return model.name, _by_model(model, wish, person, spoken, sentence, progress)
        texts = OfflineWriter(person, spoken, sentence).texts()
        if report.get("tool") == TOOL:
            made = document(person.name.full, person.name.short, texts, f"Companion Bridge, {TOOL}")
            return TOOL, _kept(old, made)
        return "rules", _mended(old, person, texts)


def changed(before: Attributes, found: Wanted, told: Mapping[str, int]) -> Attributes:
    """Return the attributes after a change; `told` has steps of age and of temperaments ("stricter": strict 1)."""
    after = over(before, replace(found.attributes, temperament=()))
    if found.age and not found.attributes.age:
        low, high = found.age
        after = replace(after, age=min(max(before.age, low), high))
    if steps := told.get("age", 0):
        after = replace(after, age=max(AGES[0], min(AGES[1], (before.age or 40) + steps)))
    after = replace(after, temperament=_temperament(before, found, told))
    sounds = (after.age, after.presentation, after.temperament) != (before.age, before.presentation, before.temperament)
    # A voice follows who the person is now, and what was asked of it before anything.
    return replace(after, voice=found.attributes.voice) if sounds and before.voice != VoiceManner() else after


# ------------------------------------------------------------------------------------------------ parts


def _understood(wish: Wish, spoken: Tongue, before: Attributes) -> tuple[Wanted, dict[str, int]]:
    """Read the sentence in the person's language, or else in one that it says more in."""
    best: tuple[int, Wanted, dict[str, int]] | None = None
    for code in dict.fromkeys((spoken.code, *LANGUAGES)):
        read = reader(code)
        reading = read.read(wish.sentence)
        check_wish(wish.sentence, reading)
        told, words = _comparatives(wish.sentence, read)
        found = replace(wanted(reading, read), name=reading.name)
        found = replace(found, unread=tuple(text for text in found.unread if text not in words))
        if reading.heads and found.attributes.profession == reading.heads[0]:
            found = replace(found, attributes=replace(found.attributes, profession=""))
        said = 2 * len(told) + len([each for each in reading.traits if each.key != "pronoun"]) + len(reading.ages)
        said += len(reading.interests) + 2 * bool(reading.name)
        if best is None or said > best[0]:
            best = (said, found, told)
    assert best is not None
    return best[1], best[2]


def _comparatives(sentence: str, read: Reader) -> tuple[dict[str, int], set[str]]:
    """Return the steps that a sentence asks for, and in which words.

    "older" is age 10, "stricter" strict 1, "less strict" strict -1.
    """
    table: Mapping[str, Any] = read.tongue.traits.get("edits", {})
    phrases = Phrases(read.tongue.vocabulary)
    for key in ("older", "younger", "less"):
        phrases.add(Meaning("edit", key), table.get(key, ()))
    for temperament, said in table.get("more", {}).items():
        phrases.add(Meaning("more", temperament), said)
    for temperament, said in read.tongue.traits["temperament"].items():
        phrases.add(Meaning("plain", temperament), said)
    words = words_of(sentence, read.tongue.vocabulary)
    steps: dict[str, int] = {}
    heard: set[str] = set()
    less = -1  # where the last "less" ended
    for each in phrases.search(words):
        heard.add(sentence[words[each.first].start : words[each.last - 1].end])
        if (edit := each.meaning("edit")) == "less":
            less = each.last
        elif edit:
            steps["age"] = YEARS if edit == "older" else -YEARS
        elif more := each.meaning("more"):
            steps[more] = 1
        elif (plain := each.meaning("plain")) and less == each.first:
            steps[plain] = -1
    return steps, heard


def _temperament(before: Attributes, found: Wanted, told: Mapping[str, int]) -> tuple[str, ...]:
    gone = {key for key, step in told.items() if step < 0} | {*found.refused}
    new = [key for key, step in told.items() if step > 0 and key != "age"]
    new += [key for key in found.attributes.temperament if key not in gone]
    kept = [
        old for old in before.temperament
        if old not in gone and not any((old, one) in OPPOSED or (one, old) in OPPOSED for one in new)
    ]  # fmt: skip
    return tuple(dict.fromkeys((*new, *kept)))[: max(2, min(MOST, len(new)))]


def _person(after: Attributes, name: Name, spoken: Tongue, chance: str, gone: tuple[str, ...]) -> Person:
    """Return the person of attributes; what they leave unsaid is drawn as it was the first time."""
    hobby = next((text for text in after.interests if text in spoken.hobbies), "")
    person = drawn(Wanted(attributes=after, hobby=hobby, refused=gone), spoken, chance, name=name.full)
    return replace(person, name=name)


def _by_model(
    model: Model, wish: Wish, person: Person, spoken: Tongue, sentence: str, progress: Progress
) -> dict[str, Json]:
    from studio.writer.write import ModelWriter

    try:
        asked = f"{sentence}\nAnd now: {wish.sentence}"
        texts = ModelWriter(model).describe(person, spoken, asked, "", wish.seed, progress)
    finally:
        model.close()
    return document(person.name.full, person.name.short, texts, f"Companion Bridge, {model.name}")


def _kept(old: Mapping[str, Json], made: dict[str, Json]) -> dict[str, Json]:
    """Return a card written anew with what other stages have put into the old one: assets, knowledge, a course."""
    before, after = _data(old), _data(made)
    for key in ("assets", "source", "creation_date", "modification_date"):
        if key in before:
            after[key] = before[key]
    entries = _entries(before)
    names = {json.dumps(entry.get("name")) for entry in _entries(after)}
    # Entries of other stages say so in their extensions.
    foreign: list[Any] = [entry for entry in entries if json.dumps(entry.get("name")) not in names and _foreign(entry)]
    book = after["character_book"]
    if foreign and isinstance(book, dict) and isinstance(listed := book["entries"], list):
        book["entries"] = [*listed, *foreign]
    own, new = _extension(before), _extension(after)
    new.update({key: value for key, value in own.items() if key not in new or key == "course"})
    return made


def _mended(old: dict[str, Json], person: Person, texts: Texts) -> dict[str, Json]:
    """Return a card that others wrote, its description true again and begun with a line on who the person is now."""
    data = _data(old)
    told = str(data.get("description", ""))
    true = without(person.attributes, told, person.language)
    line = texts.line
    data["description"] = f"{line}\n{true}".strip() if line not in true else true
    data["name"] = person.name.full
    data["personality"] = f"{texts.personality}\n{data.get('personality', '')}".strip()
    return old


def _data(card: Mapping[str, Json]) -> dict[str, Any]:
    data = card.get("data")
    return data if isinstance(data, dict) else {}


def _entries(data: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    book = data.get("character_book")
    listed = book.get("entries", []) if isinstance(book, dict) else []
    return [entry for entry in listed if isinstance(entry, dict)]


def _foreign(entry: Mapping[str, Any]) -> bool:
    own = Fields(entry, "entry", code="bad_card").at("extensions").object("companion_bridge")
    return any(key != "offer" for key in own)


def _extension(data: Mapping[str, Any]) -> dict[str, Any]:
    found = data.get("extensions", {}).get("companion_bridge", {})
    return found if isinstance(found, dict) else {}


def _differences(before: Attributes, after: Attributes) -> dict[str, Json]:
    old, new = before.as_json(), after.as_json()
    keys = [key for key in (*old, *new) if old.get(key) != new.get(key)]
    return {key: {"from": old.get(key), "to": new.get(key)} for key in dict.fromkeys(keys)}
