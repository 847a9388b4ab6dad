"""Streams of endpoints in every shape: the answer is said and nothing else, and every call is made once."""

from __future__ import annotations

import gzip
import json
import random
import zlib
from collections.abc import Callable, Sequence
from itertools import count
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engines.dialogue.calls import Call
from engines.dialogue.openai.answer import Answer
from engines.dialogue.openai.assembly import Assembly
from engines.dialogue.openai.events import BODY, LINE, Events, NotAStream, Overlong, Unpacking
from engines.dialogue.openai.wire import CallPiece, Function, chunk, complaint
from engines.dialogue.reading import Reading
from tests.bridge.core.cuts import STEADY, cut, cuts
from tests.engines.dialogue.spellings import CORPUS, MARKUP, OWN, USER

TOOLS = ("set_lamp", "open_door")


def answer_of(
    body: bytes, places: Sequence[int] = (), *, coding: str = "", thinking: bool = False
) -> tuple[Answer, str]:
    """The answer in a body that comes in pieces, and what is said of it."""
    reading = Reading(tools=TOOLS, thinking=thinking, own=(OWN,), others=(USER,))
    answer, events, unpacking = Answer(reading, Assembly(TOOLS)), Events(), Unpacking(coding)
    said = ""
    for piece in cut(body, places):
        for block in unpacking.push(piece):
            for one in events.push(block):
                said += answer.push(one)
    for one in events.finish():
        said += answer.push(one)
    answer.whole = events.done
    return answer, said + answer.close()


def event(delta: dict[str, Any], finish: str | None = None, **more: Any) -> dict[str, Any]:
    return {"choices": [{"index": 0, "delta": delta, "finish_reason": finish, **more}]}


def body_of(chunks: Sequence[dict[str, Any]], *, end: str = "\n", done: bool = True) -> bytes:
    lines = [f"data: {json.dumps(one)}{end}{end}" for one in chunks] + ([f"data: [DONE]{end}{end}"] if done else [])
    return "".join(lines).encode()


# ---------------------------------------------------------------------------------------------------- the fuzz


def shuffled(value: Any, dice: random.Random) -> Any:
    """The same JSON with its fields in another order, and some that nobody knows."""
    if isinstance(value, list):
        return [shuffled(one, dice) for one in value]
    if not isinstance(value, dict):
        return value
    fields = [(key, shuffled(one, dice)) for key, one in value.items()]
    if dice.random() < 0.3:
        fields.append((f"x_{dice.randrange(99)}", dice.choice([None, 1.5, "<think>", ["</s>"], {"content": "no"}])))
    dice.shuffle(fields)
    return dict(fields)


def written(texts: Sequence[str], dice: random.Random, *, finish: str | None, done: bool) -> bytes:
    """A body that holds the texts one after the other, as some server or other would write it."""
    chunks: list[dict[str, Any]] = [event({"role": "assistant", "content": dice.choice(["", None])})]
    for text in texts:
        places = sorted(dice.randrange(len(text) + 1) for _ in range(dice.randrange(6)))
        for piece in cut(text, places):
            style = dice.randrange(6)
            if style == 0:
                chunks.append(event({"content": [{"type": "text", "text": piece}]}))
            elif style == 1:
                chunks.append(event({"content": piece, "tool_calls": None, "refusal": None}))
            elif style == 2:
                chunks.append({"choices": [{"index": 0, "text": piece}]})
            else:
                chunks.append(event({"content": piece}))
            if dice.random() < 0.2:
                chunks.append(event({dice.choice(["reasoning_content", "reasoning"]): "<b>hm</b> im_end"}))
            if dice.random() < 0.1:
                chunks.append(
                    event({"content": [{"type": "thinking", "thinking": [{"type": "text", "text": "tool_call"}]}]})
                )
            if dice.random() < 0.1:
                chunks.append(dice.choice([{"choices": []}, {"choices": None, "usage": {"total_tokens": 3}}, {}]))
    if finish:
        chunks += [event({}, finish)] * dice.choice([1, 1, 2])
    end = dice.choice(["\n", "\r\n", "\r"])
    lines = [dice.choice(["", "\ufeff"])]
    for one in chunks:
        if dice.random() < 0.15:
            lines.append(
                f": keep-alive{end}{end}" if dice.random() < 0.5 else f"event: message{end}id: 7{end}retry: 5{end}"
            )
        value = json.dumps(shuffled(one, dice), ensure_ascii=dice.random() < 0.5)
        lines.append(f"{dice.choice(['data: ', 'data:'])}{value}{end}{dice.choice([end, end, end, ''])}")
    if done:
        lines.append(f"data: [DONE]{dice.choice([end + end, end, ''])}")
    return "".join(lines).encode()


WORDS = st.lists(
    st.sampled_from(
        [
            "sun",
            "moon",
            "gravity,",
            "ünder",
            "星",
            "🙂",
            "don't",
            "3.14",
            "(well)",
            "stars!",
            "café;",
            "so:",
            "1<2",
            "a>b",
        ]
    ),
    min_size=1,
    max_size=6,
)
SENTENCES = WORDS.map(" ".join).map(lambda words: f"{words} ")
SILENT = st.sampled_from(
    [
        "<think>im_end tool_call</think>", "<THINKING>im_end</THINKING>", "◁think▷tool_call◁/think▷",
        "<reasoning>think</reasoning>",
        "[THINK]think[/THINK]", "<|im_end|>", "</s>", "<s>", "<|fim_pad|>", "[/INST]", "<｜end▁of▁sentence｜>",
        "<end_of_turn>",
        "</think>", "<|im_start|>assistant\n", "<|channel|>analysis<|message|>think<|end|>",
        "<think>a <think>b</think></think>",
    ]
)  # fmt: skip


PACKERS: dict[str, Callable[[bytes], bytes]] = {"": bytes, "gzip": gzip.compress, "deflate": zlib.compress}


@STEADY
@given(
    st.lists(st.one_of(SENTENCES, SILENT), min_size=1, max_size=8),
    st.integers(0, 2**32),
    st.sampled_from([("stop", True), ("stop", False), (None, True)]),
    st.sampled_from(["", "gzip", "deflate"]),
    st.data(),
)
def test_no_stream_speaks_markup_or_loses_an_answer(
    parts: list[str], seed: int, ending: tuple[str | None, bool], coding: str, data: st.DataObject
) -> None:
    silent = ("<", "[", "◁")
    number = count()  # so that nothing is said twice
    parts = [
        part if part.startswith(silent) else "".join(f"{word}{next(number)} " for word in part.split())
        for part in parts
    ]
    expected = "".join(part for part in parts if not part.startswith(silent)).split()
    body = written(parts, random.Random(seed), finish=ending[0], done=ending[1])
    body = PACKERS[coding](body)
    answer, said = answer_of(body, data.draw(cuts(len(body))), coding=coding)
    assert said.split() == expected
    assert not any(mark in said for mark in MARKUP)
    assert answer.finish or answer.whole
    assert answer.calls == []


@pytest.mark.parametrize("spelling", CORPUS, ids=lambda spelling: spelling.text[:40])
def test_each_spelling_is_understood_in_a_stream(spelling: Any) -> None:
    for seed in range(8):
        body = written([spelling.text], random.Random(seed), finish="stop", done=True)
        answer, said = answer_of(body, range(0, len(body), 11), thinking=spelling.open)
        assert (said, answer.calls) == (spelling.said, list(spelling.calls))


# ------------------------------------------------------------------------------------------------------- shapes


HELLO = event({"content": "Hello."}, "stop")
WHOLE = {"choices": [{"message": {"role": "assistant", "content": "Hello."}, "finish_reason": "stop"}]}
OTHER = {"choices": [{"index": 1, "delta": {"content": "no"}}, {"index": 0, "delta": {"content": "Hello."}}]}
PARTS = event({"content": ["Hel", {"type": "output_text", "text": "lo."}]})


@pytest.mark.parametrize(
    "body",
    [
        json.dumps(WHOLE).encode(),
        json.dumps(WHOLE, indent=2).encode(),
        body_of([WHOLE], done=False),
        body_of([event({"content": "Hello."}), WHOLE], done=False),
        (b'data: {"choices": [{"delta": {"content":\ndata: "Hello."}, "finish_reason": "stop"}]}\n\n'),
        "\n".join(map(json.dumps, [event({"content": "Hel"}), event({"content": "lo."}, "stop")])).encode(),
        body_of([event({"refusal": "Hello."})]),
        body_of([OTHER]) + b"data: {not read\n\n",
        body_of([PARTS]),
        b"\xef\xbb\xbf" + body_of([HELLO], done=False).rstrip(),
    ],
    ids=range(10),
)
def test_answers_in_other_shapes_are_used(body: bytes) -> None:
    for places in ((), range(len(body))):
        answer, said = answer_of(body, list(places))
        assert said == "Hello."
        assert answer.finish or answer.whole


def test_halves_of_a_character_are_joined() -> None:
    chunks = [
        event({"content": "So \ud83d"}),
        event({"content": "\ude42 it is"}),
        event({"content": " \ud83d."}, "stop"),
    ]
    _, said = answer_of(body_of(chunks))
    assert said == "So 🙂 it is \ufffd."
    said.encode()


@pytest.mark.parametrize(
    "body",
    [
        b"data: {broken\n\n",
        b'data: {"choices": [{"delta": {"tool_calls": [{"index": [1], "id": 5, "function": {"name": 7}}]}}]}\n\n',
        b'data: {"choices": [{"delta": {"content": NaN}}]}\n\n',
        b'data: {"choices": [{"delta": {"content": 7}}]}\n\n',
        b'data: {"choices": ' + b"[" * 5000 + b"]" * 5000 + b"}\n\n",
        b'data: {"choices": ' + b'{"a":' * 5000 + b"\n\n",
        b"data: [1]\n\n",
        b'data: "so"\n\n',
        b"<html>Welcome</html>",
        b"data: " + b"x" * (LINE + 1),
        b"data: x\n" * (LINE // 1),
        b'{"choices": [\n' + b"1,\n" * LINE,
    ],
    ids=range(12),
)
def test_what_is_no_answer_is_a_value_error(body: bytes) -> None:
    with pytest.raises(ValueError):
        answer_of(body)


def test_bodies_are_bounded() -> None:
    events = Events()
    comment = b": " + b"x" * (LINE - 4) + b"\n"
    with pytest.raises(Overlong):
        [list(events.push(comment)) for _ in range(BODY // LINE + 2)]
    bomb = gzip.compress(b"\n" * (4 * BODY))
    with pytest.raises(Overlong):
        answer_of(bomb, coding="gzip")
    with pytest.raises(NotAStream):
        Unpacking("br")
    with pytest.raises(ValueError, match="damaged"):
        answer_of(b"\x1f\x8bnonsense" * 9, coding="gzip")


def test_a_long_answer_ends_at_its_bound() -> None:
    answer, said = answer_of(
        body_of(
            [event({"content": " ".join(map(str, range(number, number + 999)))}) for number in range(0, 40_000, 999)]
        )
    )
    assert len(said) <= 65_536
    assert answer.cut is not None
    assert answer.cut.why == "length"


# -------------------------------------------------------------------------------------------------------- calls


def piece(index: int | None, known: str | int | None, name: str | None, arguments: Any) -> CallPiece:
    return CallPiece(index=index, id=known, function=Function(name=name, arguments=arguments))


X, Y = '{"x":1}', '{"y":2}'
ONE = Call("set_lamp", {"x": 1})
TWO = Call("open_door", {"y": 2})


@pytest.mark.parametrize(
    ("pieces", "calls"),
    [
        ([(0, "a", "set_lamp", ""), (0, None, None, '{"x"'), (0, None, None, ":1}")], [ONE]),
        ([(0, "a", "set_lamp", '{"x":1}'), (0, "b", "open_door", '{"y":2}')], [ONE, TWO]),
        ([(0, None, "set_lamp", '{"x":1}'), (0, None, "open_door", '{"y"'), (0, None, None, ":2}")], [ONE, TWO]),
        # One id at two indexes: torn, or two calls.
        ([(0, "a", "set_lamp", '{"x"'), (1, "a", None, ":1}")], [ONE]),
        ([(0, "a", "set_lamp", '{"x":1}'), (1, "a", "open_door", '{"y":2}')], [ONE, TWO]),
        (
            [(0, "a", "set_lamp", ""), (1, "a", "open_door", ""), (0, "a", None, '{"x":1}'), (1, "a", None, '{"y":2}')],
            [ONE, TWO],
        ),
        # The same call twice, at once or in the end.
        ([(0, "a", "set_lamp", '{"x":1}'), (0, "a", "set_lamp", '{"x":1}')], [ONE]),
        ([(0, "a", "set_lamp", '{"x":1}'), (1, "b", "set_lamp", '{"x": 1}')], [ONE]),
        ([(0, "a", "set_lamp", X), (1, "b", "open_door", Y), (0, "a", "set_lamp", X)], [ONE, TWO]),
        # Ids and indexes that change from piece to piece, names that are repeated, or come in pieces.
        ([(0, "a", "set_lamp", ""), (0, "b", None, '{"x"'), (0, "c", None, ":1}")], [ONE]),
        ([(0, "a", "set_lamp", '{"x"'), (1, None, None, ":"), (2, None, None, "1}")], [ONE]),
        ([(0, "a", "set_lamp", '{"x"'), (0, "a", "set_lamp", ":"), (0, "a", "set_lamp", "1}")], [ONE]),
        ([(0, "a", "set_", ""), (0, "a", "lamp", ""), (0, "a", None, '{"x":1}')], [ONE]),
        ([(None, None, "set_lamp", '{"x"'), (None, None, None, ":1}"), (None, None, "open_door", Y)], [ONE, TWO]),
        # All arguments so far each time; an object instead of text; arguments encoded twice.
        ([(0, "a", "set_lamp", '{"x'), (0, "a", None, '{"x":'), (0, "a", None, '{"x":1}')], [ONE]),
        ([(0, "a", "set_lamp", {"x": 1})], [ONE]),
        ([(0, 5, "functions.set_lamp", '"{\\"x\\": 1}"')], [ONE]),
        # Interleaved by index.
        (
            [(0, "a", "set_lamp", '{"x"'), (1, "b", "open_door", '{"y":'), (0, "", "", ":1}"), (1, "", "", "2}")],
            [ONE, TWO],
        ),
        ([(0, "a", "set_lamp", None)], [Call("set_lamp", {})]),
        ([(0, "a", None, '{"x":1}')], [Call("", {}, "the tool call names no tool")]),
        ([(0, None, None, None)], []),
    ],
)  # fmt: skip
def test_calls_are_put_together_by_what_their_pieces_say(pieces: list[Any], calls: list[Call]) -> None:
    assembly = Assembly(TOOLS)
    for one in pieces:
        assembly.add(piece(*one))
    found = assembly.calls()
    assert [(call.name, call.arguments) for call in found] == [(call.name, call.arguments) for call in calls]
    assert [bool(call.fault) for call in found] == [bool(call.fault) for call in calls]


def test_calls_and_their_arguments_are_bounded() -> None:
    assembly = Assembly(TOOLS)
    for number in range(100):
        assembly.add(piece(number, f"c{number}", "set_lamp", f'{{"x": {number}}}'))
    assert len(assembly.calls()) == 8
    assembly = Assembly(TOOLS)
    for _ in range(1000):
        assembly.add(piece(0, "a", "set_lamp", "x" * 1000))
    (call,) = assembly.calls()
    assert "too long" in call.fault


# ------------------------------------------------------------------------------------------------------- errors


@pytest.mark.parametrize(
    ("body", "message", "code", "parameter", "status"),
    [
        ({"error": {"message": "No.", "type": "bad", "code": "x", "param": "stop"}}, "No.", "bad x", "stop", 0),
        ({"error": {"message": "No.", "code": 429}}, "No.", "", "", 429),
        ({"error": "No."}, "No.", "", "", 0),
        ({"object": "error", "message": "No.", "code": 400}, "No.", "", "", 400),
        ({"detail": "No."}, "No.", "", "", 0),
        ({"detail": [{"loc": ["body", "stop"], "msg": "No."}]}, "No.", "", "stop", 0),
        ({"error": {"message": ["x"], "code": [1]}}, "", "", "", 0),
        ({"error": {}, "detail": [7]}, "", "", "", 0),
    ],
)
def test_errors_are_read_in_their_forms(body: Any, message: str, code: str, parameter: str, status: int) -> None:
    told = complaint(json.dumps(body).encode())
    assert (told.message, told.code, told.parameter, told.status) == (message, code, parameter, status)
    assert chunk(json.dumps(body).encode()).failed or not message
