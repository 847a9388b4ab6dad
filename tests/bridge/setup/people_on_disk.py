"""Small identities on disk, for tests that ask for them, change them and break them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.engines.identity.test_identity import picture


def write_person(folder: Path, name: str = "Nora", *, says: str = "", facts: dict[str, Any] | None = None) -> Path:
    """Write an identity that greets by its name; an identity that is there is overwritten."""
    says = says or f"I am {name}."
    extension = {"companion_bridge": {"phrases": {"greeting": [says]}}}
    card = {
        "spec": "chara_card_v3",
        "spec_version": "3.0",
        "data": {"name": name, "description": f"{name} keeps bees.", "first_mes": says, "extensions": extension},
    }
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "card.json").write_text(json.dumps(card), encoding="utf-8")
    (folder / "identity.json").write_text(json.dumps({"language": "en-us", **(facts or {})}), encoding="utf-8")
    return folder


def write_portrait(folder: Path, text: bytes = b"") -> bytes:
    """Write a portrait, which differs with `text`, and return its bytes."""
    data = picture((b"Comment", text))
    path = folder / "assets/icon/images/main.png"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return data
