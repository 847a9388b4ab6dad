"""JSON that models write almost right: what was meant, where that can be known. Pure."""

from __future__ import annotations

import ast
import json
import re
import warnings
from typing import Any, Final, NoReturn

_FENCE: Final = re.compile(r"```\w{0,20}\s")
_BARE: Final = re.compile(r"([{,]\s*)([A-Za-z_]\w*)(\s*:)")
_TRAILING: Final = re.compile(r",(\s*[}\]])")


def mend(text: str) -> Any:
    """Read a value from what is almost JSON, None when it cannot be known what was meant.

    Mended are commas before an end, single quotes, bare keys, Python's constants, and brackets that are not closed.
    A text that breaks off is not: half a value may mean something else.
    """
    text = unfenced(text)
    for candidate in (text, _TRAILING.sub(r"\1", text), _closed(text)):
        try:
            return json.loads(candidate, parse_constant=refuse)
        except (ValueError, RecursionError):
            continue
    if not text.startswith(("{", "[")):
        return None
    for candidate in (_closed(text), _closed(_BARE.sub(r'\1"\2"\3', text))):
        try:
            named = re.sub(r"(?<![\w\"'])(true|false|null)(?![\w\"'])", lambda word: _PYTHON[word[1]], candidate)
            return ast.literal_eval(tree(named))
        except (ValueError, SyntaxError, RecursionError, MemoryError, TypeError):
            continue
    return None


def tree(text: str) -> ast.expr:
    """Parse a Python expression without a word about its escapes."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(text, mode="eval").body


_PYTHON: Final = {"true": "True", "false": "False", "null": "None"}


def _closed(text: str) -> str:
    """Close the brackets that a text leaves open; unchanged when it ends inside a string or after a comma."""
    open_: list[str] = []
    quote = ""
    skip = False
    for character in text:
        if skip:
            skip = False
        elif quote:
            if character == "\\":
                skip = True
            elif character == quote:
                quote = ""
        elif character in "\"'":
            quote = character
        elif character in "{[":
            open_.append("}" if character == "{" else "]")
        elif character in "}]" and (not open_ or open_.pop() != character):
            return text
    if quote or not open_ or not text.rstrip().endswith(('"', "'", "}", "]")):
        return text  # a number or a word may go on
    return text + "".join(reversed(open_))


def unfenced(text: str) -> str:
    """Take the fence around a text away, if there is one."""
    text = text.strip()
    if found := _FENCE.match(text):
        return text[found.end() :].removesuffix("```").strip()
    return text


def refuse(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")
