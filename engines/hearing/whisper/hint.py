"""What Whisper is told before it listens: who talks, and about what, so that names are written as they are.

A Whisper model continues the text that it is prompted with. A list makes it write lists (no capitals, no full stops);
a sentence with the names and topics in it makes it write sentences with those names. `bench.words` measures what it is
worth, clean and in noise.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

TOPICS: Final = 40  # more of them push the sentence, and with it its style, out of what the model heeds
WORDS: Final = 3  # a longer topic is a phrase that people put in their own words
CHARS: Final = 400  # of the whole hint; well within half of the model's text window


def hint(names: Sequence[str], topics: Sequence[str], language: str) -> str:
    """Write the hint, "" when there is nothing to tell.

    `names` are people, the companion first; `topics` what may be talked about, the likeliest first; `language` is a
    code of Whisper's. What holds no letters, or is all said by then, is left out.
    """
    people = _distinct(names)
    known = {word for name in people for word in name.lower().split()}
    chosen: list[str] = []
    size = sum(map(len, people))
    for topic in _distinct(topics):
        words = topic.lower().split()
        if len(words) > WORDS or known.issuperset(words):
            continue
        if len(chosen) == TOPICS or size + len(topic) > CHARS:
            break
        known.update(words)
        chosen.append(topic)
        size += len(topic) + 2
    if not people and not chosen:
        return ""
    if language != "en":
        return " ".join(f"{', '.join(part)}." for part in (people, chosen) if part)
    first = people[0].split()[0] if people else ""
    greeting = f"Hello, {first}! " if first else ""
    company = f" with {' and '.join(people)}" if people else ""
    about = f" about {', '.join(chosen)}" if chosen else ""
    return f"{greeting}This is a conversation{company}{about}."


def _distinct(texts: Sequence[str]) -> list[str]:
    """Keep each text that has letters once, its white space folded, in order."""
    folded = (" ".join(text.split()) for text in texts)
    return list(dict.fromkeys(text for text in folded if any(map(str.isalpha, text)) and len(text) <= CHARS))
