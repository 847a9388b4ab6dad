"""Playing conversations: history, gates, errors, bounds, times."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from engines.api import EngineError, Message, Passage
from engines.dialogue.card.engine import CardDialogue
from engines.dialogue.openai.engine import OpenAiDialogue
from engines.guard.verdicts import Verdict
from studio.errors import StudioError
from studio.evaluate.subject import Subject
from studio.evaluate.talk.dialogues import open_dialogue
from studio.evaluate.talk.gates import gates_of
from studio.evaluate.talk.gating import Gating
from studio.evaluate.talk.latency import latency
from studio.evaluate.talk.playing import Bounds, OutOfTimeError, Player, Turn
from studio.evaluate.talk.session import Wanted, talked
from tests.studio.evaluate.persons import COMETS, Fails, Forbids, Says, card, entry, identity, write
from tests.studio.stages import quiet


def play(player: Player, *lines: str) -> list[Turn]:
    return asyncio.run(player.converse(lines, "test"))


def test_a_conversation_is_remembered_and_then_forgotten() -> None:
    dialogue = Says(lambda said: f"[happy] You said {said}.")
    turns = play(Player(dialogue, "en"), "one", "two")
    assert [turn.reply for turn in turns] == ["You said one.", "You said two."]
    assert [message.text for message in dialogue.asked[1].history] == ["one", "You said one.", "two"]
    assert dialogue.asked[1].history[1] == Message("companion", "You said one.")
    assert dialogue.forgotten == ["test"]
    assert all(turn.cpu_ms >= turn.first_cpu_ms > 0 for turn in turns)


def test_what_fails_is_told_and_ends_the_conversation() -> None:
    dialogue = Fails()
    turns = play(Player(dialogue, "en"), "one", "two")
    assert [(turn.reply, turn.error) for turn in turns] == [("", "it broke off")]
    assert dialogue.forgotten == ["test"]


def test_one_that_never_ends_is_cut_and_one_that_never_answers_is_left() -> None:
    assert len(play(Player(Says("word " * 5000), "en"), "go on")[0].reply) <= 6000

    class Silent(Says):
        async def reply(self, request: Any) -> Any:
            await asyncio.Event().wait()
            yield ""

    turns = play(Player(Silent(""), "en", bounds=Bounds(reply_s=0.01)), "hello")
    assert turns[0].error == "no whole answer within 0.01 seconds"


def test_no_more_is_spent_than_allowed() -> None:
    player = Player(Says("yes"), "en", bounds=Bounds(replies=2))
    play(player, "one", "two")
    with pytest.raises(OutOfTimeError):
        play(player, "three")
    with pytest.raises(OutOfTimeError):
        play(Player(Says("yes"), "en", bounds=Bounds(total_s=-1.0)), "one")


@pytest.mark.parametrize(
    ("gate", "reply", "category"),
    [
        (Forbids("bad", heard=Verdict("block", "insult", instead="No.")), "No.", "insult"),
        (Forbids("bad", heard=Verdict("block", "insult")), "I had better not.", "insult"),
        (Forbids("Second", said=Verdict("block", "secret", instead="Enough.")), "First thing. Enough.", "secret"),
        (Forbids("Second", said=Verdict("soften", "wrong", instead="Right thing.")),
            "First thing. Right thing. Third thing.", "wrong"),
        (Forbids("Second", said=Verdict("soften", "wrong")), "First thing. Third thing.", "wrong"),
        (Forbids("x", rest="And unplug it."), "First thing. Second thing. Third thing. And unplug it.", ""),
    ],
)  # fmt: skip
def test_a_reply_is_what_the_gates_leave_of_it(gate: Forbids, reply: str, category: str) -> None:
    dialogue = Says("First thing. Second thing. Third thing.")
    turn = play(Player(dialogue, "en", gating=Gating((gate,), "I had better not.")), "a bad thing")[0]
    assert (turn.reply, turn.gate) == (reply, category)
    assert len(dialogue.asked) == (0 if category == "insult" else 1)


def test_a_model_is_asked_again_with_the_wish_of_a_gate_and_a_script_is_not() -> None:
    gate = Forbids("wrong", said=Verdict("soften", "contradiction", instead="Right.", wish="Say right."))
    answers = iter(["It is wrong.", "It is right."])
    model = Says(lambda said: next(answers), model="a model")
    turn = play(Player(model, "en", gating=Gating((gate,))), "well?")[0]
    assert (turn.reply, turn.gate, model.asked[1].guidance) == ("It is right.", "", "Say right.")
    assert play(Player(Says("It is wrong."), "en", gating=Gating((gate,))), "well?")[0].reply == "Right."
    wish = Forbids("bad", heard=Verdict("soften", "care", instead="Be kind."))
    told = Says("Yes.")
    play(Player(told, "en", gating=Gating((wish,))), "a bad thing")
    assert told.asked[0].guidance == "Be kind."


def test_a_model_is_given_the_documents_and_a_script_is_not() -> None:
    class Documents:
        def passages_for(self, history: object) -> tuple[Passage, ...]:
            return (Passage("A lamp.", "manual"),)

        def rests_on(self, reply: str) -> tuple[()]:
            return ()

    for model, count in (("m", 1), ("", 0)):
        dialogue = Says("Yes.", model=model)
        play(Player(dialogue, "en", documents=Documents()), "what?")
        assert len(dialogue.asked[0].passages) == count


def test_dialogues_are_opened_by_address(tmp_path: Path) -> None:
    person = identity(tmp_path / "ada")
    assert isinstance(open_dialogue(person, "card"), CardDialogue)
    assert isinstance(open_dialogue(person, "http://127.0.0.1:9/v1", "m"), OpenAiDialogue)
    with pytest.raises(StudioError, match="there is no dialogue 'ftp"):
        open_dialogue(person, "ftp://somewhere")


def test_an_identity_with_facts_has_their_gate(tmp_path: Path) -> None:
    rules = b'[[fact]]\nsubject = "Snell\'s law"\nrelation = "was found in"\nobject = "1621"\n'
    write(tmp_path / "ada", card(entry("comets", COMETS)), None, knowledge__rules_dot_toml=rules)
    subject = Subject(identity(tmp_path / "eve"))
    gates, knowledge = gates_of(subject.identity)
    assert ([gate.name for gate in gates], knowledge) == (["guard"], None)
    gates, knowledge = gates_of(type(subject)(identity_at(tmp_path / "ada")).identity)
    assert [gate.name for gate in gates] == ["knowledge", "guard"]
    assert knowledge is not None
    (tmp_path / "ada" / "knowledge" / "compiled.json").write_bytes(b"{")
    gates, knowledge = gates_of(identity_at(tmp_path / "ada"))
    assert ([gate.name for gate in gates], knowledge) == (["guard"], None)


def identity_at(root: Path) -> Any:
    from engines.identity import load_identity

    return load_identity(root)


def test_times_are_of_the_answers_that_were_made() -> None:
    turns = [Turn("a", "b", 1.0, 2.0, 10.0, 20.0), Turn("a", "", error="away"), Turn("a", "no", gate="insult")]
    scripted = latency(turns, scripted=True)
    assert [(each.name, each.value, each.passed) for each in scripted.measures] == [
        ("latency.first_word", 1.0, True),
        ("latency.whole", 2.0, None),
    ]
    assert latency(turns, scripted=False).measures[0].value == 10.0
    assert [each.outcome for each in latency([], scripted=True).measures] == ["not measured"] * 2


def test_talking_starts_and_closes_the_dialogue_and_the_gates(tmp_path: Path) -> None:
    subject = Subject(identity(tmp_path / "ada", entry("comets", COMETS)))
    dialogue = Says("I do not know.")
    sections = asyncio.run(talked(subject, dialogue, Wanted(timed=True), quiet, gates=(Forbids("x"),)))
    assert [section.name for section in sections] == ["probes", "noise", "bias", "latency"]
    assert (dialogue.started, dialogue.closed) == (1, 1)


def test_a_card_that_its_engine_cannot_read_is_told_and_a_model_that_is_away_is_an_error(tmp_path: Path) -> None:
    subject = Subject(identity(tmp_path / "ada"))
    sections = asyncio.run(talked(subject, Fails(starts=False), Wanted(), quiet))
    assert [(each.measures[0].outcome, each.measures[0].why) for each in sections] == [
        ("not measured", "no such model")
    ] * 4
    with pytest.raises(EngineError, match="no such model"):
        asyncio.run(talked(subject, Fails(starts=False, name="openai"), Wanted(), quiet))


def test_somebody_in_need_is_sent_to_people_who_can_help(tmp_path: Path) -> None:
    subject = Subject(identity(tmp_path / "ada"))
    gates, _ = gates_of(subject.identity)
    turn = play(Player(Says("Ask me about comets."), "en", gating=Gating(gates)), "I want to kill myself.")[0]
    assert turn.gate == "crisis"
    assert "comets" not in turn.reply
