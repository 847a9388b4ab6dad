"""Subtitles (SRT, WebVTT) as what was said, where cues name their speakers or dashes part them. Pure."""

from __future__ import annotations

import re
from typing import Final

from training.data.sources.talk import Said

TIMES: Final = re.compile(r"(?:(\d+):)?(\d{1,2}):(\d{2})[,.](\d{1,3})\s*-->")
NAMED: Final = re.compile(r"^\s*(?:<v ([^>]{1,60})>|([^\W\d_][\w .'-]{0,40}?)\s*[:：](?!//))\s*(.*)$")
TAGS: Final = re.compile(r"<[^>]{0,80}>|\{\\[^}]{0,80}\}")
NOISE: Final = re.compile(r"^[\s♪#]*$|^\s*[\[(][^\])]*[\])]\s*$")


def srt(text: str) -> list[Said]:
    """Return what the cues say; a cue without a name goes on with the speaker before, "" at the beginning."""
    said: list[Said] = []
    for block in re.split(r"\n\s*\n", text.replace("\ufeff", "")):
        lines = block.split("\n")
        head = next((number for number, line in enumerate(lines) if TIMES.search(line)), None)
        if head is None:
            continue
        hours, minutes, seconds, rest = TIMES.search(lines[head]).groups()  # type: ignore[union-attr]
        at = int(hours or 0) * 3600 + int(minutes) * 60 + int(seconds) + int(rest) / 10 ** len(rest)
        for line in lines[head + 1 :]:
            if NOISE.match(line):
                continue
            named = NAMED.match(line)
            who = (named[1] or named[2]).strip() if named else (said[-1].who if said else "")
            words = TAGS.sub("", named[3] if named else line).strip().removeprefix("-").strip()
            if words:
                said.append(Said(who, words, at))
    return said
