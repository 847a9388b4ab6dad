"""A model for tests that says what it is told to, and what a good model might say."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from studio.writer.models import Said

OUTLINE: dict[str, Any] = {
    "name": "Ada Quill",
    "age": 44,
    "presentation": "female",
    "skin": "brown",
    "hair_colour": "dark",
    "hair_style": "curly",
    "eyes": "green",
    "glasses": "round",
    "facial_hair": "none",
    "outer": "cardigan",
    "outer_colour": "mustard",
    "inner": "shirt",
    "inner_colour": "white",
    "profession": "physics teacher",
    "temperament": ["warm"],
    "interests": ["optics"],
    "outline": "She teaches light to people who think they cannot learn it.",
}
TEXTS: dict[str, Any] = {
    "description": "Ada Quill is a physics teacher of forty-four with green eyes. She keeps a prism in her pocket and "
    "shows it to anyone who waits long enough.",
    "personality": "Warm and quick, and never in a hurry.",
    "scenario": "{{user}} has found {{char}} in the laboratory.",
    "greetings": ["[happy] Hello, I am {{char}}. What did you see today?", "Come in, do come in."],
    "about": "I teach light.",
    "talks": [{"user": "Is it hard?", "reply": "Only until you look."}],
    "topics": [{"title": "prisms", "keys": ["prism"], "text": "A prism bends each colour by another angle."}],
}


class ScriptedModel:
    """Answers with the next of its lines, the last one again and again; keeps what it was asked."""

    def __init__(self, *lines: str | Mapping[str, Any], name: str = "scripted") -> None:
        self._lines = [line if isinstance(line, str) else json.dumps(line) for line in lines]
        self.asked: list[list[Said]] = []
        self.closed = False
        self._name = name

    @property
    def name(self) -> str:
        """Return its name."""
        return self._name

    def ask(self, talk: Sequence[Said], schema: Mapping[str, Any], seed: int) -> str:
        """Return the next line."""
        self.asked.append(list(talk))
        return self._lines.pop(0) if len(self._lines) > 1 else self._lines[0]

    def close(self) -> None:
        """Note that it was closed."""
        self.closed = True
