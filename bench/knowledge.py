"""Measures what a companion does with documents: finding passages, and telling what is wrong from what is true.

`python -m bench.knowledge [SEED]` prints tables. Retrieval: questions made from the sentences of this project's own
pages (and of the small courses of the tests) must find the passage they came from, whole and in a few of their words,
beside a floor that counts shared words and one that guesses. The check: true and false sentences that patterns make of
facts. Times are seconds of the processor.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Final

from engines.api import Message, Request, ToolResult
from engines.guard.verdicts import Line
from engines.knowledge.cutting import Passage, passages
from engines.knowledge.document import Place
from engines.knowledge.facts import Fact
from engines.knowledge.gate import KnowledgeGate
from engines.knowledge.index import Index
from engines.knowledge.library import Library
from engines.knowledge.reading.markdown import read_markdown
from engines.knowledge.reading.plain import read_plain
from engines.words.text import sentences
from engines.words.vocabulary import Vocabulary, vocabulary_of
from studio.knowledge.lessons import chinese, english

ROOT: Final = Path(__file__).parents[1]
COURSES: Final = ROOT / "tests" / "studio" / "knowledge" / "data"
DEPTHS: Final = (1, 3, 10)
SEED: Final = 7
STATEMENTS: Final = 200
NOON: Final = datetime(2030, 1, 1, 12, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question and the passage that it came from."""

    text: str
    passage: int


# ------------------------------------------------------------------------------------------------ finding


def corpus(language: str) -> tuple[Passage, ...]:
    """Return the passages of this project's pages and the courses of the tests, or of the Chinese one."""
    if language == "zh":
        return passages(read_markdown((COURSES / "museum.md").read_text("utf-8"), "museum.md"))
    pages = sorted([*ROOT.glob("docs/*.md"), *ROOT.glob("docs/decisions/*.md"), COURSES / "optics.md"])
    sections = [section for page in pages for section in read_markdown(page.read_text("utf-8"), page.name)]
    return passages([*sections, *read_plain((COURSES / "manual.txt").read_text("utf-8"), "manual.txt")])


def asked_of(found: Sequence[Passage], language: str) -> list[Asked]:
    """Return the questions that sentences of the passages answer, a question a sentence."""
    questions: list[Asked] = []
    for number, passage in enumerate(found):
        for sentence in sentences(passage.text):
            title = passage.place.headings[-1] if passage.place.headings else ""
            made = english.questions(sentence) if language == "en" else chinese.questions(sentence, title)
            questions += [Asked(question.ask, number) for question in made[:1]]
    return questions


def shortened(text: str, words: Vocabulary, chance: Random) -> str:
    """Return a question as people type it: at most three of its words of meaning, in their order."""
    said = [word for word in words.tokens(text) if word not in words.stop]
    if words.joined:
        start = chance.randrange(max(1, len(said) - 5))
        return "".join(said[start : start + 6])
    kept = sorted(chance.sample(range(len(said)), min(3, len(said))))
    return " ".join(said[i] for i in kept)


def recall(questions: Sequence[Asked], search: Callable[[str], Sequence[int]]) -> list[float]:
    """Return the share of questions whose passage is among the first 1, 3 and 10."""
    found = [(each.passage, list(search(each.text))) for each in questions]
    ranks = [numbers.index(right) if right in numbers else max(DEPTHS) for right, numbers in found]
    return [sum(rank < depth for rank in ranks) / max(1, len(ranks)) for depth in DEPTHS]


def retrieval(language: str, seed: int) -> Iterator[str]:
    """Yield the lines of the table of one language."""
    words, found = vocabulary_of(language), corpus(language)
    index = Index(found, words)
    whole = asked_of(found, language)
    chance = Random(seed)
    short = [Asked(shortened(each.text, words, chance), each.passage) for each in whole]
    stems = [frozenset(words.terms(f"{' '.join(each.place.headings)} {each.text}")) for each in found]

    def ours(text: str) -> list[int]:
        return [each.number for each in index.search(text, most=max(DEPTHS))]

    def overlap(text: str) -> list[int]:
        terms = frozenset(words.terms(text))
        return sorted(range(len(found)), key=lambda i: (-len(terms & stems[i]), i))[: max(DEPTHS)]

    guesses = Random(seed)

    def guess(text: str) -> list[int]:
        return guesses.sample(range(len(found)), min(max(DEPTHS), len(found)))

    yield f"{language}: {len(found)} passages, {len(whole)} questions"
    for kind, questions in (("whole", whole), ("a few words", short)):
        for name, search in (("BM25 and coverage", ours), ("shared words", overlap), ("guess", guess)):
            row = "  ".join(
                f"@{depth} {share:5.1%}" for depth, share in zip(DEPTHS, recall(questions, search), strict=True)
            )
            yield f"  {kind:<12} {name:<18} {row}"
    begun = time.process_time()
    for each in short:
        index.search(each.text)
    yield f"  a search: {(time.process_time() - begun) / max(1, len(short)) * 1000:.2f} ms of the processor"


# ------------------------------------------------------------------------------------------------ telling


THINGS: Final = (
    ("the north tower", "is", "{n} metres tall", "metres", 40, 300),
    ("the old bridge", "is", "{n} metres long", "metres", 60, 900),
    ("the bronze bell", "weighs", "{n} kg", "kg", 200, 4000),
    ("the express train", "travels at", "{n} km per hour", "km per hour", 90, 400),
    ("the city museum", "has", "{n} rooms", "rooms", 5, 60),
    ("the opera house", "was opened in", "{n}", "", 1700, 1990),
    ("the reactor core", "has a temperature of", "{n} degrees Celsius", "degrees Celsius", 200, 900),
    ("the travel battery", "lasts", "{n} hours", "hours", 4, 40),
    ("the river ferry", "carries", "{n} passengers", "passengers", 50, 700),
    ("the summer ticket", "costs", "{n} euros", "euros", 5, 90),
)
PEOPLE: Final = ("Ada Lind", "Jonas Berg", "Mira Sand", "Otto Falk", "Lea Storm")
WORKS: Final = (
    ("the harbour painting", "was painted by"),
    ("the glass hall", "was designed by"),
    ("the water clock", "was built by"),
)
TRUE: Final = (
    "{S} {r} {o}.", "As you know, {s} {r} {o}.", "{S} {r} about {o}.", "{S}, I believe, {r} {w}.",
    "In the model, {s} {r} {w}.", "{S} {r} {o}, which surprises most visitors.", "Did you know that {s} {r} {w}?",
    "It is not true that {s} {r} {w}.", "{S} never {r} {w}.",
    "Half of our guests love {s}, and {n2} of them come back.",
    "People once thought that {s} {r} {w}.", "Next to {s} there is a café with {n2} chairs.",
    "{S} is worth a visit, and it takes {n2} minutes from here.", "If {s} {r} {w}, I will eat my hat.",
    "{S} {r} {o}, and the sign beside it says so.", "We have had {s} on our posters for {n2} years.",
)  # fmt: skip
FALSE: Final = (
    "{S} {r} {w}.", "As you know, {s} {r} {w}.", "{S} {r} {w}, and everybody is proud of it.",
    "Well, {s} {r} {w}.", "{S} {r} about {w}.", "Our guests are told that {s} {r} {w}.",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence about a fact, and whether it is true."""

    text: str
    true: bool


def statements(count: int, seed: int, *, true: bool) -> tuple[list[Fact], list[Statement]]:
    """Return facts, and sentences about them that are all true, or all false."""
    chance = Random(seed + true)
    facts: list[Fact] = []
    made: list[Statement] = []
    for subject, relation, form, _, low, high in THINGS:
        facts.append(
            Fact(subject.removeprefix("the "), relation, form.format(n=chance.randint(low, high)), Place("facts.csv"))
        )
    for i, (subject, relation) in enumerate(WORKS):
        facts.append(Fact(subject.removeprefix("the "), relation, PEOPLE[i], Place("facts.csv")))
    while len(made) < count:
        at = chance.randrange(len(facts))
        fact = facts[at]
        if at < len(THINGS):
            _, _, form, _, low, high = THINGS[at]
            right = int("".join(c for c in fact.object.split()[0] if c.isdigit()))
            off = chance.choice([value for value in range(low, high) if not 0.7 < value / right < 1.4] or [right * 3])
            off = chance.choice([right - 30, right + 40]) if form == "{n}" else off
            wrong = form.format(n=off)
        else:
            wrong = chance.choice([name for name in PEOPLE if name != fact.object])
        text = chance.choice(TRUE if true else FALSE)
        if at >= len(THINGS) and "about" in text:
            continue
        subject = f"the {fact.subject}"
        made.append(
            Statement(
                text.format(
                    s=subject,
                    S=subject[:1].upper() + subject[1:],
                    r=fact.relation,
                    o=fact.object,
                    w=wrong,
                    n2=chance.randint(2, 30),
                ),
                true,
            )
        )
    return facts, made


async def _call(name: str, arguments: object) -> ToolResult:
    return ToolResult("failed", "")


def line(text: str, asked: str = "") -> Line:
    """Return a phrase as the gate gets it."""
    history = (Message("user", asked),) if asked else ()
    return Line(text, "", Request("s", "user", history, "Ada", "en-gb", NOON, {}, (), _call))


def checking(seed: int) -> Iterator[str]:
    """Yield the lines about the check."""
    for true, name in ((True, "false alarms among true or empty"), (False, "caught among false")):
        facts, made = statements(STATEMENTS, seed, true=true)
        gate = KnowledgeGate(Library((), tuple(facts)), "en")
        flagged = [each for each in made if gate.judge(line(each.text)).ruling != "allow"]
        yield f"{name} sentences: {len(flagged)} of {len(made)}"
        odd = flagged if true else [each for each in made if each not in flagged]
        yield from (f"    {each.text}" for each in odd[:8])
    own = corpus("en")
    spoken = [text for passage in own for text in sentences(passage.text)][:2000]
    for count in (10, 500, 5000):
        facts = [Fact(f"part {i}", "weighs", f"{i + 1} kg", Place("f")) for i in range(count)]
        gate = KnowledgeGate(Library((), tuple(facts)), "en")
        begun = time.process_time()
        took: list[float] = []
        for text in spoken:
            start = time.process_time()
            gate.judge(line(text, "What does part 7 weigh?"))
            took.append(time.process_time() - start)
        whole = time.process_time() - begun
        took.sort()
        yield (
            f"the check with {count} facts, {len(spoken)} phrases of this project's pages: "
            f"{whole / len(spoken) * 1000:.2f} ms a phrase, p99 {took[int(len(took) * 0.99)] * 1000:.2f} ms"
        )


def main() -> None:
    """Print everything."""
    seed = int(sys.argv[1]) if len(sys.argv) > 1 else SEED
    for part in (retrieval("en", seed), retrieval("zh", seed), checking(seed)):
        for text in part:
            print(text)


if __name__ == "__main__":
    main()
