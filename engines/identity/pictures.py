"""The pictures that an identity shows of itself, portrait and 3D head; judged by their bytes, not by their names."""

from __future__ import annotations

import hashlib
import json
from base64 import b64encode
from dataclasses import dataclass
from typing import Final

from engines.identity.bundle import ICON, Identity
from engines.identity.errors import IdentityError
from engines.identity.fields import Json, parse_object
from engines.identity.png import SIGNATURE, without_card

HEAD: Final = "assets/x_face/3d/head.glb"
PUPPET: Final = "assets/x_face/other/puppet.json"
PORTRAIT_BYTES: Final = 8 * 1024 * 1024
HEAD_BYTES: Final = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Picture:
    """A file that clients may fetch: its content type, its file extension and its bytes."""

    kind: str
    suffix: str
    data: bytes

    @property
    def path(self) -> str:
        """Return the path under which it is served; it changes with the bytes."""
        return f"/pictures/{hashlib.sha256(self.data).hexdigest()[:16]}{self.suffix}"


def sniffed(data: bytes) -> tuple[str, str]:
    """Return content type and extension by the first bytes; two empty strings for what is no picture or head."""
    if data.startswith(SIGNATURE):
        return "image/png", ".png"
    if data.startswith(b"\xff\xd8\xff"):
        return "image/jpeg", ".jpg"
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return "image/webp", ".webp"
    if data.startswith(b"glTF"):
        return "model/gltf-binary", ".glb"
    return "", ""


def portrait(identity: Identity) -> Picture | None:
    """Return the identity's picture, None when it has none that can be shown.

    The card that a PNG may carry is taken out: its texts are the companion's, not its visitors'.
    """
    icons = [asset for asset in identity.card.assets if asset.type == "icon" and asset.path]
    main = [asset.path for asset in icons if asset.name == "main"]
    for path in dict.fromkeys((*main, ICON, *(asset.path for asset in icons))):
        found = _read(identity, path, PORTRAIT_BYTES)
        if found is not None and found.kind.startswith("image/"):
            return found
    return None


def head(identity: Identity) -> Picture | None:
    """Return the identity's 3D head, None when it has none."""
    found = _read(identity, HEAD, HEAD_BYTES)
    return found if found is not None and found.suffix == ".glb" else None


def puppet(identity: Identity) -> Picture | None:
    """Return the identity's portrait that moves as one JSON file with its textures in it, None when it has none."""
    try:
        data = parse_object(identity.asset(PUPPET), PUPPET)
        named = data.get("textures")
        if not isinstance(named, dict):
            return None
        folder = PUPPET.rpartition("/")[0]
        textures: dict[str, Json] = {}
        for name, file in named.items():
            picture = _read(identity, f"{folder}/{file}", PORTRAIT_BYTES)
            if picture is None or not picture.kind.startswith("image/"):
                return None
            textures[name] = f"data:{picture.kind};base64,{b64encode(picture.data).decode()}"
    except IdentityError:
        return None
    whole = json.dumps({**data, "textures": textures}, separators=(",", ":")).encode()
    return Picture("application/json", ".json", whole) if len(whole) <= HEAD_BYTES else None


def _read(identity: Identity, path: str, most: int) -> Picture | None:
    try:
        data = identity.asset(path)
        kind, suffix = sniffed(data)
        if suffix == ".png":
            data = without_card(data)
    except IdentityError:
        return None
    return Picture(kind, suffix, data) if kind and len(data) <= most else None
