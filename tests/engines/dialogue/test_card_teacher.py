"""The teacher's lessons, taken by good, bad, curious and restless pupils."""

from __future__ import annotations

import pytest

from engines.dialogue.card.course import grade
from tests.engines.dialogue.screenplay import Scene, scene
from tests.engines.dialogue.screenplay import book as knowledge

# The pupil's line, and what the reply must hold (any of those split by "|").
LESSONS = [
    ("hello", "hello"),
    ("what is your name", "nora"),
    ("what lessons are there", "five lessons"),
    ("how long does a lesson take", "five minutes"),
    ("start", "lesson one"),
    ("um vibrations i think", "air"),
    ("what is a wave", "a wave carries energy"),
    ("the push", "boyle"),
    ("i do not know", "air"),
    ("it got quieter", "three seconds for one kilometre"),
    ("twelve", "six"),
    ("two", "lesson one|completes"),
    ("yes please", "lesson two"),
    ("lower", "guitar"),
    ("higher", "frequency"),
    ("repeat the question", "one hundred times"),
    ("one hundred", "ultrasound"),
    ("tell me a joke", "photon|atom|doppler|wave"),
    ("bats", "loudness"),
    ("no", "lesson two|completes"),
    ("how am i doing", "eight right out of eight|eight of them"),
    ("no thanks", "quite all right|no trouble|as you like"),
    ("start lesson three", "lesson three"),
    ("an eco", "three hundred and forty"),
    ("three hundred and forty", "half|there and back|way"),
    ("a hundred seventy metres", "bat"),
    ("the sooner one", "siren"),
    ("hire", "doppler effect"),
    ("next lesson", "lesson four"),
    ("back", "lesson|source|siren|ambulance|moving"),
    ("stop", "pause|stop"),
    ("why is the sky blue", "scatters short waves"),
    ("why", "why of it|reason"),
    ("continue the lesson", "lesson"),
    ("stop the lesson", "pause|stop"),
    ("teach me about rainbows", "lesson five"),
    ("reflection", "mirror|frac"),
    ("is it refraction", "prism|violet"),
    ("what is a prism", "wedge of glass"),
    ("hint", "short end|bends one"),
    ("purple", "raindrop"),
    ("behind you", "sky"),
    ("red and orange", "bent light in water|last lesson"),
    ("thanks that was great", "welcome|pleasure|any time|gladly|thank"),
    ("how fast is light", "three hundred thousand"),
    ("how far away is the sun", "hundred and fifty million"),
    ("who was newton", "newton"),
    ("what does hertz mean", "hertz"),
    ("how do bats find moths", "ultrasound|echo"),
    ("how does the ear work", "nerve signals"),
    ("why does helium make my voice squeaky", "faster in helium"),
    ("is there sound in space", "no sound at all"),
    ("whats the dopler efect", "change of pitch"),
    ("why is the sky blew", "blue|sky"),
    ("my name is tom", "tom"),
    ("do you know my name", "tom"),
    ("i was always bad at physics", "introduced|catching a ball"),
    ("do i need mathematics for this", "divide"),
    ("how old are you", "forty-four"),
    ("do you like teaching", "teach|oh, that is why"),
    ("what is the capital of spain", "not|nothing|beyond|nobody|no answer|making it up"),
    ("teach me cooking", "not|nothing|beyond|nobody|no answer|making it up|lost|say to that"),
    ("you are the best", "thank|kind|nice"),
    ("goodbye", "goodbye|next time"),
]


def test_five_lessons_with_detours() -> None:
    pupil = scene("teacher")
    assert "Nora" in pupil.greet()
    for line, wanted in LESSONS:
        reply = pupil.say(line).lower()
        assert any(part in reply for part in wanted.split("|")), (line, reply)


def _best_answers() -> list[tuple[int, int, str]]:
    course = knowledge("teacher").course
    assert course is not None
    found = []
    for i, j in course.questions():
        step = course.step((i, j))
        found.append((i, j, step.accept[0] if step.accept else f"{step.ranges[0][0]:g}"))
    return found


def test_every_question_takes_its_own_answer_and_hints() -> None:
    book = knowledge("teacher")
    assert book.course is not None
    assert len(book.course.lessons) == 5
    for i, j, answer in _best_answers():
        step = book.course.step((i, j))
        assert grade(step, book.language.tokens(answer), book.language) == "right", step.ask
        assert grade(step, book.language.tokens(step.answer), book.language) == "right" or step.reject, step.ask
        assert grade(step, book.language.tokens("i like bananas"), book.language) == "wrong", step.ask
        assert step.hints, step.ask
        assert step.quiz.endswith("?"), step.ask


def test_a_perfect_pupil_goes_through_the_whole_course() -> None:
    pupil = scene("teacher")
    pupil.say("start")
    answers = _best_answers()
    for number, (lesson, _, answer) in enumerate(answers):
        reply = pupil.say(answer)
        last = number + 1 == len(answers) or answers[number + 1][0] != lesson
        assert ("esson" in reply) == last, reply
        if last and number + 1 < len(answers):
            pupil.say("yes")
    assert pupil.say("score").count("twenty") == 2


def test_a_hopeless_pupil_is_helped_and_told_and_never_stuck() -> None:
    pupil = scene("teacher")
    pupil.say("start")
    replies = [pupil.say("bananas") for _ in range(12)]
    assert "tremble" not in replies[-1]
    assert len(set(replies)) == 12
    assert "vibration" in replies[2].lower()
    assert "zero right" in pupil.say("score").lower() or "zero of them" in pupil.say("score").lower()


@pytest.mark.parametrize(
    ("answer", "grade_wanted"),
    [
        ("vibration", "right"),
        ("it is a vibration", "right"),
        ("vibrashun", "right"),
        ("vibratoin", "right"),
        ("it is not a vibration", "wrong"),
        ("a song", "wrong"),
    ],
)
def test_words_are_graded_with_tolerance(answer: str, grade_wanted: str) -> None:
    book = knowledge("teacher")
    assert book.course is not None
    assert grade(book.course.step((0, 0)), book.language.tokens(answer), book.language) == grade_wanted


@pytest.mark.parametrize(
    ("answer", "grade_wanted"),
    [
        ("a hundred and seventy", "right"),
        ("170 m", "right"),
        ("one hundred seventy metres", "right"),
        ("about 165", "right"),
        ("two hundred", "nearly"),
        ("three hundred and forty", "wrong"),
        ("seventeen", "wrong"),
    ],
)
def test_numbers_are_graded_in_words_and_digits(answer: str, grade_wanted: str) -> None:
    book = knowledge("teacher")
    assert book.course is not None
    assert grade(book.course.step((2, 1)), book.language.tokens(answer), book.language) == grade_wanted


def test_a_question_during_a_lesson_is_answered_and_the_lesson_resumes() -> None:
    pupil = scene("teacher")
    question = "What do we call such a fast movement back and forth?"
    pupil.say("start")
    assert pupil.say("why is the sky blue").endswith(question)
    offer = pupil.say("what is a laser")
    assert question not in offer
    assert offer.endswith("go on?")
    assert question not in pupil.say("who is the king of sweden") + pupil.say("what time is it")
    assert question not in (after := pupil.say("vibration"))
    assert after.endswith("?")


def test_after_a_second_detour_yes_gives_the_answer_and_goes_on() -> None:
    pupil = scene("teacher")
    pupil.say("start")
    pupil.say("why is the sky blue")
    pupil.say("what is a laser")
    reply = pupil.say("yes please")
    assert "vibration" in reply
    assert reply.endswith("?")


def test_asking_what_the_answer_is_does_not_count_as_answering() -> None:
    pupil = scene("teacher")
    pupil.say("start lesson three")
    reply = pupil.say("what is an echo")
    assert "bounces back from something hard" in reply
    assert reply.endswith("What do we call a sound that comes back?")


def test_quiz_counts_and_ends() -> None:
    pupil = scene("teacher")
    assert "five questions" in pupil.say("quiz me")
    answers = [pupil.say("bananas") for _ in range(5)]
    assert "zero out of five" in answers[-1]
    assert "question" not in pupil.say("tell me a joke")


def test_lessons_are_chosen_by_number_name_and_subject() -> None:
    for line, title in [
        ("start lesson two", "pitch and loudness"),
        ("the third lesson please", "echoes and sirens"),
        ("teach me about light", "how light travels"),
        ("i want to learn about echoes", "echoes and sirens"),
        ("let us do the lesson on colors", "colours and rainbows"),
        ("begin", "what sound is"),
    ]:
        assert title in scene("teacher").say(line), line
    assert "no such lesson" in scene("teacher").say("lesson nine")


def test_stopping_keeps_the_place() -> None:
    pupil = scene("teacher")
    pupil.say("start")
    pupil.say("vibration")
    pupil.say("stop")
    assert "nudge" in pupil.say("continue the lesson")


def test_praise_and_blame_vary() -> None:
    pupil = scene("teacher")
    pupil.say("start")
    openings = {pupil.say(answer).split(".")[0] for answer in ("vibration", "the push", "it faded", "two")}
    assert len(openings) == 4


def test_words_for_the_eye_and_hand_come_sparingly() -> None:
    pupil = scene("teacher")
    pupil.say("start")
    assert pupil.say("vibration").count("[") <= 3
    assert pupil.say("why is the sky blue").count("[") == 0


def test_a_lesson_question_that_was_not_heard_is_not_graded() -> None:
    pupil: Scene = scene("teacher")
    pupil.say("start", heard=8)
    reply = pupil.say("why is the sky blue")
    assert "scatters" in reply
    assert "What do we call such a fast movement" in reply
