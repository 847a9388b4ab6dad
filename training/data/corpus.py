"""A prepared corpus: a folder with what is learned, what is held out, and a data card that counts and names both.

learned.jsonl  held.jsonl   a dialogue a line
card.json  card.md          counts, digests, what each rule took, for machines and for people
"""

from __future__ import annotations

import hashlib
import json
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TextIO

from training.data.cleaning import Cleaning, Counts, clean
from training.data.dialogue import Dialogue
from training.data.sources.records import dialogue as record_of
from training.data.split import By, is_held, split
from training.errors import TrainingError

LEARNED: Final = "learned.jsonl"
HELD: Final = "held.jsonl"
CARD: Final = "card.json"


@dataclass(frozen=True, slots=True)
class Prepared:
    """Dialogues to learn and to hold out, and their data card."""

    learned: Sequence[Dialogue]
    held: Sequence[Dialogue]
    card: Mapping[str, Any]


def prepare(
    dialogues: Iterable[Dialogue], cleaning: Cleaning, *, by: By = "auto", share: float = 0.1, seed: int = 0
) -> Prepared:
    """Clean dialogues and part them, in memory; `no_data` when nothing is left, with what took it."""
    counts = Counts()
    kept = list(clean(dialogues, cleaning, counts))
    _insist(counts)
    learned, held, chosen = split(kept, by=by, share=share, seed=seed)
    return Prepared(learned, held, card_of(learned, held, counts, chosen, cleaning))


def prepare_stream(
    dialogues: Iterable[Dialogue],
    cleaning: Cleaning,
    folder: Path,
    *,
    by: By = "person",
    share: float = 0.1,
    seed: int = 0,
) -> Mapping[str, Any]:
    """Clean and part a corpus into `folder` a dialogue at a time; the memory grows by a sketch of each alone.

    Whether something is held out is decided by the hash of its person or topic, so the share is met only roughly.
    """
    _new(folder)
    counts, tallies = Counts(), (Tally(), Tally())
    by = "dialogue" if by == "auto" else by
    with (folder / LEARNED).open("w", encoding="utf-8") as learned, (folder / HELD).open("w", encoding="utf-8") as held:
        for number, each in enumerate(clean(dialogues, cleaning, counts)):
            is_kept = is_held(each, by, number, share=share, seed=seed)
            tallies[is_kept].add(each)
            _write(held if is_kept else learned, each)
    _insist(counts)
    card = _card(tallies[0], tallies[1], counts, by, cleaning)
    _write_card(folder, card)
    return card


def save(folder: Path, prepared: Prepared) -> None:
    """Write a prepared corpus; TrainingError `exists` when there is one."""
    _new(folder)
    for name, dialogues in ((LEARNED, prepared.learned), (HELD, prepared.held)):
        with (folder / name).open("w", encoding="utf-8") as out:
            for each in dialogues:
                _write(out, each)
    _write_card(folder, prepared.card)


def load(folder: Path) -> Prepared:
    """Return what was prepared, its dialogues read when they are asked for; `bad_layout` when it was changed since."""
    try:
        card = json.loads((folder / CARD).read_text(encoding="utf-8"))
        parts = Shelf(folder / LEARNED), Shelf(folder / HELD)
        for part, name in zip(parts, ("learned", "held"), strict=True):
            if part.digest != card["parts"][name]["file"]:
                raise TrainingError("bad_layout", f"{part.file} is not as its data card says: prepare the data again.")
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise TrainingError("bad_layout", f"{folder} holds no prepared data: {error}") from error
    return Prepared(parts[0], parts[1], card)


def is_prepared(folder: Path) -> bool:
    """Say whether a folder holds a prepared corpus."""
    return (folder / CARD).is_file() and (folder / LEARNED).is_file()


class Shelf(Sequence[Dialogue]):
    """Dialogues of a file of JSON lines, each read when it is asked for: only where lines begin is in memory."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self._begins = array("q")
        made = hashlib.sha256()
        with file.open("rb") as lines:
            at = 0
            for line in lines:
                self._begins.append(at)
                at += len(line)
                made.update(line)
        self.digest = made.hexdigest()

    def __len__(self) -> int:
        return len(self._begins)

    def __getitem__(self, number: Any) -> Any:
        if isinstance(number, slice):
            return [self[at] for at in range(*number.indices(len(self)))]
        with self.file.open("rb") as lines:
            lines.seek(self._begins[number])
            return record_of(json.loads(lines.readline()), f"{self.file.name}, line {number + 1}")

    def __iter__(self) -> Iterator[Dialogue]:
        with self.file.open("rb") as lines:
            for number, line in enumerate(lines, start=1):
                yield record_of(json.loads(line), f"{self.file.name}, line {number}")


@dataclass(slots=True)
class Tally:
    """Counts dialogues as they pass, with the digest of the file that they make."""

    dialogues: int = 0
    lines: int = 0
    characters: int = 0
    digest: Any = None
    persons: set[str] | None = None
    topics: set[str] | None = None

    def add(self, each: Dialogue) -> None:
        """Count one."""
        self.digest = self.digest or hashlib.sha256()
        self.persons, self.topics = self.persons or set(), self.topics or set()
        self.dialogues += 1
        self.lines += len(each.lines)
        self.characters += sum(len(line.text) for line in each.lines if line.role == "assistant")
        self.persons.add(each.person)
        self.topics.add(each.topic)
        self.digest.update(row(each).encode())

    def told(self) -> dict[str, Any]:
        """Return the counts."""
        return {
            "dialogues": self.dialogues,
            "lines": self.lines,
            "characters of the assistant": self.characters,
            "persons": len((self.persons or set()) - {""}),
            "topics": len((self.topics or set()) - {""}),
            "file": (self.digest or hashlib.sha256()).hexdigest(),
        }


def card_of(
    learned: Sequence[Dialogue], held: Sequence[Dialogue], counts: Counts, by: By, cleaning: Cleaning
) -> dict[str, Any]:
    """Return the data card of a corpus in memory."""
    tallies = Tally(), Tally()
    for tally, part in zip(tallies, (learned, held), strict=True):
        for each in part:
            tally.add(each)
    return _card(*tallies, counts, by, cleaning)


def _card(learned: Tally, held: Tally, counts: Counts, by: By, cleaning: Cleaning) -> dict[str, Any]:
    return {
        "read": counts.read,
        "kept": counts.kept,
        "dropped": dict(sorted(counts.dropped.items())),
        "changed": dict(sorted(counts.changed.items())),
        "flagged by the content filter": dict(sorted(counts.flagged.items())),
        "languages": dict(counts.languages.most_common()),
        "personal": {"scrubbed": cleaning.scrubber is not None, "found": dict(sorted(counts.personal.items()))},
        "held out by": by,
        "parts": {"learned": learned.told(), "held": held.told()},
    }


def page(card: Mapping[str, Any]) -> str:
    """Write a data card for people, in Markdown."""
    lines = ["# Data card", "", f"{card['read']} dialogues were read and {card['kept']} kept.", ""]
    for title in ("dropped", "changed", "flagged by the content filter", "languages"):
        if rows := card[title]:
            lines += [f"**{title.capitalize()}**: " + ", ".join(f"{name} {count}" for name, count in rows.items()), ""]
    personal = card["personal"]
    if personal["scrubbed"]:
        found = ", ".join(f"{name} {count}" for name, count in personal["found"].items()) or "nothing was found"
        lines += [f"Personal data was replaced by stand-ins: {found}.", ""]
    else:
        lines += ["Personal data was not looked for: what is learned from may be said again.", ""]
    columns = ("dialogues", "lines", "characters of the assistant", "persons", "topics", "file")
    lines += [f"Held out by {card['held out by']}: nobody's is in both parts.", ""]
    lines += [f"| part | {' | '.join(columns[:-1])} | SHA-256 |", "|---|" + "---|" * len(columns)]
    lines += [f"| {name} | {' | '.join(str(part[each]) for each in columns)} |" for name, part in card["parts"].items()]
    return "\n".join([*lines, ""])


def _insist(counts: Counts) -> None:
    if counts.kept:
        return
    taken = ", ".join(f"{reason} {count}" for reason, count in counts.dropped.most_common()) or "nothing was there"
    raise TrainingError("no_data", f"Of {counts.read} dialogues none is left to learn from: {taken}.")


def _new(folder: Path) -> None:
    if folder.exists() and any(folder.iterdir()):
        raise TrainingError("exists", f"{folder} is not empty: name another folder, or delete it.")
    folder.mkdir(parents=True, exist_ok=True)


def row(each: Dialogue) -> str:
    """Return a dialogue as a line of JSON."""
    told = {
        "messages": [{"role": line.role, "content": line.text} for line in each.lines],
        "person": each.person,
        "topic": each.topic,
    }
    return f"{json.dumps(told, ensure_ascii=False)}\n"


def _write(out: TextIO, each: Dialogue) -> None:
    out.write(row(each))


def _write_card(folder: Path, card: Mapping[str, Any]) -> None:
    (folder / CARD).write_text(json.dumps(card, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    (folder / "card.md").write_text(page(card), encoding="utf-8")
