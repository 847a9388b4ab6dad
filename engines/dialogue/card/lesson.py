"""The teacher: explains a step, asks, grades, hints, reveals, goes on; and quizzes. It answers no other questions.

The state's `mode` is "lesson" while a lesson runs, "paused" when it was left, "quiz" in a quiz; `question` is the open
question, "" after a step that asks nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from engines.dialogue.card.course import Course, Lesson, alike, grade
from engines.dialogue.card.speech import Reply
from engines.words.numerals import numbers
from engines.words.text import plain

TRIES: Final = 3
QUIZ: Final = 5
BACK: Final = "back_to_question"


def start(reply: Reply, words: Sequence[str], course: Course) -> bool:
    """Open the lesson that the words name, else the one that was left or the first not done.

    False when the words name something that is no lesson.
    """
    lesson = _named(reply, words, course)
    if lesson is None:
        return False
    if lesson >= len(course.lessons):
        titles = reply.listing([item.title for item in course.lessons])
        reply.say("no_such_lesson", count=reply.book.language.number_word(len(course.lessons)), lessons=titles)
        return True
    if lesson < 0:
        if reply.before.mode in ("lesson", "paused"):
            resume(reply, course)
            return True
        lesson = next((i for i in range(len(course.lessons)) if i not in reply.before.done), 0)
    open_lesson(reply, course, lesson)
    return True


def _named(reply: Reply, words: Sequence[str], course: Course) -> int | None:
    """Number the lesson meant: -1 for any, one past the last for one that is not there, None for no lesson."""
    language = reply.book.language
    content = [word for word in language.content(words) if word not in _plain_words(reply)]
    best, most = -1, 0.0
    for i, lesson in enumerate(course.lessons):
        for phrase in (lesson.title, *lesson.keys):
            wanted = [word for word in language.tokens(phrase) if word not in language.stop]
            held = sum(any(alike(word, want, language) for word in words) for want in wanted)
            if wanted and held == len(wanted) and held > most:
                best, most = i, held
    if best >= 0:
        return best
    if found := [int(n) for n in numbers(words, language.units, language.scales, language.point) if n == int(n)]:
        return found[0] - 1 if 1 <= found[0] <= len(course.lessons) else len(course.lessons)
    whole = set(language.tokens(course.title))
    return None if any(word not in whole for word in content) else -1


def _plain_words(reply: Reply) -> frozenset[str]:
    """Return the words by which lessons are asked for, which name none."""
    patterns = [i.patterns for i in reply.book.language.intents if i.do in ("lesson_start", "lesson_next", "quiz")]
    return frozenset(word for group in patterns for parts in group for part in parts for word in part.words)


def open_lesson(reply: Reply, course: Course, number: int) -> None:
    """Begin a lesson at its first step."""
    reply.say("lesson_open", number=_number(reply, number), title=course.lessons[number].title)
    present(reply, course, (number, 0))


def resume(reply: Reply, course: Course) -> None:
    """Take a lesson up where it was left."""
    lesson, step = reply.before.at
    reply.say("lesson_resume", number=_number(reply, lesson), title=course.lessons[lesson].title)
    present(reply, course, (lesson, step))


def present(reply: Reply, course: Course, at: tuple[int, int]) -> None:
    """Explain a step and ask its question."""
    step = course.step(at)
    reply.add(step.explain)
    reply.set(mode="lesson", at=at, question=step.ask, tries=0, asked_again=0, rest="")
    hits = reply.book.retrieval.search(reply.book.retrieval.reader.terms(reply.book.language.tokens(step.explain)))
    if hits and hits[0].keyed:
        reply.set(topic=hits[0].number, told=())
    if step.ask:
        reply.add(step.ask)
    else:
        reply.say("shall_i_go_on")
        reply.set(offer="step")


def go_on(reply: Reply, course: Course) -> None:
    """Go to the next step, or to the end of the lesson."""
    lesson, step = reply.before.at
    if reply.before.mode == "quiz":
        _next_question(reply, course)
    elif step + 1 < len(course.lessons[lesson].steps):
        present(reply, course, (lesson, step + 1))
    else:
        _end(reply, course, lesson)


def back(reply: Reply, course: Course) -> None:
    """Go to the step before."""
    lesson, step = reply.before.at
    reply.say("lesson_back" if step or lesson else "lesson_first_already")
    if not step and lesson:
        lesson, step = lesson - 1, len(course.lessons[lesson - 1].steps)
    present(reply, course, (lesson, max(0, step - 1)))


def stop(reply: Reply) -> None:
    """Leave the lesson or the quiz."""
    reply.set(mode="paused" if reply.before.mode == "lesson" else "talk", question="", quiz=(), rest="")


def reply_to_answer(reply: Reply, words: Sequence[str], course: Course) -> None:
    """Grade an answer to the open question and go on from there."""
    state, step = reply.before, course.step(reply.before.at)
    match grade(step, words, reply.book.language):
        case "right":
            reply.say("right")
            reply.add(step.praise)
            _count(reply, right=True)
            go_on(reply, course)
        case "nearly" if state.tries + 1 < TRIES:
            reply.say("nearly", hint=_hint(reply, course))
            reply.set(tries=state.tries + 1)
        case _ if state.mode == "quiz" or state.tries + 1 >= TRIES:
            reveal(reply, course, key="wrong_reveal")
        case _:
            reply.say("wrong", hint=_hint(reply, course))
            reply.set(tries=state.tries + 1)


def hint(reply: Reply, course: Course) -> None:
    """Help with the open question; when the hints are used up, tell the answer."""
    if reply.before.tries >= max(1, len(course.step(reply.before.at).hints)):
        reveal(reply, course, key="reveal")
        return
    reply.say("hint", hint=_hint(reply, course))
    reply.set(tries=reply.before.tries + 1)


def reveal(reply: Reply, course: Course, *, key: str) -> None:
    """Tell the answer and go on."""
    step = course.step(reply.before.at)
    reply.say(key, answer=step.answer or step.praise)
    _count(reply, right=False)
    go_on(reply, course)


def ask_again(reply: Reply, key: str = BACK) -> None:
    """Come back to the open question once; after that offer to go on, and then leave it be."""
    state = reply.state
    if not state.question:
        return
    if key == BACK and state.asked_again == 1 and not state.offer:
        reply.say("offer_on")
        reply.set(offer="reveal")
    elif key != BACK or not state.asked_again:
        reply.say(key, question=state.question)
        reply.set(rest="")
    if key == BACK:
        reply.set(asked_again=state.asked_again + 1)


def quiz(reply: Reply, course: Course) -> None:
    """Begin a quiz of questions from the lessons that were done, or from all."""
    places = [at for at in course.questions() if at[0] in reply.before.done] or course.questions()
    chosen = tuple(sorted(reply.rng("quiz").sample(places, min(QUIZ, len(places)))))
    if not chosen:
        reply.say("no_course", instead=reply.instead())
        return
    question = course.step(chosen[0]).quiz
    reply.say("quiz_open", count=reply.book.language.number_word(len(chosen)), question=question)
    reply.set(
        mode="quiz",
        quiz=chosen[1:],
        at=chosen[0],
        question=question,
        tries=0,
        asked_again=0,
        quiz_asked=0,
        quiz_right=0,
    )


def _next_question(reply: Reply, course: Course) -> None:
    if reply.state.quiz:
        at, *rest = reply.state.quiz
        question = course.step(at).quiz
        reply.say("quiz_next", question=question)
        reply.set(quiz=tuple(rest), at=at, question=question, tries=0, asked_again=0)
        return
    asked, right = reply.state.quiz_asked, reply.state.quiz_right
    number = reply.book.language.number_word
    verdict = "quiz_best" if right == asked else "quiz_good" if right * 2 > asked else "quiz_poor"
    reply.say("quiz_end", right=number(right), asked=number(asked), verdict=reply.phrase(verdict))
    reply.set(mode="talk", question="", quiz=(), at=(0, 0))


def _end(reply: Reply, course: Course, number: int) -> None:
    lesson: Lesson = course.lessons[number]
    reply.say("lesson_end", number=_number(reply, number), end=lesson.end)
    done = tuple(sorted({*reply.before.done, number}))
    reply.set(mode="talk", question="", done=done, at=(0, 0))
    following = next((i for i in range(number + 1, len(course.lessons)) if i not in done), None)
    if following is None:
        reply.say("course_end")
    else:
        reply.say("lesson_next_offer", title=course.lessons[following].title)
        reply.set(offer=f"lesson:{following}")


def _hint(reply: Reply, course: Course) -> str:
    step, tries = course.step(reply.before.at), reply.before.tries
    return step.hints[min(tries, len(step.hints) - 1)] if step.hints else reply.phrase("no_hint")


def _count(reply: Reply, *, right: bool) -> None:
    state = reply.state
    if state.mode == "quiz":
        reply.set(quiz_asked=state.quiz_asked + 1, quiz_right=state.quiz_right + right)
    reply.set(asked=state.asked + 1, right=state.right + right)


def _number(reply: Reply, number: int) -> str:
    return reply.book.language.number_word(number + 1)


def heard_question(reply: Reply) -> bool:
    """Say whether the open question reached the user: it is not in the part of the last reply that went unheard."""
    return plain(reply.before.question) not in reply.before.rest
