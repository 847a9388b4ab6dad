"""What the offline writer writes: whole cards, true to the attributes, in every language of the studio."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from functools import cache

import pytest

from engines.identity.card import read_card
from engines.identity.fields import dump, parse_object
from engines.identity.tongue import tongue_of
from studio.draft.drawing import OTHER, advisers
from studio.draft.grammar import Form, filled
from studio.draft.texts import Texts, document
from studio.errors import StudioError
from studio.extract import compared, extracted
from studio.tongue.tables import LANGUAGES, tongue
from tests.studio.people import person, texts

LEFT = re.compile(r"(?<!\{)\{[A-Za-z_0-9]+\}(?!\})|<[^<>]*\||\[[^\]]*\|")  # slots and forms that nothing filled


@cache
def written(language: str, count: int = 150) -> tuple[Texts, ...]:
    return tuple(texts(person("", seed, language)) for seed in range(count))


def every_line(made: Texts) -> list[str]:
    lines = [made.line, made.description, made.personality, made.scenario, made.system, made.reminder, made.notes]
    lines += [*made.greetings, *made.about, *made.tags, *(text for pair in made.examples for text in pair)]
    lines += [text for lore in made.lore for text in (lore.name, lore.content, *lore.keys)]
    lines += [text for answer in made.answers for text in answer.say]
    lines += [text for lesson in made.lessons for text in (lesson.title, lesson.explain, lesson.ask, lesson.answer)]
    return lines


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_slot_is_left_and_nothing_is_empty(language: str) -> None:
    for made in written(language):
        for line in every_line(made):
            assert not LEFT.search(line), line
            assert line.strip() == line != "", line
            assert "  " not in line, line
            marks = "[,.]" if language == "fr" else "[,.;!?。、，]"
            assert not re.search(rf" {marks}|\.\.|,\.|。。", line), line


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_written_is_in_the_language(language: str) -> None:
    for made in written(language)[:40]:
        assert tongue_of(made.description, language) in (language, "")
        assert tongue_of(" ".join(lore.content for lore in made.lore), language) == language


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_attributes_can_be_read_back_from_the_text(language: str) -> None:
    right: Counter[str] = Counter()
    asked: Counter[str] = Counter()
    for seed, made in enumerate(written(language)):
        told = person("", seed, language).attributes
        for key, same in compared(told, extracted(made.description, made.personality, language)).items():
            asked[key] += 1
            right[key] += same
    assert sum(right.values()) / sum(asked.values()) >= 0.98
    assert {key: right[key] / asked[key] for key in asked if right[key] / asked[key] < 0.95} == {}


def test_a_text_that_says_something_else_is_seen() -> None:
    who = person("a nurse with long black hair and green eyes", 1)
    made = texts(who)
    other = made.description.replace("green eyes", "blue eyes")
    assert compared(who.attributes, extracted(other, made.personality, "en"))["eyes"] is False


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_profession_makes_a_card_that_the_engine_reads(language: str) -> None:
    spoken = tongue(language)
    for key in spoken.professions:
        who = replace(person("", 1, language), profession=key, trade="x" if key == OTHER else "")
        made = texts(who)
        raw = document("A B", "A", made, "test")
        card = read_card(parse_object(dump(raw), "card.json"))
        assert card.warnings == ()
        assert len(card.book.entries) >= 7
        assert len(card.alternate_greetings) >= 2
        assert bool(made.lessons) == bool(spoken.professions[key].subject)
        assert ("{{char}} gives general" in made.system or language != "en") or key not in advisers()


@pytest.mark.parametrize("language", LANGUAGES)
def test_languages_have_the_same_tables(language: str) -> None:
    """A profession, temperament or pastime that one language lacks could not be written in it."""
    own, english = tongue(language), tongue("en")
    assert {*own.professions} <= {*english.professions}
    assert len(own.professions) >= {"en": 60, "zh": 45, "ja": 8}.get(language, 12)
    assert OTHER in own.professions
    assert {*own.temperaments} == {*english.temperaments}
    assert len(own.hobbies) >= 12
    for key, profession in own.professions.items():
        assert len(profession.topics) >= 3, key
        assert bool(profession.subject) == bool(english.professions[key].subject), key
        assert len(profession.tools) == 3, key
        assert all(bool(topic.ask) == bool(profession.subject) for topic in profession.topics), key
        assert all(topic.accept for topic in profession.topics if topic.ask), key
    for part in ("traits", "lines"):
        mine, theirs = getattr(own, part), getattr(english, part)
        for group in ("hair_colour", "hair_style", "eyes", "glasses", "frame", "facial_hair", "outer", "inner",
                      "colour", "headwear", "temperament", "presentation", "audience"):  # fmt: skip
            if part == "traits":
                assert {*mine[group]} >= {*theirs[group]}, group
        if part == "lines":
            assert {*mine["life"]} == {*theirs["life"]}
            assert {*mine["answers"]} == {*theirs["answers"]}
            assert {*mine["questions"]} == {*theirs["questions"]}


@pytest.mark.parametrize("language", LANGUAGES)
def test_texts_vary(language: str) -> None:
    made = written(language)
    assert len({each.description for each in made}) == len(made)
    assert len({each.greetings for each in made}) > 0.9 * len(made)
    openings = Counter(each.description[:6] for each in made)
    assert openings.most_common(1)[0][1] < 0.5 * len(made)


def test_it_says_that_it_is_the_offline_writer() -> None:
    assert "without a language model" in texts(person("a nurse")).notes


def test_children_are_spoken_to_as_children() -> None:
    made = texts(person("a child-friendly museum guide"))
    assert "Children listen" in made.system
    assert "child-friendly" in made.tags
    assert "Children listen" not in texts(person("a museum guide")).system


def test_a_wish_for_a_topic_comes_first() -> None:
    made = texts(person("a physics teacher who loves rainbows and the rainbow"))
    assert made.lore[0].name == "the rainbow"
    assert "stamps" in texts(person("a physics teacher who loves stamps")).description + str(made.about)


def test_a_teacher_is_found_by_what_they_love() -> None:
    assert {person("a teacher who loves optics", seed).profession for seed in range(10)} == {"physics_teacher"}
    assert len({person("a teacher", seed).profession for seed in range(60)}) > 6


def test_a_line_with_a_slot_that_nothing_fills_is_an_error() -> None:
    with pytest.raises(StudioError, match="slot nonsense"):
        filled("{nonsense}", {}, Form(), tongue("en"))


def test_forms_follow_person_and_gender() -> None:
    line = "<works|work> [il|elle] {{user}} [happy] a apple"
    assert filled(line, {}, Form(first=True, gender="f"), tongue("en")) == "work elle {{user}} [happy] an apple"
    assert filled(line, {}, Form(), tongue("en")) == "works il {{user}} [happy] an apple"
