"""What a model writes is read the same however it is cut: words are said, calls are made, thoughts are kept."""

from __future__ import annotations

from time import thread_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engines.dialogue.calls import Call, distinct
from engines.dialogue.reading import Reading
from tests.bridge.core.cuts import STEADY, cut, cuts
from tests.engines.dialogue.spellings import CORPUS, OWN, USER, Spelling

TOOLS = ("set_lamp", "open_door")


def reader(*, thinking: bool = False, stops: tuple[str, ...] = ()) -> Reading:
    return Reading(stops, tools=TOOLS, thinking=thinking, own=(OWN,), others=(USER,))


def read(pieces: list[str], reading: Reading | None = None) -> tuple[str, list[Call]]:
    """What is said of the pieces, and what they call."""
    reading = reading or reader()
    items = [item for piece in pieces for item in reading.push(piece)]
    items += reading.finish()
    said = "".join(item for item in items if isinstance(item, str))
    return said, distinct([item for item in items if isinstance(item, Call)])


@pytest.mark.parametrize("spelling", CORPUS, ids=lambda spelling: spelling.text[:40])
def test_each_spelling_is_understood_at_every_cut(spelling: Spelling) -> None:
    text = spelling.text
    expected = (spelling.said, list(spelling.calls))
    assert read([text], reader(thinking=spelling.open)) == expected
    for size in (1, 2, 3, 7):
        pieces = [text[at : at + size] for at in range(0, len(text), size)]
        assert read(pieces, reader(thinking=spelling.open)) == expected, size
    for at in range(len(text)):
        assert read([text[:at], text[at:]], reader(thinking=spelling.open)) == expected, at


PARTS = st.sampled_from(
    [spelling.text for spelling in CORPUS if len(spelling.text) < 200 and not spelling.open]
    + [
        "<think>",
        "</think>",
        "<tool_call>",
        "</tool_call>",
        "{",
        "}",
        "[TOOL_CALLS]",
        " a",
        "\nUser:",
        "<",
        "```",
        "<|",
    ]
    + ["<|channel|>", "<|message|>", "<|start|>", "<|im_end|>", "\n", ";", "[", "◁", "user", "assistant", "Nora", ":"]
)


@STEADY
@given(st.lists(PARTS, max_size=8).map("".join).flatmap(lambda text: st.tuples(st.just(text), cuts(len(text)))))
def test_whatever_comes_is_read_the_same(given: tuple[str, list[int]]) -> None:
    text, places = given
    whole = read([text], reader(stops=("\nStop:",)))
    assert read(cut(text, places), reader(stops=("\nStop:",))) == whole
    assert read(list(text), reader(stops=("\nStop:",))) == whole


def test_a_stop_ends_the_message() -> None:
    for size in (1, 4, 99):
        reading = reader(stops=("\nStop:", "|||"))
        text = "Good day.\nStop it.\nStop: no"
        assert read([text[at : at + size] for at in range(0, len(text), size)], reading) == ("Good day.\nStop it.", [])
        assert reading.ended == "stop"


def test_without_tools_json_is_words_and_marked_calls_are_not() -> None:
    for text in ('{"name": "set_lamp"}', '```json\n{"name": "set_lamp"}\n```'):
        assert read([text], Reading()) == (text, [])
    assert read(['So. <tool_call>{"name": "set_lamp"}</tool_call>'], Reading()) == ("So. ", [Call("set_lamp")])


@pytest.mark.parametrize(
    ("pieces", "said"),
    [
        (["Hello", " you <", "3", " and"], ["Hello", " you ", "<3", " and"]),
        (["a <", "b>", "c"], ["a ", "<b>", "c"]),
        (["Use", " it", "."], ["", "Use it", "."]),
        (["User", " friendly"], ["", "User friendly"]),
        (["Well.\n", "And"], ["Well.", "\nAnd"]),
        (["[", "happy] Hi"], ["", "[happy] Hi"]),
        (["1 <", " 2"], ["1 ", "< 2"]),
    ],
)
def test_words_are_held_back_no_longer_than_they_may_be_a_mark(pieces: list[str], said: list[str]) -> None:
    reading = reader()
    assert ["".join(map(str, reading.push(piece))) for piece in pieces] == said


HOSTILE = {
    "words": "word and more " * 5000, "lines": "\n" * 60_000, "marks": "<s>" * 20_000, "opened": "<think>" * 9000,
    "less": "<" * 60_000, "braces": "{" * 60_000, "json": '{"a":' * 12_000, "fences": "```" * 20_000,
    "names": "Nora: " * 10_000, "calls": "<tool_call>" * 5000, "bars": "<|" * 30_000, "attributes": "<think " * 9000,
    "letter": "x" * 60_000, "channels": "<|channel|>" * 6000, "ends": "<|im_end|>" * 6000, "users": "\nUse" * 15_000,
    "deep": "<tool_call>" + "[" * 60_000, "python": "<|python_tag|>f(" + "(" * 16_000, "quotes": "{'" * 30_000,
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_the_time_of_reading_grows_with_the_text(name: str) -> None:
    text = HOSTILE[name]
    half = text[: len(text) // 2]

    def took(text: str) -> float:
        begun = thread_time()
        reading = reader()
        for at in range(0, len(text), 50):
            reading.push(text[at : at + 50])
        reading.finish()
        return thread_time() - begun

    assert min(took(text) for _ in range(2)) < 6 * min(took(half) for _ in range(2)) + 0.1, (
        "twice the text, twice the time"
    )


def test_a_thought_closed_without_having_been_opened_is_noticed() -> None:
    reading = reader()
    read(["So.</think>Hello."], reading)
    assert reading.unopened
