"""Words become phrases: what the synthesizer gets at once. The first is short, so that speech begins early.

The first phrase may end at a clause mark and is decided without look-ahead; later ones are sentences, decided by the
character that follows. Push pieces of any size; where they were cut never changes what comes out.
"""

from __future__ import annotations

import re
from typing import Final

from bridge.core.tags import Piece, Tag
from engines.api import Cue, Phrase

FIRST_CLAUSE: Final = 24  # the shortest clause, in narrow characters, that may go ahead alone
FIRST_LONGEST: Final = 90
LONGEST: Final = 240
WIDE: Final = 3  # narrow characters that one of a script without spaces is worth

_ABBREVIATIONS: Final = frozenset(
    {"mr", "mrs", "ms", "dr", "prof", "st", "sr", "jr", "vs", "etc", "no", "fig", "approx", "e.g", "i.e", "a.m", "p.m"}
)
_STOPS: Final = ".!?。！？…\n"
_CLAUSES: Final = ",;:，、；：—–"
_CLOSERS: Final = "\"'”’)]»」』"
_MARKS: Final = re.compile(f"[{re.escape(_STOPS + _CLAUSES + _CLOSERS)}]")
_LEADING: Final = re.compile(r"(?:\s+|[-•]\s+|[.!?…,;:、。！？]+(?!\d)|[\"'”’)\]»」』]+(?=\s|$))*")
_LAST_WORD: Final = re.compile(r"[^\s(\[\"“‘']*$")


class Phrases:
    """Cuts one reply into phrases."""

    def __init__(self) -> None:
        self._text = ""
        self._cues: list[Cue] = []  # `at` counts in `_text`
        self._first = True
        self._seen = 0  # characters of `_text` that cannot end a phrase

    def push(self, piece: Piece) -> list[Phrase]:
        """The phrases that are complete by now."""
        if isinstance(piece, Tag):
            self._cues.append(Cue(piece.kind, piece.name, piece.intensity, len(self._text)))
            return []
        self._text += piece
        return self._cut()

    def flush(self) -> list[Phrase]:
        """The rest; cues with no words left to stand at come in a phrase without text."""
        phrases = self._take(len(self._text), final=True) if self._text.strip() or self._cues else []
        self._text = ""
        return phrases

    def _cut(self) -> list[Phrase]:
        phrases: list[Phrase] = []
        while (end := self._end()) is not None:
            phrases += self._take(end)
        return phrases

    def _end(self) -> int | None:
        """Where the next phrase ends, if that is certain."""
        text, overflow = self._text, self._overflow()
        for match in _MARKS.finditer(text, self._seen):
            i = match.start()
            if overflow is not None and i > overflow:
                break
            decided = self._ends_at(i)
            if decided is None:
                return None
            if decided:
                return i + 1
        if overflow is not None:
            space = max(text.rfind(" ", 1, overflow), 0)
            mark = max((text.rfind(c, 1, overflow) for c in _CLAUSES), default=0)
            return max(mark + 1 if mark > overflow // 2 else 0, space) or overflow + 1
        self._seen = len(text)
        return None

    def _overflow(self) -> int | None:
        """The character with which the text becomes too long for one phrase."""
        longest = FIRST_LONGEST if self._first else LONGEST
        if len(self._text) * WIDE <= longest:
            return None
        taken = 0
        for i, char in enumerate(self._text):
            taken += width(char)
            if taken > longest:
                return i
        return None

    def _ends_at(self, i: int) -> bool | None:
        """Whether a phrase ends with character i; None when the next character must decide."""
        char = self._text[i]
        if char in _CLAUSES and self._first:
            so_far = self._text[: i + 1].strip()
            return not self._text[i - 1 : i].isdigit() and width(so_far) >= FIRST_CLAUSE
        if char not in _STOPS and char not in _CLOSERS:
            return False
        before = self._text[: i + 1].rstrip(_CLOSERS)
        if not before or before[-1] not in _STOPS or not any(c.isalnum() for c in before):
            return False
        if before[-1] == "." and not _may_end(before[:-1], first=self._first):
            return False
        if self._first or char in "。！？\n":
            return True
        return None if i + 1 == len(self._text) else self._text[i + 1].isspace()

    def _take(self, end: int, *, final: bool = False) -> list[Phrase]:
        raw, self._text = self._text[:end], self._text[end:]
        lead = _LEADING.match(raw)
        indent = lead.end() if lead else 0
        text = raw[indent:].rstrip()
        # A cue at the very end belongs to what follows, if anything can.
        cues = [c for c in self._cues if c.at < end or final]
        self._cues = [_moved(c, -end) for c in self._cues if c not in cues]
        self._seen = 0
        if not text and not cues:
            return []
        self._first = self._first and not text
        return [Phrase(text, tuple(_moved(c, min(max(c.at - indent, 0), len(text)) - c.at) for c in cues))]


def width(text: str) -> int:
    """Length in narrow characters: one of a script without spaces counts as several."""
    return sum(WIDE if char >= "\u2e80" else 1 for char in text)


def _moved(cue: Cue, by: int) -> Cue:
    return Cue(cue.kind, cue.name, cue.intensity, cue.at + by)


def _may_end(before: str, *, first: bool) -> bool:
    """Whether a full stop after `before` can end a sentence."""
    match = _LAST_WORD.search(before)
    word = match.group().lower() if match else ""
    if first and word[-1:].isdigit():
        return False
    return word not in _ABBREVIATIONS and not (len(word) == 1 and word.isalpha() and word != "i")
