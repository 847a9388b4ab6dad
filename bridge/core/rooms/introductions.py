"""Learns the names of those who share a microphone, from what they say of themselves. Pure.

A voice is given a name once, by words that say nothing else ("my name is Ben", "I am Ben"), and keeps it. "Ich bin" and
"je suis" are followed by professions more often than by names, so they introduce nobody.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from bridge.core.rooms.names import own_name, tidy

MOST: Final = 32  # voices at one microphone
LONGEST: Final = 24  # characters of a name that is taken from words

_ENDS: Final = r"(?=\s*(?:$|[.,!?;:。，！？]|from\b|and\b|speaking\b|here\b|aus\b|und\b|de\b|y\b|et\b))"
_NAME: Final = r"(?P<name>[^\W\d_][\w'’-]*(?: (?!From\b|And\b)[A-ZÄÖÜÀ-Ý][\w'’-]*)?)"
_SAID: Final = (
    re.compile(
        r"\b(?i:my name is|my name['’]s|this is(?= \S+ speaking)|mein name ist|ich hei(?:ß|ss)e|me llamo|"
        rf"mi nombre es|je m['’]appelle|mon nom est)\s+{_NAME}{_ENDS}",
    ),
    # These are followed by anything: only what is written as a name counts, and is no word of the next table.
    re.compile(rf"\b(?i:i am|i['’]m|call me)\s+(?=[A-ZÄÖÜÀ-Ý]){_NAME}{_ENDS}"),
    re.compile(r"(?:我叫|我的名字(?:是|叫))(?P<name>[\u4e00-\u9fff]{1,4})(?=$|[。，！？,.!?\s])"),
)
_NO_NAMES: Final = frozenset((
    "american", "arab", "asian", "australian", "austrian", "belgian", "brazilian", "british", "buddhist",
    "canadian", "catholic", "chinese", "danish", "dutch", "english", "european", "fine", "french", "german",
    "greek", "hindu", "hungarian", "indian", "irish", "italian", "japanese", "jewish", "korean", "mexican",
    "muslim", "ok", "okay", "norwegian", "not", "polish", "portuguese", "protestant", "ready", "russian",
    "scottish", "sorry", "spanish", "sure", "swedish", "swiss", "tired", "turkish", "ukrainian", "welsh",
))  # fmt: skip


@dataclass(frozen=True, slots=True)
class Introduced:
    """What came of words: what the voice is called, "" for nothing yet, and why it could not be called as it asked."""

    name: str
    refused: str = ""
    fresh: bool = False  # it got its name by these words


class Introductions:
    """The names of the voices at one microphone."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names that voices have."""
        return tuple(name for name in self._names.values() if name)

    def heard(self, voice: str, text: str, taken: Collection[str]) -> Introduced:
        """Take what `voice` ("" for one that was not told) has said; names that are `taken` are others'."""
        asked = introduced(text)
        if not voice:
            # Without any voice so far there is nothing that tells them apart, and nothing to say about it.
            lost = "it could not be told whose voice said that: say it again in a longer sentence, alone"
            return Introduced("", lost if asked and self._names else "")
        name = self._names.get(voice, "")
        if voice not in self._names:
            if len(self._names) >= MOST:
                return Introduced("")
            self._names[voice] = ""
        if not asked or asked == name:
            return Introduced(name)
        if name:
            return Introduced(name, f"this voice is called {name} already, so it is not called {asked}")
        if own_name(asked, (*taken, *self.names)) != asked:
            return Introduced("", f"somebody here is called {asked} already: take another name for this voice")
        self._names[voice] = asked
        return Introduced(asked, fresh=True)


def introduced(text: str) -> str:
    """Return the name that the speaker gives themselves in `text`, "" for none."""
    for pattern in _SAID:
        if found := pattern.search(text):
            name = tidy(found["name"])
            if name and len(name) <= LONGEST and name.casefold() not in _NO_NAMES:
                return name if name != name.lower() else name.title()
    return ""
