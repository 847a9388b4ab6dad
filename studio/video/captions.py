"""Cuts words into subtitles, and writes them as WebVTT and SubRip.

Two lines of 42 characters and 7 seconds at most, as subtitlers have it; a sentence's end is the best place to cut.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from studio.video.track import Word

LINE: Final = 42  # characters
LONGEST: Final = 7.0  # seconds
SHORTEST: Final = 1.0
SILENCE: Final = 0.7  # seconds without a word after which a new subtitle begins
ENDS: Final = ".!?\u2026\u3002\uff01\uff1f"


@dataclass(frozen=True, slots=True)
class Caption:
    """What is written from `start` to `end` (seconds); `who` speaks, "" where that is plain."""

    start: float
    end: float
    text: str
    who: str = ""


def captions(words: Sequence[Word], who: str = "") -> tuple[Caption, ...]:
    """Return the subtitles of one person's words, none of which overlap."""
    groups: list[list[Word]] = []
    for word in words:
        if not groups or _full(groups[-1], word):
            groups.append([])
        groups[-1].append(word)
    found = []
    for number, group in enumerate(groups):
        start, end = group[0].start, max(group[-1].end, group[0].start + SHORTEST)
        if number + 1 < len(groups):
            end = max(min(end, groups[number + 1][0].start), start + 0.001)
        found.append(Caption(start, end, _wrapped(written(group)), who))
    return tuple(found)


def written(words: Iterable[Word]) -> str:
    """Join words by what is written between them."""
    return "".join(f"{word.gap}{word.text}" for word in words).strip()


def vtt(rows: Sequence[Caption]) -> str:
    """Write WebVTT; speakers as voice spans."""
    parts = ["WEBVTT\n"]
    for row in rows:
        text = _escaped(row.text)
        text = f"<v {_escaped(row.who)}>{text}" if row.who else text
        parts.append(f"{_clock(row.start, '.')} --> {_clock(row.end, '.')}\n{text}\n")
    return "\n".join(parts)


def srt(rows: Sequence[Caption]) -> str:
    """Write SubRip."""
    parts = []
    for number, row in enumerate(rows, 1):
        text = f"{row.who}: {row.text}" if row.who else row.text
        parts.append(f"{number}\n{_clock(row.start, ',')} --> {_clock(row.end, ',')}\n{text}\n")
    return "\n".join(parts)


# ------------------------------------------------------------------------------------------------ parts


def _full(group: list[Word], word: Word) -> bool:
    """Say whether `word` begins a new subtitle."""
    text = written(group)
    ended = text.endswith(tuple(ENDS)) and len(text) > LINE // 2
    too_long = len(written([*group, word])) > 2 * LINE or word.end - group[0].start > LONGEST
    return ended or too_long or word.start - group[-1].end > SILENCE


def _wrapped(text: str) -> str:
    """Break a text into two lines at the space nearest to its middle, if it does not fit one."""
    if len(text) <= LINE:
        return text
    spaces = [at for at, char in enumerate(text) if char == " "]
    if not spaces:
        return text
    at = min(spaces, key=lambda place: abs(place - len(text) / 2))
    return f"{text[:at]}\n{text[at + 1 :]}"


def _clock(seconds: float, point: str) -> str:
    total = round(seconds * 1000)
    return f"{total // 3_600_000:02}:{total // 60_000 % 60:02}:{total // 1000 % 60:02}{point}{total % 1000:03}"


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
