"""Cuts sections into passages that fit a prompt: at sentences, never across a heading. It ranks nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from engines.knowledge.document import Place, Section
from engines.words.text import is_sign, join, sentences

PASSAGE: Final = 640  # characters of a passage at most, signs of scripts without spaces counting TWICE
PASSAGES: Final = 6_000
SIGN: Final = 2


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of a document that says something by itself, and where it stands."""

    text: str
    place: Place


def passages(sections: Iterable[Section]) -> tuple[Passage, ...]:
    """Return the passages of the sections, at most PASSAGES, in order."""
    found: list[Passage] = []
    for section in sections:
        for text in _pieces(section):
            if len(found) >= PASSAGES:
                return tuple(found)
            found.append(Passage(text, section.place))
    return tuple(found)


def _pieces(section: Section) -> Iterator[str]:
    held: list[str] = []
    size = 0
    for sentence in _sentences(section):
        cost = width(sentence) + 1
        if held and size + cost > PASSAGE + 1:
            yield join(held)
            held, size = [], 0
        held.append(sentence)
        size += cost
    if held:
        yield join(held)


def _sentences(section: Section) -> Iterator[str]:
    """Yield the sentences of a section, an item of a list or row of a table as one, none longer than a passage."""
    for block in section.blocks:
        if block.kind == "code":
            continue
        parts: Sequence[str] = sentences(block.text) if block.kind == "text" else [closed(block.text)]
        for part in parts:
            yield from _cut(part) if width(part) > PASSAGE else [part]


def _cut(text: str) -> Iterator[str]:
    """Cut what has no sentences, at white space where there is any."""
    while text:
        end, size = 0, 0
        while end < len(text) and size < PASSAGE:
            size += SIGN if is_sign(text[end]) else 1
            end += 1
        space = text.rfind(" ", end // 2, end) if end < len(text) else -1
        end = space if space > 0 else end
        yield text[:end].strip()
        text = text[end:].lstrip()


def closed(text: str) -> str:
    """Return an item of a list with a full stop, so that the next one does not run on."""
    text = text.strip()
    if not text or text[-1] in ".!?…。！？:：;；":
        return text
    return text + ("。" if is_sign(text[-1]) else ".")


def width(text: str) -> int:
    """Measure a text in characters, signs of scripts without spaces as SIGN."""
    return len(text) if text.isascii() else sum(SIGN if is_sign(c) else 1 for c in text)
