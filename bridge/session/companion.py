"""Holds who speaks and by what rules: the values that every session of one companion shares."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Final, Protocol

from bridge.core.segmenter import Hysteresis
from bridge.core.text.code import Way
from bridge.core.timeline import Ticks
from bridge.core.turn_policy import Policy
from bridge.session.patience import Limits
from engines.guard.verdicts import Review
from engines.jobs import Documents, Engines, Selectable, Voiced

VOICES: Final = 64  # that are told
MODELS: Final = 64


@dataclass(frozen=True, slots=True)
class Served:
    """A file that clients may fetch: content type and bytes."""

    kind: str
    body: bytes


class Marking(Protocol):
    """What lays a mark under one reply's speech as it is made."""

    def mark(self, pcm: bytes) -> bytes:
        """Return the same samples (s16le), marked."""
        ...


@dataclass(frozen=True, slots=True)
class Known:
    """One identity that can be asked for by `id`; `portrait` is the path at which its picture is served, or ""."""

    id: str
    name: str
    origin: Path
    description: str = ""
    languages: tuple[str, ...] = ()
    draft: bool = True
    portrait: str = ""
    looks: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Companion:
    """One companion: its engines and what is told about it.

    `id` is what clients ask for it by, `languages` the codes of what it speaks. A `draft` was not reviewed and sealed.
    `pictures` are what may be fetched of it, by path; `portrait` and `head` are paths of these, or "". `marking` makes
    the mark of a reply whose samples come at a rate. From the day `ends` on nobody may talk to it: a consent is over.

    `emotions` are the moods its dialogue may name, `looks` what its portrait is drawn from, `questions` what may be
    asked for a start. `sorry` is said when a reply breaks off, `withheld` when a gate ends it, `away` before the
    understudy's first words; `away_notice` is for people while the dialogue has no model. `review` is told what a
    gate did not simply allow. `documents` are what its replies may rest on.
    """

    engines: Engines
    name: str
    description: str = ""
    language: str = "en-us"
    notice: str = ""
    emotions: frozenset[str] = frozenset()
    looks: Mapping[str, object] = field(default_factory=dict)
    sorry: str = ""
    away: str = ""
    away_notice: str = ""
    id: str = ""
    languages: tuple[str, ...] = ()
    draft: bool = True
    portrait: str = ""
    head: str = ""
    pictures: Mapping[str, Served] = field(default_factory=dict)
    withheld: str = ""
    review: Review | None = None
    marking: Callable[[int], Marking] | None = None
    ends: date = date.max
    documents: Documents | None = None
    questions: tuple[str, ...] = ()
    warmth: float = 0.0

    @property
    def voices(self) -> tuple[str, ...]:
        """Return the voices that its synthesizer, once started, has for its language; a duplex model has its own."""
        tts = self.engines.tts if self.engines.duplex is None else None
        return tts.voices(self.language)[:VOICES] if isinstance(tts, Voiced) else ()

    @property
    def models(self) -> tuple[str, ...]:
        """Return the language models that people may choose from, once its dialogue has started; () for no choice."""
        dialogue = self.engines.dialogue
        asked = isinstance(dialogue, Selectable) and self.engines.duplex is None
        known = dialogue.models()[:MODELS] if asked and isinstance(dialogue, Selectable) else ()
        return known if len(known) > 1 else ()

    @property
    def told(self) -> str:
        """Return what people should know about this companion now, "" for nothing."""
        stands_in = self.engines.understudy is not None and not self.engines.dialogue.model
        return self.away_notice if stands_in else self.notice


@dataclass(frozen=True, slots=True)
class Sighted:
    """What is made of the user's face: whether `seen` is heeded, and what follows from what is seen.

    `expressions` tells the dialogue what the face does, `greet` greets who comes, `answers` takes a nod for a yes,
    `mirror` is the share of a smile that is returned, `regard` lets the companion's eyes meet the user's.
    """

    seen: bool = True
    expressions: bool = True
    greet: bool = True
    answers: bool = True
    mirror: float = 0.3
    regard: bool = True


@dataclass(frozen=True, slots=True)
class Rules:
    """How a session runs; durations in seconds, `lead` in ticks, `rate` in samples per second.

    `resume_after` is how long a session outlives its connection, `idle_after` how long a client may say nothing,
    `longest_utterance` and `longest_reply` bound one turn of either party, `shed_at` is the number of unsent bytes
    from which media goes without its face. `late` is how long after its first
    media leaves a reply is heard, where all begin at one instant. `code_blocks` says what becomes of code in speech.
    """

    policy: Policy = field(default_factory=Policy)
    hysteresis: Hysteresis = field(default_factory=Hysteresis)
    limits: Limits = field(default_factory=Limits)
    lead: Ticks = Ticks(14_400)  # noqa: RUF009 - a NewType of int is immutable
    late: float = 0.0
    rate: int = 24_000
    resume_after: float = 60.0
    idle_after: float = 600.0
    longest_utterance: float = 30.0
    longest_reply: float = 120.0
    text_chars: int = 2000
    message_bytes: int = 294_912
    messages_per_s: int = 200
    shed_at: int = 24_000
    utterances_at_once: int = 3
    code_blocks: Way = "announce"
    sighted: Sighted = field(default_factory=Sighted)
