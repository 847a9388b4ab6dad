"""What every writer gives, with a model or without one: the texts of a card before they are a document."""

from __future__ import annotations

from dataclasses import dataclass

from engines.identity.fields import Json


@dataclass(frozen=True, slots=True)
class Lore:
    """A piece of knowledge: how it is spoken of, what people call it, and what is said; `offer` names it as a topic."""

    name: str
    keys: tuple[str, ...]
    content: str
    offer: bool = True


@dataclass(frozen=True, slots=True)
class Answer:
    """What is said to a kind of question: `name` of a shipped intent, or an own one with the patterns of `ask`.

    `do` names what the engine does besides, `offer` what is offered with it.
    """

    name: str
    say: tuple[str, ...]
    ask: tuple[str, ...] = ()
    do: str = ""
    offer: str = ""


@dataclass(frozen=True, slots=True)
class Lesson:
    """One lesson of a single step: what is explained, asked, accepted, hinted at, and answered."""

    title: str
    keys: tuple[str, ...]
    explain: str
    ask: str
    accept: tuple[str, ...]
    hint: str
    answer: str
    end: str = ""


@dataclass(frozen=True, slots=True)
class Texts:
    """All texts of a person in one language; `line` is one sentence for people, `notes` are the creator's."""

    line: str
    description: str
    personality: str
    scenario: str
    greetings: tuple[str, ...]
    examples: tuple[tuple[str, str], ...]
    system: str
    reminder: str
    notes: str
    tags: tuple[str, ...]
    lore: tuple[Lore, ...] = ()
    about: tuple[str, ...] = ()
    answers: tuple[Answer, ...] = ()
    course: str = ""
    lessons: tuple[Lesson, ...] = ()


def document(name: str, short: str, texts: Texts, creator: str) -> dict[str, Json]:
    """Return the whole Character Card V3; it names no time, so that the same texts give the same bytes."""
    data: dict[str, Json] = {
        "name": name,
        "nickname": short if short != name else "",
        "description": texts.description,
        "personality": texts.personality,
        "scenario": texts.scenario,
        "first_mes": texts.greetings[0],
        "alternate_greetings": [*texts.greetings[1:]],
        "mes_example": _examples(texts),
        "creator_notes": texts.notes,
        "system_prompt": texts.system,
        "post_history_instructions": texts.reminder,
        "tags": [*texts.tags],
        "creator": creator,
        "character_version": "1.0",
        "group_only_greetings": [],
        "source": [],
        "assets": [],
        "character_book": _book(texts),
        "extensions": {"companion_bridge": _extension(texts)},
    }
    return {"spec": "chara_card_v3", "spec_version": "3.0", "data": data}


def _examples(texts: Texts) -> str:
    return "".join(f"<START>\n{{{{user}}}}: {ask}\n{{{{char}}}}: {reply}\n" for ask, reply in texts.examples)


def _book(texts: Texts) -> dict[str, Json]:
    entries: list[Json] = [
        {
            "name": lore.name,
            "keys": [*lore.keys],
            "content": lore.content,
            "extensions": {} if lore.offer else {"companion_bridge": {"offer": False}},
            "enabled": True,
            "insertion_order": number,
            "use_regex": False,
            "constant": False,
        }
        for number, lore in enumerate(texts.lore)
    ]
    return {"scan_depth": 4, "token_budget": 1200, "recursive_scanning": False, "extensions": {}, "entries": entries}


def _extension(texts: Texts) -> dict[str, Json]:
    made: dict[str, Json] = {"about": [*texts.about], "answers": [_answer(each) for each in texts.answers]}
    if texts.lessons:
        made["course"] = {"title": texts.course, "lessons": [_lesson(each) for each in texts.lessons]}
    return made


def _answer(answer: Answer) -> dict[str, Json]:
    made: dict[str, Json] = {"name": answer.name}
    if answer.do:
        made["do"] = answer.do
    if answer.ask:  # a question of its own, which no likeness to something else shall take away
        made |= {"firm": True, "ask": [*answer.ask]}
    made["say"] = [*answer.say]
    return made | ({"offer": answer.offer} if answer.offer else {})


def _lesson(lesson: Lesson) -> dict[str, Json]:
    step: dict[str, Json] = {
        "explain": lesson.explain,
        "ask": lesson.ask,
        "accept": [*lesson.accept],
        "hints": [lesson.hint],
        "answer": lesson.answer,
    }
    return {"title": lesson.title, "keys": [*lesson.keys], "steps": [step], "end": lesson.end}
