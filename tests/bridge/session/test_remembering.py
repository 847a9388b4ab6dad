"""A session remembers who agreed, tells the dialogue, forgets on demand, and goes on when the memory is away."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from bridge.memory.database import DatabaseError, Sqlite
from bridge.memory.keeper import Memory, Terms
from bridge.memory.session import Remembered
from bridge.memory.store import Owner
from engines.api import Memories, Request
from protocol import messages as m
from testkit.scripted.engines import ScriptedDialogue
from tests.bridge.scenario import Cast, Scenario, history, perform, replies
from tests.bridge.session.places import ADA, NOW, Place


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def memory_of(scenario: Scenario, request: int = -1) -> Memories:
    made: Request = scenario.cast.dialogue.requests[request]
    assert made.memory is not None
    return made.memory


def answers(scenario: Scenario) -> list[m.MemoryTold]:
    return [message for _, message in scenario.avatar.messages if isinstance(message, m.MemoryTold)]


def errors(scenario: Scenario) -> list[str]:
    return [message.code for _, message in scenario.avatar.messages if isinstance(message, m.Error)]


async def talks(scenario: Scenario, *texts: str) -> None:
    for number, text in enumerate(texts):
        await scenario.at(1 + 3 * number)
        scenario.type(text)
    await scenario.at(1 + 3 * len(texts))


def test_what_was_told_is_there_in_the_next_turn_and_in_the_next_session(place: Place) -> None:
    async def first(scenario: Scenario) -> None:
        await talks(scenario, "My name is Ada and I like tea.", "What do I like?")

    scenario = perform(first, remembered=place.remembered())
    assert [memo.value for memo in memory_of(scenario).memos] == ["tea", "Ada"]
    assert scenario.cast.dialogue.requests[-1].user == "Ada"
    again = perform(lambda s: talks(s, "Hello."), remembered=place.remembered())
    assert memory_of(again).name == "Ada"


def test_nothing_is_written_and_nothing_told_before_somebody_agrees(place: Place) -> None:
    scenario = perform(
        lambda s: talks(s, "My name is Ada.", "What is light?"), remembered=place.remembered(agreed=False)
    )
    assert not (place.folder / "memory.sqlite").exists()
    assert [request.memory for request in scenario.cast.dialogue.requests] == [None, None]


def test_who_has_not_agreed_is_told_so_when_they_ask(place: Place) -> None:
    scenario = perform(lambda s: talks(s, "What do you know about me?"), remembered=place.remembered(agreed=False))
    assert memory_of(scenario) == Memories(kept=False)


def test_a_name_that_is_told_is_no_key(place: Place) -> None:
    place.told("My name is Ada. I live in Bonn.", ADA)
    hello = m.Hello(user="ada", audio=m.HelloAudio(aec=True))
    bob = Owner("bob", "mira")
    talk = lambda s: talks(s, "My name is Ada.", "Where do I live?")  # noqa: E731
    scenario = perform(talk, hello=hello, remembered=place.remembered(owner=bob))
    assert [memo.kind for memo in memory_of(scenario).memos] == ["name"]
    assert place.facts(bob) == [("name", "Ada")]


def test_everything_is_forgotten_at_a_word_and_the_conversation_with_it(place: Place) -> None:
    place.told("My name is Ada. I live in Bonn.")

    async def play(scenario: Scenario) -> None:
        await talks(scenario, "I have a dog called Rex.", "Forget everything.", "Where do I live?")

    scenario = perform(play, remembered=place.remembered())
    assert memory_of(scenario, 1).done == "erased"
    assert place.facts() == []
    assert memory_of(scenario).memos == ()
    assert "Rex" not in str(history(scenario))


def test_that_is_what_was_told_last(place: Place) -> None:
    place.told("My name is Ada.")
    scenario = perform(lambda s: talks(s, "I like tea.", "Forget that."), remembered=place.remembered())
    assert memory_of(scenario).done == "forgot"
    assert place.facts() == [("name", "Ada")]


def test_one_thing_can_be_forgotten_by_what_it_is_about(place: Place) -> None:
    place.told("My birthday is on the 3rd of May. I like tea.")
    scenario = perform(lambda s: talks(s, "Forget my birthday.", "Forget my boat."), remembered=place.remembered())
    assert [memory_of(scenario, at).done for at in (0, 1)] == ["forgot", "forgot_nothing"]
    assert place.facts() == [("like", "tea")]


def test_all_that_is_known_is_told_when_asked(place: Place) -> None:
    place.told("My name is Ada. I like tea. I live in Bonn.")
    scenario = perform(lambda s: talks(s, "What do you know about me?"), remembered=place.remembered())
    assert {memo.value for memo in memory_of(scenario).memos} == {"Ada", "tea", "Bonn"}
    assert memory_of(scenario).done == "tell"


def test_what_a_turn_is_told_has_a_budget(place: Place) -> None:
    place.told(" ".join(f"Remember that box {n} holds {n} red marbles from the old fair." for n in range(12)))
    place.terms = Terms(tokens=60)
    scenario = perform(lambda s: talks(s, "What is light?"), remembered=place.remembered())
    assert 0 < sum(len(memo.told) for memo in memory_of(scenario).memos) <= 60 * 3.5


def test_what_the_companion_promises_is_kept_and_told_at_the_next_greeting_once(place: Place) -> None:
    cast = Cast(dialogue=replies("Good. Tomorrow we will go on with lenses."))
    perform(lambda s: talks(s, "Goodbye."), cast, remembered=place.remembered())
    assert place.facts() == [("promise", "lenses")]
    place.now += 86_400
    hello = m.Hello(greet=True, audio=m.HelloAudio(aec=True))
    greeted = perform(lambda s: s.at(3), hello=hello, remembered=place.remembered())
    assert [memo.kind for memo in memory_of(greeted, 0).memos] == ["promise"]
    assert place.facts() == []


def test_a_session_is_summed_up_for_the_next(place: Place) -> None:
    lines = ("I have been reading about lenses and telescopes.", "My telescope has two lenses made of glass.")
    perform(lambda s: talks(s, *lines), remembered=place.remembered())
    other = place.remembered()
    scenario = perform(lambda s: talks(s, "What is light?"), remembered=other)
    # Both sessions of this test have the same name; a summary of the same session is not told to it.
    assert memory_of(scenario).episodes == ()
    with place.store() as store:
        assert "telescope" in store.everything(ADA).episodes[0].text


def test_the_client_asks_forgets_erases_and_carries(place: Place) -> None:
    place.told("My name is Ada. I like tea.")

    async def play(scenario: Scenario) -> None:
        await scenario.at(1)
        scenario.say(m.MemoryAsk(op="tell"))
        await scenario.at(2)
        scenario.say(m.MemoryAsk(op="export"))
        await scenario.at(3)
        number = answers(scenario)[0].facts[0].id
        scenario.say(m.MemoryAsk(op="forget", facts=(number, 9999)))
        await scenario.at(4)
        scenario.say(m.MemoryAsk(op="erase"))
        await scenario.at(5)
        scenario.say(m.MemoryAsk(op="import", blob=answers(scenario)[1].blob))
        await scenario.at(6)
        scenario.say(m.MemoryAsk(op="refuse"))
        await scenario.at(7)
        scenario.say(m.MemoryAsk(op="import", blob=answers(scenario)[1].blob))
        await scenario.at(8)

    scenario = perform(play, remembered=place.remembered())
    told_, exported, forgot, erased, imported, refused = answers(scenario)
    assert [fact.text for fact in told_.facts] == ["Your name is Ada.", "You like tea."]
    assert told_.facts[0].day == "2030-03-16"
    assert len(exported.blob) > 40
    assert (forgot.count, erased.count, imported.count) == (1, 1, 2)
    assert (refused.on, imported.on) == (False, True)
    assert errors(scenario) == ["bad_memory"]
    assert sorted(place.facts()) == [("like", "tea"), ("name", "Ada")]


@pytest.mark.parametrize("change", [lambda b: b[:-1] + bytes([b[-1] ^ 1]), lambda b: b"", lambda b: b[:20]])
def test_a_blob_that_was_changed_is_refused(place: Place, change: object) -> None:
    place.told("My name is Ada.")

    async def play(scenario: Scenario) -> None:
        await scenario.at(1)
        scenario.say(m.MemoryAsk(op="export"))
        await scenario.at(2)
        assert callable(change)
        scenario.say(m.MemoryAsk(op="import", blob=change(answers(scenario)[0].blob)))
        await scenario.at(3)

    assert errors(perform(play, remembered=place.remembered())) == ["bad_memory"]


def test_anothers_blob_is_refused(place: Place) -> None:
    place.told("My name is Ada.")
    got: list[bytes] = []

    async def export(scenario: Scenario) -> None:
        await scenario.at(1)
        scenario.say(m.MemoryAsk(op="export"))
        await scenario.at(2)
        got.append(answers(scenario)[0].blob)

    async def take(scenario: Scenario) -> None:
        await scenario.at(1)
        scenario.say(m.MemoryAsk(op="import", blob=got[0]))
        await scenario.at(2)

    perform(export, remembered=place.remembered())
    bob = Owner("bob", "mira")
    assert errors(perform(take, remembered=place.remembered(owner=bob))) == ["bad_memory"]
    assert place.facts(bob) == []


def test_viewers_hear_nothing_of_it(place: Place) -> None:
    place.told("My name is Ada.")
    seen: list[object] = []

    async def play(scenario: Scenario) -> None:
        viewer = scenario.watch()
        await scenario.at(1)
        scenario.say(m.MemoryAsk(op="tell"))
        await scenario.at(2)
        seen.extend(message for _, message in viewer.messages)

    perform(play, remembered=place.remembered())
    assert not any(isinstance(message, m.MemoryTold) for message in seen)


def test_a_memory_that_is_away_keeps_nobody_waiting(place: Place) -> None:
    def away(_: str, __: Path) -> Sqlite:
        raise DatabaseError("nothing answers")

    memory = Memory("x.sqlite", now=lambda: NOW, home=place.folder, open_database=away, apart=False)

    async def play(scenario: Scenario) -> None:
        await talks(scenario, "My name is Ada.", "Forget everything.")
        scenario.say(m.MemoryAsk(op="tell"))
        await scenario.at(9)

    scenario = perform(play, remembered=Remembered(memory, ADA, agreed=True))
    assert scenario.crash is None
    assert scenario.cast.dialogue.requests[0].memory is None
    assert memory_of(scenario).done == "failed"
    assert errors(scenario) == ["memory_failed"]


def test_a_server_without_memory_says_so() -> None:
    async def play(scenario: Scenario) -> None:
        await scenario.at(1)
        scenario.say(m.MemoryAsk(op="tell"))
        await scenario.at(2)

    assert errors(perform(play)) == ["unsupported"]


class Noting(ScriptedDialogue):
    """A dialogue whose model can be asked, and says what it is told to."""

    def __init__(self, answer: str) -> None:
        super().__init__(("One two.",))
        self.answer = answer
        self.asked: list[str] = []

    async def ask(self, system: str, words: str, *, most: int) -> str:
        await asyncio.sleep(0.1)
        self.asked.append(words)
        return self.answer


def test_a_model_adds_what_the_user_really_said(place: Place) -> None:
    answer = (
        '{"facts": [{"kind": "job", "about": "", "value": "beekeeper", "quote": "keeping bees, a beekeeper through"},'
        ' {"kind": "place", "about": "", "value": "Paris", "quote": "I live in Paris"}]}'
    )
    cast = Cast(dialogue=Noting(answer))
    perform(lambda s: talks(s, "All my life I was keeping bees, a beekeeper through and through."), cast,
            remembered=place.remembered())  # fmt: skip
    assert place.facts() == [("job", "beekeeper")]


@pytest.mark.parametrize("answer", ["", "no", "{", '{"facts": 7}', '{"facts": [7, {"kind": "x"}]}', "[" * 5000])
def test_a_model_that_answers_nonsense_adds_nothing(place: Place, answer: str) -> None:
    scenario = perform(lambda s: talks(s, "I like tea."), Cast(dialogue=Noting(answer)), remembered=place.remembered())
    assert scenario.crash is None
    assert place.facts() == [("like", "tea")]


def test_what_is_long_ago_in_a_session_is_told_in_short() -> None:
    lines = [f"The {n} boats came into the harbour with silver fish." for n in range(30)]

    async def play(scenario: Scenario) -> None:
        await talks(scenario, *lines)

    scenario = perform(play)
    last = scenario.cast.dialogue.requests[-1]
    assert "harbour" in last.earlier
    assert 0 < last.covers < len(last.history)
