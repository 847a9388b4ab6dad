"""Ordinary talk from this repository: nobody may be stopped, answered by the filter, or told to be gentle for it."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[3]
TALK = ("tests/bridge", "tests/engines/dialogue", "tests/talk", "tests/engines/identity")  # where tests converse
NOT_TALK = ("gate", "guard", "redaction", "blocks", "review", "show")
PLANTED = ("previous instructions", "I am a human being")  # what tests say on purpose because it must not be said


def texts(value: Any) -> Iterator[str]:
    """Yield every text in a JSON value."""
    match value:
        case str():
            yield value
        case dict():
            for each in value.values():
                yield from texts(each)
        case list():
            for each in value:
                yield from texts(each)


def sentences(text: str) -> Iterator[str]:
    """Yield the sentences of a text as phrases are."""
    for part in re.split(r"(?<=[.!?…])\s+|(?<=[。！？])|\n", text):
        attack = any(words in part for words in PLANTED)
        if 12 <= len(part.strip()) <= 240 and re.search(r"[^\W\d_]{2}", part) and not attack:
            yield part.strip()


@cache
def identities() -> tuple[tuple[str, str], ...]:
    """Return the sentences of every shipped identity, with the language of each."""
    found: dict[tuple[str, str], None] = {}
    for path in sorted(ROOT.glob("identities/*/**/*.json")):
        code = re.search(r"[./_-]([a-z]{2})\.json$|/([a-z]{2})/", str(path.relative_to(ROOT)))
        language = next((each for each in code.groups() if each), "en") if code else "en"
        for text in texts(json.loads(path.read_bytes())):
            found |= dict.fromkeys((language, sentence) for sentence in sentences(text))
    return tuple(found)


@cache
def conversations() -> tuple[tuple[str, str], ...]:
    """Return the sentences in the tests that converse."""
    found: dict[tuple[str, str], None] = {}
    for folder in TALK:
        for path in sorted(ROOT.glob(f"{folder}/**/*.py")):
            if any(word in path.stem for word in NOT_TALK):
                continue
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value:
                    found |= dict.fromkeys(("en", sentence) for sentence in sentences(node.value))
    return tuple(found)


@cache
def pages() -> tuple[tuple[str, str], ...]:
    """Return the sentences of the documents, those about this filter aside."""
    found: dict[tuple[str, str], None] = {}
    for path in sorted([*ROOT.glob("docs/**/*.md"), ROOT / "README.md"]):
        if path.stem != "SAFETY":
            plain = re.sub(r"```.*?```|`[^`]*`|\|.*|[#*>\[\]]", " ", path.read_text("utf-8"), flags=re.DOTALL)
            joined = re.sub(r"(?<=\w)\n(?=\w)", " ", plain)
            found |= dict.fromkeys(("en", sentence) for sentence in sentences(joined))
    return tuple(found)
