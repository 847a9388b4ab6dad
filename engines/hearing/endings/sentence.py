"""Reads an utterance for the rules: its last sentence in plain words, and the mark that it ends with."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

MARKS: Final = {"?": "?", "？": "?", "؟": "?", "!": "!", "！": "!", ".": ".", "。": ".", "।": "."} | {
    "…": "…",
    "-": "…",
    "–": "…",
    "—": "…",
    ",": ",",
    "、": ",",
    "，": ",",
    ":": ",",
    ";": ",",
}
_WORD: Final = re.compile(r"\d+(?:[.,:]\d+)*|[^\W\d_]+(?:['’][^\W\d_]+)*", re.UNICODE)
_SENTENCE: Final = re.compile(r"(?<=[.!?…。？！])\s+")


@dataclass(frozen=True, slots=True)
class Sentence:
    """The words in lower case without punctuation; `mark` is one of ? ! . , … or "" for none."""

    words: tuple[str, ...]
    mark: str

    @property
    def last(self) -> str:
        """Return the last word."""
        return self.words[-1] if self.words else ""

    def ends(self, *endings: str) -> bool:
        """Return whether the last words are those of one of `endings`."""
        return any(self.words[-len(words) :] == words for words in (tuple(ending.split()) for ending in endings))


def read(text: str) -> Sentence:
    """Return the last sentence of `text`."""
    stripped = text.strip().rstrip("\"'”’)»")
    tail = stripped[-3:]
    mark = "…" if tail.endswith(("...", "..")) else MARKS.get(stripped[-1:], "")
    for sentence in reversed(_SENTENCE.split(stripped)):
        words = tuple(word.lower().replace("’", "'") for word in _WORD.findall(sentence))
        if words:
            return Sentence(words, mark)
    return Sentence((), mark)
