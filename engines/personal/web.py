"""Finds what names somebody on the network: mail addresses, addresses of pages, and handles of chats."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from engines.personal.kinds import Found

_EMAIL: Final = re.compile(
    r"(?<![A-Za-z0-9._+-])[A-Za-z0-9._%+-]{1,64}(?:@| ?\[at\] ?| ?\(at\) ?)[A-Za-z0-9-]{1,63}"
    r"(?:(?:\.| ?\[dot\] ?| ?\(dot\) ?)[A-Za-z0-9-]{1,63}){0,4}(?:\.| ?\[dot\] ?| ?\(dot\) ?)[A-Za-z]{2,24}(?![A-Za-z0-9-])",
)
_URL: Final = re.compile(
    r"(?:https?://|www\.)[^\s<>\"'，。；！？、（）()\[\]{}]{3,500}"
    r"|(?<![A-Za-z0-9@./_-])(?:[a-z0-9-]{1,63}\.){1,4}(?:com|org|net|edu|gov|io|dev|cn|uk|de|fr|eu|me|info|app)"
    r"/[^\s<>\"'，。；！？、（）()\[\]{}]{1,500}",
    re.IGNORECASE,
)
_HANDLE: Final = re.compile(
    r"(?<![A-Za-z0-9_@./])@[A-Za-z_][A-Za-z0-9_.]{2,31}(?![A-Za-z0-9_@])|(?<![A-Za-z0-9_#])[A-Za-z][A-Za-z0-9_.]{1,31}#\d{4}(?!\d)"
)
_SAID: Final = re.compile(
    r"(?:\b(?:discord|telegram|instagram|twitter|skype|wechat|username|user name|handle)\b(?: (?:is|id|name|handle))*[:\s]{1,3}|\b(?:follow|find|add|message|write|dm) me,? (?:i am|i'm|at|as|on \w+,? (?:i am|as)) "
    r"|(?:微信号?|QQ号?|用户名|账号)(?:是|为|：|:)?\s*)(?P<name>[A-Za-z0-9_][\w.-]{3,31})",
    re.IGNORECASE,
)
_WORDS: Final = frozenset(
    "and are but for from has have here account name page group channel the that this was what when with".split()
)


def emails(text: str, region: str) -> Iterator[Found]:
    """Find mail addresses, also as people hide them from machines."""
    for match in _EMAIL.finditer(text):
        yield Found(*match.span(), "email")


def urls(text: str, region: str) -> Iterator[Found]:
    """Find addresses of pages; the full stop of a sentence is not of one."""
    for match in _URL.finditer(text):
        yield Found(match.start(), match.start() + len(match[0].rstrip(".,;:!?")), "url")


def handles(text: str, region: str) -> Iterator[Found]:
    """Find names in chats: with their sign, or after the name of the place."""
    for match in _HANDLE.finditer(text):
        yield Found(match.start(), match.start() + len(match[0].rstrip(".")), "handle")
    for match in _SAID.finditer(text):
        name = match["name"].rstrip(".-")
        if name.lower() not in _WORDS and (re.search(r"[\d_.]", name) or not name.islower() or match[0].count(":")):
            yield Found(match.start("name"), match.start("name") + len(name), "handle")
