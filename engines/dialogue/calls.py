"""Tool calls as models write them into their text, and arguments that are almost JSON. Pure.

Understood are Hermes and Qwen (`<tool_call>` around JSON or `<function=...>`), Llama (`<|python_tag|>`, bare JSON,
Python calls), Mistral (`[TOOL_CALLS]`), GLM (`<arg_key>`), DeepSeek and Kimi (a name, a separator, JSON), Cohere
(`tool_name`), Gemma (a fenced Python call) and Harmony (the name stands in the header).
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite
from typing import Any, Final

from engines.dialogue.mending import mend, refuse, tree, unfenced

LONGEST: Final = 16_384  # characters of one call
DEPTH: Final = 12  # levels of its arguments
NODES: Final = 1000  # values in its arguments
SAFE: Final = 2**53  # integers that every client's language can hold
CALLS: Final = 8  # tool calls of one answer
SHOWN: Final = 60  # characters of a name in a fault

_FUNCTION: Final = re.compile(r"<function=([\w.-]{1,80})>")
_PARAMETER: Final = re.compile(r"""(?:=|\s+name=)["']?([\w.-]{1,80})["']?[^<>]{0,80}>""")
_NAMED: Final = re.compile(r"\s*([\w.-]+)\s*(?:\[CALL_ID\][^\[]*)?\[ARGS\]\s*(\{.*\})\s*", re.DOTALL)
_SEPARATED: Final = re.compile(
    r"\s*(?:function\s*\|sep\|\s*)?(?:functions\.)?([\w.-]+?)(?::\d+)?\s*(?:\|sep\||\n)(.*)", re.DOTALL
)


@dataclass(frozen=True, slots=True)
class Call:
    """Names a tool that the model wants; `fault` says why it cannot be called, "" when it can."""

    name: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    fault: str = ""


def parse(body: str, opening: str = "", value: str = "") -> list[Call]:
    """Read the calls between two marks; one with a `fault` where they cannot be understood.

    `opening` is the name of the mark before them, `value` what that mark carried: the name of the tool.
    """
    if len(body) > LONGEST:
        return [Call("", {}, "the tool call is too long")]
    if value:
        return [_tagged(value, body)]
    if found := _FUNCTION.match(body.strip()):
        return [_tagged(found[1], body.strip()[found.end() :].removesuffix("</function>"))]
    if "<arg_key>" in body:
        values = zip(
            _between(body, "<arg_key>", "</arg_key>"), _between(body, "<arg_value>", "</arg_value>"), strict=False
        )
        return [checked(body.split("<", 1)[0], {key.strip(): _value(text.strip()) for key, text in values})]
    if opening == "begin" and (found := _SEPARATED.fullmatch(body)):
        return [checked(found[1], unfenced(found[2]))]
    named = [found for part in body.split("[TOOL_CALLS]") if (found := _NAMED.fullmatch(part))]
    if named:
        return [checked(found[1], found[2]) for found in named]
    body = unfenced(body)
    return _listed(body) or python(body) or [Call("", {}, "the tool call was not valid JSON")]


def _tagged(name: str, body: str) -> Call:
    """Read a call whose name stood in its tag, with parameters in tags of their own or as JSON."""
    name = name.removeprefix("functions.")
    parameters: dict[str, object] = {}
    for text in _between(body, "<parameter", "</parameter>"):
        if found := _PARAMETER.match(text):
            parameters[found[1]] = _value(text[found.end() :].strip())
    return checked(name, parameters or body)


def _between(body: str, opening: str, closing: str) -> list[str]:
    """List what stands between marks that come one after the other."""
    found: list[str] = []
    at = body.find(opening)
    while at >= 0:
        end = body.find(closing, at)
        if end < 0:
            break
        found.append(body[at + len(opening) : end])
        at = body.find(opening, end)
    return found


def _listed(body: str) -> list[Call]:
    """Read calls as JSON objects, in a list or one after the other; nothing when it is no JSON."""
    calls: list[Call] = []
    rest = body.strip().rstrip(";").strip()
    if not rest:
        return [Call("", {}, "the tool call was empty")]
    decoder = json.JSONDecoder(parse_constant=refuse)
    while rest:
        try:
            value, end = decoder.raw_decode(rest)
        except (ValueError, RecursionError):
            mended = mend(rest)
            if mended is None:
                return [*calls, Call("", {}, "the tool call was not valid JSON")] if calls else []
            value, end = mended, len(rest)
        calls += [call for one in (value if isinstance(value, list) else [value]) for call in _objects(one)]
        rest = rest[end:].lstrip(" \t\r\n;,")
    return calls or [Call("", {}, "the tool call was empty")]


def _objects(value: object) -> list[Call]:
    if isinstance(value, dict):
        inner = value.get("tool_calls", value.get("function_call", value.get("tool_call")))
        if isinstance(inner, list | dict):
            return [_object(one) for one in (inner if isinstance(inner, list) else [inner])]
    return [_object(value)]


def _object(value: object) -> Call:
    if isinstance(value, dict):
        if isinstance(inner := value.get("function"), dict):
            value = inner
        name = next((value[key] for key in _NAMES if isinstance(value.get(key), str)), "")
        if name:
            return checked(name, next((value[key] for key in _ARGUMENTS if key in value), {}))
    return Call("", {}, "the tool call names no tool")


_NAMES: Final = ("name", "tool_name", "function", "tool", "action")
_ARGUMENTS: Final = ("arguments", "parameters", "args", "input", "tool_input", "action_input")


def checked(name: str, arguments: object) -> Call:
    """Make a call of the tool `name`, with a fault when its arguments are no object of plain values."""
    name = name.strip().removeprefix("functions.")
    shown = name[:SHOWN]
    if isinstance(arguments, str):
        if len(arguments) > LONGEST:
            return Call(name, {}, f"the arguments of {shown} are too long")
        text = arguments.strip()
        arguments = mend(text) if text else {}
        if isinstance(arguments, str):  # encoded twice
            arguments = mend(arguments)
        if arguments is None:
            return Call(name, {}, f"the arguments of {shown} are not valid JSON: {_quoted(text)}")
    if arguments is None:
        arguments = {}
    if not isinstance(arguments, dict):
        return Call(name, {}, f"the arguments of {shown} are not a JSON object")
    if fault := _unfit(arguments):
        return Call(name, {}, f"the arguments of {shown} {fault}")
    return Call(name, arguments)


def _quoted(text: str) -> str:
    return text if len(text) <= 80 else f"{text[:80]}..."


def distinct(calls: Sequence[Call]) -> list[Call]:
    """Keep each call once, and no more than an answer may have."""
    found: dict[tuple[str, str], Call] = {}
    for call in calls:
        key = (call.name, call.fault or json.dumps(call.arguments, sort_keys=True))
        found.setdefault(key, call if call.name or call.fault else Call("", {}, "the tool call names no tool"))
    return list(found.values())[:CALLS]


def _unfit(arguments: Mapping[str, object]) -> str:
    """Say what of these arguments no client could be told, "" if all is well."""
    waiting: list[tuple[object, int]] = [(arguments, 0)]
    seen = 0
    while waiting:
        value, depth = waiting.pop()
        seen += 1
        if seen > NODES:
            return "hold too many values"
        if depth > DEPTH:
            return "are nested too deeply"
        match value:
            case None | bool():
                pass
            case str():
                if any("\ud800" <= character <= "\udfff" for character in value):
                    return "hold a broken character"
            case int() if abs(value) > SAFE:
                return "hold a number that is too large"
            case float() if not isfinite(value):
                return "hold a number that is not finite"
            case int() | float():
                pass
            case list() | tuple():
                waiting += [(one, depth + 1) for one in value]
            case dict():
                for key, one in value.items():
                    if not isinstance(key, str):
                        return "are not a JSON object"
                    waiting += [(key, depth + 1), (one, depth + 1)]
            case _:
                return "hold what is not JSON"
    return ""


def python(text: str) -> list[Call]:
    """Read calls as Python writes them, `set_lamp(colour="blue")`, alone or in a list; nothing for anything else."""
    text = text.strip().removeprefix("print(").rstrip()
    if not re.match(r"\[?\s*[A-Za-z_][\w.]*\s*\(", text) or len(text) > LONGEST:
        return []
    for candidate in (text, text.removesuffix(")")):
        try:
            found = tree(candidate)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
        nodes = found.elts if isinstance(found, ast.List) else [found]
        calls = [_python(node) for node in nodes if isinstance(node, ast.Call)]
        if calls and len(calls) == len(nodes) and all(calls):
            return [call for call in calls if call]
    return []


def _python(node: ast.Call) -> Call | None:
    name = ast.unparse(node.func).removesuffix(".call")
    if node.args or not re.fullmatch(r"[\w.]+", name):
        return None
    try:
        arguments = {word.arg: ast.literal_eval(word.value) for word in node.keywords if word.arg}
    except (ValueError, SyntaxError, TypeError, RecursionError, MemoryError):
        return None
    return checked(name, arguments)


def _value(text: str) -> object:
    try:
        return json.loads(text, parse_constant=refuse)
    except (ValueError, RecursionError):
        return text
