"""Identities: who a companion is, as a folder or file that other programs read too."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from engines.identity.bundle import Identity, load_identity, pack, unpack
from engines.identity.errors import IdentityError

__all__ = ["Identity", "IdentityError", "load_identity", "pack", "shipped", "unpack"]


def shipped() -> dict[str, Path]:
    """Return the identities that come with this package, by name."""
    folder = Path(str(files("identities")))
    return {path.parent.name: path.parent for path in sorted(folder.glob("*/card.json"))}
