"""Measures the content filter: `python -m bench.guard`, and `--talk FILE` for the false alarms in a talk of your own.

Precision and recall for each category on the part of the grammars that nothing was made by, the classifier alone, the
lists alone and both; false alarms about ordinary talk; and the CPU time that a phrase costs. FILE is text, a line for
each contribution, or the dataset.json of the package chitchat-dataset.
"""

from __future__ import annotations

import argparse
import json
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from engines.guard.classifier import CATEGORIES
from engines.guard.concepts import read_as
from engines.guard.filter import Filter, shipped
from engines.guard.folding import read
from engines.guard.verdicts import Side
from training.guard.sentences import LANGUAGES, Example, examples

EACH = 80  # texts of each category and language
SEED = 7


@dataclass(slots=True)
class Counted:
    """How many texts of a category there are, and how many each way found; `wrong` are found in others."""

    there: int = 0
    both: int = 0
    lists: int = 0
    classifier: int = 0
    wrong: int = 0
    languages: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)


def side_of(category: str) -> Side:
    """Return whose words a category is looked for in."""
    return "user" if category in ("crisis", "jailbreak") else "companion"


def measured(judge: Filter, texts: Iterable[Example]) -> dict[str, Counted]:
    """Judge labelled texts."""
    counts = {category: Counted() for category in CATEGORIES}
    for example in texts:
        sides: tuple[Side, ...] = (side_of(example.label),) if example.label else ("user", "companion")
        named = set()
        for side in sides:
            finding = judge.judge(example.text, side, language=example.language)
            if finding is not None and finding.ruling != "allow":
                named.add(finding.category)
        for category in named & counts.keys() - {example.label}:
            # In another category it was stopped all the same, for another reason.
            counts[category].wrong += not example.label
        if not example.label:
            continue
        count = counts[example.label]
        languages = read_as(example.text, example.language)
        likely = judge.classifier.likelihoods(read(example.text), languages)[example.label]
        sure = any(hit.rule.sure for hit in judge.rules.hits(read(example.text), sides[0], languages))
        count.there += 1
        count.languages[example.language] += 1
        count.both += bool(named)
        count.found[example.language] += bool(named)
        count.lists += sure
        count.classifier += likely >= judge.classifier.threshold(example.label)
    return counts


def alarms(judge: Filter, talk: Sequence[tuple[str, str]]) -> Counter[str]:
    """Count what is said against ordinary talk: by the side whose words it would be."""
    found: Counter[str] = Counter()
    sides: tuple[Side, ...] = ("user", "companion")
    for language, text in talk:
        for side in sides:
            finding = judge.judge(text, side, language=language)
            if finding is not None and finding.ruling != "allow":
                found[f"{side} {finding.category}"] += 1
    return found


def cpu(judge: Filter, phrases: Sequence[str]) -> list[float]:
    """Return the CPU milliseconds of each phrase, ascending: the best of three, each judged after the two before it."""
    took = [float("inf")] * len(phrases)
    for _ in range(3):
        for at, text in enumerate(phrases):
            before = " ".join(phrases[max(0, at - 2) : at]) + " "
            read.cache_clear()
            began = time.process_time()
            judge.judge(text, "companion", before=before, language="en")
            took[at] = min(took[at], 1000 * (time.process_time() - began))
    return sorted(took)


def lines_of(path: Path) -> list[tuple[str, str]]:
    """Read a talk."""
    if path.suffix != ".json":
        return [("en", line) for line in path.read_text("utf-8").splitlines() if line.strip()]
    data: Any = json.loads(path.read_bytes())
    turns = [turn for talk in data.values() for turn in talk["messages"]]
    return [("en", each["text"]) for turn in turns for each in (turn if isinstance(turn, list) else [turn])]


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--talk", type=Path, help="false alarms in this talk, and nothing else")
    parser.add_argument("--most", type=int, default=100_000, help="lines of the talk")
    options = parser.parse_args(argv)
    judge = shipped()
    if options.talk:
        talk = lines_of(options.talk)[: options.most]
        found = alarms(judge, talk)
        for what, times in sorted(found.items()):
            print(f"| {what} | {times} |")
        print(f"{sum(found.values())} alarms about {2 * len(talk)} judgements of {len(talk)} lines")
        return 0
    texts = examples("held", EACH, SEED)
    counts = measured(judge, texts)
    print(
        "| category | texts | precision | recall | lists alone | classifier alone |",
        "|---|---|---|---|---|---|",
        sep="\n",
    )
    for category, count in counts.items():
        precision = count.both / max(1, count.both + count.wrong)
        rates = " | ".join(f"{part / count.there:.2f}" for part in (count.both, count.lists, count.classifier))
        print(f"| {category} | {count.there} | {precision:.2f} | {rates} |")
    by_language = {
        code: sum(c.found[code] for c in counts.values()) / sum(c.languages[code] for c in counts.values())
        for code in LANGUAGES
    }
    print("recall by language:", ", ".join(f"{code} {rate:.2f}" for code, rate in by_language.items()))
    ordinary = [example for example in texts if not example.label]
    for kind in ("neutral", "hard"):
        talk = [(example.language, example.text) for example in ordinary if example.category == kind]
        print(f"alarms about {len(talk)} {kind} texts, by either side: {sum(alarms(judge, talk).values())}")
    for name, phrases in (
        ("ordinary", [example.text for example in ordinary if example.language == "en"]),
        ("what is to be found", [example.text for example in texts if example.language == "en" and example.label]),
    ):
        took = cpu(judge, phrases)
        p50, p99 = took[len(took) // 2], took[len(took) * 99 // 100]
        print(f"CPU of a phrase, {name}: p50 {p50:.2f} ms, p99 {p99:.2f} ms ({len(took)} phrases)")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
