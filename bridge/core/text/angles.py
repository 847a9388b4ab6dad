"""HTML: its elements, comments and entities, and addresses in angle brackets. Other angles are read."""

from __future__ import annotations

import html
import re
from html.entities import html5
from typing import Final

from bridge.core.text.html_names import BLOCK, DROPPED, NAMES
from bridge.core.text.reading import Next, Reading

# Characters that an angle bracket may wait for its partner.
LONGEST: Final = 1000
COMMENT: Final = 2000

_NAME: Final = r"[A-Za-z_:@][\w:.-]*"
_ATTRIBUTE: Final = (
    rf"(?:\s+(?:{_NAME}\s*=\s*(?:\"[^\"]*\"|'[^']*'|[^\s\"'<>=`]+)"
    r"|disabled|checked|open|hidden|controls|selected|autoplay|loop|muted|async|defer|reversed))"
)
_TAG: Final = re.compile(rf"<(/?)([A-Za-z][A-Za-z0-9-]*)({_ATTRIBUTE}*)\s*(/?)>")
_TAG_BEGUN: Final = re.compile(
    rf"</?(?:([A-Za-z][A-Za-z0-9-]*)(?:{_ATTRIBUTE}*(?:\s+{_NAME}(?:\s*=\s*(?:\"[^\"]*|'[^']*|[^\s\"'<>=`]*)?)?)?\s*/?)?)?\Z"
)
_DECLARATION: Final = re.compile(r"<[!?][A-Za-z][^<>]*>")
_DECLARATION_BEGUN: Final = re.compile(r"<[!?](?:[A-Za-z][^<>]*)?\Z")
_AUTOLINK: Final = re.compile(r"<([A-Za-z][A-Za-z0-9+.-]{1,31}:[^\s<>]*|[\w.!#$%&'*+/=?^`{|}~-]+@[\w.-]+)>")
_AUTOLINK_BEGUN: Final = re.compile(
    r"<(?:[A-Za-z][A-Za-z0-9+.-]{0,31}(?::[^\s<>]*)?|[\w.!#$%&'*+/=?^`{|}~-]+(?:@[\w.-]*)?)\Z"
)
_ALT: Final = re.compile(r"""\balt\s*=\s*(?:"([^"]*)"|'([^']*)')""", re.IGNORECASE)
_ENTITY: Final = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_ENTITY_BEGUN: Final = re.compile(r"&(?:#?[0-9A-Za-z]{0,32})?")


def angle(reading: Reading, text: str, at: int) -> Next:
    """A tag of HTML, a comment, an address in angle brackets, or less than."""
    rest = text[at : at + LONGEST]
    if rest.startswith("<!--"):
        end = text.find("-->", at + 4, at + COMMENT)
        if end >= 0:
            return end + 3
        return _less(reading, at) if reading.final or len(text) >= at + COMMENT else None
    if found := _TAG.match(rest):
        return _element(reading, found, at) if found[2].lower() in NAMES else _less(reading, at)
    if found := _DECLARATION.match(rest):
        return at + found.end()
    if found := _AUTOLINK.match(rest):
        reading.flow.say(found[1].removeprefix("mailto:"))
        return at + found.end()
    if reading.final or len(rest) == LONGEST:
        return _less(reading, at)
    begun = _TAG_BEGUN.match(rest)
    known = begun and (begun[1] is None or len(rest.lstrip("</")) == len(begun[1]) or begun[1].lower() in NAMES)
    if known or "<!--".startswith(rest) or _DECLARATION_BEGUN.match(rest) or _AUTOLINK_BEGUN.match(rest):
        return None
    return _less(reading, at)


def _less(reading: Reading, at: int) -> int:
    reading.flow.say("<")
    return at + 1


def _element(reading: Reading, found: re.Match[str], at: int) -> int:
    closing, name = bool(found[1]), found[2].lower()
    if name in DROPPED and not closing and not found[4]:
        reading.dropping = f"</{name}"
    elif name == "pre" and not closing:
        reading.announce()
        reading.dropping = f"</{name}"
    elif name in BLOCK:
        if not reading.flow.breaks:
            reading.flow.end_line()
    elif name in ("td", "th") and closing:
        reading.flow.space()
    elif name == "img" and (alt := _ALT.search(found[3])):
        reading.flow.words(html.unescape(alt[1] or alt[2] or ""))
    return at + found.end()


def drop(reading: Reading, text: str, at: int) -> Next:
    """Leave out what is no words."""
    found = re.compile(re.escape(reading.dropping), re.IGNORECASE).search(text, at)
    if found is None:
        # The last of it may be the beginning of what ends it.
        kept = 0 if reading.final else len(reading.dropping) - 1
        return max(at, len(text) - kept) if len(text) - kept > at else None
    close = text.find(">", found.end()) if reading.dropping.startswith("<") else found.end() - 1
    if close < 0:
        return len(text) if reading.final else None
    reading.dropping = ""
    return close + 1


def entity(reading: Reading, text: str, at: int) -> Next:
    if found := _ENTITY.match(text, at):
        if found[0][1] != "#" and found[0][1:] not in html5:
            reading.flow.say("&")
            return at + 1
        meant = html.unescape(found[0])
        reading.flow.words("".join(c if c.isprintable() or c.isspace() else "" for c in meant.replace("\u00a0", " ")))
        return found.end()
    begun = _ENTITY_BEGUN.match(text, at)
    if begun is not None and begun.end() == len(text) and len(begun[0]) < 34 and not reading.final:
        return None
    reading.flow.say("&")
    return at + 1
