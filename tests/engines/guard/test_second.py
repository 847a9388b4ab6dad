"""A guard model's answer is read, and an address that misbehaves in any way is an EngineError."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from engines.api import EngineError
from engines.guard.address import Address
from engines.guard.local import Local
from engines.guard.second import AT_ONCE, Opinion, Second, read

Answer = Callable[[str, str], Awaitable[str]]


@pytest.mark.parametrize(
    ("written", "opinion"),
    [
        ("Safety: Safe\nCategories: None\nRefusal: No", Opinion("safe")),
        ("Safety: Unsafe\nCategories: Violent", Opinion("unsafe", "violence")),
        ("safety: UNSAFE\ncategory: Suicide & Self-Harm", Opinion("unsafe", "self_harm")),
        (
            "<think></think>Safety: Controversial\nCategories: Politically Sensitive Topics",
            Opinion("controversial", "persuasion"),
        ),
        ("Safety: Unsafe", Opinion("unsafe", "other")),
        ("Safety: Unsafe\nCategories: Quantum", Opinion("unsafe", "other")),
    ],
)
def test_an_answer_is_read(written: str, opinion: Opinion) -> None:
    assert read(written) == opinion


@pytest.mark.parametrize("written", ["", "I cannot help with that.", "Safety: maybe", "x" * 3000 + "Safety: Unsafe"])
def test_another_answer_is_none(written: str) -> None:
    with pytest.raises(EngineError):
        read(written)


class Endless:
    """Never answers."""

    async def start(self) -> None:
        """Do nothing."""

    async def close(self) -> None:
        """Do nothing."""

    async def answer(self, asked: str, said: str) -> str:
        await asyncio.Event().wait()
        return ""


def test_no_more_questions_are_asked_at_once_than_may_be() -> None:
    async def main() -> list[str]:
        second = Second(Endless(), wait_s=0.2)
        answers = await asyncio.gather(*(second.opinion("", "x") for _ in range(AT_ONCE + 1)), return_exceptions=True)
        return [str(answer) for answer in answers]

    answers = asyncio.run(main())
    assert sum("too much" in answer for answer in answers) == 1
    assert sum("within 0.2 s" in answer for answer in answers) == AT_ONCE


def asked_of(reply: bytes) -> tuple[str | EngineError, bytes]:
    """Ask an address whose server says `reply` and closes; return the answer and what it was sent."""
    sent = b""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length: ")[1].split(b"\r")[0])
        sent = head + await reader.readexactly(length)
        writer.write(reply)
        await writer.drain()
        writer.close()

    async def main() -> str | EngineError:
        async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            address = Address(f"http://127.0.0.1:{port}/v1/", "guard-1", api_key="k", wait_s=2.0)
            await address.start()
            try:
                return await address.answer("how are you", "fine")
            except EngineError as error:
                return error
            finally:
                await address.close()
                await address.close()

    return asyncio.run(main()), sent


def http(body: bytes, status: bytes = b"200 OK") -> bytes:
    return (
        b"HTTP/1.1 "
        + status
        + b"\r\nContent-Length: "
        + str(len(body)).encode()
        + b"\r\nConnection: close\r\n\r\n"
        + body
    )


def test_the_address_is_sent_both_parties_words_and_its_answer_is_taken() -> None:
    body = json.dumps({"choices": [{"message": {"content": "Safety: Safe"}}]}).encode()
    answer, sent = asked_of(http(body))
    assert answer == "Safety: Safe"
    head, _, content = sent.partition(b"\r\n\r\n")
    assert head.startswith(b"POST /v1/chat/completions")
    assert b"authorization: bearer k" in head.lower()
    told = json.loads(content)
    assert told["model"] == "guard-1"
    assert [(each["role"], each["content"]) for each in told["messages"]] == [
        ("user", "how are you"),
        ("assistant", "fine"),
    ]


@pytest.mark.parametrize(
    "reply",
    [
        http(b"{}", b"500 Oops"),
        http(b"{}"),
        http(b"not json"),
        http(b"[" * 50_000),
        http(b'{"choices": [{"message": {"content": 7}}]}'),
        http(b"x" * 70_000),
        b"",
        b"garbage\r\n\r\n",
    ],
)
def test_an_address_that_misbehaves_is_an_engine_error(reply: bytes) -> None:
    answer, _ = asked_of(reply)
    assert isinstance(answer, EngineError)
    assert "Bearer" not in answer.message


def test_what_was_not_started_or_is_not_there_says_so(tmp_path: Path) -> None:
    for model in (Address("http://127.0.0.1:1/v1", "m"), Local(tmp_path)):
        with pytest.raises(EngineError, match="not been started"):
            asyncio.run(model.answer("a", "b"))
        asyncio.run(model.close())
    with pytest.raises(EngineError, match=r"cannot be loaded|needs"):
        asyncio.run(Local(tmp_path / "nowhere").start())


@pytest.mark.models
def test_a_model_on_this_disk_answers_and_one_that_was_never_taught_to_is_no_opinion() -> None:
    pytest.importorskip("torch")
    pytest.importorskip("transformers")
    from tests.engines.tiny.lm import lm_folder

    async def main() -> str:
        model = Local(lm_folder())
        await model.start()
        try:
            return await model.answer("how are you", "fine")
        finally:
            await model.close()

    written = asyncio.run(main())
    assert isinstance(written, str)
    with pytest.raises(EngineError):
        read(written)
