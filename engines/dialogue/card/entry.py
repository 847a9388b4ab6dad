"""A piece of knowledge as the engine says it. It knows its own words, no other piece."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from engines.dialogue.card.language import Language
from engines.words.grams import grams
from engines.words.text import plain, sentences

KEY_TIMES: Final = 4  # a word of a key counts like this many in the content

_PROSE: Final = re.compile(r"[^\W_].*[.!?…。！？।॥؟۔．｡][\"”’')\]»」』）]*", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Entry:
    """A title to speak of it, key phrases that call it, and its sentences, with their stems.

    `keys` are the stems of each key phrase, `joined` the phrases run together, `counts` how often each stem occurs,
    `words` all words as they are written; an entry that is not `offered` is not named among the topics.
    """

    title: str
    keys: tuple[tuple[str, ...], ...]
    joined: tuple[str, ...]
    sentences: tuple[str, ...]
    stems: tuple[frozenset[str], ...]
    key_stems: frozenset[str]
    counts: Mapping[str, int]
    words: frozenset[str]
    offered: bool = True


def make_entry(title: str, keys: Sequence[str], content: str, language: Language, *, offered: bool) -> Entry | None:
    """Return an entry from a card's text; None when it holds no sentence that can be spoken."""
    spoken = tuple(line for line in sentences(content) if _PROSE.fullmatch(plain(line)))
    if not spoken:
        return None
    phrases = tuple(dict.fromkeys(tuple(language.terms(plain(key))) for key in (*keys, title)))
    key_stems = frozenset(stem for phrase in phrases for stem in phrase)
    lines = [language.terms(plain(line), singles=True) for line in spoken]
    counts = Counter(stem for stems in lines for stem in stems)
    for stem in key_stems:
        counts[stem] += KEY_TIMES
    return Entry(
        title=title,
        keys=tuple(phrase for phrase in phrases if phrase),
        joined=tuple("".join(w for w in language.tokens(key) if w not in language.stop) for key in (*keys, title)),
        sentences=spoken,
        stems=tuple(frozenset(stems) for stems in lines),
        key_stems=key_stems,
        counts=counts,
        words=frozenset(
            word for text in (title, *keys, *spoken) for word in grams(language.tokens(plain(text)), (), singles=True)
        ),
        offered=offered,
    )
