"""A small person who can be sealed, and the keys for it."""

from __future__ import annotations

import json
import struct
import zlib
from datetime import date
from pathlib import Path
from typing import Any

from engines.identity.fields import Json
from engines.identity.png import SIGNATURE, chunk
from engines.provenance.signing import keys
from studio.commit import apply
from studio.folder import Folder
from studio.review import Review
from studio.seal import Seal
from studio.stage import Wish
from tests.studio.stages import Written, quiet

DAY = "2026-11-30"
ICON = "assets/icon/images/main.png"


def picture(size: int = 256) -> bytes:
    """A PNG with some structure, made here."""
    rows = b"".join(
        b"\0" + bytes((37 * x * y // 11 + 5 * (x ^ y)) % 256 for x in range(size) for _ in range(3))
        for y in range(size)
    )
    head = struct.pack(">IIBBBBB", size, size, 8, 2, 0, 0, 0)
    return SIGNATURE + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def keyring(folder: Path, name: str = "Test Studio") -> Path:
    """A folder with keys."""
    keys.make(folder, name, date(2026, 11, 1))
    return folder


def person(path: Path, **card: Any) -> Path:
    """A person with a portrait that a stage made, and an evaluation."""
    data = json.dumps({"spec": "chara_card_v3", "data": {"name": "Ada", "description": "A test.", **card}}).encode()
    apply(Written(files={"card.json": data}), path, Wish(), quiet)
    apply(Written("portrait", files={ICON: picture()}, facts={}), path, Wish(), quiet)
    apply(Written("evaluate", files={}, facts={}, inputs=("card.json", ICON)), path, Wish(), quiet)
    return path


def review(path: Path, *, approve: bool = True, by: str = "Bea", note: str = "") -> Folder:
    """Decide about the person as they are."""
    options: dict[str, Json] = {"approve": approve, "reject": not approve, "by": by, "note": note, "on": DAY}
    return apply(Review(), path, Wish(options=options), quiet)


def seal(path: Path, ring: Path, **options: Json) -> Folder:
    """Seal the person."""
    return apply(Seal(), path, Wish(options={"keys": str(ring), "on": DAY, **options}), quiet, created=DAY)


def sealed(path: Path, ring: Path, **options: Json) -> Path:
    """A person who is sealed."""
    person(path)
    review(path)
    seal(path, ring, **options)
    return path
