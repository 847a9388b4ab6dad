"""What an endpoint sends, as types: pieces of an answer, whole answers, errors, lists of models.

Only what is used is declared; anything else is skipped. What does not fit raises ValueError, whatever it is.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final, NoReturn

import msgspec
from msgspec import Struct

TEXTS: Final = frozenset({"", "text", "output_text", "input_text"})  # types of parts that are said


class Part(Struct, frozen=True):
    """Holds one part of a content that comes as a list."""

    type: str = ""
    text: Any = None  # some wrap it once more
    refusal: str | None = None

    @property
    def words(self) -> str:
        """Return what is said of it."""
        if self.type not in TEXTS:
            return self.refusal or ""
        text = self.text.get("value") if isinstance(self.text, dict) else self.text
        return text if isinstance(text, str) else self.refusal or ""

    @property
    def thought(self) -> bool:
        """Say whether it is something that is not said."""
        return self.type not in TEXTS and not self.refusal


class Function(Struct, frozen=True):
    """Holds a tool and its arguments, or a piece of them; some servers send them decoded."""

    name: str | None = None
    arguments: str | dict[str, Any] | None = None


class CallPiece(Struct, frozen=True):
    """Holds a tool call or a piece of one."""

    index: int | None = None
    id: str | int | None = None
    function: Function | None = None


class Delta(Struct, frozen=True):
    """Holds what a chunk adds to the answer; a whole answer has the same fields."""

    content: str | Sequence[Part | str] | Part | None = None
    refusal: str | None = None
    tool_calls: Sequence[CallPiece] | None = None
    function_call: Function | None = None
    # Thoughts are only a sign of life, so that their form does not matter.
    reasoning_content: Any = None
    reasoning: Any = None
    reasoning_details: Any = None
    thinking: Any = None

    @property
    def thought(self) -> bool:
        """Say whether the model is thinking."""
        return bool(self.reasoning_content or self.reasoning or self.reasoning_details or self.thinking)


class Choice(Struct, frozen=True):
    """Holds one of the answers; only the first is read."""

    index: int | None = None
    delta: Delta | None = None
    message: Delta | None = None
    text: str | None = None
    finish_reason: str | None = None


class Chunk(Struct, frozen=True):
    """Holds one event of a stream, or a whole body that is no stream."""

    choices: Sequence[Choice] | None = None
    object: Any = None
    error: Any = None
    message: Any = None
    detail: Any = None
    code: Any = None

    @property
    def failed(self) -> bool:
        """Say whether it tells of an error instead of an answer."""
        if self.error:
            return True
        return not self.choices and (self.object == "error" or bool(self.detail))


class Model(Struct, frozen=True):
    """Names one model of a list."""

    id: str


class Models(Struct, frozen=True):
    """Lists the models that an endpoint has."""

    data: Sequence[Model] | None = None


class Complaint(Struct, frozen=True):
    """Holds what an endpoint says of its own error, for the debug log and to find the parameter that it refuses."""

    message: str = ""
    code: str = ""
    parameter: str = ""
    status: int = 0


_CHUNK: Final = msgspec.json.Decoder(Chunk)
_MODELS: Final = msgspec.json.Decoder(Models)


def chunk(data: bytes) -> Chunk:
    """Decode one event; ValueError when it is none."""
    try:
        return _CHUNK.decode(data)
    except msgspec.ValidationError:
        raise
    except (msgspec.DecodeError, UnicodeDecodeError):
        # A character that was cut in two halves, or bytes that are no UTF-8: the slow decoder takes them.
        try:
            value = json.loads(data.decode("utf-8", "replace"), parse_constant=_refuse)
        except RecursionError as error:
            raise ValueError("nested too deeply") from error
        return msgspec.convert(value, Chunk)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def models(data: bytes) -> list[str]:
    """Decode a list of models into their names; ValueError when it is none."""
    try:
        return [model.id for model in _MODELS.decode(data).data or ()]
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def complaint(data: bytes) -> Complaint:
    """Read an error's body in the forms that are about; empty where there is nothing to read."""
    try:
        return complaint_of(_CHUNK.decode(data))
    except (ValueError, RecursionError):
        return Complaint(message=" ".join(data[:400].decode("utf-8", "replace").split()))


def complaint_of(chunk: Chunk) -> Complaint:
    """Read an error that came as a chunk."""
    told: dict[str, Any] = chunk.error if isinstance(chunk.error, dict) else {}
    first: Any = chunk.detail[0] if isinstance(chunk.detail, list) and chunk.detail else None
    detail: dict[str, Any] = first if isinstance(first, dict) else {}
    place = detail.get("loc")
    texts = (told.get("message"), chunk.error, chunk.message, chunk.detail, detail.get("msg"))
    message = next((text for text in texts if isinstance(text, str) and text), "")
    code = told.get("code") or chunk.code
    return Complaint(
        message=" ".join(message[:2000].split()),
        code=" ".join(str(value)[:80] for value in (told.get("type"), code) if isinstance(value, str)),
        parameter=str(told.get("param") or (place[-1] if isinstance(place, list) and place else ""))[:80],
        status=code if isinstance(code, int) and 400 <= code < 600 else 0,
    )


def _refuse(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")
