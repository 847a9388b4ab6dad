"""Tells by a language model's name, as servers list it, whether people can talk to it."""

from __future__ import annotations

from typing import Final

# Models that embed, rank, transcribe, speak or draw do not converse.
MUTE: Final = (
    "embed",
    "bge-",
    "minilm",
    "rerank",
    "whisper",
    "clip",
    "e5-",
    "gte-",
    "tts-",
    "dall-e",
    "moderation",
    "transcribe",
    "gpt-image",
)


def converses(name: str, *, longest: int) -> bool:
    """Say whether a name can be written down within `longest` characters, and is not that of one that is mute."""
    return 0 < len(name) <= longest and name.isprintable() and not any(mute in name.lower() for mute in MUTE)
