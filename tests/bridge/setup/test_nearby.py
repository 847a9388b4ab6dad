"""Servers of language models on this machine: found when they are, and nothing else believed."""

from __future__ import annotations

import json
import socket
import time
from typing import Any

import pytest

from bridge.setup.nearby import LONGEST, MOST, PLACES, Mind, Place, find, places
from testkit.patience import PATIENCE
from tests.bridge.ollama import running


def place(port: int, path: str = "/api/tags") -> Place:
    return Place("Ollama", port, path)


def test_models_that_converse_are_found_with_their_sizes() -> None:
    with running() as ollama:
        url = f"http://127.0.0.1:{ollama.port}/v1"
        assert find([place(ollama.port)]) == [
            Mind("Ollama", url, "llama3.2:1b", 1_300_000_000),
            Mind("Ollama", url, "qwen3:4b", 2_600_000_000),
        ]
        assert [mind.model for mind in find([place(ollama.port, "/v1/models")])] == ["llama3.2:1b", "qwen3:4b"]


@pytest.mark.parametrize(
    "tags",
    [
        b"",
        b"hello",
        b"[]",
        b"{}",
        b"\xff\xfe",
        b'{"models": 7}',
        b'{"models": [{"name": 7}]}',
        b'{"models": [{"size": 7}]}',
        b'{"models": []}',
        b"[" * 100_000,
        b" " * (2 << 20),
        json.dumps({"models": [{"name": "a\nb"}, {"name": ""}, {"name": "x" * (LONGEST + 1)}]}).encode(),
    ],
)
def test_what_answers_otherwise_is_not_there(tags: bytes) -> None:
    with running(tags) as ollama:
        assert find([place(ollama.port)]) == []


@pytest.mark.parametrize("status", [204, 301, 401, 404, 500])
def test_another_status_is_not_a_list(status: int) -> None:
    with running(status=status) as ollama:
        assert find([place(ollama.port)]) == []


def test_no_more_than_a_screenful_is_offered() -> None:
    tags: Any = {"models": [{"name": f"m{number}"} for number in range(500)]}
    with running(tags) as ollama:
        assert len(find([place(ollama.port)])) == MOST


def test_nobody_and_a_silent_port_are_not_waited_for() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        began = time.monotonic()
        assert find([place(silent.getsockname()[1]), place(1), *[place(9)] * 5]) == []
        assert time.monotonic() - began < PATIENCE
    assert find([]) == []


@pytest.mark.parametrize(
    ("moved", "port"),
    [
        ("", 11434),
        ("127.0.0.1", 11434),
        ("127.0.0.1:12345", 12345),
        ("http://localhost:12345", 12345),
        ("0.0.0.0:12345", 12345),
        ("192.0.2.1:12345", 11434),
        ("http://[::1", 11434),
        ("127.0.0.1:port", 11434),
    ],
)
def test_ollama_is_looked_for_where_its_variable_has_it_but_only_here(moved: str, port: int) -> None:
    first, *others = places({"OLLAMA_HOST": moved})
    assert (first.name, first.port, first.host) == ("Ollama", port, "127.0.0.1")
    assert tuple(others) == PLACES[1:]
