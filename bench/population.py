"""Studies many people of the offline writer and prints the tables of docs/EVALUATION.md.

`python -m bench.population [--count 1000] [--languages en,zh] [--seed 0] [--write]`. Everything but the line of CPU
time is the same on every machine. The floor of the information is what shuffling the people gives, that of reading back
is the text of somebody else.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from engines.identity.fields import Json
from studio.draft.stage import Draft
from studio.evaluate.measures import Section
from studio.evaluate.population.people import people
from studio.evaluate.population.study import studied
from studio.stage import Wish

PAGE: Final = Path(__file__).parent.parent / "docs" / "EVALUATION.md"
BEGIN: Final = "<!-- population: made by `python -m bench.population --write` -->"
END: Final = "<!-- end of population -->"
PAIRS: Final = (
    "profession × presentation", "profession × ancestry", "profession × skin", "profession × age",
    "temperament × presentation", "interests × presentation", "voice.pitch × skin", "voice.style × ancestry",
    "accent × ancestry",
)  # fmt: skip


def study(language: str, count: int, seed: int) -> tuple[list[Section], float]:
    """Return the sections of one language, and the CPU seconds that a person took to be written and read back."""
    began = time.process_time()
    made = list(people(Draft(), Wish(language=language, seed=seed), count, _quiet))
    taken = (time.process_time() - began) / count
    return studied(made, seed=seed), taken


def report(languages: Sequence[str], count: int, seed: int) -> str:
    """Return the tables."""
    found = {language: study(language, count, seed) for language in languages}
    head = ["", *languages]
    rows: list[list[str]] = []
    for name, label, form in (
        ("readback.all", "attributes read back exactly (wanted ≥ 98 %)", "{:.2%}"),
        ("spread.people", "people of different attributes", "{:.0f}"),
        ("spread.profession", "evenness of professions", "{:.3f}"),
        ("spread.temperament", "evenness of temperaments", "{:.3f}"),
        ("complexity.words_50", "words of a card, median", "{:.0f}"),
        ("complexity.variety", "different words among fifty", "{:.3f}"),
        ("complexity.vocabulary", "different words in all", "{:.0f}"),
        ("alike.mean", "similarity of two cards, mean", "{:.3f}"),
        ("alike.most", "similarity of the closest pair (wanted ≤ 0.8)", "{:.2f}"),
        ("leaning.words", "words that lean to a gender", "{:.0f}"),
    ):
        rows.append([label, *(_value(found[language][0], name, form) for language in languages)])
        if name == "readback.all":
            rows.append(["the same in somebody else's text", *(_floor(found[one][0], name) for one in languages)])
    rows.append(["CPU to write and read back one", *(f"{found[language][1] * 1e3:.0f} ms" for language in languages)])
    told = [[pair, *(_pair(found[language][0], pair) for language in languages)] for pair in PAIRS]
    every = [[f"pairs found told, of {_count(found[languages[0]][0])}", *(_told(found[one][0]) for one in languages)]]
    title = f"{count} people of the offline writer in each language, seeds {seed} to {seed + count - 1}."
    return "\n\n".join(
        [
            title,
            _table(head, rows),
            "Mutual information in bits; in brackets what shuffling the people gives, mean and 95 %:",
            _table(head, [*told, *every]),
        ]
    )


def _value(sections: Sequence[Section], name: str, form: str) -> str:
    value = next((each.value for section in sections for each in section.measures if each.name == name), None)
    return "–" if value is None else form.format(value)


def _floor(sections: Sequence[Section], name: str) -> str:
    value = next((each.floor for section in sections for each in section.measures if each.name == name), None)
    return "–" if value is None else f"{value:.1%}"


def _rows(sections: Sequence[Section]) -> list[Mapping[str, Json]]:
    table = next(section for section in sections if section.name == "information").detail["table"]
    return [row for row in table if isinstance(row, dict)] if isinstance(table, list) else []


def _pair(sections: Sequence[Section], name: str) -> str:
    for row in _rows(sections):
        if row["pair"] == name:
            return f"{row['bits']:.3f} ({row['floor']:.3f}, {row['high']:.3f})"
    return "–"


def _told(sections: Sequence[Section]) -> str:
    return str(sum(row["told"] is True for row in _rows(sections)))


def _count(sections: Sequence[Section]) -> int:
    return len(_rows(sections))


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, *rows]
    widths = [max(len(line[i]) for line in lines) for i in range(len(head))]
    written = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |" for line in lines
    ]
    return "\n".join([written[0], "|" + "|".join("-" * (width + 2) for width in widths) + "|", *written[1:]])


def _quiet(done: float, doing: str) -> None:
    """Say nothing."""


def main() -> None:
    """Run, print and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--languages", default="en")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--write", action="store_true", help=f"put the tables into {PAGE.name}")
    ask = parser.parse_args()
    text = report(ask.languages.split(","), ask.count, ask.seed)
    sys.stdout.write(f"{text}\n")
    if ask.write:
        page = PAGE.read_text(encoding="utf-8")
        before, rest = page.split(BEGIN)
        PAGE.write_text(f"{before}{BEGIN}\n\n{text}\n\n{END}{rest.split(END)[1]}", encoding="utf-8")


if __name__ == "__main__":
    main()
