"""Reads the rules of a session from the configuration."""

from __future__ import annotations

from msgspec.structs import asdict

from bridge.core.segmenter import Hysteresis
from bridge.core.timeline import MEDIA_RATE, Ticks
from bridge.core.turn_policy import Policy
from bridge.session.companion import Rules, Sighted
from bridge.session.patience import Limits
from bridge.setup.config import Config


def rules(config: Config) -> Rules:
    """Translate the configuration into the rules of a session."""
    turns, limits = config.turns, config.limits
    return Rules(
        policy=Policy(
            endpoint_after=turns.endpoint_after_s,
            barge_in_after=turns.barge_in_after_s,
            reopen_within=turns.reopen_within_s,
            close_voice_after=turns.close_voice_after_s,
            voice_trust=turns.voice_trust,
            endpoint_least=turns.endpoint_least_s,
            endpoint_most=turns.endpoint_most_s,
            close_after=turns.close_after_s,
            tries=turns.speculate_tries,
            stable_after=turns.stable_after_s,
            hold_for=turns.hold_for_s,
        ),
        hysteresis=Hysteresis(turns.speech_enter, turns.speech_leave, turns.speech_after_s, turns.silence_after_s),
        limits=Limits(turns.first_word_s, turns.stall_s, turns.speech_stall_s, turns.transcript_wait_s),
        lead=Ticks(round(turns.lead_s * MEDIA_RATE)),
        resume_after=limits.resume_s,
        idle_after=limits.idle_s,
        longest_utterance=limits.utterance_s,
        longest_reply=limits.reply_s,
        text_chars=limits.text_chars,
        message_bytes=limits.message_bytes,
        messages_per_s=limits.messages_per_s,
        code_blocks=config.speech.code,
        sighted=Sighted(**asdict(config.sight)),
    )
