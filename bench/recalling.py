"""Compares recall by words with recall by words and vectors: what a turn is told of two hundred notes.

`python -m bench.memory --embedder FOLDER` (a sentence model that transformers loads; `real` for the one that a package
carries). Twenty-four notes are asked for in other words and in their own, among 176 others of the same person. Counted
is how often the note is told within the budget of tokens, at which place it stands, and what the vector costs a turn.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Final

from bench.stats import summarize, table
from bridge.memory.database import Sqlite
from bridge.memory.keeper import FOUND, Terms
from bridge.memory.store import Owner, Store, Vector
from engines.memory.embedders import Local
from engines.memory.facts import Fact
from engines.memory.recall import ranked, tokens_in, within
from engines.memory.telling import sentence
from engines.memory.vectors import Embedder

OWNER: Final = Owner("user", "companion")
DAY: Final = 86_400.0
BATCH: Final = 16

# What was told, asked for in other words, asked for in its own.
ASKED: Final = (
    ("my telescope stands in the attic", "let's talk about stargazing", "where is the telescope"),
    ("I broke my ankle on the ice last winter", "I had an accident once", "what about my ankle"),
    ("the twins start school in September", "how are the kids doing", "when does school start for the twins"),
    ("I sold my motorbike to pay the rent", "money was tight", "what happened to the motorbike"),
    ("grandma taught me to bake rye bread", "which recipes do I know", "who taught me to bake"),
    ("my boat is called the Seagull", "shall we go sailing", "what is the name of my boat"),
    ("I get seasick on ferries", "would a cruise be good for me", "how am I on ferries"),
    ("the roof leaks above the kitchen", "the house needs repairs", "where does the roof leak"),
    ("I play the cello in a quartet", "which musical instrument do I practise", "what do I play in the quartet"),
    ("my passport expires in March", "are my travel papers in order", "when does the passport expire"),
    ("I am saving for a trip to Kyoto", "my dream holiday in Japan", "what am I saving for"),
    ("thunder makes our hound hide under the bed", "is our pet afraid of storms", "what does thunder do"),
    ("I quit smoking two years ago", "do I still use cigarettes", "when did I quit smoking"),
    ("the exam on optics is on Friday", "I have a test coming up", "when is the exam"),
    ("my boss wants the report by Monday", "a deadline at the office", "what does my boss want"),
    ("I planted tomatoes on the balcony", "how does my gardening go", "what is planted on the balcony"),
    ("my daughter won a medal in swimming", "is anybody in my family good at sports", "who won a medal"),
    ("the car makes a strange noise when it brakes", "my vehicle may need a mechanic", "which noise does the car make"),
    ("I cannot sleep before a full moon", "my insomnia", "what about the full moon"),
    ("we got married in a lighthouse", "tell me about my wedding", "what happened in the lighthouse"),
    ("I collect stamps from Iceland", "my hobby", "what do I collect from Iceland"),
    ("my knees hurt when I climb stairs", "the pain in my legs", "what hurts on stairs"),
    ("I want to learn to code in Python", "I would like to become a programmer", "what do I want to learn to code"),
    ("the neighbours complain about my trumpet", "the people next door are annoyed", "what do the neighbours say"),
)
WHAT: Final = ("blue", "old", "small", "heavy", "round", "green", "new", "wooden", "broken", "long", "empty")
THINGS: Final = (
    "box", "chair", "lamp", "plate", "shelf", "towel", "bucket", "ladder",
    "carpet", "drawer", "basket", "mirror", "curtain", "bottle", "pillow", "candle",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Told:
    """What became of one question: the place of the note, from 1, and whether a turn is told it."""

    place: int
    told: bool


def filled(file: Path) -> Store:
    """Return a store with the notes, those that are asked for the oldest."""
    store = Store(Sqlite(file))
    store.consent(OWNER, True, 0.0)
    for number, (note, _, _) in enumerate(ASKED):
        store.write(OWNER, [Fact("note", note, said=f"Remember that {note}.")], session="s", turn=1, now=float(number))
    others = [f"the {what} {thing} is upstairs" for thing in THINGS for what in WHAT]
    for number, note in enumerate(others):
        fact = Fact("note", note, said=f"Remember that {note}.")
        store.write(OWNER, [fact], session="s", turn=1, now=1000.0 + number)
    return store


def asked(store: Store, text: str, note: str, vector: Vector | None) -> Told:
    """Ask once, as a turn does."""
    found = store.find(OWNER, text, most=FOUND, vector=vector)
    order = ranked(found.facts, text, DAY, found.near)
    told, _ = within(order, (), Terms().tokens, tokens_in, lambda each: sentence(each.fact, "en"))
    values = [each.fact.value for each in order]
    return Told(values.index(note) + 1 if note in values else 0, note in {each.fact.value for each in told})


async def compared(embedder: Embedder, folder: Path) -> str:
    """Return the tables."""
    store = filled(folder / "recall.sqlite")
    began = perf_counter()
    while facts := store.unread(embedder.model, BATCH):
        vectors = await embedder.embed([text for _, text in facts])
        store.learn(embedder.model, list(zip((number for number, _ in facts), vectors, strict=True)))
    reading = perf_counter() - began
    waits: list[float] = []
    rows: list[Sequence[object]] = []
    for name, column in (("in other words", 1), ("in its own words", 2)):
        alone, both = list[Told](), list[Told]()
        for entry in ASKED:
            text = entry[column]
            began = perf_counter()
            [data] = await embedder.embed([text])
            waits.append((perf_counter() - began) * 1000)
            alone.append(asked(store, text, entry[0], None))
            both.append(asked(store, text, entry[0], Vector(embedder.model, data)))
        for way, results in (("words", alone), ("words and vectors", both)):
            first = sum(each.place == 1 for each in results)
            rank = sum(1 / each.place for each in results if each.place) / len(results)
            told = sum(each.told for each in results)
            rows.append((name, way, f"{told} of {len(results)}", f"{first} of {len(results)}", f"{rank:.2f}"))
    spread = summarize(waits)
    store.close()
    head = ("asked", "recall by", "the note is told", "it stands first", "mean reciprocal rank")
    cost = f"a question's vector, ms: p50 {spread.p50:.1f}, p99 {spread.p99:.1f}; 200 notes read in {reading:.1f} s"
    return f"{table(head, rows)}\n\n{embedder.model}: {cost}\n"


def folder_of(named: str) -> Path:
    """Return the folder of a model: what is named, or for `real` the one that a package carries."""
    if named != "real":
        return Path(named).expanduser()
    from testkit.real.packages import MINILM, folder

    return folder(MINILM)


async def measured(named: str, scratch: Path) -> None:
    """Print the comparison."""
    embedder = Local(folder_of(named))
    try:
        await embedder.embed(["word"])
        sys.stdout.write(await compared(embedder, scratch))
    finally:
        await embedder.close()


def run(named: str, scratch: Path) -> None:
    """Measure."""
    asyncio.run(measured(named, scratch))
