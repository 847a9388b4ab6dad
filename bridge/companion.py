"""Who speaks and by what rules: the values that every session of one companion shares."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bridge.config import Config
from bridge.core.segmenter import Hysteresis
from bridge.core.timeline import MEDIA_RATE, Ticks
from bridge.core.turn_policy import Policy
from bridge.patience import Limits
from engines.jobs import Engines


@dataclass(frozen=True, slots=True)
class Companion:
    """One companion: its engines and what is told about it.

    `emotions` are the moods its dialogue may name, `looks` what its portrait is drawn from. `sorry` is said when a
    reply breaks off, `away` before the understudy's first words; `away_notice` is for people while the dialogue has no
    model.
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

    @property
    def told(self) -> str:
        """What people should know about this companion now, "" for nothing."""
        stands_in = self.engines.understudy is not None and not self.engines.dialogue.model
        return self.away_notice if stands_in else self.notice


@dataclass(frozen=True, slots=True)
class Rules:
    """How a session runs; durations in seconds, `lead` in ticks, `rate` in samples per second.

    `resume_after` is how long a session outlives its connection, `idle_after` how long a client may say nothing,
    `longest_utterance` and `longest_reply` bound one turn of either party, `shed_at` is the number of unsent bytes
    from which media goes without its face.
    """

    policy: Policy = field(default_factory=Policy)
    hysteresis: Hysteresis = field(default_factory=Hysteresis)
    limits: Limits = field(default_factory=Limits)
    lead: Ticks = Ticks(14_400)  # noqa: RUF009 - a NewType of int is immutable
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


def rules(config: Config) -> Rules:
    """The rules of a session from the configuration."""
    turns, limits = config.turns, config.limits
    return Rules(
        policy=Policy(
            endpoint_after=turns.endpoint_after_s,
            barge_in_after=turns.barge_in_after_s,
            transcript_wait=turns.transcript_wait_s,
            endpoint_least=turns.endpoint_least_s,
            endpoint_most=turns.endpoint_most_s,
            close_after=turns.close_after_s,
            tries=turns.speculate_tries,
            stable_after=turns.stable_after_s,
            hold_for=turns.hold_for_s,
        ),
        hysteresis=Hysteresis(turns.speech_enter, turns.speech_leave, turns.speech_after_s, turns.silence_after_s),
        limits=Limits(turns.first_word_s, turns.stall_s),
        lead=Ticks(round(turns.lead_s * MEDIA_RATE)),
        resume_after=limits.resume_s,
        idle_after=limits.idle_s,
        longest_utterance=limits.utterance_s,
        longest_reply=limits.reply_s,
        text_chars=limits.text_chars,
        message_bytes=limits.message_bytes,
        messages_per_s=limits.messages_per_s,
    )
