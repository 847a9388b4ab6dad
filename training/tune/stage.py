"""The stage `tune`: puts a trained adapter into an identity, with where it comes from and what it came to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from studio.folder import Folder
from studio.stage import Made, Progress, Wish

PLACE: Final = "assets/x_adapter/ai/"  # where the live server looks for an identity's adapter
FILES: Final = ("adapter_config.json", "adapter_model.safetensors")


@dataclass(frozen=True, slots=True)
class Tuned:
    """Adds the adapter in a folder to a person; `told` goes into the report, `facts` into identity.json."""

    adapter: Path
    told: Mapping[str, Any]
    facts: Mapping[str, Any]
    tool: str = "tuner 1"

    @property
    def name(self) -> str:
        """Return the stage's name."""
        return "tune"

    @property
    def version(self) -> int:
        """Return the version of what it does."""
        return 1

    def run(self, folder: Folder, wish: Wish, progress: Progress) -> Made:
        """Return the adapter's files; what an earlier adapter had besides goes."""
        progress(1.0, "putting the adapter into the identity")
        files = {f"{PLACE}{name}": (self.adapter / name).read_bytes() for name in FILES}
        old = tuple(path for path in folder.listing() if path.startswith(PLACE) and path not in files)
        return Made(files, self.told, removed=old, inputs=("card.json",), tool=self.tool, facts=self.facts)
