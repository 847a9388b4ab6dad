"""Makes events with numbers, in the names of the general availability or of the beta."""

from __future__ import annotations

from typing import Final

# What the beta calls otherwise; "" is an event that it does not have.
_BETA: Final = {
    "response.output_audio.delta": "response.audio.delta",
    "response.output_audio.done": "response.audio.done",
    "response.output_audio_transcript.delta": "response.audio_transcript.delta",
    "response.output_audio_transcript.done": "response.audio_transcript.done",
    "response.output_text.delta": "response.text.delta",
    "response.output_text.done": "response.text.done",
    "conversation.item.added": "conversation.item.created",
    "conversation.item.done": "",
}


class Naming:
    """Numbers what one connection is told; `session` is a short name that no other session has."""

    def __init__(self, session: str, *, beta: bool) -> None:
        self.beta = beta
        self._session = session
        self._events = 0
        self._things = 0

    def event(self, kind: str, **fields: object) -> dict[str, object] | None:
        """Return an event, None for one that the client's dialect does not have."""
        name = _BETA.get(kind, kind) if self.beta else kind
        if not name:
            return None
        self._events += 1
        return {"type": name, "event_id": f"event_{self._session}{self._events:06d}", **fields}

    def new(self, kind: str) -> str:
        """Return an identifier for an item, a response or a call."""
        self._things += 1
        return f"{kind}_{self._session}{self._things:05d}"
