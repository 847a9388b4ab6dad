"""Who speaks a line: a model that writes a play drops out of its part. Pure.

The companion's own name before its words is left out; where the user's line would begin, the answer is over.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

OWN: Final = ("Assistant", "AI", "Companion", "{{char}}")  # whatever the companion is called
OTHERS: Final = ("User", "Human", "{{user}}")

BLANK: Final = 64  # characters of white space that may wait for what follows

_TAGS: Final = re.compile(r"(?:\[[a-z:_ -]{1,40}\][ \t]{0,2}){0,3}", re.IGNORECASE)
_TAG_BEGUN: Final = re.compile(r"\[[a-z:_ -]{0,40}", re.IGNORECASE)
_LEAD: Final = re.compile(r"[ \t*_>#\[]{0,6}")
_TAIL: Final = re.compile(r"[*_ \]]{0,3}(?:\([^()\n]{0,40}\)[*_ ]{0,3})?[:：](?!/)")
_TAIL_BEGUN: Final = re.compile(r"[*_ \]]{0,3}(?:\([^()\n]{0,40}(?:\)[*_ ]{0,3})?)?")
_AFTER: Final = re.compile(r"[ \t*_]{0,4}")


class Lines:
    """Pass the companion's own words on; where the text is cut changes nothing.

    `own` are the companion's names, `others` those of whoever it talks with; what stands in both is its own.
    """

    def __init__(self, own: Iterable[str] = (), others: Iterable[str] = ()) -> None:
        mine = {name.strip().casefold(): True for name in (*own, *OWN) if name.strip()}
        theirs = {name.strip().casefold(): False for name in (*others, *OTHERS) if name.strip()}
        self._names = sorted((theirs | mine).items(), key=lambda name: -len(name[0]))
        self.over = False  # somebody else's line began
        self._held = ""
        self._begins = True  # nothing of this line was passed on
        self._said = False
        self._skipping = False  # somebody else's line, before the companion said a word

    def push(self, text: str, *, final: bool = False) -> str:
        """Return what of the text is the companion's, and certain by now; `final` when nothing follows."""
        text, self._held = self._held + text, ""
        out: list[str] = []
        at = 0
        while at < len(text) and not self.over:
            if self._skipping:
                at = text.find("\n", at)
                self._skipping = at < 0
                if at < 0:
                    break
            if self._begins:
                begin = at
                while at < len(text) and text[at].isspace():
                    at += 1
                words = at
                named = self._speaker(text, at, final=final)
                if named == (None, at) and (tags := _TAGS.match(text, at)) and tags.end() > at:
                    words = tags.end()
                    named = self._speaker(text, words, final=final)
                if named is None:
                    if self._said and at - begin > BLANK:
                        out.append(text[begin:at])
                        begin = at
                    self._held = text[begin if self._said else at :]
                    break
                side, end = named
                if side is False and self._said:
                    self.over = True
                    break
                if side is False:
                    self._skipping, at = True, end
                    continue
                # Tags for face and gesture may stand before a name; they stay.
                out.append(text[begin if self._said else at : words])
                at = end
                self._begins = side is True  # a name may follow a name
                continue
            end = text.find("\n", at)
            end = len(text) if end < 0 else end
            # The line break waits for what follows it.
            out.append(text[at:end])
            self._said = self._said or any(character.isalnum() for character in text[at:end])
            at, self._begins = end, end < len(text)
        return "".join(out)

    def _speaker(self, text: str, at: int, *, final: bool) -> tuple[bool | None, int] | None:
        """Find whose line begins at `at` (None: nobody is named) and where its words begin; None while it is open."""
        lead = _LEAD.match(text, at)
        begin = lead.end() if lead else at
        rest = text[begin : begin + 160]
        if not rest or (not final and _TAG_BEGUN.fullmatch(text, at)):
            return (None, at) if final else None
        for name, own in self._names:
            head = rest[: len(name)].casefold()
            if len(rest) < len(name):
                if not final and name.startswith(head):
                    return None
            elif head == name:
                tail = rest[len(name) :]
                if found := _TAIL.match(tail):
                    after = _AFTER.match(text, begin + len(name) + found.end())
                    end = after.end() if after else len(text)
                    # An address may follow, or more of what goes with the name.
                    return (own, end) if final or end < len(text) else None
                if not final and _TAIL_BEGUN.fullmatch(tail):
                    return None
        return None, at
