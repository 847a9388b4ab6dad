"""What an identity can speak of by itself: each subject once, however many names it has."""

from __future__ import annotations

import asyncio

import pytest

from bench.show import replied
from engines.api import Message
from engines.dialogue.card.engine import CardDialogue
from engines.identity import load_identity, shipped
from engines.identity.topics import subjects, topics
from show.phrases import phrases


@pytest.mark.parametrize("who", sorted(shipped()))
def test_each_subject_that_comes_up_by_itself_is_told_and_no_other_twice(who: str) -> None:
    person = load_identity(shipped()[who])
    named = subjects(person)
    assert 5 < len(named) < len(topics(person))

    async def told() -> list[str]:
        history: list[Message] = []
        for subject in named[:8]:
            history.append(Message("user", phrases("en").topic.format(topic=subject)))
            history.append(Message("companion", await replied(CardDialogue(person), history, "user")))
        return [message.text for message in history if message.role == "companion"]

    said = asyncio.run(told())
    assert len({text[:40] for text in said}) == len(said), said
    assert not [text for text in said if "Tell me about" in text]


def test_a_question_of_the_keys_words_alone_is_answered_from_the_first_sentence_of_its_form() -> None:
    person = load_identity(shipped()["teacher"])
    answer = asyncio.run(replied(CardDialogue(person), [Message("user", "How fast is sound?")], "user"))
    assert "three hundred and forty-three metres per second" in answer.split(". ")[0]
