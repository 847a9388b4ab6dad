"""Markdown into sections: headings, paragraphs, lists, tables; links and emphasis become their words.

After CommonMark as far as a reader of courses and manuals needs it. What is no Markdown is text.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator
from typing import Final

from engines.knowledge.document import Outline, Section

SECTIONS: Final = 5_000
LINE: Final = 20_000  # characters of one line that are read
APART: Final = 0xE000  # where escaped signs stand meanwhile: nobody's signs

_FENCE: Final = re.compile(r" {0,3}(`{3,}|~{3,})")
_ATX: Final = re.compile(r" {0,3}(#{1,6})(?:[ \t]+(.*?))?(?:[ \t]+#+)?[ \t]*$")
_RULE: Final = re.compile(r" {0,3}([-*_])(?:[ \t]*\1){2,}[ \t]*$")
_UNDERLINE: Final = re.compile(r" {0,3}(=+|-{2,})[ \t]*$")
_ITEM: Final = re.compile(r"[ \t]*(?:[-*+•]|\d{1,9}[.)])[ \t]+(.*)$")
_QUOTE: Final = re.compile(r"(?: {0,3}>[ \t]?)+")
_ROW: Final = re.compile(r"[ \t]*\|?.*\|.*$")
_DIVIDER: Final = re.compile(r"[ \t]*\|?(?:[ \t]*:?-+:?[ \t]*\|)+(?:[ \t]*:?-+:?[ \t]*)?$")
_COMMENT: Final = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_FRONT: Final = re.compile(r"\A---[ \t]*\n(.{0,20000}?)\n(?:---|\.\.\.)[ \t]*\n", re.DOTALL)
_TITLE: Final = re.compile(r"^title:[ \t]*[\"']?(.+?)[\"']?[ \t]*$", re.MULTILINE | re.IGNORECASE)

_PICTURE: Final = re.compile(
    r"!\[[^\[\]]{0,500}\]\([^()\s]{0,2000}(?:\s[^()]{0,300})?\)|!\[[^\[\]]{0,500}\]\[[^\[\]]{0,100}\]"
)
_LINK: Final = re.compile(
    r"\[([^\[\]]{0,500})\]\([^()\s]{0,2000}(?:\([^()]{0,300}\)[^()\s]{0,300})?(?:\s[^()]{0,300})?\)"
)
_LINKED: Final = re.compile(r"\[([^\[\]]{1,500})\]\[[^\[\]]{0,100}\]")
_NOTE: Final = re.compile(r"\[\^?[\w-]{1,20}\](?!\()(?<=\d\])|\[\^[\w-]{1,30}\]")
_DEFINITION: Final = re.compile(r" {0,3}\[[^\[\]]{1,100}\]:[ \t]+\S+.*$")
_ADDRESS: Final = re.compile(r"<(?:https?|mailto):[^<>\s]{1,500}>|https?://[^\s)>\]]{1,500}")
_TAG: Final = re.compile(r"</?[a-zA-Z][^<>]{0,500}>")
_STRONG: Final = re.compile(r"(\*\*|__)(?=\S)(.{1,2000}?)(?<=\S)\1")
_EMPHASIS: Final = re.compile(
    r"(?<![\w*])\*(?=\S)([^*\n]{1,1000}?)(?<=\S)\*(?![\w*])|(?<!\w)_(?=\S)([^_\n]{1,1000}?)(?<=\S)_(?!\w)"
)
_CODE: Final = re.compile(r"(`{1,3})([^`\n]{1,500})\1")
_ESCAPED: Final = re.compile(r"\\([!-/:-@\[-`{-~])")
_HELD: Final = re.compile("[\ue021-\ue07e]")
_MATHS: Final = re.compile(r"\${1,2}([^$\n]{1,300})\${1,2}")
_GAP: Final = re.compile(r" +([.,。，])(?=\s|$)")  # before a full stop, where a mark was taken out
_NUMBER: Final = re.compile(r"^(?:\d+(?:\.\d+)*[.)]?|[IVXLC]+\.)[ \t]+(?=\D)")


def read_markdown(text: str, file: str) -> tuple[Section, ...]:
    """Return the sections of a Markdown text; `file` is its path, for citing."""
    outline = Outline(file, most=SECTIONS)
    front = _FRONT.match(text)
    if front:
        text = text[front.end() :]
        if (title := _TITLE.search(front[1])) and not re.match(r"\s*#[ \t]", text):
            outline.heading(1, words_of(title[1]))
    text = _COMMENT.sub("", text)
    _Reader(outline).read(line[:LINE] for line in text.split("\n"))
    return outline.sections()


class _Reader:
    """Goes through the lines once."""

    def __init__(self, outline: Outline) -> None:
        self._outline = outline
        self._lines: list[str] = []  # of the paragraph or item that is being read
        self._item = False
        self._table: list[str] = []

    def read(self, lines: Iterable[str]) -> None:
        rest = iter(lines)
        for line in rest:
            if fence := _FENCE.match(line):
                self._end()
                self._code(rest, fence[1])
            elif self._table and _ROW.match(line):
                self._table.append(line)
            else:
                self._line(_QUOTE.sub("", line, count=1) if _QUOTE.match(line) else line)
        self._end()

    def _line(self, line: str) -> None:
        if heading := _ATX.match(line):
            self._end()
            self._outline.heading(len(heading[1]), heading_of(heading[2] or ""))
        elif self._lines and not self._item and (underline := _UNDERLINE.match(line)):
            title = " ".join(self._lines)
            self._lines = []
            self._outline.heading(1 if underline[1][0] == "=" else 2, heading_of(title))
        elif self._lines and _DIVIDER.match(line):
            self._table = [self._lines.pop()]
            self._end_text()
        elif not line.strip() or _RULE.match(line) or _DEFINITION.match(line):
            self._end()
        elif item := _ITEM.match(line):
            self._end()
            self._lines, self._item = [item[1]], True
        else:
            if self._table:
                self._end()
            self._lines.append(line)

    def _code(self, lines: Iterator[str], mark: str) -> None:
        held: list[str] = []
        for line in lines:
            if line.strip().startswith(mark[:3]) and not line.strip().strip(mark[0]):
                break
            held.append(line)
        self._outline.block("\n".join(held)[:LINE], "code")

    def _end(self) -> None:
        self._end_text()
        if self._table:
            self._rows()

    def _end_text(self) -> None:
        if self._lines:
            self._outline.block(
                words_of(" ".join(line.strip() for line in self._lines)), "item" if self._item else "text"
            )
        self._lines, self._item = [], False

    def _rows(self) -> None:
        """Say each row of a table as "heading: cell; heading: cell"."""
        titles, *rows = [[words_of(cell) for cell in _cells(line)] for line in self._table]
        self._table = []
        for row in rows:
            parts = [f"{title}: {cell}" if title else cell for title, cell in zip(titles, row, strict=False) if cell]
            self._outline.block("; ".join(parts), "row")


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip().strip("|"))[:64]]


def heading_of(text: str) -> str:
    """Return a heading's words, without markup and the number before it."""
    words = words_of(text)
    return _NUMBER.sub("", words) or words


def words_of(text: str) -> str:
    """Return what a reader sees of a line of Markdown: its words."""
    text = _ESCAPED.sub(lambda match: chr(APART + ord(match[1])), text)  # what is escaped is no markup
    text = _PICTURE.sub("", text)
    text = _LINKED.sub(r"\1", _LINK.sub(r"\1", text))
    text = _ADDRESS.sub("", _NOTE.sub("", text))
    text = html.unescape(_TAG.sub("", text))
    text = _CODE.sub(r"\2", _MATHS.sub(r"\1", text))
    for _ in range(2):
        text = _EMPHASIS.sub(lambda match: match[1] or match[2], _STRONG.sub(r"\2", text))
    return _GAP.sub(r"\1", " ".join(_HELD.sub(lambda match: chr(ord(match[0]) - APART), text).split()))
