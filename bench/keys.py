"""What a lorebook's regular expressions may cost a turn at most: `python -m bench.keys`.

Hostile books whose patterns fill the budget of `engines.identity.patterns`, each tried on a text made for it, and a
friendly one for comparison. The time is that of one call of `Lorebook.called_by`, the best of several.
"""

from __future__ import annotations

from time import perf_counter
from typing import Final

from engines.identity.card import read_card
from engines.identity.fields import Json
from engines.identity.lorebook import Lorebook

RUNS: Final = 20
# Name of a case, its keys, and the text that they are tried on.
CASES: Final[tuple[tuple[str, tuple[str, ...], str], ...]] = (
    ("optional letters, then a star", ("/" + "[ab]?" * 6 + "[ab]*c/",) * 200, "ab" * 500),
    ("nested repeats", ("/(a+)+$/",) * 200, "a" * 999 + "b"),
    ("counted nested repeats", ("/(x{1,90}){1,9}y/",), "x" * 1000),
    ("a choice far behind", ("/[ab]*a[ab]{400}c/",) * 4, ("a" * 7 + "b") * 125),
    ("gaps", ("/.*a.{90}.*b.{90}c/",) * 4, "\u6d77ab" * 400),
    ("two hundred plain words", tuple(f"/dragons?{i}/i" for i in range(200)), "The dragon sleeps. " * 60),
)


def book(keys: tuple[str, ...]) -> Lorebook:
    """Make a lorebook with one entry for each key."""
    entries: list[Json] = [{"keys": [key], "content": "It is known.", "use_regex": True} for key in keys]
    return read_card({"name": "x", "character_book": {"entries": entries}}).book


def measure(keys: tuple[str, ...], text: str) -> float:
    """Return the milliseconds that one turn spends on the keys."""
    made, best = book(keys), float("inf")
    for _ in range(RUNS):
        begun = perf_counter()
        made.called_by([text])
        best = min(best, perf_counter() - begun)
    return 1000 * best


def main() -> None:
    """Run and print."""
    print("| keys of one book | patterns kept | ms of a turn |\n|---|---|---|")
    for name, keys, text in CASES:
        kept = sum(len(entry.keys.patterns) for entry in book(keys).entries)
        print(f"| {name} | {kept} of {len(keys)} | {measure(keys, text):.2f} |")


if __name__ == "__main__":
    main()
