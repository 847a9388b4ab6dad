"""Holds the settings of one Realtime session, changes them as the client asks, and tells them in either shape."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Literal, TypeAlias, TypeVar

from msgspec import UNSET, UnsetType

from bridge.realtime.incoming import FaceWish, Format, SessionPatch, TurnDetection
from bridge.realtime.refused import Refused
from protocol.messages import ToolSpec

T = TypeVar("T")
SoundFormat: TypeAlias = Literal["pcm16", "g711_ulaw", "g711_alaw"]

RATES: Final[Mapping[SoundFormat, int]] = {"pcm16": 24_000, "g711_ulaw": 8_000, "g711_alaw": 8_000}
_FORMATS: Final[Mapping[str, SoundFormat]] = {
    "pcm16": "pcm16",
    "g711_ulaw": "g711_ulaw",
    "g711_alaw": "g711_alaw",
    "audio/pcm": "pcm16",
    "audio/pcmu": "g711_ulaw",
    "audio/pcma": "g711_alaw",
}
_NAMES: Final[Mapping[SoundFormat, dict[str, object]]] = {
    "pcm16": {"type": "audio/pcm", "rate": 24_000},
    "g711_ulaw": {"type": "audio/pcmu"},
    "g711_alaw": {"type": "audio/pcma"},
}
EAGERNESS: Final = ("low", "medium", "high", "auto")
INSTRUCTIONS: Final = 16_384  # characters
DESCRIPTION: Final = 4096  # characters of a tool's
NAME: Final = 64


@dataclass(frozen=True, slots=True)
class Detection:
    """How turns are found: by silence alone, or also by what was said ("semantic_vad")."""

    type: Literal["server_vad", "semantic_vad"] = "semantic_vad"
    threshold: float = 0.5
    prefix_padding_ms: int = 300
    silence_duration_ms: int = 500
    create_response: bool = True
    interrupt_response: bool = True
    eagerness: str = "auto"

    def told(self) -> dict[str, object]:
        """Return it as the client is told."""
        shared: dict[str, object] = {
            "type": self.type,
            "create_response": self.create_response,
            "interrupt_response": self.interrupt_response,
        }
        if self.type == "semantic_vad":
            return {**shared, "eagerness": self.eagerness}
        numbers = {
            "threshold": self.threshold,
            "prefix_padding_ms": self.prefix_padding_ms,
            "silence_duration_ms": self.silence_duration_ms,
        }
        return shared | numbers


@dataclass(frozen=True, slots=True)
class Wish:
    """What is fixed when a session opens. `pace` is how turns are found: silence in ms, threshold, eagerness."""

    identity: str
    voice: str
    face: FaceWish | None
    full_duplex: bool
    pace: tuple[int, float, str] | None


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of one session; `detection` None: the client says itself when a turn is over."""

    id: str
    model: str
    identity: str = ""
    instructions: str = ""
    speaks: bool = True  # and not only writes
    voice: str = ""
    heard: SoundFormat = "pcm16"
    spoken: SoundFormat = "pcm16"
    transcription: Mapping[str, object] | None = None
    detection: Detection | None = Detection()
    chosen: bool = False  # the detection is the client's choice, and not the server's default
    tools: tuple[ToolSpec, ...] = ()
    tool_choice: object = "auto"
    most_tokens: int | str = "inf"
    face: FaceWish | None = None
    tracks: bool = False  # sound comes and goes in tracks of a call, whose format is not the events' to say

    @property
    def wish(self) -> Wish:
        """Return what of it is fixed when a session opens."""
        seen = self.detection
        pace = None
        if seen is not None and self.chosen:
            silence = seen.silence_duration_ms if seen.type == "server_vad" else 0
            pace = (silence, seen.threshold, seen.eagerness if seen.type == "semantic_vad" else "")
        duplex = seen is None or seen.interrupt_response
        return Wish(self.identity, self.voice, self.face, duplex, pace)

    @property
    def offered(self) -> tuple[ToolSpec, ...]:
        """Return the tools that may be called."""
        return () if self.tool_choice == "none" else self.tools

    def told(self, *, beta: bool, face: Mapping[str, object] | None) -> dict[str, object]:
        """Return them as the client is told, with what was agreed of the face."""
        extra = {"companion_face": dict(face)} if face is not None else {}
        tools: list[dict[str, object]] = [
            {"type": "function", "name": t.name, "description": t.description, "parameters": t.parameters}
            for t in self.tools
        ]
        detection = self.detection.told() if self.detection else None
        transcription = dict(self.transcription) if self.transcription is not None else None
        shared: dict[str, object] = {
            "id": self.id,
            "object": "realtime.session",
            "model": self.model,
            "instructions": self.instructions,
            "tools": tools,
            "tool_choice": self.tool_choice,
            **extra,
        }
        if beta:
            flat = {
                "modalities": ["audio", "text"] if self.speaks else ["text"],
                "voice": self.voice or "default",
                "input_audio_format": self.heard,
                "output_audio_format": self.spoken,
                "input_audio_transcription": transcription,
                "turn_detection": detection,
                "temperature": 0.8,
                "max_response_output_tokens": self.most_tokens,
            }
            return shared | flat
        nested = {
            "type": "realtime",
            "output_modalities": ["audio" if self.speaks else "text"],
            "max_output_tokens": self.most_tokens,
            "audio": {
                "input": {
                    "format": dict(_NAMES[self.heard]),
                    "transcription": transcription,
                    "noise_reduction": None,
                    "turn_detection": detection,
                },
                "output": {"format": dict(_NAMES[self.spoken]), "voice": self.voice or "default", "speed": 1.0},
            },
        }
        return shared | nested

    def output_told(self, *, beta: bool) -> dict[str, object]:
        """Return what a response says of its sound."""
        if beta:
            modalities = ["audio", "text"] if self.speaks else ["text"]
            return {"modalities": modalities, "voice": self.voice or "default", "output_audio_format": self.spoken}
        audio = {"output": {"format": dict(_NAMES[self.spoken]), "voice": self.voice or "default"}}
        return {"output_modalities": ["audio" if self.speaks else "text"], "audio": audio}

    def patched(self, patch: SessionPatch) -> Settings:
        """Return the settings with the client's changes; Refused when one cannot be had."""
        heard = patch.audio.input if patch.audio else None
        said = patch.audio.output if patch.audio else None
        now = self
        if isinstance(patch.instructions, str):
            if len(patch.instructions) > INSTRUCTIONS:
                sentence = f"instructions may have {INSTRUCTIONS} characters"
                raise Refused("string_above_max_length", sentence, "session.instructions")
            now = replace(now, instructions=patch.instructions)
        modalities = _given(patch.output_modalities, patch.modalities)
        if modalities:
            now = replace(now, speaks=speaks(modalities, "session.output_modalities"))
        voice: str | dict[str, object] | None = _given(patch.voice, said.voice if said else UNSET)
        if voice:
            now = replace(now, voice=_voice(voice))
        form: Format | str | None = _given(patch.input_audio_format, heard.format if heard else UNSET)
        if form and not self.tracks:
            now = replace(now, heard=_format(form, "session.audio.input.format"))
        form = _given(patch.output_audio_format, said.format if said else UNSET)
        if form and not self.tracks:
            now = replace(now, spoken=_format(form, "session.audio.output.format"))
        for each in (patch.input_audio_transcription, heard.transcription if heard else UNSET):
            if not isinstance(each, UnsetType):
                now = replace(now, transcription=_transcription(each))
        for turn in (patch.turn_detection, heard.turn_detection if heard else UNSET):
            if not isinstance(turn, UnsetType):
                detection = _detection(turn, now.detection)
                now = replace(now, detection=detection, chosen=now.chosen or detection != Detection())
        if not isinstance(patch.tools, UnsetType):
            now = replace(now, tools=tuple(_tool(tool, at) for at, tool in enumerate(patch.tools or ())))
        if not isinstance(patch.tool_choice, UnsetType) and patch.tool_choice is not None:
            now = replace(now, tool_choice=patch.tool_choice)
        most: int | str | None = _given(patch.max_output_tokens, patch.max_response_output_tokens)
        if most is not None:
            now = replace(now, most_tokens=most)
        if not isinstance(patch.companion_face, UnsetType):
            now = replace(now, face=patch.companion_face)
        return now


def speaks(modalities: tuple[str, ...], param: str) -> bool:
    """Return whether these ask for sound; Refused for what is no modality."""
    if set(modalities) - {"text", "audio"} or not modalities:
        raise Refused("invalid_value", "modalities are text and audio", param)
    return "audio" in modalities


def _given(first: Any, second: Any) -> Any:
    """Return the one that was given, the first before the second; None for neither."""
    if not isinstance(first, UnsetType) and first is not None:
        return first
    return None if isinstance(second, UnsetType) else second


def _voice(voice: str | Mapping[str, object]) -> str:
    name = voice if isinstance(voice, str) else str(voice.get("id", ""))
    if len(name) > NAME:
        raise Refused("invalid_value", f"a voice's name has at most {NAME} characters", "session.audio.output.voice")
    return name


def _format(form: Format | str, param: str) -> SoundFormat:
    name = form if isinstance(form, str) else form.type
    known = _FORMATS.get(name)
    rate = None if isinstance(form, str) else form.rate
    if known is None or rate not in (None, RATES[known]):
        sentence = "sound is audio/pcm at 24000 samples a second, audio/pcmu or audio/pcma"
        raise Refused("invalid_value", sentence, param)
    return known


def _transcription(wanted: Mapping[str, object] | None) -> Mapping[str, object] | None:
    if wanted is None:
        return None
    # Of what can be said about a recogniser only what clients compare is kept.
    return {key: wanted[key] for key in ("model", "language", "prompt") if isinstance(wanted.get(key), str)}


def _detection(wanted: TurnDetection | None, now: Detection | None) -> Detection | None:
    if wanted is None or wanted.type == "none":
        return None
    if wanted.type not in ("server_vad", "semantic_vad"):
        sentence = "turn_detection.type is server_vad, semantic_vad, or turn_detection is null"
        raise Refused("invalid_value", sentence, "session.audio.input.turn_detection.type")
    if wanted.eagerness is not None and wanted.eagerness not in EAGERNESS:
        sentence = f"eagerness is one of {', '.join(EAGERNESS)}"
        raise Refused("invalid_value", sentence, "session.audio.input.turn_detection.eagerness")
    kind: Literal["server_vad", "semantic_vad"] = "server_vad" if wanted.type == "server_vad" else "semantic_vad"
    plain = now if now is not None and now.type == kind else Detection(kind)
    return Detection(
        type=kind,
        threshold=_or(wanted.threshold, plain.threshold),
        prefix_padding_ms=_or(wanted.prefix_padding_ms, plain.prefix_padding_ms),
        silence_duration_ms=_or(wanted.silence_duration_ms, plain.silence_duration_ms),
        create_response=_or(wanted.create_response, plain.create_response),
        interrupt_response=_or(wanted.interrupt_response, plain.interrupt_response),
        eagerness=_or(wanted.eagerness, plain.eagerness),
    )


def _or(given: T | None, otherwise: T) -> T:
    return otherwise if given is None else given


def _tool(tool: Mapping[str, object], at: int) -> ToolSpec:
    param = f"session.tools[{at}]"
    kind, name = tool.get("type", "function"), tool.get("name")
    if kind != "function":
        raise Refused("invalid_value", "only function tools can be given here", f"{param}.type")
    if not isinstance(name, str) or not _is_name(name):
        sentence = f"a tool's name has letters, digits, _ and -, at most {NAME}, and begins with no digit"
        raise Refused("invalid_value", sentence, f"{param}.name")
    description, parameters = tool.get("description") or "", tool.get("parameters") or {}
    if not isinstance(description, str) or len(description) > DESCRIPTION:
        raise Refused("invalid_value", f"a description has at most {DESCRIPTION} characters", f"{param}.description")
    if not isinstance(parameters, dict):
        raise Refused("invalid_value", "parameters are a JSON Schema object", f"{param}.parameters")
    return ToolSpec(name=name, description=description, parameters=parameters)


def _is_name(name: str) -> bool:
    if not 0 < len(name) <= NAME or name[0].isdigit() or name[0] in "-.":
        return False
    return all(char.isascii() and (char.isalnum() or char in "_-.") for char in name)
