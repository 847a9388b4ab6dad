"""Asks what the person knows with more and more errors in the questions, and draws how the right answers fall."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Final, Literal, TypeAlias

from engines.dialogue.card.course import grade
from engines.identity import IdentityError
from engines.identity.fields import Json
from studio.evaluate.measures import Measure, Section, Wanted, short, unmeasured
from studio.evaluate.noise.hearing import Ears, misheard
from studio.evaluate.noise.questions import Answers, Question, questions
from studio.evaluate.noise.typing import mistyped
from studio.evaluate.probes.rules import holds
from studio.evaluate.subject import Subject
from studio.evaluate.talk.playing import OutOfTimeError, Player, Turn

NAME: Final = "noise"
LEVELS: Final = (0.1, 0.2, 0.3, 0.4, 0.5)  # of the words (signs in Chinese) have an error
QUESTIONS: Final = 40  # that a companion without a model is asked, as often as DRAWS with each level
DRAWS: Final = 3
MODEL_QUESTIONS: Final = 10
LARGE: Final = 300  # entries of a card from which on each answer takes long, so that fewer are asked for
LEAST: Final = 6
SHOWN: Final = 2  # wrong answers of each kind and level that a report shows

Kind: TypeAlias = Literal["typing", "hearing"]
Noise: TypeAlias = Callable[[str, float, Random], str]

CLEAN: Final = Wanted(at_least=0.9)
NOISY: Final = {0.1: Wanted(at_least=0.8), 0.2: Wanted(at_least=0.7)}


def noises(subject: Subject) -> Mapping[Kind, Noise]:
    """Return the two kinds of errors for the language and the words of a person."""
    language = subject.identity.language
    ears = Ears(language, (word for words in subject.tokens for word in words))
    return {
        "typing": lambda text, level, chance: mistyped(text, level, chance, language),
        "hearing": lambda text, level, chance: misheard(text, level, chance, ears),
    }


async def swept(subject: Subject, player: Player, *, seed: int = 0, most: int = 0) -> tuple[Section, list[Turn]]:
    """Return the section, and what was said; `most` bounds the questions (0: by what a reply costs)."""
    asked, answers = questions(subject, seed=seed)
    size = len(subject.identity.card.book.entries) // LARGE
    asked = _some(asked, most or (max(LEAST, QUESTIONS // (1 + size)) if player.scripted else MODEL_QUESTIONS), seed)
    if not asked:
        return Section(NAME, (unmeasured(f"{NAME}.clean", "the card knows nothing that can be asked about"),)), []
    run = Run(asked, answers, player, seed, DRAWS if player.scripted and not size else 1)
    try:
        clean = await run.at("typing", lambda text, level, chance: text, 0.0)
        curves = {
            kind: [clean, *[await run.at(kind, noise, level) for level in LEVELS]]
            for kind, noise in noises(subject).items()
        }
    except OutOfTimeError:
        return Section(NAME, (unmeasured(f"{NAME}.clean", "the time for talking was spent"),)), run.turns
    floor = 1 / len(answers.weights)
    measures = [_measure("clean", clean, floor, CLEAN, run.clean)]
    for kind, curve in curves.items():
        for level, counted in zip(LEVELS, curve[1:], strict=True):
            measures.append(_measure(f"{kind}_{level * 100:.0f}", counted, floor, NOISY.get(level)))
    pupils = pupil(subject, seed=seed)
    measures += [Measure(f"{NAME}.pupil_{kind}_20", curve[LEVELS.index(0.2) + 1]) for kind, curve in pupils.items()]
    detail: dict[str, Json] = {
        "levels": [0.0, *LEVELS],
        "questions": len(asked),
        "draws": run.draws,
        "floor": round(floor, 6),
        "curves": {kind: [round(each.right / each.asked, 6) for each in curve] for kind, curve in curves.items()},
        "asks_back": {kind: [round(each.back / each.asked, 6) for each in curve] for kind, curve in curves.items()},
        "pupil": {kind: [round(value, 6) for value in curve] for kind, curve in pupils.items()},
        "wrong": [*run.wrong],
    }
    return Section(NAME, tuple(measures), detail), run.turns


@dataclass(frozen=True, slots=True)
class Counted:
    """How many questions were asked, answered rightly, and met by the right question back ("did you mean ...?")."""

    asked: int
    right: int
    back: int


@dataclass(slots=True)
class Run:
    """Asks the questions again and again; keeps what was said, and of each kind and level some that went wrong."""

    asked: Sequence[Question]
    answers: Answers
    player: Player
    seed: int
    draws: int
    turns: list[Turn] = field(default_factory=list)
    wrong: list[Json] = field(default_factory=list)
    clean: list[str] = field(default_factory=list)
    told: set[int] = field(default_factory=set)  # questions that are among the wrong ones already

    async def at(self, kind: Kind, noise: Noise, level: float) -> Counted:
        """Ask every question with errors of one kind and level."""
        right = back = shown = 0
        draws = self.draws if level else 1
        for number, question in enumerate(self.asked):
            for draw in range(draws):
                chance = Random(f"{self.seed} {number} {draw} {level}")  # noqa: S311 (errors of typing)
                said = noise(question.text, level, chance)
                turn = (await self.player.converse((said,), f"{kind} {level} {number} {draw}"))[0]
                self.turns.append(turn)
                if self.answers.right(question, turn.reply):
                    right += 1
                    continue
                back += bool(question.title) and holds(turn.reply, question.title)
                line = short(turn.reply or turn.error)
                self.clean += [] if level else [f"“{said}” — “{line}”"]
                if shown < SHOWN and number not in self.told:
                    shown += 1
                    self.told.add(number)
                    self.wrong.append({"level": level, "asked": question.text, "said": said, "reply": line})
        return Counted(len(self.asked) * draws, right, back)


def pupil(subject: Subject, *, seed: int = 0) -> dict[Kind, list[float]]:
    """Return how often a pupil's right answer is graded right, without errors and with each level of them.

    The answers are those that the course itself gives; {} when there is no course.
    """
    try:
        book = subject.book
    except IdentityError:
        return {}
    if book.course is None:
        return {}
    steps = [book.course.step(at) for at in book.course.questions()]
    right = [(step, step.answer) for step in steps if step.answer]
    right = [pair for pair in right if grade(pair[0], book.language.tokens(pair[1]), book.language) == "right"]
    if not right:
        return {}
    found: dict[Kind, list[float]] = {}
    for kind, noise in noises(subject).items():
        found[kind] = [1.0]
        for level in LEVELS:
            chance = Random(f"{seed} pupil {kind} {level}")  # noqa: S311 (errors of typing)
            said = [(step, noise(answer, level, chance)) for step, answer in right for _ in range(DRAWS)]
            good = sum(grade(step, book.language.tokens(text), book.language) == "right" for step, text in said)
            found[kind].append(good / len(said))
    return found


# ------------------------------------------------------------------------------------------------ parts


def _measure(name: str, counted: Counted, floor: float, wanted: Wanted | None, evidence: Sequence[str] = ()) -> Measure:
    line = f"{counted.right} of {counted.asked}; of the others {counted.back} were asked back rightly"
    return Measure(f"{NAME}.{name}", counted.right / counted.asked, floor, wanted, (line, *evidence))


def _some(asked: tuple[Question, ...], most: int, seed: int) -> tuple[Question, ...]:
    if len(asked) <= most:
        return asked
    chosen = sorted(Random(seed).sample(range(len(asked)), most))  # noqa: S311 (which are asked)
    return tuple(asked[i] for i in chosen)
