"""Inline tags of the dialogue's stream are taken out before speech: words on one side, cues on the other.

`[happy]`, `[emotion:happy:0.6]`, `[gesture:wave]` are tags; so is `*waves*` where a sentence could begin, as roleplay
writes it; elsewhere asterisks are emphasis and only they are dropped. Any other bracket is text. Push text in pieces
of any size; where it was cut never changes what comes out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, TypeAlias

_NAME = r"[a-z][a-z0-9_-]{0,31}"
_TAG = re.compile(
    rf"\[(?:(?P<kind>emotion|gesture):)?(?P<name>{_NAME})(?::(?P<intensity>[01](?:\.[0-9]{{1,3}})?))?\]", re.IGNORECASE
)
_STAGE = re.compile(r"\*(?P<words>[^*\s][^*\n]{0,79})\*")
_SENTENCE_ENDS = '.!?\u2026"\u201d)]'
LONGEST = 82  # characters that an open bracket or asterisk may wait for its partner


@dataclass(frozen=True, slots=True)
class Tag:
    """A cue that stood between the words."""

    kind: Literal["emotion", "gesture"]
    name: str
    intensity: float


Piece: TypeAlias = str | Tag


class Tags:
    """Takes tags out of a stream of text; `emotions` are the bare names that mean a mood, others are gestures."""

    def __init__(self, emotions: frozenset[str]) -> None:
        self._emotions = emotions
        self._held = ""
        self._last = "."  # the last character of text that was not blank

    def push(self, text: str) -> list[Piece]:
        """The words and cues that are certain by now."""
        return self._take(text, final=False)

    def flush(self) -> list[Piece]:
        """The rest."""
        return self._take("", final=True)

    def _take(self, more: str, *, final: bool) -> list[Piece]:
        pieces: list[Piece] = []
        text, self._held = self._held + more, ""
        at = 0
        while at < len(text):
            opening = _next_opening(text, at)
            self._say(pieces, text[at:opening])
            if opening == len(text):
                break
            if not final and _undecided(text[opening:]):
                self._held = text[opening:]
                break
            at = self._markup(pieces, text, opening)
        return pieces

    def _markup(self, pieces: list[Piece], text: str, opening: int) -> int:
        """Adds what begins at text[opening]; returns where to read on."""
        if text.startswith("**", opening):
            return opening + 2
        if tag := _TAG.match(text, opening):
            strength = float(tag["intensity"]) if tag["intensity"] else 1.0
            name = tag["name"].lower()
            emotion = tag["kind"] == "emotion" or (tag["kind"] is None and name in self._emotions)
            pieces.append(Tag("emotion" if emotion else "gesture", name, min(1.0, strength)))
            return tag.end()
        if text[opening] == "[":
            self._say(pieces, "[")
            return opening + 1
        stage = _STAGE.match(text, opening)
        if stage is None:
            return opening + 1
        words = stage["words"].strip().lower()
        if self._last in _SENTENCE_ENDS:
            name = re.sub(r"[^a-z0-9]+", "_", words).strip("_")[:32]
            pieces.append(Tag("emotion" if name in self._emotions else "gesture", name or "gesture", 1.0))
        else:
            self._say(pieces, stage["words"])
        return stage.end()

    def _say(self, pieces: list[Piece], text: str) -> None:
        if not text:
            return
        if solid := text.rstrip():
            self._last = solid[-1]
        if pieces and isinstance(pieces[-1], str):
            pieces[-1] += text
        else:
            pieces.append(text)


def _next_opening(text: str, at: int) -> int:
    found = [i for i in (text.find("[", at), text.find("*", at)) if i >= 0]
    return min(found, default=len(text))


def _undecided(text: str) -> bool:
    """Whether more text could still make a tag of what begins here."""
    return (
        len(text) == 1 or (text[0] == "[" and "]" not in text) or (text[0] == "*" and "*" not in text[1:])
    ) and not ("\n" in text or len(text) >= LONGEST)
