"""Writes the tables of the documents that tell of engines, from `engines.catalogue.table`.

`python -m tools.engine_tables --write` puts each table between its marks in docs/; without it they are printed.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

from engines.catalogue import table as catalogue
from engines.catalogue.listing import Listing

DOCS: Final = Path(__file__).parents[1] / "docs"
MARKS: Final = re.compile(
    r"(<!-- table (\w+): made by `python -m tools\.engine_tables --write` -->\n).*?(\n<!-- end of table -->)", re.DOTALL
)


def every() -> str:
    """List all engines, job by job."""
    rows = [
        (f"`engines.{each.job}`", f"`{each.name}`", f"{each.about}{_more(each)}", each.tongues, _needs(each))
        for job in catalogue.JOBS
        for each in catalogue.of(job.name)
    ]
    return _table(("job", "engine", "is", "languages", "needs"), rows)


def recognisers() -> str:
    """List the recognisers."""
    rows = [(f"`{each.name}`", each.about, each.tongues, _needs(each)) for each in catalogue.of("stt")]
    return _table(("`engines.stt`", "is", "languages", "needs"), [*rows, ("`none`", "nobody listens; typed text only")])


def voices() -> str:
    """List the synthesizers."""
    rows = [
        (f"`{each.name}`", each.about, each.tongues, each.times, each.runs_on, _install(each), each.licence)
        for each in catalogue.of("tts")
    ]
    head = ("`engines.tts`", "is", "languages", "phone times", "runs on", "install", "licence of the software")
    return _table(head, rows)


def models() -> str:
    """List how models are named, engine by engine."""
    rows = [(f"`{each.name}`", each.models.named, each.models.contents) for each in catalogue.ENGINES if each.models]
    return _table(("engine", "`[section] model` may be", "what must be there"), rows)


def extras() -> str:
    """List the extras that bring what engines import."""
    names = dict.fromkeys(each.extra for each in catalogue.ENGINES if each.extra)
    rows = []
    for name in names:
        listings = [each for each in catalogue.ENGINES if each.extra == name]
        packages = dict.fromkeys(package for each in listings for package in each.packages)
        rows.append((f"`{name}`", _listed(each.name for each in listings), _listed(packages)))
    return _table(("extra", "for the engines", "which import"), rows)


TABLES: Final[dict[str, Callable[[], str]]] = {
    "engines": every,
    "recognisers": recognisers,
    "voices": voices,
    "models": models,
    "extras": extras,
}


def page(text: str) -> str:
    """Put today's tables between the marks of a page."""
    return MARKS.sub(lambda mark: f"{mark[1]}\n{TABLES[mark[2]]()}\n{mark[3]}", text)


def pages() -> list[Path]:
    """List the pages that have marks."""
    return [path for path in sorted(DOCS.glob("*.md")) if MARKS.search(path.read_text(encoding="utf-8"))]


def _needs(each: Listing) -> str:
    needs = [_install(each)] if each.extra else []
    needs += ["a voice" if each.job == "tts" else "a model"] if each.models else []
    needs += [each.needs] if each.needs else []
    return " and ".join(needs) or "nothing"


def _install(each: Listing) -> str:
    return f"`pip install 'companion-bridge[{each.extra}]'`" if each.extra else "nothing"


def _more(each: Listing) -> str:
    return f" ([{each.page}]({each.page}))" if each.page else ""


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [_row(head), "|" + "---|" * len(head)]
    return "\n".join(lines + [_row((*row, *[""] * (len(head) - len(row)))) for row in rows])


def _row(cells: Iterable[str]) -> str:
    return "".join(f"| {cell} " if cell else "| " for cell in cells) + "|"


if __name__ == "__main__":
    if "--write" in sys.argv:
        for each in pages():
            each.write_text(page(each.read_text(encoding="utf-8")), encoding="utf-8")
    else:
        sys.stdout.write("\n\n".join(make() for make in TABLES.values()) + "\n")
