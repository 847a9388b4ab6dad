"""Does what an intent asks for. It knows every deed by the name that a language's data calls it by."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from engines.dialogue.card import knowledge, lesson, scene, smalltalk
from engines.dialogue.card.answers import Question
from engines.dialogue.card.calendar import clock, date
from engines.dialogue.card.course import Course
from engines.dialogue.card.language import Heard, Intent
from engines.dialogue.card.speech import Reply, shorten

LESSONS: Final = frozenset(
    {"lesson_start", "lesson_list", "lesson_next", "lesson_back", "lesson_stop", "quiz", "score", "dont_know", "hint"}
)
PIECE: Final = 600  # characters of an interrupted reply that are taken up at once


def perform(reply: Reply, heard: Heard, words: Sequence[str], text: str, question: Question) -> bool:
    """Write the reply to an intent; False when it turns out not to apply."""
    intent, state, book = _mood(reply, heard, words), reply.before, reply.book
    if intent.do in LESSONS:
        return _teach(reply, intent, words, heard.loose)
    match intent.do:
        case "greet":
            reply.say(intent.name, intent.say)
            smalltalk.nudge(reply)
        case "bye":
            reply.say(intent.name, intent.say)
            lesson.stop(reply)
        case "yes":
            if not smalltalk.accept_offer(reply):
                reply.say(intent.name, intent.say)
        case "who_are_you":
            reply.say(intent.name, intent.say, about=_about(reply))
        case "abilities":
            _abilities(reply, intent)
        case "trait":
            if not knowledge.of_self(reply, question, intent.trait):
                _stock(reply, intent)
        case _ if intent.topic:
            return _tell(reply, intent.topic)
        case "suggest":
            reply.say(intent.name, intent.say)
            smalltalk.nudge(reply)
        case "surprise" | "acknowledge":
            _acknowledge(reply, intent)
        case "confused":
            _clarify(reply, intent)
        case "repeat":
            smalltalk.repeat(reply, intent, words)
        case "slower":
            smalltalk.slower(reply, intent)
        case "what_did_i_say":
            smalltalk.said_before(reply, intent)
        case "tell_name" | "maybe_name":
            return _name(reply, heard, words, text)
        case "ask_name":
            reply.say(f"{intent.name}{bool(reply.user)}", intent.say if reply.user else otherwise(intent))
            reply.set(offer="" if reply.user else "name")
        case "time":
            reply.say(intent.name, intent.say, clock=clock(reply.request.now, book.language))
        case "date":
            reply.say(intent.name, intent.say, date=date(reply.request.now, book.language))
        case "continue":
            _continue(reply)
        case "more":
            knowledge.more(reply)
        case "about_it":
            knowledge.about_topic(reply)
        case "why":
            knowledge.why(reply)
        case "scene_what":
            scene.describe(reply, intent)
        case "scene_where":
            scene.place(reply, intent)
        case "scene_event":
            scene.last_event(reply, intent)
        case _:
            _stock(reply, intent)
            reply.set(offer=intent.offer or (state.offer if intent.do != "no" else ""))
    return True


def _stock(reply: Reply, intent: Intent) -> None:
    """Say one of an intent's own replies; those that name topics only when there are some."""
    topics = reply.topics() if any("{topics}" in text for text in intent.say) else ""
    usable = [text for text in intent.say if topics or "{topics}" not in text]
    language = reply.book.language
    names = [language.names[code] for code in reply.book.languages if code in language.names]
    languages = language.listing(names or [language.code])
    reply.say(intent.name, usable or otherwise(intent), topics=topics, languages=languages)


def otherwise(intent: Intent, key: str = "say_none") -> tuple[str, ...]:
    """Return an intent's further variants, for when it has nothing to go by."""
    return (intent.more or {}).get(key, ())


def is_named(reply: Reply, words: Sequence[str], text: str) -> bool:
    """Say whether words of "I am ..." are a name: written with capitals, and no word that the language knows."""
    language = reply.book.language
    written = {
        language.fold(word.strip(".,!?")) for word in text.split()[1:] if word[:1].isupper() and word[1:2] != "'"
    }
    return bool(words) and all(w in written and w not in language.stop and w not in language.weak for w in words)


def _mood(reply: Reply, heard: Heard, words: Sequence[str]) -> Intent:
    """Return the intent; after "how are you?" a bare "good" says how the user is."""
    if reply.before.offer == "feeling":
        mood = reply.book.language.heard(("i", "am", *words))
        if mood and mood.intent.name.startswith("feel_") and not mood.loose:
            return mood.intent
    return heard.intent


def _about(reply: Reply) -> str:
    """Return a part of what the companion says of itself, each once; what was not written for it in its order."""
    about = reply.pick("about", reply.book.about, once=True, ordered=not reply.book.prepared)
    entries = reply.book.myself.entries if reply.book.myself else ()
    said = [number for number, entry in enumerate(entries) if about and entry.sentences[0] in about]
    reply.set(told_self=tuple(dict.fromkeys((*reply.state.told_self, *said))))
    return about


def _abilities(reply: Reply, intent: Intent) -> None:
    course, options = reply.book.course, otherwise(intent, "say_course")
    topics, book_topics = reply.topics(), reply.book.topics
    if course and options:
        count = reply.book.language.number_word(len(course.lessons))
        reply.say("abilities_course", options, course=course.title, count=count, topics=topics)
        reply.set(offer="lesson")
    elif topics:
        first = book_topics[(reply.before.offered) % len(book_topics)]
        reply.say(intent.name, intent.say, topics=topics)
        reply.set(offer=f"topic:{first}")
    else:
        reply.say("who_are_you", [text for i in reply.book.language.intents if i.do == "who_are_you" for text in i.say],
                  about=_about(reply))  # fmt: skip


def _tell(reply: Reply, title: str) -> bool:
    number = next((i for i, entry in enumerate(reply.book.entries) if entry.title == title), None)
    if number is not None:
        knowledge.tell(reply, number)
    return number is not None


def _acknowledge(reply: Reply, intent: Intent) -> None:
    state = reply.before
    reply.say(intent.name, intent.say)
    if not state.offer and not state.question and reply.rng("nudge?").random() < 0.5:
        smalltalk.nudge(reply)
    reply.set(offer=reply.state.offer or state.offer)


def _clarify(reply: Reply, intent: Intent) -> None:
    """Say it again another way: a hint to an open question, or the topic from its beginning."""
    state, course = reply.before, reply.book.course
    if state.question and course:
        lesson.hint(reply, course)
    elif state.topic >= 0:
        reply.say(intent.name, intent.say)
        knowledge.tell(reply, state.topic)
    else:
        smalltalk.repeat(reply, intent, ())


def _name(reply: Reply, heard: Heard, words: Sequence[str], text: str) -> bool:
    start, end = heard.fit.slots.get("name", (0, 0))
    if heard.intent.do == "maybe_name" and not is_named(reply, words[start:end], text):
        return False
    if not smalltalk.learn_name(reply, words[start:end], text):
        return False
    said = next((i.say for i in reply.book.language.intents if i.do == "tell_name"), ())
    reply.say("tell_name", said)
    reply.set(offer=reply.before.offer if reply.before.offer != "name" else "")
    return True


def _continue(reply: Reply) -> None:
    """Take up what was not heard; else go on with the lesson, or with the topic."""
    state, course = reply.before, reply.book.course
    if state.rest:
        first, rest = shorten(state.rest, PIECE)
        reply.say("resume", rest=first)
        reply.set(rest=rest, offer=state.offer)
    elif state.question:
        lesson.ask_again(reply, "question_again")
    elif smalltalk.accept_offer(reply):
        pass
    elif course and state.mode == "lesson":
        lesson.go_on(reply, course)
    elif course and state.mode == "paused":
        lesson.resume(reply, course)
    elif state.topic >= 0:
        knowledge.more(reply)
    else:
        reply.say("nothing_to_continue", instead=reply.instead())


def _teach(reply: Reply, intent: Intent, words: Sequence[str], loose: int) -> bool:
    """Do what belongs to lessons."""
    course, state = reply.book.course, reply.before
    running = state.mode in ("lesson", "quiz")
    match intent.do:
        case "lesson_stop":
            if not running and loose:
                return False
            reply.say(f"{intent.name}{running}", intent.say if running else otherwise(intent))
            lesson.stop(reply)
            return True
        case "dont_know" | "hint":
            if not (course and state.question):
                reply.say(intent.name, intent.say)
            elif intent.do == "hint" or state.tries == 0:
                lesson.hint(reply, course)
            else:
                lesson.reveal(reply, course, key="reveal")
            return True
        case "score":
            options = intent.say if state.asked else otherwise(intent)
            language = reply.book.language
            right, asked = (language.number_word(n) for n in (state.right, state.asked))
            reply.say(f"score{bool(state.asked)}", options, right=right, asked=asked)
            return True
        case _:
            if course is None:
                return _no_course(reply, loose)
            return _move(reply, intent, words, course)


def _no_course(reply: Reply, loose: int) -> bool:
    if loose:
        return False
    if not smalltalk.accept_offer(reply):
        reply.say("no_course", instead=reply.instead())
    return True


def _move(reply: Reply, intent: Intent, words: Sequence[str], course: Course) -> bool:
    state = reply.before
    match intent.do:
        case "lesson_list":
            titles = reply.listing([item.title for item in course.lessons])
            count = reply.book.language.number_word(len(course.lessons))
            reply.say(intent.name, intent.say, count=count, lessons=titles)
            reply.set(offer="lesson")
        case "lesson_next" if state.mode == "quiz":
            lesson.reveal(reply, course, key="reveal")
        case "lesson_next" if state.mode == "lesson":
            lesson.go_on(reply, course)
        case "lesson_back" if state.mode in ("lesson", "paused"):
            lesson.back(reply, course)
        case "quiz":
            lesson.quiz(reply, course)
        case "lesson_next" if state.offer.startswith("lesson"):
            smalltalk.accept_offer(reply)
        case _:
            return lesson.start(reply, words, course)
    return True
