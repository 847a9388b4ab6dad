"""The beginnings of lines: what makes a list, a quote, a heading, a rule, a table or a block of code.

A line's beginning is read when enough of it has come to tell what it is, and never looks further than LONGEST; `Lines`
remembers what only the lines before can say, as whether a block of code is open.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

LONGEST: Final = 300  # characters of a line's beginning that may decide what it is

_INDENT: Final = re.compile(r"[ \t]*")
_FENCE: Final = re.compile(r"(`{3,}|~{3,})[^\n`]*(?:\n|\Z)")
_FENCE_BEGUN: Final = re.compile(r"(?:`{1,2}|~{1,2}|(?:`{3,}|~{3,})[^\n`]*)\Z")
_HEADING: Final = re.compile(r"#{1,6}(?:[ \t]+|(?=\n))")
_HEADING_BEGUN: Final = re.compile(r"#{1,6}\Z")
_QUOTE: Final = re.compile(r">[ \t]|>(?=[\n>*_#\[\"“'])|>(?=[^\W\d_])")
_RULE: Final = re.compile(r"(?:(?:-[ \t]*){3,}|(?:\*[ \t]*){3,}|(?:_[ \t]*){3,}|={3,}[ \t]*)(?=\n|\Z)")
_RULE_BEGUN: Final = re.compile(r"(?:(?:-[ \t]*)+|(?:\*[ \t]*)+|(?:_[ \t]*)+|=+[ \t]*)\Z")
_BULLET: Final = re.compile(r"[-+*•‣◦·][ \t]+(?:\[[ xX]\][ \t]+)?|[-+*](?=\n)")
_BULLET_BEGUN: Final = re.compile(r"[-+*•‣◦·][ \t]*(?:\[[ xX]?\]?[ \t]*)?\Z")
_FOOTNOTE: Final = re.compile(r"\[\^[^\]\s]{1,40}\]:[ \t]*")
_FOOTNOTE_BEGUN: Final = re.compile(r"\[(?:\^[^\]\s]{0,40}\]?)?\Z")
_REFERENCE: Final = re.compile(
    r"\[[^\]\n^][^\]\n]{0,99}\]:[ \t]*(?:<[^>\n]*>|(?=\S*[/.#])\S+)"
    r"(?:[ \t]+(?:\"[^\"\n]*\"|'[^'\n]*'|\([^)\n]*\)))?[ \t]*(?:\n|\Z)"
)
_REFERENCE_BEGUN: Final = re.compile(r"\[[^\]\n^][^\]\n]{0,99}(?:\](?::[^\n]*)?)?\Z")
_DELIMITER: Final = re.compile(
    r"\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)+(?:\|[ \t]*)?(?:\n|\Z)|\|[ \t]*:?-+:?[ \t]*\|?[ \t]*(?:\n|\Z)"
)
_DELIMITER_BEGUN: Final = re.compile(r"[|: \t-]*\Z")

Kind: TypeAlias = Literal["words", "mark", "rule", "nothing", "code", "code_line"]


@dataclass(frozen=True, slots=True)
class Read:
    """Up to `end` a line was read: its marks, or a whole line that has no words."""

    kind: Kind
    end: int


class Lines:
    """Where in its lines a text is; `begins` while the beginning of one is still to be read."""

    def __init__(self) -> None:
        self.begins = True
        self.row = False  # bars part the cells of a table
        self.empty = True  # nothing was read of this line
        self._table = False
        self._fence = ""  # that opened the block of code
        self._within = False  # a line of code was read in part

    def next(self) -> None:
        """Go on to the next line."""
        if self.empty:
            self._table = False
        self.begins = self.empty = True
        self.row = False

    def read(self, text: str, at: int, *, final: bool) -> Read | None:
        """Read what may stand at the beginning of a line; None while that cannot be told."""
        if self._fence:
            return self._in_code(text, at, final=final)
        indent = _INDENT.match(text, at)
        start = indent.end() if indent else at
        if start == len(text):
            return Read("mark", start) if start > at else None
        if text[start] == "\n":
            self.begins = False
            return Read("words", start)
        view = _View(text, start, final=final)
        self.empty = False
        found = self._marks(view)
        if found is not None:
            return found if found.end > start else None
        self.begins = False
        self.row = self._table
        return Read("words", start)

    def _marks(self, view: _View) -> Read | None:
        """Read one mark; None when there is none, an end where it began while that is unknown."""
        unknown = Read("mark", view.start)
        first = view.first
        if first in "`~":
            if fence := view.whole(_FENCE):
                self._fence = fence[1]
                self._within = False
                self.begins = True
                return Read("code", view.start + fence.end())
            return unknown if view.begun(_FENCE_BEGUN) else None
        if first in "|:-":
            if delimiter := view.whole(_DELIMITER):
                self._table = True
                return self._line(view, delimiter, "nothing")
            if view.begun(_DELIMITER_BEGUN):
                return unknown
            if first == "|":
                self.begins = False
                self.row = True
                return Read("words", view.start + 1)
        if first in "-*_=":
            if rule := view.whole(_RULE):
                return self._line(view, rule, "rule")
            if view.begun(_RULE_BEGUN):
                return unknown
        if first == "[" and (reference := view.whole(_REFERENCE)):
            return self._line(view, reference, "nothing")
        for starts, mark, begun in _MARKS:
            if first in starts:
                if view.begun(begun):
                    return unknown
                if found := view.match(mark):
                    return Read("mark", view.start + found.end())
        return None

    def _line(self, view: _View, found: re.Match[str], kind: Kind) -> Read:
        """A line without words, up to its line break."""
        self.begins = False
        return Read(kind, view.start + len(found[0].rstrip("\n")))

    def _in_code(self, text: str, at: int, *, final: bool) -> Read | None:
        """Read a line of a block of code."""
        end = text.find("\n", at)
        stop = len(text) if end < 0 else end + 1
        if not self._within:
            if end < 0 and not final and stop - at < LONGEST:
                return None
            fence = re.escape(self._fence[0])
            if re.compile(rf"[ \t>]*{fence}{{{len(self._fence)},}}[ \t]*(?:\n|\Z)").match(
                text, at, min(stop, at + LONGEST)
            ):
                self._fence = ""
                self.next()
                return Read("mark", stop)
        self._within = end < 0
        return Read("code_line", stop)


class _View:
    """As much of a text as may decide what its line begins with."""

    def __init__(self, text: str, start: int, *, final: bool) -> None:
        self.start = start
        self.first = text[start]
        self._text = text[start : start + LONGEST]
        self._ended = final and start + LONGEST >= len(text)  # the text ends with the view
        self._full = final or len(self._text) == LONGEST

    def match(self, mark: re.Pattern[str]) -> re.Match[str] | None:
        return mark.match(self._text)

    def whole(self, mark: re.Pattern[str]) -> re.Match[str] | None:
        """The match of a mark that reaches to the end of its line."""
        found = mark.match(self._text)
        if found is None or self._ended or found.end() < len(self._text) or found[0].endswith("\n"):
            return found
        return None

    def begun(self, mark: re.Pattern[str]) -> bool:
        """Whether more text could still make the mark."""
        return not self._full and mark.match(self._text) is not None


_MARKS: Final = (
    ("#", _HEADING, _HEADING_BEGUN),
    (">", _QUOTE, re.compile(r">\Z")),
    ("-+*•‣◦·", _BULLET, _BULLET_BEGUN),
    ("[", _FOOTNOTE, _FOOTNOTE_BEGUN),
    ("[", re.compile(r"(?!)"), _REFERENCE_BEGUN),
)
