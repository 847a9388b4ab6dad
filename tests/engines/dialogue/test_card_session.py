"""What a session keeps: only what was heard counts, nothing leaks, nothing grows, and a seed fixes every word."""

from __future__ import annotations

import asyncio
import json
from contextlib import aclosing
from pathlib import Path

import pytest

from engines.api import EngineError, Message
from engines.dialogue.card.engine import CardDialogue
from engines.identity import load_identity
from tests.engines.dialogue.screenplay import Scene, identity, scene

LINES = ["hello", "tell me a joke", "start", "vibration", "why is the sky blue", "the push", "stop", "thanks", "bye"]


def test_names_itself_honestly() -> None:
    dialogue = CardDialogue(identity("teacher"))
    assert (dialogue.name, dialogue.model) == ("scripted", "")
    assert "language model" in scene("teacher").say("which language model do you use")


def test_the_same_seed_says_the_same_words() -> None:
    plays = [[scene("teacher", seed=7).greet()] for _ in range(2)]
    for play in plays:
        pupil = scene("teacher", seed=7)
        play += [pupil.say(line) for line in LINES]
    assert plays[0] == plays[1]


def test_seeds_and_sessions_vary_the_words() -> None:
    assert len({scene("teacher", seed=seed).greet() for seed in range(8)}) >= 2
    assert len({scene("teacher", session=f"s{i}").greet() for i in range(12)}) >= 3


def test_a_reply_comes_word_by_word() -> None:
    async def pieces() -> list[str]:
        async with aclosing(CardDialogue(identity("guide")).reply(scene("guide").request("greeting"))) as reply:
            return [piece async for piece in reply]

    words = asyncio.run(pieces())
    assert len(words) > 8
    assert all(len(word.split()) == 1 for word in words)
    assert not words[0].startswith(" ")
    assert all(word.startswith(" ") for word in words[1:])


def test_sessions_do_not_know_of_each_other() -> None:
    dialogue = CardDialogue(identity("teacher"))
    anna, ben = Scene(dialogue, session="a"), Scene(dialogue, session="b")
    anna.say("my name is anna")
    anna.say("start")
    assert "Anna" not in ben.say("what is my name")
    assert "lesson" not in ben.say("go on").lower() or "teach" in ben.history[-1].text
    assert "Anna" in anna.say("what is my name")


def test_a_forgotten_session_starts_afresh() -> None:
    pupil = scene("teacher")
    pupil.say("my name is anna")
    pupil.dialogue.forget("s")
    pupil.dialogue.forget("never heard of")
    pupil.history.clear()
    assert "Anna" not in pupil.say("what is my name")


def test_only_the_latest_sessions_are_remembered() -> None:
    dialogue = CardDialogue(identity("guide"), sessions=3)
    people = [Scene(dialogue, session=str(i)) for i in range(5)]
    for number, person in enumerate(people):
        person.say(f"my name is {'abcde'[number] * 4}")
    assert dialogue.remembered == 3
    assert "Eeee" in people[4].say("what is my name")
    assert "Aaaa" not in people[0].say("what is my name")
    assert dialogue.remembered == 3


def test_the_name_that_the_client_gave_is_used() -> None:
    assert "Lena" in scene("guide", user="Lena").say("what is my name")


def test_go_on_takes_up_what_was_not_heard() -> None:
    visitor = scene("guide")
    whole = visitor.say("who was john harrison", heard=14)
    rest = visitor.say("go on")
    assert "In 1714 Parliament offered" in whole
    assert "In 1714 Parliament offered" in rest
    assert "was a carpenter" not in rest


def test_a_reply_that_was_cut_before_its_first_word_never_happened() -> None:
    pupil = scene("teacher")
    pupil.say("start")
    pupil.say("vibration", heard=0)
    assert "three seconds" not in pupil.say("the push")
    assert "score is a clean slate" in pupil.say("score") or "not asked" in pupil.say("score")


def test_a_withdrawn_guess_leaves_no_trace() -> None:
    def play(*, guessing: bool) -> list[str]:
        pupil, replies = scene("teacher"), []
        for line in ("start", "vibration", "the push", "it faded", "my score please"):
            if guessing:
                pupil.guess(line.split()[0])
                pupil.guess("stop the lesson")
            replies.append(pupil.say(line))
        return replies

    assert play(guessing=True) == play(guessing=False)


def test_a_guess_that_is_kept_counts() -> None:
    pupil = scene("teacher")
    pupil.say("start")
    kept = pupil.guess("vibration")
    pupil.guess("vibration of")
    pupil.history += [Message("user", "vibration"), Message("companion", kept.replace("[happy] [gesture:nod] ", ""))]
    assert "Boyle" in pupil.say("the push")


def test_a_reply_abandoned_half_way_is_settled_by_what_was_heard() -> None:
    pupil = scene("teacher")

    async def first_words(count: int) -> str:
        said = ""
        async with aclosing(pupil.dialogue.reply(pupil.request())) as reply:
            async for piece in reply:
                said += piece
                count -= 1
                if not count:
                    break
        return said

    pupil.history.append(Message("user", "tell me about thunder"))
    said = asyncio.run(first_words(20))
    pupil.history.append(Message("companion", said))
    assert "You see the flash at once" in pupil.say("continue")


def test_a_lesson_goes_on_when_a_sentence_of_it_was_put_right() -> None:
    pupil = scene("teacher")
    pupil.say("start")
    said = pupil.history[-1].text
    pupil.history[-1] = Message("companion", said.replace("very fast", "in 300 milliseconds"))
    assert pupil.history[-1].text != said
    assert "A vibration it is." in pupil.say("a vibration")
    whole = pupil.history[-1].text
    cut = whole[: whole.index(".", 60) + 1].replace("pushes", "shoves")
    pupil.history[-1] = Message("companion", cut)  # put right, and then cut
    assert "?" in pupil.say("go on")


def test_another_reply_in_its_place_never_happened() -> None:
    pupil = scene("teacher")
    pupil.say("start")
    pupil.history[-1] = Message("companion", "I had better not talk of that. Let us do something else.")
    assert "lesson one" in pupil.say("start").lower()


def test_welcomes_back_when_there_was_a_conversation() -> None:
    visitor = scene("guide")
    visitor.say("hello")
    assert "back" in visitor.greet().lower()


@pytest.mark.parametrize(
    "text",
    [
        "a" * 20_000,
        "why " * 3000,
        "[[[[[happy:::]]] {{{{char}}}} *" * 50,
        "\ud800\udfff \x00\x07",
        "שלום ما هذا 你好吗 🙂",
        "tell me " + "more and " * 500,
        "1 2 3 4.5.6 7,8,9 0x10 1e9 ١٢٣ ½",
    ],
)
def test_no_words_are_too_strange(text: str) -> None:
    for name in ("guide", "teacher"):
        person = scene(name)
        person.say("start")
        reply = person.say(text)
        assert 0 < len(reply) < 1200
        assert "{{" not in reply


def write_card(folder: Path, **data: object) -> Path:
    card = {"spec": "chara_card_v2", "spec_version": "2.0", "data": {"name": "Sora", **data}}
    (folder / "card.json").write_text(json.dumps(card), encoding="utf-8")
    return folder


def test_a_card_that_was_not_made_for_this_talks_too(tmp_path: Path) -> None:
    entries = [
        {
            "keys": ["sword", "blade"],
            "content": "{{char}}'s sword is called Dawn. It was forged in 1203.",
            "enabled": True,
        },
        {"keys": ["secret"], "content": "Hidden.", "enabled": False},
        {"keys": ["stats"], "content": "[ STR: 10; DEX: 12 ]", "enabled": True},
    ]
    folder = write_card(
        tmp_path,
        description="{{char}} is a knight of the north. She is brave.",
        first_mes="*smiles* Hello, {{user}}. " + "The wind is cold tonight. " * 60,
        mes_example="<START>\n{{user}}: Do you fear dragons?\n{{char}}: Only hungry ones.\n",
        character_book={"entries": entries},
    )
    talk = Scene(CardDialogue(load_identity(folder)))
    greeting = talk.greet()
    assert greeting.startswith("*smiles* Hello, my friend.")
    assert len(greeting) < 700
    assert "knight of the north" in talk.say("who are you")
    assert "1203" in talk.say("when was your sword forged")
    assert "hungry ones" in talk.say("do you fear dragons?")
    assert "Hidden" not in talk.say("what is the secret")
    assert "STR" not in talk.say("what are your stats")
    assert "no lessons" in talk.say("start the lesson") or "no teacher" in talk.history[-1].text


def test_an_empty_card_still_converses(tmp_path: Path) -> None:
    talk = Scene(CardDialogue(load_identity(write_card(tmp_path))))
    for line in ("", "hello", "who are you", "what can you do", "what is love", "tell me more", "yes", "go on", "hm"):
        reply = talk.say(line)
        assert reply.strip()
        assert "{" not in reply
    assert talk.greet()


def test_a_card_brings_its_own_language(tmp_path: Path) -> None:
    phrases = {
        "language": "de",
        "user": "Freund",
        "and": "und",
        "stop": "der die das ist ein",
        "ask": "was wer",
        "open": "was wer",
        "intent": [{"name": "greet", "do": "greet", "ask": ["hallo|servus *"], "say": ["Guten Tag!"]}],
        "say": {
            "unknown": ["Das weiß ich nicht. {instead}"],
            "instead": ["Frag mich nach {topics}."],
            "nudge_topic": ["Soll ich von {topic} erzählen?"],
        },
    }
    book = {"entries": [{"name": "Mühle", "keys": ["mühle"], "content": "Die Mühle steht am Bach.", "enabled": True}]}
    folder = write_card(tmp_path, character_book=book, extensions={"companion_bridge": {"phrases": phrases}})
    (folder / "identity.json").write_text('{"language": "de-de"}', encoding="utf-8")
    talk = Scene(CardDialogue(load_identity(folder)))
    assert "Guten Tag!" in talk.say("hallo")
    assert talk.say("was ist die mühle") == "Die Mühle steht am Bach."
    assert talk.say("was ist ein dinosaurier") == "Das weiß ich nicht. Frag mich nach Mühle."


@pytest.mark.parametrize(
    "extension",
    [
        {"answers": [{"ask": ["* * *"], "say": ["x"]}]},
        {"answers": [{"ask": [" ".join("a" * 40)], "say": ["x"]}]},
        {"answers": "no"},
        {"course": {"lessons": []}},
        {"course": {"lessons": [{"steps": [{"explain": "x", "ask": "y?"}]}]}},
        {"course": {"lessons": [{"steps": [{"ask": "y?", "numbers": [[2, 1]]}]}]}},
        {"phrases": {"say": {"unknown": 5}}},
        {"events": [{"when": 3, "say": ["x"]}]},
        {"about": {}},
    ],
)
def test_a_wrong_extension_is_said_to_be_wrong(tmp_path: Path, extension: dict[str, object]) -> None:
    card = load_identity(write_card(tmp_path, extensions={"companion_bridge": extension}))
    with pytest.raises(EngineError) as caught:
        asyncio.run(CardDialogue(card).start())
    assert caught.value.code == "dialogue_failed"
    assert not caught.value.retryable


def test_starts_and_closes_without_ado() -> None:
    async def live() -> None:
        dialogue = CardDialogue(identity("guide"))
        await dialogue.close()
        await dialogue.start()
        await dialogue.close()
        await dialogue.close()

    asyncio.run(live())
