"""The first phrase is spoken before it is certain: sooner, and never another one than was written."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from engines.api import Phrase, Request, Speech, Stream, Voice
from engines.guard.verdicts import Verdict
from testkit.judge import troubles
from testkit.scripted.engines import Fault, ScriptedDialogue, ScriptedTts
from testkit.scripted.gates import ScriptedGate
from tests.bridge.scenario import Cast, Scenario, perform

TOKEN = 0.1


class Pieces(ScriptedDialogue):
    """Yields its reply in the given pieces, `TOKEN` seconds apart, then waits for `last` seconds before it ends."""

    def __init__(self, pieces: Sequence[str], *, last: float = 0.0) -> None:
        super().__init__()
        self._pieces = pieces
        self._last = last

    async def reply(self, request: Request) -> Stream[str]:
        for number, piece in enumerate(self._pieces):
            await asyncio.sleep(TOKEN if number else 0)
            yield piece
        await asyncio.sleep(self._last)


class Heard(ScriptedTts):
    """Keeps the phrases that it was given, one list for each stream."""

    def __init__(self, *, delay: float = 0.0, fault: Fault | None = None) -> None:
        super().__init__(ms_per_word=200, delay=delay, fault=fault)
        self.given: list[list[str]] = []

    async def speak(self, phrases: Stream[Phrase], voice: Voice) -> Stream[Speech]:
        mine: list[str] = []
        self.given.append(mine)

        async def noted() -> Stream[Phrase]:
            async for phrase in phrases:
                mine.append(phrase.text)
                yield phrase

        async for piece in super().speak(noted(), voice):
            yield piece


async def typed(scenario: Scenario) -> None:
    await scenario.at(1.0)
    scenario.type("tell me")
    await scenario.at(20.0)


def first_sound(pieces: Sequence[str], *, delay: float, last: float = 0.0) -> float:
    scenario = perform(typed, Cast(Pieces(pieces, last=last), tts=Heard(delay=delay)))
    assert troubles(scenario.avatar) == []
    began = scenario.avatar.turns[1].first_at
    assert began is not None
    return began - 1.0


@pytest.mark.parametrize("delay", [0.05, 0.1, 0.3])
def test_the_token_that_decides_costs_only_what_the_voice_does_not_take(delay: float) -> None:
    assert first_sound(["One two.", " Three four."], delay=delay) == pytest.approx(max(delay, TOKEN), abs=0.001)


def test_a_last_sentence_waits_for_no_token_that_does_not_come() -> None:
    assert first_sound(["One two."], delay=0.3, last=0.2) == pytest.approx(0.3, abs=0.001)


def test_what_was_not_the_end_is_not_heard_and_the_whole_phrase_is() -> None:
    tts = Heard(delay=0.3)
    cast = Cast(Pieces(["Open config.", "json now.", " Then go."]), tts=tts)
    scenario = perform(typed, cast)
    assert scenario.avatar.heard(1) == scenario.avatar.turns[1].text == "Open config.json now. Then go."
    assert tts.given == [["Open config."], ["Open config.json now.", "Then go."]]
    assert bytes(scenario.avatar.turns[1].pcm) == Heard().pcm("Open config.json now. Then go.")
    assert troubles(scenario.avatar) == []


@pytest.mark.parametrize(
    "text", ['Say "One two." Then go on.', "One two?! Three.", "A b. [happy] C d.", "Well, yes. No."]
)
def test_where_tokens_were_cut_never_changes_what_is_heard(text: str) -> None:
    whole = perform(typed, Cast(Pieces([text]))).avatar
    for at in range(1, len(text)):
        scenario = perform(typed, Cast(Pieces([text[:at], text[at:]]), tts=Heard(delay=0.05)))
        assert bytes(scenario.avatar.turns[1].pcm) == bytes(whole.turns[1].pcm), text[:at]
        assert scenario.avatar.heard(1) == whole.heard(1), text[:at]
        assert [cue.name for cue in scenario.avatar.turns[1].cues] == [cue.name for cue in whole.turns[1].cues]
        assert troubles(scenario.avatar) == []


def test_a_gate_judges_before_anything_of_it_is_heard() -> None:
    tts = Heard(delay=0.05)
    gate = ScriptedGate({"two": Verdict("block", "bad", instead="Better not.")})
    scenario = perform(typed, Cast(Pieces(["One two.", " Three."]), tts=tts, gates=(gate,)))
    assert scenario.avatar.heard(1) == "Better not."
    assert bytes(scenario.avatar.turns[1].pcm) == Heard().pcm("Better not.")
    assert tts.given == [["One two."], ["Better not."]]


def test_a_voice_that_fails_on_it_is_asked_again() -> None:
    class Once(Heard):
        async def speak(self, phrases: Stream[Phrase], voice: Voice) -> Stream[Speech]:
            if not self.given:
                self.given.append([])
                await anext(phrases)
                raise OSError("the device went away")
            async for piece in super().speak(phrases, voice):
                yield piece

    tts = Once()
    scenario = perform(typed, Cast(Pieces(["One two.", " Three."]), tts=tts))
    assert scenario.avatar.heard(1) == "One two. Three."
    assert tts.given == [[], ["One two.", "Three."]]
    assert scenario.crash is None


def test_a_dialogue_that_fails_behind_it_still_apologises() -> None:
    class Broken(Pieces):
        async def reply(self, request: Request) -> Stream[str]:
            yield "One two, three four five six,"
            raise OSError("gone")

    scenario = perform(typed, Cast(Broken(()), tts=Heard(delay=0.2), sorry="I lost my thread."))
    assert scenario.avatar.heard(1) == "One two, three four five six,... I lost my thread."


def test_an_interruption_meanwhile_leaves_nothing_behind() -> None:
    async def play(scenario: Scenario) -> None:
        await scenario.at(1.0)
        scenario.type("tell me")
        await scenario.at(1.05)
        scenario.type("no, that")
        await scenario.at(20.0)

    tts = Heard(delay=0.5)
    scenario = perform(play, Cast(Pieces(["One two.", " Three."]), tts=tts))
    assert scenario.avatar.heard(2) == "One two. Three."
    assert 1 not in scenario.avatar.turns or not scenario.avatar.turns[1].pcm
    assert scenario.crash is None
