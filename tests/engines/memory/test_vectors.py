"""Vectors are kept small and compared by rank; an address that sends garbage is an error and nothing else."""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from engines.api import EngineError, Failure
from engines.memory.embedders import Addressed
from engines.memory.facts import Fact, Stored
from engines.memory.recall import ranked
from engines.memory.vectors import LONGEST, TEXT, described, nearest, packed


def stored(number: int, value: str, said: str = "") -> Stored:
    return Stored(number, Fact("note", value, said=said), "s", 1, 0.0, 0.0)


def test_the_closest_come_first_and_other_lengths_are_left_out() -> None:
    kept = [(1, packed([1, 0, 0])), (2, packed([1, 1, 0])), (3, packed([0, 0, 5])), (4, packed([1, 0]))]
    assert nearest(packed([2, 0.1, 0]), kept) == (1, 2, 3)
    assert nearest(packed([0, 0, 1]), kept, 1) == (3,)
    assert nearest(packed([1.0]), kept) == nearest(b"", kept) == nearest(packed([1]), []) == ()
    assert len(packed([1.0] * 384)) == 768


@pytest.mark.parametrize("numbers", [[], [0.0, 0.0], [math.nan, 1.0], [math.inf], [1.0] * (LONGEST + 1), [[1.0]]])
def test_what_is_no_vector_is_refused(numbers: Any) -> None:
    with pytest.raises(ValueError, match="vector"):
        packed(numbers)


def test_what_is_near_counts_by_its_rank_and_words_still_count() -> None:
    facts = [stored(1, "the optics club"), stored(2, "my telescope is old"), stored(3, "a red car")]
    assert next(each.number for each in ranked(facts, "telescope", 0.0)) == 2
    assert [each.number for each in ranked(facts, "stargazing", 0.0, (1, 2))] == [1, 2, 3]
    assert next(each.number for each in ranked(facts, "telescope", 0.0, (1, 2))) == 2
    assert next(each.number for each in ranked(facts, "stargazing", 0.0, (77, 3))) == 3
    assert described("pet", "dog", "Rex", "We have  a dog\ncalled Rex.") == "pet dog: Rex. We have a dog called Rex."
    assert len(described("note", "", "x" * 2000, "")) == TEXT


Answer = Callable[[dict[str, Any]], tuple[int, bytes]]


async def asked(answer: Answer, texts: list[str]) -> list[bytes]:
    """What an embedder makes of an address that answers so."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        assert head.startswith("POST /v1/embeddings")
        assert "Bearer key" in head
        length = int(head.lower().partition("content-length:")[2].split()[0])
        status, data = answer(json.loads(await reader.readexactly(length)))
        writer.write(f"HTTP/1.1 {status} X\r\nContent-Length: {len(data)}\r\n\r\n".encode() + data)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    embedder = Addressed(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1/", "m", api_key="key")
    try:
        return await embedder.embed(texts)
    finally:
        await embedder.close()
        server.close()


def run(body: Awaitable[list[bytes]]) -> list[bytes]:
    async def main() -> list[bytes]:
        async with asyncio.timeout(30):
            return await body

    return asyncio.run(main())


def good(body: dict[str, Any]) -> tuple[int, bytes]:
    items = [{"index": at, "embedding": [1.0, float(at)]} for at, _ in enumerate(body["input"])]
    assert body["model"] == "m"
    return 200, json.dumps({"data": items[::-1]}).encode()  # in no order


def test_an_address_is_asked_as_others_ask_it() -> None:
    pytest.importorskip("httpx2")
    assert run(asked(good, ["a", "b"])) == [packed([1, 0]), packed([1, 1])]


GARBAGE = (
    (500, b"no"),
    (200, b"no"),
    (200, b"[]"),
    (200, b'{"data": []}'),
    (200, b'{"data": [{"embedding": [1]}]}'),
    (200, b'{"data": [{"embedding": [1, 2]}, {"embedding": [1]}]}'),
    (200, b'{"data": [{"embedding": ["x"]}, {"embedding": [1]}]}'),
    (200, b'{"data": [{"embedding": [1e999]}, {"embedding": [1]}]}'),
    (200, b'{"data": [{"embedding": [0, 0]}, {"embedding": [0, 1]}]}'),
    (200, b'{"data": [7, 8]}'),
    (200, b"[" * 100_000),
)


@pytest.mark.parametrize(("status", "data"), GARBAGE)
def test_garbage_is_an_error(status: int, data: bytes) -> None:
    pytest.importorskip("httpx2")
    with pytest.raises(EngineError) as caught:
        run(asked(lambda _: (status, data), ["a", "b"]))
    assert caught.value.kind in (Failure.BROKEN, Failure.REFUSED)


def test_nobody_at_the_address_is_an_error() -> None:
    pytest.importorskip("httpx2")
    with pytest.raises(EngineError) as caught:
        run(Addressed("http://127.0.0.1:1/v1", "m").embed(["a"]))
    assert caught.value.kind is Failure.AWAY
