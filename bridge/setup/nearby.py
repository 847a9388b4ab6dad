"""Finds servers of language models on this machine, by their usual ports and interfaces. It asks loopback alone."""

from __future__ import annotations

import http.client
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

import msgspec

from engines.text.minds import converses

PATIENCE: Final = 1.0  # seconds for an answer of this machine
LARGEST: Final = 1 << 20  # bytes of an answer that are read
MOST: Final = 50  # models of one server that are offered
LONGEST: Final = 200  # characters of a model's name


@dataclass(frozen=True, slots=True)
class Place:
    """Where a server is usually found; `path` lists its models."""

    name: str
    port: int
    path: str
    host: str = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Mind:
    """A language model that a server has; `size` in bytes, 0 when the server does not say."""

    server: str
    base_url: str
    model: str
    size: int = 0


class _Tag(msgspec.Struct):
    name: str
    size: int = 0


class _Tags(msgspec.Struct):
    models: list[_Tag]


class _Entry(msgspec.Struct):
    id: str


class _List(msgspec.Struct):
    data: list[_Entry]


PLACES: Final = (
    Place("Ollama", 11434, "/api/tags"),
    Place("LM Studio", 1234, "/v1/models"),
    Place("llama.cpp", 8080, "/v1/models"),
    Place("vLLM", 8000, "/v1/models"),
)


def places(environ: Mapping[str, str]) -> tuple[Place, ...]:
    """List where to look; Ollama may have been moved by its own variable, within this machine."""
    moved = environ.get("OLLAMA_HOST", "")
    try:
        parts = urlsplit(moved if "://" in moved else f"//{moved}")
        host, port = parts.hostname or "", parts.port or 11434
    except ValueError:
        return PLACES
    if host not in ("127.0.0.1", "localhost", "0.0.0.0"):  # noqa: S104 - it listens there; we ask loopback
        return PLACES
    return (Place("Ollama", port, "/api/tags"), *PLACES[1:])


def find(where: Iterable[Place] = PLACES) -> list[Mind]:
    """Ask every place at once; what does not answer as expected within PATIENCE is not there."""
    asked = list(where)
    with ThreadPoolExecutor(len(asked) or 1) as pool:
        return [mind for found in pool.map(_asked, asked) for mind in found]


def _asked(place: Place) -> list[Mind]:
    try:
        answer = _get(place)
        if place.path == "/api/tags":
            models = [(tag.name, tag.size) for tag in msgspec.json.decode(answer, type=_Tags).models]
        else:
            models = [(entry.id, 0) for entry in msgspec.json.decode(answer, type=_List).data]
    except (OSError, http.client.HTTPException, msgspec.MsgspecError, ValueError, RecursionError):
        return []
    url = f"http://{place.host}:{place.port}/v1"
    talking = [(name, size) for name, size in models if converses(name, longest=LONGEST)]
    return [Mind(place.name, url, name, max(size, 0)) for name, size in talking[:MOST]]


def _get(place: Place) -> bytes:
    connection = http.client.HTTPConnection(place.host, place.port, timeout=PATIENCE)
    try:
        connection.request("GET", place.path, headers={"Accept": "application/json"})
        response = connection.getresponse()
        if response.status != 200:
            raise ValueError("not a list of models")
        answer = response.read(LARGEST + 1)
        if len(answer) > LARGEST:
            raise ValueError("not a list of models")
        return answer
    finally:
        connection.close()
