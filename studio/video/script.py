"""Reads a script: who says what, in which scene.

    # The harbour
    ADA: Good morning. [happy] Have you seen the ship?
    BEN: Not yet.
    (pause 1.5)
    ADA: Then come.

A line with `#` begins a scene, and a chapter of the film. A line that begins with no name goes on with the one before.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from studio.errors import StudioError

LINES: Final = 400  # of a script
LONGEST: Final = 2000  # characters that are said at once
PAUSE: Final = 20.0  # seconds
NAME: Final = re.compile(r"([^\W\d_][\w .'-]{0,39}?)\s*[:\uff1a]\s*(.*)", re.DOTALL)
REST: Final = re.compile(r"\(\s*pause\s+(\d{1,3}(?:\.\d{1,3})?)\s*s?\s*\)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Line:
    """Who ("" for the only one) says what."""

    who: str
    text: str


@dataclass(frozen=True, slots=True)
class Pause:
    """So many seconds in which nobody speaks."""

    seconds: float


Beat: TypeAlias = Line | Pause


@dataclass(frozen=True, slots=True)
class Scene:
    """What happens in one place, under a title ("" for none)."""

    title: str
    beats: tuple[Beat, ...] = field(default=())

    @property
    def people(self) -> tuple[str, ...]:
        """Return who speaks in it, in the order in which they do."""
        return tuple(dict.fromkeys(beat.who for beat in self.beats if isinstance(beat, Line)))


def monologue(text: str) -> tuple[Scene, ...]:
    """Return the one scene in which the only person says `text`; StudioError `bad_script` without words."""
    return _checked((Scene("", (Line("", text.strip()),)),))


def read(script: str, people: tuple[str, ...]) -> tuple[Scene, ...]:
    """Return the scenes of a script in which `people` speak; StudioError `bad_script` names the line that is wrong."""
    known = {name.casefold(): name for name in people}
    scenes: list[tuple[str, list[Beat]]] = []
    for number, row in enumerate(script.splitlines(), 1):
        text = row.strip()
        if not text or text.startswith("//"):
            continue
        if text.startswith("#"):
            scenes.append((text.lstrip("#").strip(), []))
            continue
        if not scenes:
            scenes.append(("", []))
        beats = scenes[-1][1]
        if rest := REST.fullmatch(text):
            beats.append(Pause(_pause(float(rest[1]), number)))
            continue
        named = NAME.fullmatch(text)
        if named and named[1].casefold() in known:
            beats.append(Line(known[named[1].casefold()], named[2]))
        elif beats and isinstance(beats[-1], Line):
            beats[-1] = Line(beats[-1].who, f"{beats[-1].text} {text}".strip())
        elif len(people) == 1:
            beats.append(Line(people[0], text))
        else:
            who = f"{named[1]!a} is nobody of the cast" if named else "nobody says it"
            raise StudioError("bad_script", f"line {number} of the script: {who}; the cast: {', '.join(people)}")
        if sum(len(beats) for _, beats in scenes) > LINES:
            raise StudioError("bad_script", f"the script has more than {LINES} lines")
    return _checked(tuple(Scene(title, tuple(beats)) for title, beats in scenes if beats))


def _pause(seconds: float, number: int) -> float:
    if seconds > PAUSE:
        raise StudioError("bad_script", f"line {number} of the script: a pause lasts {PAUSE:g} seconds at most")
    return seconds


def _checked(scenes: tuple[Scene, ...]) -> tuple[Scene, ...]:
    lines = [beat for scene in scenes for beat in scene.beats if isinstance(beat, Line)]
    if not lines:
        raise StudioError("bad_script", "nobody says anything in it")
    for line in lines:
        who = f"{line.who} says" if line.who else "there is"
        if not any(char.isalnum() for char in re.sub(r"\[[^\]]*\]", "", line.text)):
            raise StudioError("bad_script", f"{who} nothing that can be spoken: {line.text[:40]!a}")
        if len(line.text) > LONGEST:
            raise StudioError("bad_script", f"{who} more than {LONGEST} characters at once")
    return scenes
