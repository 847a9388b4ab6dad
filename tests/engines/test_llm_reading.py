"""What a model writes is read the same however it is cut: words are said, calls are made, thoughts are kept."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engines.llm.reading import Call, Item, Reading

OPEN = Call("open_door", {"speed": "slow"})


def read(text: str, cuts: list[int] | None = None, **how: object) -> list[Item]:
    """All items of `text`, pushed in pieces that end at `cuts`; words that touch are joined."""
    reading = Reading(**how)  # type: ignore[arg-type]  # options are passed through
    items: list[Item] = []
    edges = [0, *sorted(cut % (len(text) + 1) for cut in cuts or []), len(text)]
    for begin, end in pairwise(edges):
        items += reading.push(text[begin:end])
    items += reading.finish()
    joined: list[Item] = []
    for item in items:
        if joined and isinstance(item, str) and isinstance(joined[-1], str):
            joined[-1] += item
        else:
            joined.append(item)
    return joined


CASES: list[tuple[str, dict[str, object], list[Item]]] = [
    ("Hello there.", {}, ["Hello there."]),
    ("<think>Hm, hm.</think>\n\nHello.", {}, ["Hello."]),
    ("so it goes</think>Hello.", {"thinking": True}, ["Hello."]),
    ("<think>never ends", {}, []),
    ("A < b, and a <b> too.", {}, ["A < b, and a <b> too."]),
    ('<tool_call>\n{"name": "open_door", "arguments": {"speed": "slow"}}\n</tool_call>', {}, [OPEN]),
    (
        'Yes. <tool_call>{"name": "open_door", "arguments": "{\\"speed\\": \\"slow\\"}"}</tool_call>',
        {},
        ["Yes. ", OPEN],
    ),
    (
        '<tool_call>{"name": "a"}</tool_call>\n<tool_call>{"name": "b", "arguments": {}}</tool_call>',
        {},
        [Call("a"), Call("b")],
    ),
    ('{"name": "open_door", "parameters": {"speed": "slow"}}', {"tools": True}, [OPEN]),
    ('{"name": "a", "parameters": {}}; {"name": "b", "parameters": {}}', {"tools": True}, [Call("a"), Call("b")]),
    ('{"name": "open_door"}', {}, ['{"name": "open_door"}']),
    ('{"x": 1} is JSON', {"tools": True}, ['{"x": 1} is JSON']),
    ('<|python_tag|>{"name": "open_door", "parameters": {"speed": "slow"}}', {"tools": True}, [OPEN]),
    ('<function=open_door>{"speed": "slow"}</function>', {}, [OPEN]),
    (
        "<tool_call>\n<function=open_door>\n<parameter=speed>\nslow\n</parameter>\n</function>\n</tool_call>",
        {},
        [OPEN],
    ),
    ('[TOOL_CALLS] [{"name": "open_door", "arguments": {"speed": "slow"}}]', {}, [OPEN]),
    ('[TOOL_CALLS]open_door[ARGS]{"speed": "slow"}', {}, [OPEN]),
    ("<tool_call>{broken</tool_call>Sorry.", {}, [Call("", {}, "the tool call was not valid JSON"), "Sorry."]),
    ("<tool_call>[]</tool_call>", {}, [Call("", {}, "the tool call was empty")]),
    ("<tool_call>{}</tool_call>", {}, [Call("", {}, "the tool call names no tool")]),
    (
        '<tool_call>{"name": "a", "arguments": [1]}</tool_call>',
        {},
        [Call("a", {}, "the arguments of a are not a JSON object")],
    ),
    ("Good day.\nUser: hello", {"stops": ("\nUser:",)}, ["Good day."]),
    ("Good day.\nUse it.", {"stops": ("\nUser:",)}, ["Good day.\nUse it."]),
    ("  \n Hello.", {}, ["Hello."]),
    ("", {}, []),
]


@pytest.mark.parametrize(("text", "how", "expected"), CASES)
def test_each_format_is_understood(text: str, how: dict[str, object], expected: list[Item]) -> None:
    assert read(text, **how) == expected


@given(st.sampled_from(CASES), st.lists(st.integers(0, 200), max_size=8))
def test_cutting_changes_nothing(case: tuple[str, dict[str, object], list[Item]], cuts: list[int]) -> None:
    text, how, expected = case
    assert read(text, cuts, **how) == expected
    assert read(text, list(range(len(text))), **how) == expected


@given(
    st.lists(
        st.sampled_from(
            ["<think>", "</think>", "<tool_call>", "</tool_call>", "{", "}", "[TOOL_CALLS]", " a", "\nUser:"]
        )
    ),
    st.lists(st.integers(0, 200), max_size=6),
)
def test_whatever_comes_is_read_the_same(parts: list[str], cuts: list[int]) -> None:
    text = "".join(parts)
    assert read(text, cuts, stops=("\nUser:",), tools=True) == read(text, stops=("\nUser:",), tools=True)


def test_words_are_not_held_back() -> None:
    reading = Reading(("\nUser:",), tools=True)
    assert reading.push("Hello") == ["Hello"]
    assert reading.push(" you <") == [" you "]
    assert reading.push("3") == ["<3"]
