"""A meeting with four people whose minutes are checked, a class, and two companions with a child."""

from __future__ import annotations

from bridge.core.rooms.lines import LINES
from protocol import messages as m
from testkit.gathering import Gathering, gather
from testkit.scripted.engines import ToolUse
from testkit.scripted.gates import ScriptedGate
from tests.bridge.rooms.test_rooms import BOTH, one_voice, sane

AGENDA = (m.AgendaItem(title="Lenses", minutes=1), m.AgendaItem(title="Mirrors"))
MEETING = m.HelloRoom(name="Optics", kind="meeting", agenda=AGENDA)
HOST = LINES["en"]


def test_a_meeting_with_four_people_is_led_and_its_minutes_say_who_decided_what() -> None:
    async def play(room: Gathering) -> None:
        ada = await room.person("Ada", MEETING)
        ben, cleo, dan = [await room.person(name, MEETING) for name in ("Ben", "Cleo", "Dan")]
        ben.does("next")  # only a host may
        ada.does("next")
        ben.speaks(8.0, 2.0, "I think we need ten lenses.")
        await room.at(11.0)
        cleo.does("hand")
        dan.does("hand")
        await room.at(14.0)
        assert cleo.told().word == "Cleo"
        cleo.speaks(14.0, 2.0, "Ten is too many.")
        await room.at(21.0)
        assert cleo.told().word == "Dan"
        dan.speaks(21.0, 1.5, "We agreed on five lenses.")
        ben.speaks(24.0, 1.5, "I'll order them today.")
        ada.speaks(27.0, 1.5, "Mira, what is a lens?")
        await room.at(75.0)
        ada.does("next")
        await room.at(90.0)
        dan.speaks(90.0, 1.5, "Nothing about mirrors.")
        await room.at(95.0)
        cleo.does("minutes")
        ada.does("next")
        await room.at(102.0)

    room = gather(play, {"Mira": ("Glass that bends light.",)})
    ada, ben, cleo, _ = room.people
    assert "unsupported" in ben.avatar.errors()
    texts = [text for _, text in ben.replies()]
    assert texts == [
        HOST.begins.format(item="Lenses") + " " + HOST.lasts.format(minutes=1),
        HOST.word.format(name="Cleo"),
        HOST.word.format(name="Dan"),
        "Glass that bends light.",
        HOST.up.format(item="Lenses"),
        HOST.decided.format(text="We agreed on five lenses.") + " " + HOST.next.format(item="Mirrors"),
        HOST.over,
    ]
    minutes = ada.told().minutes
    assert minutes == ben.told().minutes
    decisions, tasks = (part.partition("\n\n")[0] for part in (
        minutes.partition("## Decisions\n\n")[2], minutes.partition("## Tasks\n\n")[2]
    ))  # fmt: skip
    assert [line.partition("` ")[2] for line in decisions.splitlines()] == ["**Dan**: We agreed on five lenses."]
    assert [line.partition("` ")[2] for line in tasks.splitlines()] == ["**Ben**: I'll order them today."]
    assert "- Present: Ada, Ben, Cleo, Dan\n" in minutes
    lenses, mirrors = minutes.partition("## 1. Lenses")[2].split("## 2. Mirrors")
    assert [line.partition("**")[2].partition("**")[0] for line in lenses.splitlines() if line.startswith("-")] == [
        "Mira", "Ben", "Mira", "Cleo", "Mira", "Dan", "Ben", "Ada", "Mira", "Mira",
    ]  # fmt: skip
    assert "**Dan**: Nothing about mirrors." in mirrors
    asked = [x.minutes for _, x in cleo.avatar.messages if isinstance(x, m.RoomTold) and x.minutes]
    assert len(asked) == 2, "when she asked, and at the end"
    assert sum(1 for _, x in ada.avatar.messages if isinstance(x, m.RoomTold) and x.minutes) == 1, "at the end"
    assert ada.told().agenda[0].spent_s > 60
    sane(room)


def test_in_a_class_pupils_ask_in_writing_and_aloud_when_they_have_the_word() -> None:
    async def play(room: Gathering) -> None:
        teacher = await room.person("Ms Lind", m.HelloRoom(name="7b", kind="class"))
        pupils = [await room.person(f"Pupil {number}", m.HelloRoom(name="7b")) for number in range(12)]
        teacher.types("What bends light?")
        await room.at(0.6)
        pupils[3].types("I did not get that", private=True)
        pupils[3].types("again", private=True)
        pupils[4].speaks(1.0, 1.5, "Mira, stop!")  # only the teacher may interrupt
        await room.at(6.0)
        pupils[5].types("Mira, may I?")  # nobody has given her the word
        await room.at(8.0)
        pupils[5].does("hand")
        await room.at(11.0)
        pupils[5].types("Mira, is it glass?")
        await room.at(15.0)

    def answers(request: object) -> str:
        said = request.history[-1].text  # type: ignore[attr-defined]  # it is a Request
        return {
            "What bends light?": "one two three four five six seven eight.",
            "I did not get that": "Think of [happy] your glasses.",
            "Mira, is it glass?": "Yes, glass.",
        }.get(said, f"What about {said}")

    room = gather(play, {"Mira": answers})
    teacher, *pupils = room.people
    heard = [text for _, text in teacher.replies()]
    assert heard == ["one two three four five six seven eight.", HOST.word.format(name="Pupil 5"), "Yes, glass."]
    assert all([text for _, text in pupil.replies()] == heard for pupil in pupils)
    private = [
        [x for _, x in who.avatar.messages if isinstance(x, m.SomebodySaid) and x.private] for who in room.people
    ]
    assert [(x.by, x.text) for x in private[4]] == [("Mira", "Think of your glasses.")]
    assert all(not told for number, told in enumerate(private) if number != 4)
    assert "unanswered" in pupils[3].avatar.errors()
    everything = [text for who in room.people for _, text in who.said()]
    assert "I did not get that" not in everything
    for person in room.people:
        one_voice(person)


def test_two_companions_and_a_child_who_talks_all_the_time_and_nobody_speaks_at_once() -> None:
    async def play(room: Gathering) -> None:
        child = await room.person("Lily", BOTH)
        at = 1.0
        for number in range(24):
            name = ("Mira", "Orin", "both of you", "")[number % 4]
            child.speaks(at, 0.6 + 0.15 * (number % 5), f"{name}, why is that, number {number}?")
            at += (0.9, 2.4, 1.6, 3.1, 0.7)[number % 5] + 0.6 + 0.15 * (number % 5)
        await room.at(at + 20.0)

    room = gather(
        play, {"Mira": ("Because it is so. What do you say, Orin?",), "Orin": ("I say it is a riddle, dear Lily.",)}
    )
    (lily,) = room.people
    replies = lily.replies()
    assert len(replies) > 12
    assert {companion for companion, _ in replies} == {"main", "orin"}
    speech = [(start, end) for start, end, *_ in lily._speech]
    begun = [at for at, x in lily.avatar.messages if isinstance(x, m.Media) and x.turn and not x.pts]
    assert not [at for at in begun if any(start + 0.1 < at < end for start, end in speech)], "over the child"
    sane(room)


def test_a_guide_points_at_things_in_the_scene_of_whoever_asked() -> None:
    tools = tuple(m.ToolSpec(name=name, parameters={"type": "object"}) for name in ("point_at", "walk_to"))
    asked: list[tuple[str, m.ToolCall]] = []

    async def play(room: Gathering) -> None:
        hall = m.HelloRoom(name="hall", cast=(m.CastMember(identity="edmund", place=(1.0, 0.0, 2.0)),))
        ada, ben = await room.person("Ada", hall), await room.person("Ben", hall)
        for person in (ada, ben):
            person.session.receive(m.Tools(tools=tools))
            person.session.receive(m.Context(states={"where the whale is": "4 0 -2"}))
        ben.types("Edmund, where is the whale?")
        await room.at(0.5)
        for person in (ada, ben):
            for call in person.avatar.tool_calls():
                asked.append((person.hello.user, call))
                ada.session.receive(m.ToolAnswer(call=call.call + 7, value="lies"))  # of a call that never was
                person.session.receive(m.ToolAnswer(call=call.call, value="there"))
        await room.at(4.0)

    use = ToolUse(1, "point_at", {"target": "whale"})
    room = gather(play, {"Edmund": ("Look, hangs over us.",)}, tools=(use,))
    ada, ben = room.people
    assert [(who, call.name, call.arguments) for who, call in asked] == [("Ben", "point_at", {"target": "whale"})]
    assert "unknown_call" in ada.avatar.errors()
    assert ada.replies() == ben.replies() == [("main", "Look, there hangs over us.")]
    assert ada.told().companions[0].place == (1.0, 0.0, 2.0)
    request = room.dialogues["Edmund"].requests[0]
    assert request.scene["where the whale is"] == "4 0 -2"
    assert request.user == "Ben"


def test_what_a_host_says_of_its_own_accord_is_not_judged_as_an_answer() -> None:
    gate = ScriptedGate()

    async def play(room: Gathering) -> None:
        ada = await room.person("Ada", MEETING)
        ada.does("next")
        await room.at(6.0)
        ada.does("hand")
        await room.at(9.0)
        ada.types("Mira, what is a lens?")
        await room.at(12.0)

    room = gather(play, {"Mira": ("Glass.",)}, gates=(gate,))
    assert [text for _, text in room.people[0].replies()][1:] == [HOST.word.format(name="Ada"), "Glass."]
    assert [request.occasion for request in gate.requests] == ["user"]
