"""The desk: chat by webhook, hotkeys by HTTP, and everything else refused."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

import pytest

from show.desk import BODY, HEAD, LINES, SAID, Desk, open_desk
from show.lines import Line
from show.sources.mending import Trouble
from show.transcript import Transcript

T = TypeVar("T")


class Board:
    def __init__(self, token: str = "") -> None:
        self.heard: list[Line] = []
        self.done: list[str] = []
        self.said: list[str] = []
        self.desk = Desk(
            hear=self.hear, do=self.done.append, say=self.said.append, state=lambda: {"state": "idle"}, token=token
        )

    def hear(self, line: Line) -> str:
        self.heard.append(line)
        return "taken"


def use(board: Board, body: Callable[[int], Awaitable[T]]) -> T:
    async def main() -> T:
        async with open_desk(board.desk, 0) as port:
            return await body(port)

    return asyncio.run(main())


async def raw(port: int, data: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(data)
    if not data.endswith(b"\n"):
        writer.write_eof()
    answer = await reader.read()
    writer.close()
    return answer


def request(path: str, body: object = None, *, method: str = "POST", headers: str = "") -> bytes:
    data = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
    return f"{method} {path} HTTP/1.1\r\nHost: x\r\n{headers}Content-Length: {len(data)}\r\n\r\n".encode() + data


def ask(board: Board, path: str, body: object = None, **kw: Any) -> tuple[int, Any]:
    answer = use(board, lambda port: raw(port, request(path, body, **kw)))
    head, _, told = answer.partition(b"\r\n\r\n")
    return int(head.split()[1]), json.loads(told)


def test_a_webhook_brings_lines_and_is_told_what_became_of_them() -> None:
    board = Board()
    assert ask(board, "/chat", {"name": "Ada", "text": "what is a wave?"}) == (200, {"lines": ["taken"]})
    assert ask(board, "/chat", [{"name": "Bob", "text": "me too", "gift": 1}, {"no": "line"}, 5]) == (
        200, {"lines": ["taken", "none", "none"]}
    )  # fmt: skip
    assert [(line.platform, line.name, line.gift) for line in board.heard] == [
        ("webhook", "Ada", 0.0),
        ("webhook", "Bob", 1.0),
    ]


def test_hotkeys_steer_the_show() -> None:
    board = Board()
    for deed in ("skip", "mute", "unmute", "stop"):
        assert ask(board, f"/{deed}") == (200, {"state": "idle"})
    assert board.done == ["skip", "mute", "unmute", "stop"]
    assert ask(board, "/say", {"text": " Welcome\n back! "})[0] == 200
    assert board.said == ["Welcome back!"]
    assert ask(board, "/state", method="GET") == (200, {"state": "idle"})


@pytest.mark.parametrize(
    ("path", "body", "kw", "status"),
    [
        ("/say", {"text": "!"}, {}, 400), ("/say", {"text": "x" * (SAID + 1)}, {}, 400), ("/say", [1], {}, 400),
        ("/chat", b"{", {}, 400), ("/chat", [{}] * (LINES + 1), {}, 400), ("/nothing", None, {}, 404),
        ("/skip", None, {"method": "GET"}, 404), ("/skip", None, {"headers": "Origin: https://evil.example\r\n"}, 403),
        ("/chat", b"x" * (BODY + 1), {}, 413), ("/chat", None, {"headers": "Transfer-Encoding: chunked\r\n"}, 400),
    ],
)  # fmt: skip
def test_what_cannot_be_asked_is_refused(path: str, body: object, kw: dict[str, str], status: int) -> None:
    board = Board()
    assert ask(board, path, body, **kw)[0] == status
    assert (board.heard, board.done, board.said) == ([], [], [])


def test_a_token_is_asked_for_where_one_is_set() -> None:
    board = Board("secret")
    assert ask(board, "/skip")[0] == 401
    assert ask(board, "/skip", headers="Authorization: Bearer wrong\r\n")[0] == 401
    assert ask(board, "/skip", headers="Authorization: Bearer secret\r\n")[0] == 200
    assert board.done == ["skip"]


@pytest.mark.parametrize(
    "data", [b"", b"GET", b"\x00" * 100, b"GET / HTTP/1.1\r\n" + b"a: b\r\n" * HEAD, b"nonsense\r\n\r\n"]
)
def test_what_is_no_request_gets_no_harm_done(data: bytes) -> None:
    board = Board()
    answer = use(board, lambda port: raw(port, data))
    assert answer == b"" or answer.startswith(b"HTTP/1.1 400")


def test_a_port_that_is_taken_is_told() -> None:
    async def twice() -> None:
        async with open_desk(Board().desk, 0) as port, open_desk(Board().desk, port):
            pass

    with pytest.raises(Trouble, match="nobody can listen"):
        asyncio.run(twice())


def test_a_transcript_is_a_line_of_json_each_and_writes_over_nothing(tmp_path: Path) -> None:
    path = tmp_path / "out" / "chat.jsonl"
    transcript = Transcript.at(path)
    transcript.note(1.234, "chat", name="李明", text="hi")
    transcript.note(2.0, "chat", name="Ada", text="hi")
    transcript.close()
    transcript.close()
    rows = [json.loads(row) for row in path.read_text(encoding="utf-8").splitlines()]
    assert rows[0] == {"at": 1.23, "what": "chat", "name": "李明", "text": "hi"}
    assert transcript.counts == {"chat": 2}
    with pytest.raises(FileExistsError):
        Transcript.at(path)
    Transcript().note(0.0, "chat")
