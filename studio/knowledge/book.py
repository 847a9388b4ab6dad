"""Writes what was compiled into a card: entries of its lorebook with their sources, and the course.

What was compiled before is replaced; what was written by hand stays, a course by hand too.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Final

from engines.identity.bundle import EXTENSION
from engines.identity.fields import Json
from engines.knowledge.checking.held import hold
from engines.knowledge.checking.wording import Wording
from engines.knowledge.cutting import closed, width
from engines.knowledge.document import Place, Section
from engines.knowledge.facts import Fact
from engines.words.text import join, sentences
from engines.words.vocabulary import Vocabulary

ENTRIES: Final = 400
CONTENT: Final = 1_600  # characters of an entry, signs counting twice
SCANTY: Final = 12  # of a section that is no entry
KEYS: Final = 8
ASKED: Final = 8  # further keys of an entry, by what is asked for
MARK: Final = "compiled"
FIRST_ORDER: Final = 1_000  # of entries by hand come before
ADJECTIVES: Final[Mapping[str, tuple[str, ...]]] = {
    "speed": ("fast",), "height": ("tall", "high"), "weight": ("heavy",), "length": ("long",), "width": ("wide",),
    "depth": ("deep",), "age": ("old",), "temperature": ("hot", "cold"), "distance": ("far",),
}  # fmt: skip


def entries(sections: Sequence[Section], facts: Sequence[Fact], wording: Wording) -> list[Json]:
    """Return an entry of the lorebook for each section that says something; facts tell what it is asked for."""
    found: list[Json] = []
    vocabulary = wording.vocabulary
    asked: defaultdict[Place, list[str]] = defaultdict(list)
    for fact in facts:
        asked[fact.place] += _asked(fact, wording)
    for section in sections:
        content = _content(section)
        if width(content) < SCANTY or not section.title:
            continue
        found.append(
            {
                "name": titled(section.title)[:120],
                "keys": list(dict.fromkeys([*_keys(section, vocabulary), *asked[section.place][:ASKED]])),
                "content": content,
                "extensions": {EXTENSION: {MARK: True, "source": section.place.cite()}},
                "enabled": True,
                "insertion_order": FIRST_ORDER + len(found),
                "use_regex": False,
                "constant": False,
            }
        )
        if len(found) >= ENTRIES:
            break
    return found


def with_knowledge(
    card: Mapping[str, Json], new: Sequence[Json], course: Mapping[str, Json], *, own: bool
) -> dict[str, Json]:
    """Return a V3 card with these entries and this course in the place of those that were compiled before.

    `own`: its course stays, for somebody wrote it.
    """
    data = dict(_object(card.get("data")))
    book = dict(_object(data.get("character_book")))
    old = book.get("entries")
    kept = [entry for entry in old if not _is_compiled(entry)] if isinstance(old, list) else []
    book["entries"] = [*kept, *new]
    book.setdefault("extensions", {})
    data["character_book"] = book
    extensions = dict(_object(data.get("extensions")))
    ours = dict(_object(extensions.get(EXTENSION)))
    if course and not own:
        ours["course"] = {**course, MARK: True}
    elif not _is_by_hand(ours.get("course")):
        ours.pop("course", None)
    extensions[EXTENSION] = ours
    data["extensions"] = extensions
    return {**card, "data": data}


def has_own_course(card: Mapping[str, Json]) -> bool:
    """Say whether a card has a course that was written by hand."""
    extensions = _object(_object(card.get("data")).get("extensions"))
    return _is_by_hand(_object(extensions.get(EXTENSION)).get("course"))


def _is_by_hand(course: Json) -> bool:
    return isinstance(course, dict) and bool(course) and course.get(MARK) is not True


def _is_compiled(entry: Json) -> bool:
    return _object(_object(_object(entry).get("extensions")).get(EXTENSION)).get(MARK) is True


def _object(value: Json) -> Mapping[str, Json]:
    return value if isinstance(value, dict) else {}


def _content(section: Section) -> str:
    held: list[str] = []
    size = 0
    for block in section.blocks:
        if block.kind == "code":
            continue
        for text in sentences(block.text) if block.kind == "text" else [closed(block.text)]:
            size += width(text)
            if size > CONTENT and held:
                return join(held)
            held.append(text)
    return join(held)[:CONTENT]


def titled(title: str) -> str:
    """Return a heading as it is said in the middle of a sentence: its first letter small, unless it is a name."""
    words = title.split()
    plain = len(words) < 2 or not words[1][:1].isupper()
    return title[:1].lower() + title[1:] if words and words[0][1:].islower() and plain else title


def _asked(fact: Fact, wording: Wording) -> list[str]:
    """Return how people ask for what a fact measures: "how fast is light"."""
    held = hold(fact, wording)
    if held.quantity is None or wording.vocabulary.code != "en":
        return []
    whose = re.sub(r"^.*? of (?:the |an? )?", "", fact.subject, count=1) if held.whose else fact.subject
    name = re.split(r" (?:in|on|at|of|with) ", whose)[0]
    return [f"how {word} is {name}" for word in ADJECTIVES.get(held.aspect, ())]


def _keys(section: Section, vocabulary: Vocabulary) -> list[str]:
    """Return by what an entry is called: its heading, the heading's words, and terms that it defines."""
    title = section.title.lower()
    words = [word for word in vocabulary.content(vocabulary.tokens(section.title)) if len(word) > 3]
    text = " ".join(block.text for block in section.blocks if block.kind == "text")
    defined = re.findall(r"(?:called|known as) (?:an? |the )?([a-z][\w-]*(?: [a-z][\w-]*)?)[.,;]", text)
    defined += re.findall(r"(?:称为|叫做|叫作)([^，。；、的了]{2,8})[，。；]", text)
    return list(dict.fromkeys(key for key in (title, *defined, *words) if key))[:KEYS]
