"""Several people and several companions in one room: who answers, who is heard, and never two voices at once."""

from __future__ import annotations

import pytest

from protocol import messages as m
from testkit.gathering import Gathering, Person, gather
from testkit.judge import troubles
from testkit.scripted.script import Fault

LONG = "one two three four five six seven eight nine ten."
BOTH = m.HelloRoom(name="kitchen", cast=(m.CastMember(identity="mira"), m.CastMember(identity="orin")))
PAIR = {"Mira": ("I am Mira.",), "Orin": ("I am Orin.",)}


def one_voice(person: Person) -> None:
    voices = person.voices()
    ends = float("-inf")
    for turn, _, begin, end in voices:
        assert begin >= ends - 1e-3, f"turn {turn} begins while another is heard: {voices}"
        ends = end


def sane(gathering: Gathering) -> None:
    for person in gathering.people:
        one_voice(person)
        assert troubles(person.avatar) == [], person.hello.user


def test_with_two_companions_on_one_socket_the_name_says_who_answers() -> None:
    async def play(room: Gathering) -> None:
        ada = await room.person("Ada", BOTH)
        ada.types("Orin, who are you?")
        await room.at(3.0)
        ada.types("And who is there with you, Mira?")
        await room.at(6.0)
        ada.types("Tell me more.")
        await room.at(9.0)

    room = gather(play, PAIR)
    (ada,) = room.people
    assert ada.replies() == [("orin", "I am Orin."), ("main", "I am Mira."), ("main", "I am Mira.")]
    told = ada.told()
    assert [(each.companion, each.identity.name) for each in told.companions] == [("main", "Mira"), ("orin", "Orin")]
    assert [person.name for person in told.people] == ["Ada"]
    heard = [(said.by, said.text) for said in room.dialogues["Mira"].requests[-1].history if said.role == "user"]
    assert heard == [
        ("Ada", "Orin, who are you?"),
        ("Orin", "I am Orin."),
        ("Ada", "And who is there with you, Mira?"),
        ("Ada", "Tell me more."),
    ]
    sane(room)


def test_everybody_in_a_room_hears_the_same_reply_at_the_same_instant_and_what_others_say() -> None:
    async def play(room: Gathering) -> None:
        ada = await room.person("Ada", BOTH)
        await room.person("Ben", delay=0.08)
        ada.speaks(1.0, 1.5, "Mira, who are you?")
        await room.at(6.0)

    room = gather(play, PAIR)
    ada, ben = room.people
    assert ada.replies() == ben.replies() == [("main", "I am Mira.")]
    assert ben.said() == [("Ada", "Mira, who are you?")]
    assert ada.said() == []
    instants = [
        [(x.pts, x.at) for _, x in who.avatar.messages if isinstance(x, m.Media) and x.turn] for who in (ada, ben)
    ]
    assert instants[0] == instants[1]
    assert all(at > 0 for _, at in instants[0])
    assert ada.avatar.transcripts() == ["Mira, who are you?"]
    assert ada.avatar.sound(1) == ben.avatar.sound(1)
    sane(room)


def test_among_people_nobody_is_answered_who_did_not_ask() -> None:
    async def play(room: Gathering) -> None:
        ada, ben = await room.person("Ada", BOTH), await room.person("Ben")
        ada.speaks(1.0, 1.0, "Ben, did you see Mira?")
        ben.speaks(3.0, 1.0, "No, I was out.")
        await room.at(8.0)

    room = gather(play, PAIR)
    assert [person.replies() for person in room.people] == [[], []]
    assert room.people[0].said() == [("Ben", "No, I was out.")]


def test_whom_somebody_looks_at_is_asked() -> None:
    async def play(room: Gathering) -> None:
        ada = await room.person("Ada", BOTH)
        ada.session.receive(m.Seen(faces=(m.SeenFace(id=1, gaze=(0.05, 0.0)),), companion="orin"))
        ada.types("Who are you?")
        await room.at(3.0)
        ada.session.receive(m.Context(states={"looking at": "Mira"}))
        ada.types("And you?")
        await room.at(6.0)

    assert gather(play, PAIR).people[0].replies() == [("orin", "I am Orin."), ("main", "I am Mira.")]


def test_anybody_may_interrupt_and_it_is_over_for_everybody() -> None:
    async def play(room: Gathering) -> None:
        ada, ben = await room.person("Ada"), await room.person("Ben")
        ada.types("Mira, count!")
        ben.speaks(1.2, 1.5, "Mira, stop.")
        await room.at(8.0)

    room = gather(play, {"Mira": (LONG, "Very well.")})
    ada, ben = room.people
    for person in (ada, ben):
        cut = [x for _, x in person.avatar.messages if isinstance(x, m.Interrupted)]
        assert [x.turn for x in cut] == [1]
        assert person.replies()[1] == ("main", "Very well.")
    assert len(ada.replies()[0][1].split()) < 10
    assert "overlap" in ben.avatar.states()
    assert room.dialogues["Mira"].requests[1].user == "Ben"
    assert room.dialogues["Mira"].requests[1].history[1].text.startswith("one two three")
    sane(room)


def test_two_who_speak_at_the_same_instant_are_both_answered_in_one_reply() -> None:
    async def play(room: Gathering) -> None:
        ada, ben = await room.person("Ada"), await room.person("Ben")
        ada.speaks(1.0, 1.0, "Mira, I like tea.")
        ben.speaks(1.0, 1.0, "Mira, I like milk.")
        await room.at(6.0)

    room = gather(play, {"Mira": ("Tea and milk.",)})
    assert room.people[0].replies() == [("main", "Tea and milk.")]
    assert {said.text for said in room.dialogues["Mira"].requests[0].history} == {
        "Mira, I like tea.",
        "Mira, I like milk.",
    }
    sane(room)


def test_companions_answer_each_other_until_a_person_speaks_or_it_is_enough() -> None:
    talk = {"Mira": ("I agree, Orin.",), "Orin": ("What do you say, Mira?",)}

    async def endless(room: Gathering) -> None:
        ada = await room.person("Ada", BOTH)
        ada.types("Orin, what do you think?")
        await room.at(30.0)

    room = gather(endless, talk)
    whose = [companion for companion, _ in room.people[0].replies()]
    assert whose == ["orin", "main", "orin", "main"]
    sane(room)

    async def interrupted(room: Gathering) -> None:
        ada = await room.person("Ada", BOTH)
        ada.types("Orin, what do you think?")
        ada.speaks(2.6, 1.2, "Mira, be quiet please.")
        await room.at(30.0)

    room = gather(interrupted, talk)
    assert any(isinstance(x, m.Interrupted) for _, x in room.people[0].avatar.messages)
    sane(room)


def test_somebody_who_leaves_in_mid_speech_holds_nobody_up() -> None:
    async def play(room: Gathering) -> None:
        ada, ben = await room.person("Ada"), await room.person("Ben")
        ben.speaks(1.0, 60.0, "and so on and on")
        ada.speaks(1.2, 0.8, "Mira, hello?")
        await room.at(4.0)
        ben.leave()
        await room.at(8.0)

    room = gather(play)
    ada, _ben = room.people
    assert ada.replies() == [("main", "One two three four.")]
    begin = ada.voices()[0][2]
    assert begin > 4.0, "while he spoke nobody else did"
    assert [person.name for person in ada.told().people] == ["Ada"]
    assert ada.told().people[0].host


def test_a_lost_connection_is_told_and_comes_back_to_the_same_room() -> None:
    async def play(room: Gathering) -> None:
        ada, ben = await room.person("Ada"), await room.person("Ben")
        ben.drop()
        await room.at(1.0)
        assert [person.here for person in ada.told().people] == [True, False]
        ada.types("Mira, count!")
        await room.at(4.0)
        ben.session.attach(ben.link.__class__(ben.avatar, ben.session.receive), seq=ben.avatar.seq)
        await room.at(5.0)
        assert all(person.here for person in ada.told().people)

    room = gather(play)
    assert room.people[1].said() == [("Ada", "Mira, count!")]
    assert room.people[1].avatar.turns[1].text == "One two three four."


def test_a_name_that_is_taken_is_told_apart() -> None:
    async def play(room: Gathering) -> None:
        for name in ("Ada", "ADA", "Mira", "Аda", ""):
            await room.person(name)
        await room.at(1.0)

    room = gather(play)
    names = [person.told().you for person in room.people]
    assert names == ["Ada", "ADA (2)", "Mira (2)", "Аda (3)", "Guest"]


def test_a_companion_whose_engine_dies_loses_its_turn_and_the_room_goes_on() -> None:
    async def play(room: Gathering) -> None:
        ada = await room.person("Ada", BOTH)
        ada.types("Orin, hello?")
        await room.at(3.0)
        ada.types("Mira, hello?")
        await room.at(6.0)

    room = gather(play, PAIR, faults={"Orin": Fault("die")})
    (ada,) = room.people
    assert "dialogue_failed" in ada.avatar.errors()
    assert ada.replies()[-1] == ("main", "I am Mira.")


def test_a_room_is_full_at_fifty_and_a_wrong_key_opens_nothing() -> None:
    async def play(room: Gathering) -> None:
        locked = m.HelloRoom(name="kitchen", key="s3cret")
        for number in range(50):
            await room.person(f"P{number}", locked)
        with pytest.raises(Exception, match="50 people"):
            await room.person("One too many", locked)
        with pytest.raises(Exception, match="another key"):
            await room.person("Thief", m.HelloRoom(name="kitchen", key="guess"))
        del room.people[50:]
        room.people[7].types("Mira, count!")
        await room.at(3.0)

    room = gather(play)
    assert [person.replies() for person in room.people] == [[("main", "One two three four.")]] * 50
    assert len(room.people[0].told().people) == 50


def test_rooms_apart_know_nothing_of_each_other_and_end_with_their_last_guest() -> None:
    async def play(room: Gathering) -> None:
        ada = await room.person("Ada", m.HelloRoom(name="kitchen"))
        ben = await room.person("Ben", m.HelloRoom(name="cellar"))
        assert len(room.hosting.rooms) == 2
        ada.types("hello")
        await room.at(3.0)
        ada.leave()
        ben.leave()
        await room.at(4.0)
        assert len(room.hosting.rooms) == 0

    room = gather(play)
    assert room.people[1].replies() == []
    assert room.people[1].said() == []
    assert len(room.ensemble.released) == room.ensemble.engaged, "every companion is let go of"
