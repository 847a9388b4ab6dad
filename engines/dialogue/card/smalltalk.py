"""What the engine does when somebody greets, thanks, asks its name or the time, or talks about the talk itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from engines.dialogue.card import knowledge, lesson
from engines.dialogue.card.language import Intent
from engines.dialogue.card.speech import Reply, shorten
from engines.words.text import as_written, harmless, is_sign, join

NAME_WORDS: Final = 3
NAME_SIGNS: Final = 4  # of a name in Chinese or Japanese
NAME_LETTERS: Final = 30
QUESTION: Final = frozenset({"question", "ask"})
PIECE: Final = 120  # characters said at once to somebody who asked for less


def greeting(reply: Reply) -> None:
    """Open the conversation with one of the card's greetings."""
    if any(message.role == "companion" for message in reply.request.history) and reply.book.language.says:
        reply.say("back_again")
        nudge(reply)
    elif reply.book.greetings:
        first, rest = shorten(reply.pick("greeting", reply.book.greetings), 600)
        reply.add(first)
        reply.set(rest=rest)
    else:
        greet = next((intent.say for intent in reply.book.language.intents if intent.do == "greet"), ())
        reply.say("greet", greet)


def nudge(reply: Reply) -> None:
    """Suggest something to talk about, unless a lesson runs."""
    course = reply.book.course
    if reply.state.question or reply.state.offer:
        return
    if course and reply.rng("nudge").random() < 0.5 and len(reply.before.done) < len(course.lessons):
        reply.say("nudge_course", course=course.title)
        reply.set(offer="lesson")
    elif topics := reply.book.topics:
        number = topics[reply.state.offered % len(topics)]
        reply.say("nudge_topic", topic=reply.book.entries[number].title)
        reply.set(offer=f"topic:{number}", offered=(reply.state.offered + 1) % len(topics))


def learn_name(reply: Reply, words: Sequence[str], text: str) -> bool:
    """Take the words for the user's name; False when they cannot be one."""
    letters = [word for word in words if word.isalpha()]
    most = NAME_SIGNS if any(is_sign(word) for word in letters) else NAME_WORDS
    if not 0 < len(letters) <= most or any(len(word) > NAME_LETTERS for word in letters):
        return False
    written = [as_written(word, text, reply.book.language.fold) for word in letters]
    reply.set(user=join(word.capitalize() if word.islower() else word for word in written))
    return True


def accept_offer(reply: Reply) -> bool:
    """Do what was offered, when something was."""
    course = reply.book.course
    kind, _, number = reply.before.offer.partition(":")
    match kind:
        case "lesson" if course:
            lesson.open_lesson(reply, course, int(number)) if number else lesson.start(reply, (), course)
        case "step" if course:
            lesson.go_on(reply, course)
        case "reveal" if course and reply.before.question:
            lesson.reveal(reply, course, key="reveal")
        case "self":
            return knowledge.tell_self(reply)
        case "topic":
            knowledge.tell(reply, int(number))
        case "more":
            knowledge.more(reply)
        case _:
            return False
    return True


def repeat(reply: Reply, intent: Intent, words: Sequence[str]) -> None:
    """Say the last words again, or only the open question when that was asked for."""
    last = last_words(reply)
    if reply.before.question and not QUESTION.isdisjoint(words):
        lesson.ask_again(reply, "question_again")
    elif last:
        reply.say(
            "repeat", intent.say if intent.do == "repeat" else reply.book.language.says.get("repeat", ()), last=last
        )
        reply.set(offer=reply.before.offer, echo=last)
    else:
        reply.say("repeat_none", (intent.more or {}).get("say_none", ()) or reply.book.language.says.get("empty", ()))


def slower(reply: Reply, intent: Intent) -> None:
    """Say the last words in smaller pieces."""
    first, rest = shorten(last_words(reply), PIECE)
    if not first:
        reply.say("repeat_none", reply.book.language.says.get("nothing_to_continue", ()), instead=reply.instead())
        return
    reply.say("slower", intent.say, first=first)
    if rest:
        reply.say("slower_end", (intent.more or {}).get("say_end", ()))
    reply.set(rest=rest, offer=reply.before.offer, echo=last_words(reply))


def said_before(reply: Reply, intent: Intent) -> None:
    """Give back the user's words before these."""
    lines = [message.text for message in reply.request.history if message.role == "user"][:-1]
    text = harmless(lines[-1])[:300].rstrip(" .!?") if lines else ""
    if text:
        reply.say(intent.name, intent.say, said=text)
    else:
        reply.say(f"{intent.name}_none", (intent.more or {}).get("say_none", ()))


def last_words(reply: Reply) -> str:
    """Return the companion's last words as they were heard, "" before the first."""
    lines = [message.text for message in reply.request.history if message.role == "companion"]
    return reply.before.echo or (harmless(lines[-1])[:1000] if lines else "")
