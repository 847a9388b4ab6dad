"""Reading the project's pages: their sections, tables and code blocks."""

from __future__ import annotations

import re


def section(text: str, title: str) -> str:
    """What stands under the heading `title`, up to the next of its level or above; "" if there is none."""
    level = title.split(" ")[0]
    body = rf"^{re.escape(title)}[^\n]*\n(.*?)(?=^#{{1,{len(level)}}} |\Z)"
    found = re.search(body, text, re.MULTILINE | re.DOTALL)
    return found[1] if found else ""


def tables(text: str) -> list[list[list[str]]]:
    """Every table, as rows of cells without its two header lines."""
    found: list[list[list[str]]] = []
    inside = False
    for line in text.splitlines():
        if not line.startswith("|"):
            inside = False
        elif not inside:
            inside = True
            found.append([])
        else:
            found[-1].append([cell.strip() for cell in line.strip("|").split("|")])
    return [table[1:] for table in found]


def blocks(text: str, language: str) -> list[str]:
    """The code blocks of a language."""
    return [str(block) for block in re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)]
