"""Writes the minutes of a meeting as Markdown: who said what under which heading, decisions and tasks apart. Pure.

What is a decision or a task is read from words, in the languages of the table; it is what was said, not what was
meant, and stands with who said it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

Kind: TypeAlias = Literal["", "decision", "task"]

MOST: Final = 2000  # contributions that are kept; the oldest go
SHOWN: Final = 600  # characters of one

# What begins a decision; the rest of the sentence is what was decided.
_DECISIONS: Final = re.compile(
    r"(?:^|[.!?。！？]\s*|[,，]\s*)(?:(?:so|then|okay|ok|good|also|gut|alors|entonces|那么?|那就)[,，]?\s*)?"
    r"(?:we(?:'ve| have)? (?:agreed?|decided?)(?: that| to| on)?\b|it is decided(?: that)?\b|let(?:'|’)s decide\b|"
    r"decision:|beschluss:|wir (?:beschließen|haben beschlossen|einigen uns)\b|es ist beschlossen\b|"
    r"nous (?:décidons|avons décidé)\b|décision ?:|(?:hemos decidido|decidimos)\b|decisión:|"
    r"我们(?:决定|同意|一致同意)|決定[:：]|决定[:：]|決まり[:：]|решение:|мы решили\b)",
    re.IGNORECASE,
)
_TASKS: Final = re.compile(
    r"\b(?:i(?:'|’)?ll|i will|i can take|i take care of|ich (?:werde|übernehme|kümmere mich)|je (?:vais|m'occupe)|"
    r"me encargo|yo (?:haré|me ocupo)|я (?:сделаю|возьму))\b|我(?:来|会|负责)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One contribution: `at` seconds from the beginning, `item` of the agenda from 1 (0: before it)."""

    at: float
    item: int
    by: str
    text: str
    companion: bool = False

    @property
    def kind(self) -> Kind:
        """Return whether it says what was decided, or what somebody will do."""
        if self.companion:
            return ""
        if _DECISIONS.search(self.text):
            return "decision"
        return "task" if _TASKS.search(self.text) else ""


def decisions(entries: Iterable[Entry], item: int = 0) -> list[Entry]:
    """Return what was decided, of one item or (0) of all."""
    return [entry for entry in entries if entry.kind == "decision" and item in (0, entry.item)]


def markdown(
    room: str,
    agenda: Sequence[str],
    entries: Sequence[Entry],
    *,
    day: str = "",
    present: Sequence[str] = (),
    spent: Sequence[float] = (),
) -> str:
    """Return the minutes; `spent` are the seconds that each item took."""
    out = [f"# {_line(room)}", ""]
    out += [f"- Date: {day}"] if day else []
    out += [f"- Present: {', '.join(map(_line, present))}"] if present else []
    out += [""] if day or present else []
    for title, kind in (("Decisions", "decision"), ("Tasks", "task")):
        found = [entry for entry in entries if entry.kind == kind]
        if found:
            out += [f"## {title}", "", *(_entry(entry) for entry in found), ""]
    headings = {0: "Before the agenda" if agenda else "What was said"}
    headings |= {number: f"{number}. {_line(title)}" for number, title in enumerate(agenda, 1)}
    for number in sorted(headings):
        said = [entry for entry in entries if entry.item == number]
        if not said and number == 0:
            continue
        took = (
            f" ({spent[number - 1] / 60:.0f} min)" if number and number <= len(spent) and spent[number - 1] > 30 else ""
        )
        out += [f"## {headings[number]}{took}", ""]
        out += [_entry(entry) for entry in said] or ["- (nothing was said)"]
        out += [""]
    return "\n".join(out).rstrip() + "\n"


def _entry(entry: Entry) -> str:
    minutes, seconds = divmod(int(entry.at), 60)
    return f"- `{minutes:02d}:{seconds:02d}` **{_line(entry.by)}**: {_line(entry.text)[:SHOWN]}"


def _line(text: str) -> str:
    """Return words as they can stand in one line of Markdown: what somebody says is never a heading, link or tag."""
    return re.sub(r"([\\`*_\[\]<>#|])", r"\\\1", " ".join(text.split()))
