"""Cleans dialogues one at a time, so that corpora need not fit into memory, and counts what each rule took.

A rule gets a dialogue and gives one back, or the reason for which it goes. Nothing is dropped without being counted.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from importlib import import_module
from typing import Any, Final, TypeAlias

from engines.guard.filter import Filter
from engines.guard.filter import shipped as shipped_filter
from engines.personal.scrub import Scrubber
from training.data.dialogue import Dialogue, Line, trainable
from training.errors import TrainingError

Rule: TypeAlias = Callable[[Dialogue], "Dialogue | str"]

PERMUTATIONS: Final = 64
SHINGLE: Final = 5  # characters
ALIKE: Final = 0.85  # of two texts' shingles in common: the same text
NEAREST: Final = 0.9  # above which the index of sketches would find hardly anything
SURE: Final = 0.9  # how sure a language must be for a dialogue to go
LEAST_LETTERS: Final = 24  # below which no language is guessed

_TAG: Final = re.compile(r"</?[a-zA-Z][^<>\n]{0,200}>")
_EMOJI: Final = re.compile(r"<a?:(\w{2,32}):\d{5,25}>")  # of Discord
_MENTION: Final = re.compile(r"<[@#][!&]?\d{5,25}>")
_FENCE: Final = re.compile(r"```.*?```", re.DOTALL)
_STRESS: Final = re.compile(r"(\*\*|__|~~|`)(?=\S)(.+?)(?<=\S)\1", re.DOTALL)
_BULLET: Final = re.compile(r"^\s{0,3}(?:#{1,6}\s+|[-*+]\s+|>\s?)", re.MULTILINE)
_LINK: Final = re.compile(r"!?\[([^\]\n]{0,200})\]\([^)\s]{0,500}\)")
_BLANKS: Final = re.compile(r"[^\S\n]{2,}")
_LINES: Final = re.compile(r"\s*\n\s*\n\s*")


@dataclass(slots=True)
class Counts:
    """How many dialogues came and were kept, what each rule took or changed, and what was flagged."""

    read: int = 0
    kept: int = 0
    dropped: Counter[str] = field(default_factory=Counter)
    changed: Counter[str] = field(default_factory=Counter)
    flagged: Counter[str] = field(default_factory=Counter)
    personal: Counter[str] = field(default_factory=Counter)
    languages: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class Cleaning:
    """What is wanted: languages to keep (() for all), bounds in characters, what becomes of the personal and the toxic.

    `own` are names that are the companion's, and stay.
    """

    languages: Sequence[str] = ()
    shortest: int = 1
    longest: int = 8000
    similar: float = ALIKE
    toxic: bool = False  # whether what the content filter would stop is kept
    scrubber: Scrubber | None = None
    own: Sequence[str] = ()


def clean(dialogues: Iterable[Dialogue], wanted: Cleaning, counts: Counts) -> Iterator[Dialogue]:
    """Yield what is left of dialogues, counting into `counts`."""
    rules = _rules(wanted, counts)
    for each in dialogues:
        counts.read += 1
        kept: Dialogue | str = each
        for name, rule in rules:
            before = kept
            kept = rule(before) if isinstance(before, Dialogue) else before
            if isinstance(kept, str):
                counts.dropped[kept] += 1
                break
            if isinstance(before, Dialogue) and kept.lines != before.lines:
                counts.changed[name] += 1
        if isinstance(kept, Dialogue):
            counts.kept += 1
            yield kept


def _rules(wanted: Cleaning, counts: Counts) -> list[tuple[str, Rule]]:
    rules: list[tuple[str, Rule]] = [("markup", plain), ("length", lambda each: sized(each, wanted))]
    if wanted.languages:
        rules.append(("language", lambda each: spoken(each, wanted.languages, counts)))
    rules.append(("duplicates", Duplicates(wanted.similar)))
    judge = shipped_filter()
    rules.append(("toxicity", lambda each: decent(each, judge, counts, keep=wanted.toxic)))
    if wanted.scrubber is not None:
        scrubber = wanted.scrubber
        rules.append(("personal", lambda each: scrubbed(each, scrubber, wanted.own, counts)))
    return rules


def plain(dialogue: Dialogue) -> Dialogue | str:
    """Take markup, control characters and needless blanks out of every line."""
    lines = trainable(Line(line.role, plain_text(line.text)) for line in dialogue.lines)
    return replace(dialogue, lines=lines) if lines else "nothing said"


def plain_text(text: str) -> str:
    """Return a text as it is said: without tags, stress, headings, links' addresses and fences of code."""
    text = unicodedata.normalize("NFC", text).replace("\t", " ")
    text = _EMOJI.sub(r"", _MENTION.sub("", _FENCE.sub(" ", text)))
    text = html.unescape(_TAG.sub("", text))
    text = _BULLET.sub("", _STRESS.sub(r"\2", _LINK.sub(r"\1", text)))
    text = "".join(
        c for c in text if c == "\n" or unicodedata.category(c) not in ("Cc", "Cs", "Co", "Cf") or c == "\u200d"
    )
    return _LINES.sub("\n", _BLANKS.sub(" ", text)).strip()


def sized(dialogue: Dialogue, wanted: Cleaning) -> Dialogue | str:
    """Drop what is too short or too long to teach anything."""
    said = sum(len(line.text) for line in dialogue.lines if line.role == "assistant")
    if said < wanted.shortest:
        return "too short"
    return "too long" if any(len(line.text) > wanted.longest for line in dialogue.lines) else dialogue


def spoken(dialogue: Dialogue, languages: Sequence[str], counts: Counts) -> Dialogue | str:
    """Drop what is surely in another language; what is too short to tell stays."""
    text = " ".join(line.text for line in dialogue.lines if line.role == "assistant")
    if sum(c.isalpha() for c in text) < LEAST_LETTERS and not any("\u3040" <= c <= "\u9fff" for c in text):
        counts.languages["too short to tell"] += 1
        return dialogue
    code, sure = _identifier().classify(text)
    counts.languages[code] += 1
    known = {each.partition("-")[0].lower() for each in languages}
    return dialogue if code in known or sure < SURE else "other language"


class Duplicates:
    """Drops a dialogue that says nearly what an earlier one says: MinHash (Broder 1997) of shingles, found by LSH."""

    def __init__(self, similar: float = ALIKE) -> None:
        self._sketches: Any = _imported("datasketch")
        self._index = self._sketches.MinHashLSH(threshold=min(similar, NEAREST), num_perm=PERMUTATIONS)
        self._similar = similar
        self._kept: list[Any] = []

    def __call__(self, dialogue: Dialogue) -> Dialogue | str:
        """Return the dialogue, or that it is a duplicate."""
        text = " ".join(dialogue.text.casefold().split())
        sketch = self._sketches.MinHash(num_perm=PERMUTATIONS, seed=1)
        sketch.update_batch([text[i : i + SHINGLE].encode() for i in range(max(1, len(text) - SHINGLE + 1))])
        if any(self._kept[number].jaccard(sketch) >= self._similar for number in self._index.query(sketch)):
            return "duplicate"
        self._index.insert(len(self._kept), sketch)
        self._kept.append(self._sketches.LeanMinHash(sketch))
        return dialogue


def decent(dialogue: Dialogue, judge: Filter, counts: Counts, *, keep: bool) -> Dialogue | str:
    """Flag what the content filter would stop the companion from saying, and drop it unless it is to stay."""
    before = ""
    for line in dialogue.lines:
        if line.role == "assistant":
            found = judge.judge(line.text, "companion", before=before)
            if found is not None and found.ruling == "block":
                counts.flagged[found.category] += 1
                return dialogue if keep else "toxic"
        before = f"{line.text}\n"
    return dialogue


def scrubbed(dialogue: Dialogue, scrubber: Scrubber, own: Sequence[str], counts: Counts) -> Dialogue:
    """Put stand-ins for what is personal; the companion's own names stay, and the person becomes a stand-in too."""
    ours = {name.casefold() for name in own}
    lines = []
    for line in dialogue.lines:
        done = scrubber.scrub(line.text)
        text = done.text
        for made in dict.fromkeys(done.stand_ins):
            if (word := scrubber.ledger.words.get(made, "")).casefold() in ours:
                text = text.replace(made, word)
            else:
                counts.personal[made.strip("<>").rpartition("_")[0].lower()] += 1
        lines.append(Line(line.role, text))
    person = scrubber.ledger.stand_in("person", dialogue.person) if dialogue.person else ""
    return replace(dialogue, lines=tuple(lines), person=person)


@lru_cache(maxsize=1)
def _identifier() -> Any:
    made: Any = _imported("py3langid.langid", "py3langid")
    return made.LanguageIdentifier.from_modelpath(made.MODEL_DIR / made.MODEL_FILE, norm_probs=True)


def _imported(module: str, package: str = "") -> Any:
    try:
        return import_module(module)
    except ImportError as error:
        raise TrainingError(
            "missing_package", f"cleaning needs {package or module}: pip install 'companion-bridge[train]'"
        ) from error
