"""Words become phrases: what the synthesizer gets at once. The first is short, so that speech begins early.

The first phrase may end at a clause mark, later ones are sentences; both end where `bridge.core.text.sentences` says,
decided by the character that follows, so that `config.json` and `10:30` stay whole. Only the first, for which somebody
waits, ends at once where hardly anything that follows could belong to it, as behind `Hello!`. Push pieces of any size;
where they were cut never changes what comes out, and the work grows with the text, whatever it is made of.
"""

from __future__ import annotations

import re
import unicodedata
from collections import deque
from copy import copy
from typing import Final

from bridge.core.text.pieces import Piece, Tag
from bridge.core.text.sentences import (
    CLAUSE_SIGNS,
    CLAUSES,
    CLOSERS,
    FURTHEST,
    STOPS,
    clause_ends,
    ends,
    surely_ends,
)
from engines.api import Cue, Phrase

FIRST_CLAUSE: Final = 24  # the shortest clause, in narrow characters, that may go ahead alone
FIRST_LONGEST: Final = 90
LATER_CLAUSE: Final = 120  # of scripts that set no marks
LONGEST: Final = 240
WIDE: Final = 3  # narrow characters that one of a script without spaces is worth
UNSAID: Final = 2000  # characters without a letter or digit that are kept between two phrases
CUES: Final = 32  # that may wait for one phrase

_UNMARKED: Final = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"  # scripts whose spaces part clauses
_MARKS: Final = re.compile(
    rf"\n|[{re.escape(STOPS)}][{re.escape(STOPS + CLOSERS)}]{{0,15}}|[{re.escape(CLAUSES + CLAUSE_SIGNS)}]"
    rf"| (?<=[{_UNMARKED}] )"
)
_CLAUSES: Final = re.compile(rf"[{re.escape(CLAUSE_SIGNS)}]|[{re.escape(CLAUSES)}] ")
_LEADING: Final = re.compile(
    rf"(?:\s+|[-•]\s+|[{re.escape(STOPS + CLAUSES + CLAUSE_SIGNS)}]+(?!\d)|[{re.escape(CLOSERS)}]+(?=\s|$))*"
)
_WIDE: Final = re.compile("[\u2e80-\uffff\U00010000-\U0010ffff]")


class Phrases:
    """Cuts one reply into phrases; `language` is that of the reply, a BCP-47 tag."""

    def __init__(self, language: str = "") -> None:
        self._german = language.lower().split("-")[0] == "de"
        self._text = ""
        self._from = 0  # of the phrase that is being read
        self._seen = 0  # up to here nothing can end it
        self._cues: deque[Cue] = deque()  # `at` counts in `_text`
        self._first = True
        self._gap = ""  # written since the last phrase

    def push(self, piece: Piece) -> list[Phrase]:
        """Return the phrases that are complete by now."""
        if isinstance(piece, Tag):
            if len(self._cues) < CUES:
                self._cues.append(Cue(piece.kind, piece.name, piece.intensity, len(self._text)))
            return []
        self._text += piece
        return self._cut(final=False)

    def likely(self) -> Phrase | None:
        """Return the first phrase if it seems to end with the last mark, which only what follows can tell.

        None too where a mark of its kind is seldom an end: behind a digit, or where it may be an abbreviation's.
        """
        if not self._first:
            return None
        for match in _MARKS.finditer(self._text, self._seen):
            before = self._text[self._from : match.start()]
            if match.end() < len(self._text) or before[-1:].isdigit() or not self._would_end(match, before):
                continue
            twin = copy(self)
            twin._cues = deque(self._cues)
            return next(iter(twin._take(match.end())), None)
        return None

    def _would_end(self, match: re.Match[str], before: str) -> bool:
        """Whether a phrase ends with these marks if a new sentence, or a new word of this one, follows."""
        marks = match.group()
        if marks[0] in STOPS:
            return _said(before) and ends(before, marks, " A", final=False, german=self._german) is True
        if marks[0] not in CLAUSES or width(before.strip()) < FIRST_CLAUSE - 1:
            return False
        return clause_ends(before, marks, " a", final=False) is True

    def flush(self) -> list[Phrase]:
        """Return the rest; cues with no words left to stand at come in a phrase without text."""
        phrases = self._cut(final=True)
        if self._text or self._cues:
            phrases += self._take(len(self._text), final=True)
        if self._gap.strip():
            phrases.append(Phrase("", (), self._gap))
            self._gap = ""
        self._text, self._from, self._seen = "", 0, 0
        return phrases

    def _cut(self, *, final: bool) -> list[Phrase]:
        phrases: list[Phrase] = []
        while (end := self._end(final=final)) is not None:
            phrases += self._take(end)
        self._text = self._text[self._from :]
        for _ in range(len(self._cues) if self._from else 0):
            self._cues.append(_moved(self._cues.popleft(), -self._from))
        self._seen -= self._from
        self._from = 0
        return phrases

    def _end(self, *, final: bool) -> int | None:
        """Return where the next phrase ends, if that is certain."""
        overflow = self._overflow()
        limit = len(self._text) if overflow is None else overflow + 1
        for match in _MARKS.finditer(self._text, self._seen, min(len(self._text), limit + FURTHEST)):
            if match.start() >= limit:
                break
            if self._first and self._surely_ends_at(match):
                return match.start() + 1
            decided = self._ends_at(match, final=final)
            if decided is None:
                self._seen = match.start()
                return None
            if decided:
                return match.end()
        if overflow is not None:
            return self._break(overflow)
        if not final:
            # A run of marks at the very end may go on.
            self._seen = max(self._seen, len(self._text.rstrip(STOPS + CLOSERS)))
        return None

    def _ends_at(self, match: re.Match[str], *, final: bool) -> bool | None:
        """Whether a phrase ends with these marks; None when what follows must decide."""
        marks, text = match.group(), self._text
        before = text[self._from : match.start()]
        if marks == "\n":
            return _said(before)
        after = text[match.end() : match.end() + FURTHEST]
        if marks[0] in STOPS:
            if not _said(before):
                return False
            if match.end() == len(text) and not final:
                return None
            return ends(before, marks, after, final=final, german=self._german)
        if marks == " ":
            return width(before) >= (FIRST_CLAUSE if self._first else LATER_CLAUSE)
        if not self._first or width(before.strip()) < FIRST_CLAUSE - 1:
            return False
        return clause_ends(before, marks, after, final=final)

    def _surely_ends_at(self, match: re.Match[str]) -> bool:
        """Whether the first phrase ends behind the first of these marks, whatever follows."""
        mark, before = match.group()[0], self._text[self._from : match.start()]
        least = 1 if mark in STOPS else FIRST_CLAUSE - 1
        return surely_ends(before, mark) and _said(before) and width(before.strip()) >= least

    def _overflow(self) -> int | None:
        """Return the character with which the text becomes too long for one phrase."""
        longest = FIRST_LONGEST if self._first else LONGEST
        text = self._text[self._from : self._from + longest + 1]
        if text.isascii():
            return self._from + longest if len(text) > longest else None
        if width(text) <= longest:
            return None
        taken = 0
        for i, char in enumerate(text):
            taken += WIDE if char >= "\u2e80" else 1
            if taken > longest:
                return self._from + i
        return None

    def _break(self, overflow: int) -> int:
        """Return where a text that is too long is cut: at a clause, else between words, else wherever it must be."""
        text, start = self._text, self._from
        least = start + (overflow - start) // 2
        if marks := list(_CLAUSES.finditer(text, least, overflow)):
            return marks[-1].start() + 1
        lead = _LEADING.match(text, start, overflow)
        space = text.rfind(" ", lead.end() if lead else start, overflow)
        if space > start:
            return space
        end = overflow + 1
        # Marks that belong to a character stay with it.
        while end > start + 1 and end < len(text) and _belongs(text[end], text[end - 1]):
            end -= 1
        return end if end > start + 1 else overflow + 1

    def _take(self, end: int, *, final: bool = False) -> list[Phrase]:
        start, raw = self._from, self._text[self._from : end]
        self._from = self._seen = end
        lead = _LEADING.match(raw)
        indent = lead.end() if lead else 0
        text = raw[indent:].rstrip()
        cues: list[Cue] = []
        # A cue at the very end belongs to what follows, if anything can.
        while self._cues and (self._cues[0].at < end or final):
            cue = self._cues.popleft()
            cues.append(_moved(cue, min(max(cue.at - start - indent, 0), len(text)) - cue.at))
        if not text and not cues:
            self._gap = (self._gap + raw)[-UNSAID:]
            return []
        gap, self._gap = self._gap + raw[:indent], raw[indent + len(text) :]
        self._first = self._first and not text
        return [Phrase(text, tuple(cues), gap)]


def width(text: str) -> int:
    """Return the length in narrow characters: one of a script without spaces counts as several."""
    return len(text) if text.isascii() else len(text) + (WIDE - 1) * len(_WIDE.findall(text))


def _moved(cue: Cue, by: int) -> Cue:
    return Cue(cue.kind, cue.name, cue.intensity, cue.at + by)


def _said(text: str) -> bool:
    """Whether a text has anything that can be said."""
    return any(map(str.isalnum, text))


def _belongs(char: str, before: str) -> bool:
    """Whether a character is one with that before it."""
    return (
        unicodedata.category(char)[0] == "M"
        or char in "\u200d\ufe0f\ufe0e"
        or before == "\u200d"
        or "\U0001f3fb" <= char <= "\U0001f3ff"
    )
