"""Makes what people and documents say harmless in a prompt: no control token, no bracket, no closed quotation."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final

_MARKER: Final = re.compile(r"<\|(?=[^|<>\s]{1,40}\|>)")  # a chat template's control token


class Quiet:
    """Take from what people say what a model would not read as speech.

    `control` are texts that the model's tokenizer takes for control tokens.
    """

    def __init__(self, control: Collection[str] = ()) -> None:
        longest_first = sorted((word for word in control if word), key=len, reverse=True)
        self._control = re.compile("|".join(map(re.escape, longest_first))) if longest_first else None

    def __call__(self, text: str) -> str:
        if self._control:
            text = self._control.sub(lambda match: _broken(match[0]), text)
        return _MARKER.sub("< |", text).strip()

    def user(self, text: str) -> str:
        """Return what the user said; a bracket at its head would pass for something perceived."""
        said = self(text)
        return f"({said[1:]}" if said.startswith("[") else said

    def fact(self, text: str) -> str:
        """Return one line of what is perceived."""
        return " ".join(self(text).translate({ord("["): "(", ord("]"): ")"}).split())

    def quoted(self, text: str) -> str:
        """Return one line in guillemets, which no text can close by itself."""
        return f"«{unquoted(self.fact(text))}»"


def unquoted(text: str) -> str:
    """Return a text without guillemets."""
    return text.replace("«", '"').replace("»", '"')


def _broken(word: str) -> str:
    return f"{word[:1]} {word[1:]}" if len(word) > 1 else ""
