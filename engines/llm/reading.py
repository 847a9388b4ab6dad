"""What a model writes, read as it comes: words to say, calls of tools, and thoughts, which are nobody's business.

Push text in pieces of any size; where it was cut never changes what comes out. Calls are understood as Hermes and Qwen
(`<tool_call>`), Llama 3 (bare JSON, `<|python_tag|>`, `<function=...>`) and Mistral (`[TOOL_CALLS]`) write them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

LONGEST: Final = 16_000  # characters of one call

_THINK: Final = {"<think>": "</think>", "<thinking>": "</thinking>", "<|channel>thought": "<channel|>"}
_CALL: Final = {
    "<tool_call>": "</tool_call>",
    "<function=": "</function>",
    "<|python_tag|>": "",
    "[TOOL_CALLS]": "",
}  # "": to the end of the message
_FUNCTION: Final = re.compile(r"\s*(?:<function=)?([\w.-]+)>\s*(.*?)\s*(?:</function>)?\s*", re.DOTALL)
_PARAMETER: Final = re.compile(r"<parameter=([\w.-]+)>\s*(.*?)\s*</parameter>", re.DOTALL)
_NAMED: Final = re.compile(r"\s*([\w.-]+)\s*(?:\[CALL_ID\][^\[]*)?\[ARGS\]\s*(\{.*\})\s*", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Call:
    """A tool that the model wants; `fault` says why it cannot be called, "" when it can."""

    name: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    fault: str = ""


Item: TypeAlias = str | Call


class Reading:
    """Reads one message. `stops` end it; `thinking` says that the prompt has already opened a thought.

    `tools` says whether a message that is bare JSON is a call.
    """

    def __init__(self, stops: Sequence[str] = (), *, tools: bool = False, thinking: bool = False) -> None:
        self._stops = tuple(stop for stop in stops if stop)
        self._tools = tools
        self._held = ""
        self._until: str | None = "</think>" if thinking else None  # what ends the thought or call
        self._call: str | None = None  # what opened the call
        self._said = False
        self.stopped = False  # a stop string was met

    def push(self, text: str) -> list[Item]:
        """What is certain by now."""
        return [] if self.stopped else self._read(self._held + text, final=False)

    def finish(self) -> list[Item]:
        """The rest, once the model has ended."""
        return [] if self.stopped else self._read(self._held, final=True)

    def _read(self, text: str, *, final: bool) -> list[Item]:
        items: list[Item] = []
        self._held = ""
        while text:
            if self._call is not None:
                text = self._read_call(text, items, final=final)
            elif self._until is not None:
                text = self._read_thought(text)
            else:
                text = self._read_words(text, items, final=final)
            if self._held or self.stopped:
                break
        if final and self._call is not None and not self._held:
            self._call = None  # opened, and nothing in it
        return items

    def _read_words(self, text: str, items: list[Item], *, final: bool) -> str:
        if not self._said and self._tools and text.lstrip().startswith("{"):
            self._call, self._until = "{", ""
            return text
        marks = (*_THINK, *_CALL, *self._stops, "</think>")
        found = [(at, -len(mark), mark) for mark in marks if (at := text.find(mark)) >= 0]
        if not found:
            keep = 0 if final else _overlap(text, marks)
            if not final and not self._said and self._tools and not text.strip():
                keep = len(text)
            self._say(text[: len(text) - keep], items)
            self._held = text[len(text) - keep :]
            return ""
        at, _, mark = min(found)
        self._say(text[:at], items)
        rest = text[at + len(mark) :]
        if mark in self._stops:
            self.stopped = True
            return ""
        if mark in _THINK:
            self._until = _THINK[mark]
        elif mark in _CALL:
            self._call, self._until = mark, _CALL[mark]
        return rest

    def _read_thought(self, text: str) -> str:
        assert self._until is not None
        before, found, after = text.partition(self._until)
        if found:
            self._until = None
            return after if self._said else after.lstrip()
        keep = _overlap(before, (self._until,))
        self._held = before[len(before) - keep :]
        return ""

    def _read_call(self, text: str, items: list[Item], *, final: bool) -> str:
        assert self._call is not None
        end = text.find(self._until) if self._until else -1
        if end < 0 and not final and len(text) < LONGEST:
            self._held = text
            return ""
        opening, body = self._call, text if end < 0 else text[:end]
        after = "" if end < 0 else text[end + len(self._until or "") :]
        self._call = self._until = None
        calls = parse(body, opening)
        if opening == "{" and calls and calls[0].fault:
            self._say(body, items)  # JSON, but no call: then it is what the model says
        else:
            items += calls
        return after.lstrip() if not self._said else after

    def _say(self, words: str, items: list[Item]) -> None:
        if not self._said:
            words = words.lstrip()
        if words:
            self._said = True
            items.append(words)


def _overlap(text: str, marks: Sequence[str]) -> int:
    """The length of the longest end of `text` that may be the beginning of a mark."""
    longest = max((len(mark) for mark in marks), default=1) - 1
    for length in range(min(longest, len(text)), 0, -1):
        if any(mark.startswith(text[-length:]) for mark in marks):
            return length
    return 0


def parse(body: str, opening: str) -> list[Call]:
    """The calls in what stood between the marks; one with a `fault` where it cannot be understood."""
    if opening == "<function=" or body.lstrip().startswith("<function="):
        return [_function(body)]
    named = [match for part in body.split("[TOOL_CALLS]") if (match := _NAMED.fullmatch(part))]
    if named:
        return [_checked(match[1], _json(match[2])) for match in named]
    decoder, calls, rest = json.JSONDecoder(), list[Call](), body.strip().rstrip(";").strip()
    while rest:
        try:
            value, end = decoder.raw_decode(rest)
        except (ValueError, RecursionError):
            return [*calls, Call("", {}, "the tool call was not valid JSON")]
        for one in value if isinstance(value, list) else [value]:
            calls.append(_object(one))
        rest = rest[end:].lstrip(" \t\r\n;,")
    return calls or [Call("", {}, "the tool call was empty")]


def _function(body: str) -> Call:
    match = _FUNCTION.fullmatch(body)
    if match is None:
        return Call("", {}, "the tool call could not be read")
    parameters = {key: _value(value) for key, value in _PARAMETER.findall(match[2])}
    return _checked(match[1], parameters if parameters or not match[2] else _json(match[2]))


def _object(value: object) -> Call:
    if isinstance(value, dict):
        inner = value.get("function")
        if isinstance(inner, dict):
            value = inner
        name = value.get("name", inner if isinstance(inner, str) else None)
        arguments = value.get("arguments", value.get("parameters", {}))
        if isinstance(name, str) and name:
            return _checked(name, _json(arguments) if isinstance(arguments, str) else arguments)
    return Call("", {}, "the tool call names no tool")


def _checked(name: str, arguments: object) -> Call:
    if arguments is None:
        arguments = {}
    if isinstance(arguments, dict) and all(isinstance(key, str) for key in arguments):
        return Call(name, arguments)
    return Call(name, {}, f"the arguments of {name} are not a JSON object")


def _json(text: str) -> object:
    try:
        return json.loads(text) if text.strip() else {}
    except (ValueError, RecursionError):
        return text


def _value(text: str) -> object:
    value = _json(text)
    return text if value == {} and not text.strip().startswith("{") else value
