"""Writes what a Realtime server is told of a conversation: its settings, in either shape, and its items."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from engines.api import Message, Tool
from engines.duplex import persona

Outgoing: TypeAlias = dict[str, object]

HISTORY: Final = 60  # contributions that a server is told when it is called again
ROLES: Final = {"user": "user", "companion": "assistant", "scene": "system"}


@dataclass(frozen=True, slots=True)
class Manner:
    """How a server is spoken to: what a conversation's settings ask of it.

    `detection` is how it finds turns, `transcription` the model that writes what the user says ("" for none).
    """

    model: str = ""
    voice: str = ""
    transcription: str = ""
    detection: str = "server_vad"
    interrupts: bool = True
    hear_rate: int = 24_000
    speak_rate: int = 24_000
    beta: bool = False


def briefed(manner: Manner, instructions: str, tools: Sequence[Tool]) -> Outgoing:
    """Return the settings that change in the course of a conversation."""
    told: Outgoing = {"instructions": instructions, "tools": [persona.function(tool) for tool in tools]}
    return told if manner.beta else {"type": "realtime", **told}


def settled(manner: Manner, briefed: Outgoing) -> Outgoing:
    """Return all settings: those, and how the server is to hear and speak."""
    written = {"model": manner.transcription} if manner.transcription else None
    voice = {"voice": manner.voice} if manner.voice else {}
    if manner.beta:
        return briefed | {
            "modalities": ["text", "audio"],
            "input_audio_format": "pcm16",
            "output_audio_format": "pcm16",
            "turn_detection": detection(manner, on=True),
            **voice,
            **({"input_audio_transcription": written} if written else {}),
        }
    heard: Outgoing = {"format": _format(manner.hear_rate), "turn_detection": detection(manner, on=True)}
    if written:
        heard["transcription"] = written
    spoken: Outgoing = {"format": _format(manner.speak_rate), **voice}
    return briefed | {"output_modalities": ["audio"], "audio": {"input": heard, "output": spoken}}


def detecting(manner: Manner, *, on: bool) -> Outgoing:
    """Return the settings that have the server find turns, or not."""
    wanted = detection(manner, on=on)
    if manner.beta:
        return {"turn_detection": wanted}
    return {"type": "realtime", "audio": {"input": {"turn_detection": wanted}}}


def detection(manner: Manner, *, on: bool) -> Outgoing | None:
    """Return how turns are found, None where the server is not asked to."""
    if not on or not manner.detection:
        return None
    return {"type": manner.detection, "create_response": True, "interrupt_response": manner.interrupts}


def message(role: str, text: str) -> Outgoing:
    """Return a message as an item of the conversation."""
    kind = "output_text" if role == "assistant" else "input_text"
    return {"type": "message", "role": role, "content": [{"type": kind, "text": text}]}


def recalled(history: Sequence[Message]) -> Iterator[Outgoing]:
    """Yield what was said last as items."""
    for said in history[-HISTORY:]:
        yield message(ROLES[said.role], said.text)


def _format(rate: int) -> Outgoing:
    return {"type": "audio/pcm", "rate": rate}
