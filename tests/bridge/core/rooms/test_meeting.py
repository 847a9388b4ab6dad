"""A meeting from its first item to its minutes, and the shared clock of a room."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.core.rooms.downbeat import DELAY, Downbeat
from bridge.core.rooms.lines import LINES, lines
from bridge.core.rooms.meeting import Changed, Item, Meeting, Say, Step
from bridge.core.rooms.minutes import Entry, markdown

AGENDA = (Item("Lenses", 10.0), Item("Mirrors"))


def say(steps: list[Step]) -> list[str]:
    return [step.text for step in steps if isinstance(step, Say)]


def test_hands_are_called_in_the_order_in_which_they_went_up() -> None:
    meeting = Meeting(AGENDA, lines("en"))
    meeting.next(0.0)
    assert say(meeting.hand("Ben", True)) == ["Ben, you have the word."]
    assert meeting.hand("Cleo", True) == [Changed()]
    assert meeting.hand("Ada", True) == [Changed()]
    assert meeting.hand("Ada", True) == []
    assert meeting.said("Ada", "Me too!", 5.0) == []  # it was not her turn, and is noted
    assert say(meeting.said("Ben", "Lenses bend light.", 9.0)) == ["Cleo, you have the word."]
    assert say(meeting.gone("Cleo")) == ["Ada, you have the word."]
    assert [(entry.by, entry.text) for entry in meeting.entries] == [
        ("Ada", "Me too!"),
        ("Ben", "Lenses bend light."),
    ]


def test_time_is_told_once_before_it_is_up_and_once_after() -> None:
    meeting = Meeting(AGENDA, lines("en-GB"))
    assert meeting.deadline is None
    assert say(meeting.next(100.0)) == ["Welcome, everybody. Let us begin with Lenses. We have 10 minutes for it."]
    assert meeting.deadline == 100.0 + 480
    assert say(meeting.expire(580.0)) == ["About 2 minutes are left for Lenses."]
    assert say(meeting.expire(700.0)) == ["The time for Lenses is up."]
    assert meeting.deadline is None
    assert say(meeting.next(760.0)) == ["The next item is Mirrors."]
    assert meeting.deadline is None
    assert meeting.spent_on(1, 999.0) == 660.0


def test_decisions_and_tasks_stand_apart_in_the_minutes() -> None:
    meeting = Meeting(AGENDA, lines("en"))
    meeting.said("Ada", "Hello!", 10.0)
    meeting.next(20.0)
    meeting.said("Ada", "So we agreed to buy ten lenses.", 30.0)
    meeting.said("Ben", "I'll order them *today*.", 40.0)
    assert say(meeting.next(80.0)) == [
        "I have noted as decided: So we agreed to buy ten lenses.",
        "The next item is Mirrors.",
    ]
    meeting.said("Cleo", "# Not a heading <b>", 95.0)
    steps = meeting.next(100.0)
    assert steps[-1] == Changed(over=True)
    assert meeting.next(101.0) == meeting.end(101.0) == []
    assert markdown(
        "Optics", [item.title for item in AGENDA], meeting.entries, day="2030-01-01", present=("Ada", "Ben", "Cleo"),
        spent=meeting.spent,
    ) == (
        "# Optics\n\n- Date: 2030-01-01\n- Present: Ada, Ben, Cleo\n\n"
        "## Decisions\n\n- `00:20` **Ada**: So we agreed to buy ten lenses.\n\n"
        "## Tasks\n\n- `00:30` **Ben**: I'll order them \\*today\\*.\n\n"
        "## Before the agenda\n\n- `00:00` **Ada**: Hello!\n\n"
        "## 1. Lenses (1 min)\n\n- `00:20` **Ada**: So we agreed to buy ten lenses.\n"
        "- `00:30` **Ben**: I'll order them \\*today\\*.\n\n"
        "## 2. Mirrors\n\n- `01:25` **Cleo**: \\# Not a heading \\<b\\>\n"
    )  # fmt: skip


def test_what_was_decided_is_known_by_words_of_five_languages_and_never_from_a_companion() -> None:
    said = ("Decision: we paint it.", "Wir haben beschlossen, dass es blau wird.", "我们决定明天开始。")
    assert [Entry(0.0, 1, "Ada", text).kind for text in said] == ["decision"] * 3
    assert Entry(0.0, 1, "Mira", said[0], companion=True).kind == ""
    assert Entry(0.0, 1, "Ada", "Have we decided nothing?").kind == ""
    assert set(LINES) == {"en", "de", "es", "fr", "zh"}
    assert lines("ja") is LINES["en"]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.floats(0.0, 0.4), st.integers(1, 4800), st.booleans()), min_size=1, max_size=30))
def test_instants_never_overlap_and_are_never_too_soon(pieces: list[tuple[float, int, bool]]) -> None:
    clock, now, end, turn, pts = Downbeat(), 100.0, float("-inf"), 1, 0
    for wait, length, ends in pieces:
        now += wait
        at = clock.at(turn, pts, length, now)
        assert at >= end - 1e-6, "two moments at once"
        assert at >= now + 0.05 - 1e-6
        assert at <= max(now + DELAY, end) + 30.0
        end, pts = at + length / 48_000, pts + length
        if ends:
            turn, pts = turn + 1, 0


def test_a_reply_in_one_piece_keeps_its_first_instant() -> None:
    clock = Downbeat()
    assert clock.at(1, 0, 4800, 10.0) == 10.0 + DELAY
    assert clock.at(1, 4800, 4800, 10.0) == 10.0 + DELAY + 0.1
    assert clock.at(2, 0, 4800, 10.0) == 10.0 + DELAY + 0.2  # it waits for the one before
    clock.cut(10.2)
    assert clock.at(3, 0, 4800, 10.2) == 10.2 + DELAY
