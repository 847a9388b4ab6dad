"""Decides whom somebody in a room speaks to: by name, by look, or by a rule. Pure.

In this order: whom the client names; whom the words name, where a name that is called ("Mira, ...") goes before one
that is spoken of; nobody, when the words call another person; whom the speaker looks at; whom they were just talking
with; and else what the room's rule says.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, Literal, TypeAlias, assert_never

from bridge.core.rooms.names import folded, places

Otherwise: TypeAlias = Literal["first", "nobody", "auto"]

FOLLOWS: Final = 12.0  # seconds after a companion's words in which who was answered still talks with it
# Words that call everybody, each as it is `folded`; whole words, or anywhere in a script without spaces.
EVERYBODY: Final = (
    "everybody", "everyone", "all of you", "both of you", "you two", "you all", "alle zusammen", "ihr beide",
    "ihr alle", "tout le monde", "vous deux", "vous tous", "ustedes dos", "todos ustedes", "vosotros dos", "tutti",
    "voi due", "вы оба", "все вы", "ребята", "大家", "你们", "你們", "みんな", "みなさん", "皆さん", "여러분", "너희",
    "आप दोनों", "आप सब",
)  # fmt: skip
_PAUSE: Final = re.compile(r"\s*[,，、:：!！?？.。;；…—–-]")
_JOINS: Final = re.compile(r"\s*(?:,|，|、|and|und|y|et|e|и|と|和|跟|および|और|&)\s*")
_STOPS: Final = ".!?。！？…\n"
_HAIL: Final = frozenset((
    "hey", "hi", "hello", "ok", "okay", "so", "and", "well", "oh", "dear", "please", "thanks", "hallo", "hej", "ola",
    "hola", "salut", "bonjour", "ciao", "und", "also", "liebe", "lieber", "привет", "эй", "скажи", "नमस्ते", "ねえ",
    "那", "嗨", "喂",
))  # fmt: skip
SPOKEN_OF, AT_FRONT, CALLED = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Called:
    """A companion by its `id` on the wire, and the names by which people may call it."""

    id: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What is known beside the words.

    `explicit` is whom the client names and `looks` whom the speaker looks at, both ids or ""; `last` is the companion
    that answered this person last and `ago` how many seconds ago that ended. `people` are the names of the others.
    """

    explicit: str = ""
    looks: str = ""
    last: str = ""
    ago: float = float("inf")
    people: tuple[str, ...] = ()
    otherwise: Otherwise = "auto"


ALONE: Final = Circumstances()


@dataclass(slots=True)
class _Place:
    """A name in the words: whose, where, and how much it looks like a call."""

    who: str
    begin: int
    end: int
    strength: int


def addressed(text: str, companions: Sequence[Called], known: Circumstances = ALONE) -> tuple[str, ...]:
    """Return the ids of the companions that are to answer `text`, in the order in which they are to."""
    ids = [each.id for each in companions]
    if known.explicit in ids:
        return (known.explicit,)
    words = folded(text)
    found = _found(words, [*((each.id, each.names) for each in companions), *(("", (n,)) for n in known.people)])
    most = max((place.strength for place in found), default=SPOKEN_OF)
    if most > SPOKEN_OF:
        # Calling a person only, the words are no companion's business.
        return tuple(dict.fromkeys(place.who for place in found if place.strength == most and place.who))
    if any(places(call, words) for call in EVERYBODY):
        return tuple(ids)
    if known.looks in ids:
        return (known.looks,)
    named = {place.who for place in found if place.who}
    if len(named) == 1:
        return tuple(named)
    if known.last in ids and known.ago <= FOLLOWS:
        return (known.last,)
    match known.otherwise:
        case "first":
            return tuple(ids[:1])
        case "nobody":
            return ()
        case "auto":
            # Who is alone with companions talks to them; what people say among themselves is not for a companion.
            return () if known.people else ((known.last,) if known.last in ids else tuple(ids[:1]))
        case _:
            assert_never(known.otherwise)


def _found(words: str, everybody: Sequence[tuple[str, tuple[str, ...]]]) -> list[_Place]:
    """Return every place of a name in `words`, in their order; names that are listed together are called together."""
    found = [
        _Place(who, begin, end, _strength(words, begin, end))
        for who, names in everybody
        for name in names
        for begin, end in places(folded(name), words)
    ]
    found.sort(key=lambda place: (place.begin, -place.end))
    for _ in range(2):
        for one, other in pairwise(found):
            if _JOINS.fullmatch(words, one.end, max(one.end, other.begin)) and other.begin >= one.end:
                one.strength = other.strength = max(one.strength, other.strength)
    return found


def _strength(words: str, begin: int, end: int) -> int:
    """Tell how much a name looks like a call: set off by a pause, at the front of a sentence, or neither."""
    before, after = words[:begin].rstrip(), words[end:]
    front = not before or before[-1] in _STOPS or before.split()[-1].strip(",，") in _HAIL
    set_off = bool(before) and before[-1] in ",，、"
    stops = not after.strip() or bool(_PAUSE.match(after))
    if stops and (front or set_off):
        return CALLED
    return AT_FRONT if front else SPOKEN_OF
