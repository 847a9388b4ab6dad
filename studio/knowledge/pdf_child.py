"""Reads one PDF from standard input and writes its lines; `python -m studio.knowledge.pdf_child`, a process of its own.

A PDF is a program of others: what a library crashes on, or never finishes, ends this process and nothing else. It
bounds its own memory and time where the system can. One JSON object a line: {"toc": [[level, title, page], ...]},
then for each page {"page": 1.., "lines": [[size, apart, text], ...]}, or {"error": code}. `size` is the letters' height
in points, `apart` that there is a gap above the line.
"""

from __future__ import annotations

import json
import sys
from typing import Any, Final

MEMORY: Final = 2 * 2**30  # bytes
SECONDS: Final = 120  # of the processor
PAGES: Final = 3_000
CHARACTERS: Final = 6_000_000
TITLES: Final = 2_000
GAP: Final = 1.6  # line heights between two lines that belong to different paragraphs


def main() -> int:
    """Read and write; return the exit status."""
    _bound()
    data = sys.stdin.buffer.read()
    try:
        import pypdfium2 as pdfium
    except ImportError:
        return _tell({"error": "missing_package"})
    try:
        document = pdfium.PdfDocument(data)
        pages = len(document)
    except pdfium.PdfiumError as error:
        code = getattr(error, "err_code", None)
        locked = code in (4, 5) or "assword" in str(error)
        return _tell({"error": "locked" if locked else "damaged"})
    if pages > PAGES:
        return _tell({"error": "too_many"})
    _tell({"toc": _contents(document)})
    left = CHARACTERS
    for number in range(pages):
        try:
            lines = _lines(document, number)
        except pdfium.PdfiumError:
            lines = []
        left -= sum(len(line[2]) for line in lines)
        if left < 0:
            return _tell({"error": "too_large"})
        _tell({"page": number + 1, "lines": lines})
    return 0


def _bound() -> None:
    try:
        import resource
    except ImportError:  # not on this system
        return
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))


def _contents(document: Any) -> list[list[Any]]:
    """Return the document's own table of contents."""
    found: list[list[Any]] = []
    try:
        for mark in document.get_toc(max_depth=4):
            title = str(getattr(mark, "title", "") or mark.get_title())
            place = getattr(mark, "page_index", None)
            if place is None and hasattr(mark, "get_dest") and (dest := mark.get_dest()) is not None:
                place = dest.get_index()
            found.append([int(mark.level), title[:300], int(place) + 1 if place is not None else 0])
            if len(found) >= TITLES:
                break
    except Exception:
        return found
    return found


def _lines(document: Any, number: int) -> list[list[Any]]:
    """Return the lines of a page with the size of their letters and whether a gap is above."""
    import pypdfium2.raw as raw

    page = document[number]
    text_page = page.get_textpage()
    try:
        text = text_page.get_text_range()
        found: list[list[Any]] = []
        at = 0
        below = None
        for line in text.split("\n"):
            # U+FFFE stands where a word was parted at a line's end.
            words = line.replace("\ufffe", "").strip("\r\n \t\x00\ufeff")
            first = at + (len(line) - len(line.lstrip()))
            at += len(line) + 1
            if not words:
                continue
            size, top, bottom = _box(raw, text_page, first)
            apart = below is not None and size > 0 and (below - top > (GAP - 1) * size or top > below + 3 * size)
            below = bottom
            found.append([round(size, 1), apart, words[:4000]])
        return found
    finally:
        text_page.close()
        page.close()


def _box(raw: Any, text_page: Any, index: int) -> tuple[float, float, float]:
    """Return (size, top, bottom) of a letter in points, 0 where that is not known."""
    try:
        size = float(raw.FPDFText_GetFontSize(text_page, index))
        _, bottom, _, top = text_page.get_charbox(index, loose=True)
        height = float(top - bottom)
    except Exception:
        return 0.0, 0.0, 0.0
    # The size that is written is before scaling; the box tells what is seen.
    return (height / 1.2 if abs(height - size) > size else size), float(top), float(bottom)


def _tell(value: dict[str, Any]) -> int:
    sys.stdout.write(json.dumps(value, ensure_ascii=True) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
