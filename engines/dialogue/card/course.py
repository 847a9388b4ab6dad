"""A course as a card carries it, and the grading of answers. It knows questions and words, not the conversation.

In the card's extension: `course` {title, lessons [{title, about, keys, steps [{explain, ask, quiz, accept, reject,
numbers, unit, hints, praise, answer}], end}]}. `accept` lists phrases, any of which is right when all its words are
said; `reject` those that make an answer wrong; `numbers` lists [low, high] ranges, in `unit` where that is given.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from engines.dialogue.card.language import Language
from engines.identity.errors import IdentityError
from engines.identity.fields import Fields
from engines.words.numerals import is_numeral, numbers
from engines.words.quantities import quantities
from engines.words.text import distance, is_sign, sound
from engines.words.units import same_kind, size_of_divisor

Grade: TypeAlias = Literal["right", "nearly", "wrong"]

NEAR: Final = 1.3  # a number off by less than this factor is nearly right
YEARS: Final = range(1000, 2101)  # numbers that are years
YEARS_OFF: Final = 5  # by which one is nearly right


@dataclass(frozen=True, slots=True)
class Step:
    """An explanation and, unless `ask` is "", the question that checks it."""

    explain: str
    ask: str = ""
    quiz: str = ""  # the question as it is put alone, out of its lesson
    accept: tuple[str, ...] = ()
    reject: tuple[str, ...] = ()
    ranges: tuple[tuple[float, float], ...] = ()
    hints: tuple[str, ...] = ()
    praise: str = ""
    answer: str = ""
    unit: str = ""  # that the numbers are in; an answer may give another


@dataclass(frozen=True, slots=True)
class Lesson:
    """A few steps on one subject."""

    title: str
    about: str
    keys: tuple[str, ...]
    steps: tuple[Step, ...]
    end: str = ""


@dataclass(frozen=True, slots=True)
class Course:
    """Lessons in order."""

    title: str
    lessons: tuple[Lesson, ...]

    def step(self, at: tuple[int, int]) -> Step:
        """Return the step at (lesson, step), both from 0."""
        return self.lessons[at[0]].steps[at[1]]

    def questions(self) -> list[tuple[int, int]]:
        """Return where the questions are."""
        return [(i, j) for i, lesson in enumerate(self.lessons) for j, step in enumerate(lesson.steps) if step.ask]


def read_course(fields: Fields) -> Course | None:
    """Read the course in a card's extension, None without one; IdentityError `bad_course` says what is wrong."""
    course = Fields(fields.object("course"), f"{fields.where}.course", code="bad_course")
    if not course.values:
        return None
    lessons = tuple(_lesson(item) for item in course.each("lessons", most=100))
    if not lessons:
        raise IdentityError("bad_course", f"{course.where}.lessons is empty")
    return Course(course.text("title", "this subject", longest=200), lessons)


def _lesson(fields: Fields) -> Lesson:
    steps = tuple(_step(item) for item in fields.each("steps", most=100))
    if not steps:
        raise IdentityError("bad_course", f"{fields.where}.steps is empty")
    return Lesson(
        title=fields.text("title", longest=200),
        about=fields.text("about", longest=1000),
        keys=fields.texts("keys", most=100),
        steps=steps,
        end=fields.text("end", longest=1000),
    )


def _step(fields: Fields) -> Step:
    ranges = fields.values.get("numbers") or []
    if not isinstance(ranges, list) or len(ranges) > 32:
        fields.fail("numbers", "a list of [low, high]")
    pairs: list[tuple[float, float]] = []
    for pair in ranges:
        match pair:
            case [int() | float() as low, int() | float() as high] if low <= high:
                pairs.append((float(low), float(high)))
            case _:
                fields.fail("numbers", "a list of [low, high]")
    step = Step(
        explain=fields.text("explain", longest=2000),
        ask=fields.text("ask", longest=500),
        quiz=fields.text("quiz", longest=500) or fields.text("ask", longest=500),
        accept=fields.texts("accept", most=100),
        reject=fields.texts("reject", most=100),
        ranges=tuple(pairs),
        hints=fields.texts("hints", most=10),
        praise=fields.text("praise", longest=1000),
        answer=fields.text("answer", longest=1000),
        unit=fields.text("unit", longest=60).strip(),
    )
    if step.ask and not (step.accept or step.ranges):
        raise IdentityError("bad_course", f"{fields.where} asks something but accepts no answer")
    return step


# ------------------------------------------------------------------------------------------------ grading


def grade(step: Step, said: Sequence[str], language: Language) -> Grade:
    """Say how right an answer is; typing and recognition errors in words of four letters and more are forgiven."""
    for exactly in (True, False):
        if any(_says(phrase, said, language, exactly=exactly) for phrase in step.reject):
            return "wrong"
        if any(_says(phrase, said, language, exactly=exactly) for phrase in step.accept):
            return "right"
    if step.unit and step.ranges and (measured := _measured(step, said, language)) is not None:
        return measured
    found = numbers(said, language.units, language.scales, language.point)
    if any(low <= number <= high for number in found for low, high in step.ranges):
        return "right"
    near = any(_is_near(number, low, high) for number in found for low, high in step.ranges)
    return "nearly" if near else "wrong"


def _is_near(number: float, low: float, high: float) -> bool:
    """Say whether a number is nearly right: off by less than NEAR, of a year by a few years."""
    if low == high and low in YEARS:
        return abs(number - low) <= YEARS_OFF
    return low > 0 and low / NEAR <= number <= high * NEAR


def _measured(step: Step, said: Sequence[str], language: Language) -> Grade | None:
    """Grade the numbers that are said with a unit: in whichever, as long as it measures the same; None without any."""
    units = quantities(f"2 {step.unit}", language)
    unit = next((each.unit for each in units if each.unit is not None), None)
    text = "".join(said) if any(map(is_sign, said)) else " ".join(said)
    found = [each for each in quantities(text, language) if each.unit is not None]
    if unit is None or not found:
        return None
    values: list[float] = []
    for each in found:
        assert each.unit is not None
        whole = unit.dimension.partition("/")[0] == each.dimension != unit.dimension  # "300 km" of a speed
        if same_kind(unit.dimension, each.dimension) or whole:
            size = unit.size * (size_of_divisor(unit) if whole else 1.0)
            values.append((each.unit.base(each.low) - unit.shift) / size)
    if any(low <= value <= high for value in values for low, high in step.ranges):
        return "right"
    return "nearly" if any(_is_near(value, low, high) for value in values for low, high in step.ranges) else "wrong"


def is_hit(step: Step, said: Sequence[str], language: Language) -> bool:
    """Say whether the words hold a right answer at all."""
    return grade(step, said, language) == "right"


def _says(phrase: str, said: Sequence[str], language: Language, *, exactly: bool) -> bool:
    """Say whether all words of a phrase were said, and the first of them not denied."""
    wanted = language.tokens(phrase)
    same = _same if exactly else alike
    if any(is_sign(word) for word in wanted):
        places = _places_of_run(wanted, said)
    else:
        places = [next((i for i, word in enumerate(said) if same(word, want, language)), None) for want in wanted]
    if not wanted or any(place is None for place in places):
        return False
    negations = language.lists["negations"]
    first = min(place for place in places if place is not None)
    if any(word in negations for word in wanted):
        return True
    return not any(word in negations for word in said[max(0, first - 3) : first])


def _places_of_run(wanted: Sequence[str], said: Sequence[str]) -> list[int | None]:
    """Find a word of several signs, which must stand together; [None] when it was not said."""
    size = len(wanted)
    whole = not is_numeral(wanted[0])  # the end of a number is not the number
    found = (
        list(range(i, i + size))
        for i in range(len(said) - size + 1)
        if list(said[i : i + size]) == list(wanted) and (whole or not is_numeral(said[i - 1] if i else ""))
    )
    return next((list[int | None](places) for places in found), [None])


def alike(word: str, want: str, language: Language) -> bool:
    """Say whether a spoken or typed word is the wanted one, or near enough."""
    if _same(word, want, language):
        return True
    shorter = min(len(word), len(want))
    if shorter < 4 or not want.isalpha() or word in language.stop or word in language.units:
        return False
    if distance(word, want, 2) <= (2 if shorter >= 8 else 1) and (shorter > 4 or word[0] == want[0]):
        return True
    return sound(word) == sound(want) and len(sound(want)) >= 3 and distance(word, want, 3) <= shorter * 2 // 5


def _same(word: str, want: str, language: Language) -> bool:
    return word == want or language.stem(word) == language.stem(want)
