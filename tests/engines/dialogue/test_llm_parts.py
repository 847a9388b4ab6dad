"""The parts of the language model's batch: which row is whose, what is drawn, how tokens become text."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

torch = pytest.importorskip("torch", reason="the language model needs torch")
pytest.importorskip("transformers", reason="the language model needs transformers")

from engines.device.rows import Rows  # noqa: E402
from engines.device.sampling import Sampling, choose  # noqa: E402
from engines.dialogue.transformers.generation import WindowDecoder  # noqa: E402 - after the check for torch
from engines.dialogue.transformers.seats import Seats  # noqa: E402

pytestmark = pytest.mark.models

# ------------------------------------------------------------------------------------------------ rows and seats


class Memory:
    """Rows that hold what was written into them, moved as `Seats` says."""

    def __init__(self, rows: int) -> None:
        self.rows = Rows([(2, 4, 3)] * 2, (), 0, rows, 64, torch.float32, torch.device("cpu"))
        self.seats: Seats[str] = Seats(rows, self.rows.swap, self.rows.copy)

    def write(self, seat: Any, tokens: list[int]) -> None:
        row = self.seats.rows.index(seat)
        for token in tokens:
            for layer in self.rows.layers:
                layer.keys[row, :, len(seat.tokens)] = token
                layer.values[row, :, len(seat.tokens)] = token
            seat.tokens.append(token)

    def check(self) -> None:
        """Every row holds the states of the tokens that its seat says it does."""
        for row, seat in enumerate(self.seats.rows):
            for layer in self.rows.layers:
                assert layer.keys[row, 0, : len(seat.tokens), 0].tolist() == seat.tokens
                assert layer.values[row, 1, : len(seat.tokens), 2].tolist() == seat.tokens
            assert (seat.job is not None) == (row < self.seats.active)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 5), st.integers(1, 9)), max_size=40))
def test_a_row_always_holds_what_its_seat_says(story: list[tuple[int, int, int]]) -> None:
    memory = Memory(3)
    seats = memory.seats
    for act, who, size in story:
        owner = f"s{who}"
        jobs = [seat for seat in seats.rows if seat.job is not None]
        match act:
            case 0 | 1 if not seats.full:
                prompt = [who % 2 + 1] * size + [7]
                seat = seats.admit("job", owner, "", prompt)
                assert seat.tokens == prompt[: len(seat.tokens)]
                assert len(seat.tokens) < len(prompt)
                memory.write(seat, prompt[len(seat.tokens) :])
            case 2 if seats.reading:
                seats.promote(seats.rows[seats.writing + size % seats.reading])
            case 3 if jobs:
                seats.release(jobs[size % len(jobs)])
            case 4:
                seats.forget(owner)
            case _:
                pass
        memory.check()


def test_a_conversation_finds_its_row_again_and_reads_only_what_is_new() -> None:
    memory = Memory(2)
    first = memory.seats.admit("a", "ada", "", [1, 2, 3, 4])
    assert first.tokens == []
    memory.write(first, [1, 2, 3, 4])
    memory.seats.release(first)
    again = memory.seats.admit("b", "ada", "", [1, 2, 3, 9, 9])
    assert (again, again.tokens) == (first, [1, 2, 3])


def test_a_shared_persona_is_copied_and_an_adapters_is_not() -> None:
    memory = Memory(3)
    first = memory.seats.admit("a", "ada", "", [1, 2, 3, 4])
    memory.write(first, [1, 2, 3, 4])
    other = memory.seats.admit("b", "ben", "", [1, 2, 3, 5])
    assert other.tokens == [1, 2, 3]
    assert memory.seats.admit("c", "cat", "pirate", [1, 2, 3, 5]).tokens == []
    memory.check()


def test_the_longest_unused_row_is_taken_first() -> None:
    memory = Memory(2)
    for owner in ("ada", "ben"):
        seat = memory.seats.admit("job", owner, "", [5, 6])
        memory.write(seat, [5, 6])
        memory.seats.release(seat)
    memory.seats.admit("job", "cat", "", [8, 9])
    assert {seat.owner for seat in memory.seats.rows} == {"ben", "cat"}


def test_padding_is_written_where_nobody_looks() -> None:
    rows = Rows([(1, 2, 2)], (), 0, 2, 8, torch.float32, torch.device("cpu"))
    places = torch.tensor([[8, 0], [3, 4]])
    rows.point(0, 2, 6, places)
    keys, _ = rows.layers[0].update(torch.ones(2, 1, 2, 2), torch.ones(2, 1, 2, 2))
    assert keys[0, 0, :, 0].tolist() == [1, 0, 0, 0, 0, 0]
    assert keys[1, 0, :, 0].tolist() == [0, 0, 0, 1, 1, 0]
    assert rows.mask(places, 6)[:, 0].int().tolist() == [
        [[1, 0, 0, 0, 0, 0], [1, 0, 0, 0, 0, 0]],
        [[1, 1, 1, 1, 0, 0], [1, 1, 1, 1, 1, 0]],
    ]


def test_a_sliding_window_hides_what_is_far() -> None:
    rows = Rows([(1, 2, 2)] * 2, ("full_attention", "sliding_attention"), 2, 1, 8, torch.float32, torch.device("cpu"))
    masks = rows.mask(torch.tensor([[3]]), 5)
    assert masks["full_attention"].int().flatten().tolist() == [1, 1, 1, 1, 0]
    assert masks["sliding_attention"].int().flatten().tolist() == [0, 0, 1, 1, 0]


# ------------------------------------------------------------------------------------------------ sampling


def drawn(logits: list[float], draws: list[float], **how: Any) -> list[int]:
    rows = torch.tensor([logits] * len(draws))
    seen = torch.zeros_like(rows, dtype=torch.bool)
    seen[:, 0] = True
    tokens: list[int] = choose(rows, Sampling(**how), torch.tensor(draws), seen).tolist()
    return tokens


def test_greedy_takes_the_likeliest() -> None:
    assert drawn([0.0, 2.0, 1.0], [0.99], temperature=0.0) == [1]


def test_a_draw_is_the_inverse_of_the_distribution() -> None:
    logits = torch.log(torch.tensor([0.5, 0.3, 0.2])).tolist()
    free = {"temperature": 1.0, "top_p": 1.0, "top_k": 0}
    assert drawn(logits, [0.0, 0.49, 0.51, 0.79, 0.81, 0.9999999], **free) == [0, 0, 1, 1, 2, 2]
    assert drawn(logits, [0.61, 0.64, 0.99], **{**free, "top_k": 2}) == [0, 1, 1]
    assert set(drawn(logits, [0.1, 0.6, 0.99], **{**free, "top_p": 0.5})) == {0}
    assert set(drawn(logits, [0.1, 0.6, 0.99], **{**free, "min_p": 0.5})) == {0, 1}


def test_heat_flattens_and_the_penalty_takes_from_what_was_said() -> None:
    assert drawn([2.0, 1.9, -9.0], [0.0], temperature=0.0, repetition_penalty=1.5) == [1]
    cold = drawn([2.0, 0.0], [0.85], temperature=0.5, top_p=1.0)
    hot = drawn([2.0, 0.0], [0.85], temperature=4.0, top_p=1.0)
    assert (cold, hot) == ([0], [1])


@settings(deadline=None)
@given(st.lists(st.floats(0, 0.999999), min_size=1, max_size=6), st.integers(1, 5))
def test_nobody_draws_differently_in_company(draws: list[float], top_k: int) -> None:
    how = {"temperature": 0.9, "top_k": top_k, "top_p": 0.8, "min_p": 0.05}
    logits = [0.3, 1.0, -2.0, 0.9, 0.0]
    assert drawn(logits, draws, **how) == [drawn(logits, [draw], **how)[0] for draw in draws]


# ------------------------------------------------------------------------------------------------ text


@given(st.text(max_size=40))
def test_only_whole_characters_come_out(text: str) -> None:
    text = text.encode("utf-8", "replace").decode()
    decoder = WindowDecoder(lambda tokens: bytes(tokens).decode("utf-8", "replace"), frozenset())
    pieces = [decoder.push(byte) for byte in text.encode()]
    if "\ufffd" not in text:
        assert "".join(pieces) == text
        assert all("\ufffd" not in piece for piece in pieces)


def test_a_decoder_that_looks_at_neighbours_and_hidden_tokens() -> None:
    words = {1: "Hello", 2: "you", 3: "!", 9: "<end>"}

    def decode(tokens: list[int]) -> str:  # a space between words, as sentencepiece drops the first
        return " ".join(words[token] for token in tokens).replace(" !", "!")

    decoder = WindowDecoder(decode, frozenset({9}))
    assert [decoder.push(token) for token in (1, 2, 9, 3)] == ["Hello", " you", "", "!"]


def test_bytes_that_are_no_text_do_not_hold_the_rest_for_ever() -> None:
    decoder = WindowDecoder(lambda tokens: bytes(tokens).decode("utf-8", "replace"), frozenset())
    out = "".join(decoder.push(byte) for byte in [0x41, *[0xF0] * 9, 0x42, 0x43])
    assert out.startswith("A")
    assert out.endswith("BC")
