"""What the writer asks of a model, and which model an address or a folder names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from studio.errors import StudioError


@dataclass(frozen=True, slots=True)
class Said:
    """One message: of the "system", the "user", or the "assistant", which is the model itself."""

    role: str
    text: str


class Model(Protocol):
    """A language model that writes by a JSON schema as well as it can."""

    @property
    def name(self) -> str:
        """Return what it is called, for the lineage; no address and no key."""
        ...

    def ask(self, talk: Sequence[Said], schema: Mapping[str, Any], seed: int) -> str:
        """Return its answer to the talk; StudioError `bad_model` or an EngineError says why there is none."""
        ...

    def close(self) -> None:
        """Let go of what it holds."""
        ...


def model_at(place: str, *, name: str = "", key: str = "") -> Model:
    """Return the model at an address (an OpenAI-compatible endpoint) or in a folder; nothing is loaded or asked yet."""
    if place.startswith(("http://", "https://")):
        from studio.writer.remote import RemoteModel

        return RemoteModel(place, model=name, key=key)
    if Path(place).is_dir():
        from studio.writer.local import LocalModel

        return LocalModel(Path(place))
    raise StudioError("bad_model", f"{place} is neither an address (http://...) nor the folder of a model")
