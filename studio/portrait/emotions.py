"""Names the painted moods in the card, as Character Card V3 has emotions."""

from __future__ import annotations

from typing import Final

from engines.identity.fields import JSON_BYTES, Json, dump, parse_object
from engines.identity.storage import CARD
from studio.folder import Folder
from studio.portrait.painting import MOODS

MOOD_FILES: Final = {name: f"assets/emotion/images/{name}.png" for name in MOODS}


def with_emotions(folder: Folder) -> dict[str, bytes]:
    """Return the card naming the moods' files, by its path; {} where it names them already."""
    raw = parse_object(folder.read(CARD, JSON_BYTES), CARD)
    data = raw.get("data")
    if not isinstance(data, dict):
        return {}
    assets = data.get("assets")
    kept = [each for each in (assets if isinstance(assets, list) else []) if not _ours(each)]
    if not kept:
        kept = [{"type": "icon", "uri": "ccdefault:", "name": "main", "ext": "png"}]
    named: list[Json] = [
        {"type": "emotion", "uri": f"embeded://{path}", "name": name, "ext": "png"} for name, path in MOOD_FILES.items()
    ]
    return {CARD: dump({**raw, "data": {**data, "assets": [*kept, *named]}})}


def _ours(asset: Json) -> bool:
    return isinstance(asset, dict) and asset.get("type") == "emotion" and asset.get("name") in MOODS
