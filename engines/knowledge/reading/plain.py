"""Plain text into sections: paragraphs, and headings by how they look. It knows no markup.

A heading stands alone between blank lines and is short: it is numbered, underlined, in capitals, or a chapter's.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from engines.knowledge.document import Outline, Section

SECTIONS: Final = 5_000
LINE: Final = 20_000
TITLE: Final = 90  # characters of a heading at most
WORDS: Final = 12

_UNDERLINE: Final = re.compile(r"[ \t]*([=\-~*_])\1{2,}[ \t]*$")
_CHAPTER: Final = re.compile(
    r"(?:chapter|part|unit|lesson|module|lecture|kapitel|lektion|chapitre|leçon|capítulo|lección|capitolo|lezione|aula|"
    r"第[\d一二三四五六七八九十百零]{1,4}[章课講讲回部篇単单])",
    re.IGNORECASE,
)
_SECTION: Final = re.compile(
    r"(?:section|abschnitt|sección|sezione|第[\d一二三四五六七八九十百零]{1,4}[节節])", re.IGNORECASE
)
_NUMBERED: Final = re.compile(r"(\d{1,3}(?:\.\d{1,3}){0,4})[.)]?[ \t]+(?=[^\W\d])")
_HAN: Final = re.compile(
    r"([一二三四五六七八九十]{1,3})[、.．][ \t]*(?=\S)|[（(][一二三四五六七八九十]{1,3}[)）][ \t]*(?=\S)"
)
_LEAD: Final = re.compile(
    r"^(?:(?:chapter|part|unit|lesson|module|lecture|section)\s+[\divxlc]+\s*[:.\-–—]?\s*|\d{1,3}(?:\.\d{1,3})*[.)]?\s+|"
    r"第[\d一二三四五六七八九十百零]{1,4}[章课講讲回部篇単单节節]\s*[：:、]?\s*|[一二三四五六七八九十]{1,3}[、.．]\s*)(?=\S)",
    re.IGNORECASE,
)
_ITEM: Final = re.compile(r"[ \t]*[-*+•·‣▪●○–][ \t]+(.*)$")
_ENDS: Final = tuple(".,;:!?。，；：！？…、")


def read_plain(text: str, file: str) -> tuple[Section, ...]:
    """Return the sections of a plain text; `file` is its path, for citing."""
    outline = Outline(file, most=SECTIONS)
    add_text(outline, text)
    return outline.sections()


def add_text(outline: Outline, text: str) -> None:
    """Add a plain text, or a page of one, to an outline."""
    for lines in _groups(text):
        if (title := _title(lines)) is not None:
            outline.heading(*title)
            continue
        held: list[str] = []
        item = False
        for line in lines:
            if found := _ITEM.match(line):
                _add(outline, held, item=item)
                held, item = [found[1]], True
            else:
                held.append(line.strip())
        _add(outline, held, item=item)


def _add(outline: Outline, lines: Sequence[str], *, item: bool) -> None:
    if lines:
        outline.block(joined(lines), "item" if item else "text")


def joined(lines: Sequence[str]) -> str:
    """Join the lines of a paragraph: words that were parted at a line's end become whole, signs stand close."""
    text = ""
    for line in lines:
        line = " ".join(line.split())
        if not text or not line:
            text += line
        elif text[-1] in "-\u2010" and text[-2:-1].isalpha() and line[0].islower():
            text = text[:-1] + line
        elif _is_wide(text[-1]) and _is_wide(line[0]):
            text += line
        else:
            text += f" {line}"
    return text


def _is_wide(sign: str) -> bool:
    return "\u3000" <= sign <= "\u30ff" or "\u3400" <= sign <= "\u9fff" or "\uff00" <= sign <= "\uffef"


def _groups(text: str) -> list[list[str]]:
    """Part a text at blank lines, and after a heading that no blank line parts from its text."""
    groups: list[list[str]] = [[]]
    for line in text.split("\n"):
        line = line[:LINE]
        if not line.strip():
            groups.append([])
            continue
        group = groups[-1]
        if len(group) == 1 and _UNDERLINE.match(line) and len(group[0].strip()) <= TITLE:
            group.append(line)
            groups.append([])
            continue
        if len(group) == 1 and _is_numbered(group[0]) and not _UNDERLINE.match(line) and len(line) > len(group[0]):
            groups.append([line])
        else:
            group.append(line)
    return [group for group in groups if group]


def _is_numbered(line: str) -> bool:
    line = line.strip()
    if len(line) > TITLE or line.endswith(_ENDS) or len(line.split()) > WORDS:
        return False
    return bool(_CHAPTER.match(line) or _SECTION.match(line) or (_NUMBERED.match(line) and not _ITEM.match(line)))


def _title(lines: Sequence[str]) -> tuple[int, str] | None:
    """Return (level, title) of lines that are a heading."""
    first = lines[0].strip()
    if len(lines) == 2 and (mark := _UNDERLINE.match(lines[1])) and len(first) <= TITLE:
        return (1 if mark[1] in "=*" else 2), title_of(first)
    if len(lines) != 1 or len(first) > TITLE or len(first.split()) > WORDS or first.endswith(_ENDS):
        return None
    return looks_like_heading(first)


def looks_like_heading(line: str) -> tuple[int, str] | None:
    """Return (level, title) of a line that stands alone, None when it is no heading."""
    if _CHAPTER.match(line):
        return 1, title_of(line)
    if _SECTION.match(line):
        return 2, title_of(line)
    if number := _NUMBERED.match(line):
        return 1 + number[1].count("."), title_of(line)
    if _HAN.match(line):
        return 2, title_of(line)
    letters = [c for c in line if c.isalpha()]
    if len(letters) >= 3 and all(c.isupper() for c in letters if c.lower() != c.upper()) and letters[0].isupper():
        words = [word if any(c.isdigit() for c in word) else word.lower() for word in line.split()]
        return 1, " ".join([words[0][:1].upper() + words[0][1:], *words[1:]])
    wide = sum(1 for c in line if _is_wide(c))
    if (line[:1].isupper() and len(line.split()) <= 8) or (wide * 2 > len(line) and len(line) <= 20):
        return 2, line
    return None


def title_of(line: str) -> str:
    """Return a heading without the number and the word "chapter" before it, where something is left."""
    return _LEAD.sub("", line.strip()) or line.strip()
