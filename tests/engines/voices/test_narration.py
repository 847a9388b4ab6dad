"""Phrases to pieces: look-ahead that is bounded, cues in their words, cancelling at once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import aclosing

import pytest

from engines.api import Cue, EngineError, Phone, Phrase, Speech, Stream, Voice, Word
from engines.voices.narration import Line, ahead, line, narrate
from tests.engines.makers import Source, collect


class Mill:
    """A voice that says a letter in ten samples, a piece for each word; it knows what it was asked for."""

    def __init__(self) -> None:
        self.lines: list[Line] = []
        self.made = 0
        self.open = 0

    async def utter(self, line: Line, voice: Voice) -> Stream[Speech]:
        self.lines.append(line)
        self.open += 1
        try:
            at = 0
            for text in line.text.split():
                await asyncio.sleep(0)
                at = line.text.index(text, at)
                self.made += 1
                length = 10 * len(text)
                yield Speech(bytes(2 * length), 1000, (Phone("a", 0, length),), (Word(text, 0, length, at),))
        finally:
            self.open -= 1


async def settle() -> None:
    for _ in range(50):
        await asyncio.sleep(0)


def said(*phrases: Phrase, voice: Voice | None = None) -> tuple[Mill, list[Speech]]:
    mill = Mill()
    pieces = asyncio.run(collect(narrate(Source().of(phrases), voice or Voice(), mill.utter)))
    return mill, pieces


def test_words_know_their_characters_in_the_phrase() -> None:
    text = "This sentence is here to be long enough for two lines, really. And so it goes on until it is said."
    mill, pieces = said(Phrase(text))
    assert len(mill.lines) > 1
    found = [word for piece in pieces for word in piece.words]
    assert [word.text for word in found] == text.split()
    assert all(text[word.at :].startswith(word.text) for word in found)


def test_only_the_first_line_of_an_answer_is_first() -> None:
    mill, _ = said(Phrase("One. " * 40), Phrase("Two."))
    assert [part.first for part in mill.lines] == [True] + [False] * (len(mill.lines) - 1)


def test_text_of_another_script_is_a_line_in_its_language() -> None:
    mill, _ = said(Phrase("Say Привет мир now."))
    assert [part.language for part in mill.lines] == ["en-us", "ru", "en-us"]


def test_cues_come_with_their_words_and_what_is_left_at_the_end() -> None:
    cues = tuple(Cue("gesture", name, 1.0, at) for name, at in (("nod", 0), ("wave", 4), ("bow", 7), ("smile", 14)))
    _, pieces = said(Phrase("one two three.", cues))
    assert [(piece.samples, [timed.cue.name for timed in piece.cues]) for piece in pieces] == [
        (30, ["nod"]),
        (30, ["wave"]),
        (60, ["bow"]),
        (0, ["smile"]),
    ]


def test_nothing_to_say_is_no_piece() -> None:
    assert said(Phrase(""), Phrase("  "))[1] == []


def test_halves_of_pairs_are_blanks() -> None:
    mill, _ = said(Phrase("a\ud83d b"))
    assert mill.lines[0].text == "a  b"


def test_the_next_pieces_are_made_while_one_is_heard_but_not_more() -> None:
    async def main() -> None:
        mill = Mill()
        async with aclosing(narrate(Source().of([Phrase("a b c d e f g h")]), Voice(), mill.utter)) as pieces:
            await anext(pieces)
            await settle()
            assert mill.made == 3  # the one that is heard, and two more
            await anext(pieces)
            await settle()
            assert mill.made == 4

    asyncio.run(main())


def test_leaving_closes_what_is_being_made_at_once() -> None:
    async def main() -> None:
        mill, source = Mill(), Source()
        async with aclosing(narrate(source.of([Phrase("a b c d"), Phrase("e")]), Voice(), mill.utter)) as pieces:
            await anext(pieces)
            await settle()
            assert mill.open == 1
        assert mill.open == 0
        assert mill.made == 3
        assert source.closed

    asyncio.run(main())


def run(body: Callable[[], Awaitable[None]]) -> None:
    async def main() -> None:
        await body()

    asyncio.run(main())


def test_a_failure_comes_after_what_was_made() -> None:
    async def failing() -> Stream[int]:
        yield 1
        yield 2
        raise EngineError("tts_failed", "out of breath")

    async def body() -> None:
        async with aclosing(ahead(failing(), 2)) as numbers:
            assert [await anext(numbers), await anext(numbers)] == [1, 2]
            with pytest.raises(EngineError, match="out of breath"):
                await anext(numbers)

    run(body)


def test_a_failure_that_nobody_waits_for_is_silent() -> None:
    async def failing() -> Stream[int]:
        yield 1
        raise EngineError("tts_failed", "out of breath")

    async def body() -> None:
        async with aclosing(ahead(failing(), 4)) as numbers:
            assert await anext(numbers) == 1
            await settle()

    run(body)


def test_being_cancelled_while_waiting_cancels_the_making() -> None:
    async def body() -> None:
        closed = asyncio.Event()

        async def endless() -> Stream[int]:
            try:
                await asyncio.Event().wait()
                yield 1
            finally:
                closed.set()

        async def listen() -> None:
            async with aclosing(ahead(endless(), 1)) as numbers:
                await anext(numbers)

        task = asyncio.ensure_future(listen())
        await settle()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert closed.is_set()

    run(body)


def test_a_short_text_is_one_line() -> None:
    assert line("Hello.", "en-us").stretch.origin == (0, 1, 2, 3, 4, 5)
