"""A chat of named people as dialogues: parted where nobody spoke for long, one of them being the assistant. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from training.data.dialogue import Dialogue, Line, trainable
from training.errors import TrainingError

GAP_S: Final = 3600.0  # of silence, after which another dialogue begins
MOST: Final = 40  # lines of one dialogue


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody said; `at` in seconds of any clock, None when nobody knows."""

    who: str
    text: str
    at: float | None = None


def dialogues(said: Sequence[Said], speaker: str, source: str, topic: str = "") -> list[Dialogue]:
    """Return the dialogues in which `speaker` answers; everybody else is a user.

    The person of a dialogue is whoever else says most in it. TrainingError `bad_layout` when `speaker` says nothing,
    with the names of those who do.
    """
    names = Counter(each.who for each in said)
    if speaker not in names:
        known = ", ".join(name for name, _ in names.most_common(8)) or "nobody"
        asked = f"{speaker!r} says nothing in {source}" if speaker else f"Whose manner is to be learned of {source}"
        raise TrainingError("bad_layout", f"{asked}; say one of these with --speaker: {known}.")
    found: list[Dialogue] = []
    for part in _parts(said):
        lines = trainable(Line("assistant" if each.who == speaker else "user", each.text) for each in part)
        others = Counter(each.who for each in part if each.who != speaker)
        if lines:
            found.append(Dialogue(lines, others.most_common(1)[0][0], topic, source))
    return found


def _parts(said: Sequence[Said]) -> list[list[Said]]:
    parts: list[list[Said]] = []
    for each in said:
        last = parts[-1][-1] if parts else None
        late = last is not None and each.at is not None and last.at is not None and each.at - last.at > GAP_S
        if last is None or late or (len(parts[-1]) >= MOST and last.who != each.who):
            parts.append([])
        parts[-1].append(each)
    return parts
