"""Names and addresses with signs in them: `C#`, `Node.js`, `and/or`, `https://`."""

from __future__ import annotations

import re

from engines.voices.reading.amounts import Rule
from engines.voices.reading.said import Said


def sharp(match: re.Match[str], said: Said) -> str:
    """`C#`, `F#`."""
    return f"{match['letter']} {said['sharp']}"


def plus_plus(match: re.Match[str], said: Said) -> str:
    """`C++`, `Notepad++`."""
    word = said["plus"] if said.spaced else "plus" if said.language == "zh" else "プラス"
    return f"{match['name']} {word} {word}"


def dotted(match: re.Match[str], said: Said) -> str:
    """`Node.js`, `.NET`, `config.json`: as one says them, with a dot."""
    dot = {"de": "Punkt", "fr": "point", "es": "punto", "zh": "点", "ja": "ドット"}.get(said.language, "dot")
    ending = match["ending"]
    ending = {"js": "JS", "ts": "TS", "py": "PY", "net": "net"}.get(ending.lower(), ending)
    return f"{match['name']} {dot} {ending}".strip()


def address(match: re.Match[str], said: Said) -> str:
    """`https://www.example.com/`: without what nobody says."""
    return match["rest"].rstrip("/")


def either(match: re.Match[str], said: Said) -> str:
    """`he/she`, `and/or`, `TCP/IP`."""
    first, second = match["first"], match["second"]
    plain = first.islower() and second.islower() and first not in ("and", "und", "et", "y")
    return f"{first} {said['or']} {second}" if plain and said["or"] else f"{first} {second}"


def around_the_clock(match: re.Match[str], said: Said) -> str:
    """`24/7`, `9/11`: two numbers, and no fraction."""
    return f"{match['first']} {match['second']}"


def ampersand(match: re.Match[str], said: Said) -> str | None:
    """`&` in languages that espeak-ng has no word for it in."""
    word = {"de": "und", "fr": "et", "es": "y", "zh": "和", "ja": "と"}.get(said.language)
    return f"{match['before']} {word} " if word else None


def rules(said: Said) -> list[Rule]:
    """Return the rules of a language, those that take most first."""
    return [
        (r"https?://(?:www\.)?(?P<rest>[^\s]+)", address),
        (r"\b(?P<letter>[A-GJQ])#(?![\w#])", sharp),
        (r"\b(?P<name>C|G|J|Notepad|Dev-C)\+\+(?!\w)", plus_plus),
        (
            r"(?<![\w/.@-])(?P<name>[A-Za-z][\w-]*|)\.(?P<ending>js|ts|py|NET|json|txt|html|css|md|yml|yaml|toml|exe|pdf|zip|csv|xml|cpp|cs|rs)\b(?![/@])",
            dotted,
        ),
        (r"(?<![\w/.])(?P<first>24|9|50)/(?P<second>7|11|50)(?![\w/]|[.,]\d)", around_the_clock),
        (r"(?<![\w/.:\\~-])(?P<first>[^\W\d_]{2,})/(?P<second>[^\W\d_]{2,})(?![\w/]|\.\w)", either),
        (r"(?P<before>\w)\s?&\s?(?=\w)", ampersand),
    ]
