"""PDFs into sections: headings by the table of contents, else by the size of their letters. It renders nothing.

The file is read in a process of its own (`pdf_child`), whose time and memory are bounded.
"""

from __future__ import annotations

import json
import re
import statistics
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from engines.identity.errors import IdentityError
from engines.knowledge.document import Outline, Section
from engines.knowledge.reading.decoding import clean
from engines.knowledge.reading.plain import joined, looks_like_heading, title_of
from studio.errors import StudioError

BYTES: Final = 64 * 1024 * 1024
SECONDS: Final = 180  # that the reading may take
SECTIONS: Final = 5_000
SCANNED: Final = 8  # letters a page has at least, unless it is a picture
LARGER: Final = 1.15  # times the usual size of letters, that a heading's are
TITLE: Final = 120
REPEATED: Final = 0.5  # of the pages have the same line at their edge: it belongs to none
EDGE: Final = 2  # lines at the top and bottom that may
LEVELS: Final = 3

_ITEM: Final = re.compile(r"[ \t]*[-*+•·‣▪●○–][ \t]+(.*)$")
_DIGITS: Final = re.compile(r"\d+")
_REASONS: Final = {
    "locked": "{file} is locked with a password: save a copy without one",
    "damaged": "{file} is no PDF that can be read: it is damaged",
    "too_many": "{file} has more pages than are read: part it",
    "too_large": "{file} holds more text than is read: part it",
}


@dataclass(frozen=True, slots=True)
class _Line:
    text: str
    size: float
    apart: bool


@dataclass(frozen=True, slots=True)
class _Page:
    number: int
    lines: tuple[_Line, ...]


def read_pdf(data: bytes, file: str) -> tuple[Section, ...]:
    """Return the sections of a PDF; `file` is its path, for citing.

    IdentityError `bad_source` for one that is locked, damaged, too large or made of pictures; StudioError
    `missing_package` where what reads PDFs is not installed.
    """
    if len(data) > BYTES:
        raise IdentityError("too_large", f"{file} is larger than {BYTES // 2**20} MiB")
    contents, pages = _read(data, file)
    letters = sum(sum(c.isalnum() for c in line.text) for page in pages for line in page.lines)
    if letters < SCANNED * max(1, len(pages)):
        raise IdentityError(
            "bad_source",
            f"{file} holds pictures of its pages and hardly any text: have a text recogniser (OCR) write it first",
        )
    outline = Outline(file, most=SECTIONS)
    usual = _usual(pages)
    edges = _edges(pages, usual)
    sizes = _heading_sizes(pages, usual) if not contents else ()
    for page in pages:
        outline.page(page.number)
        kept = [line for i, line in enumerate(page.lines) if (_shape(line.text), _at_edge(i, page)) not in edges]
        _add(outline, page.number, kept, contents, sizes)
    return outline.sections()


def _read(data: bytes, file: str) -> tuple[dict[tuple[int, str], int], list[_Page]]:
    """Return the table of contents, (page, title) -> level, and the pages, as the child process reads them."""
    try:
        done = subprocess.run(
            [sys.executable, "-m", "studio.knowledge.pdf_child"],
            input=data,
            capture_output=True,
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise IdentityError("bad_source", f"{file} took more than {SECONDS} s to read: part it") from error
    contents: dict[tuple[int, str], int] = {}
    pages: list[_Page] = []
    for value in _values(done.stdout):
        match value:
            case {"error": "missing_package"}:
                raise StudioError(
                    "missing_package", "reading a PDF needs pypdfium2: pip install 'companion-bridge[studio]'"
                )
            case {"error": str(code)}:
                raise IdentityError("bad_source", _REASONS.get(code, _REASONS["damaged"]).format(file=file))
            case {"toc": list(marks)}:
                contents = {(page, _shape(clean(title))): level + 1 for level, title, page in marks if title.strip()}
            case {"page": int(number), "lines": list(lines)}:
                kept = tuple(
                    _Line(" ".join(clean(text).split()), float(size), bool(apart)) for size, apart, text in lines
                )
                pages.append(_Page(number, tuple(line for line in kept if line.text)))
    if done.returncode != 0 or not pages:
        raise IdentityError("bad_source", _REASONS["damaged"].format(file=file))
    return contents, pages


def _values(output: bytes) -> Iterator[Any]:
    for line in output.splitlines():
        try:
            yield json.loads(line)
        except ValueError:  # the process was ended in the middle of it
            return


def _shape(text: str) -> str:
    """Return a line without what changes from page to page."""
    return _DIGITS.sub("#", text.casefold()).strip()


def _at_edge(index: int, page: _Page) -> str:
    if index < EDGE:
        return "top"
    return "bottom" if index >= len(page.lines) - EDGE else ""


def _edges(pages: Sequence[_Page], usual: float) -> set[tuple[str, str]]:
    """Return the lines that most pages have at their top or bottom, in no larger letters than the text's.

    Those are running heads and page numbers, but for their numbers the same on each.
    """
    counts = Counter(
        (_shape(line.text), edge)
        for page in pages
        for i, line in enumerate(page.lines)
        if (edge := _at_edge(i, page)) and len(page.lines) > 2 * EDGE and line.size < LARGER * max(usual, 1.0)
    )
    least = max(3, REPEATED * len(pages))
    numbers = {(shape, edge) for shape, edge in counts if shape.strip("-–— ./|") in ("#", "# # #", "page #", "seite #")}
    return {key for key, count in counts.items() if count >= least} | numbers


def _usual(pages: Sequence[_Page]) -> float:
    """Return the size of letters that most of the text has."""
    sizes = [line.size for page in pages for line in page.lines for _ in range(1 + len(line.text) // 20)]
    return statistics.median(sizes) if sizes else 0.0


def _heading_sizes(pages: Sequence[_Page], usual: float) -> tuple[float, ...]:
    """Return the sizes of headings, the largest first, at most LEVELS."""
    found = {line.size for page in pages for line in page.lines if usual > 0 and line.size >= LARGER * usual}
    return tuple(sorted(found, reverse=True)[:LEVELS])


def _add(
    outline: Outline,
    page: int,
    lines: Sequence[_Line],
    contents: dict[tuple[int, str], int],
    sizes: Sequence[float],
) -> None:
    """Add the lines of a page: paragraphs end at gaps, headings and items."""
    held: list[str] = []
    item = False

    def end() -> None:
        nonlocal held, item
        if held:
            outline.block(joined(held), "item" if item else "text")
        held, item = [], False

    for line in lines:
        if (level := _level(line, page, contents, sizes)) is not None:
            end()
            outline.heading(level, title_of(line.text))
        elif found := _ITEM.match(line.text):
            end()
            held, item = [found[1]], True
        else:
            if line.apart:
                end()
            held.append(line.text)
    end()


def _level(line: _Line, page: int, contents: dict[tuple[int, str], int], sizes: Sequence[float]) -> int | None:
    if len(line.text) > TITLE:
        return None
    if contents:
        return contents.get((page, _shape(line.text)))
    if sizes:
        return sizes.index(line.size) + 1 if line.size in sizes else None
    if line.apart and (found := looks_like_heading(line.text)) and not line.text.endswith((".", "。", ",", "，")):
        return found[0]
    return None
