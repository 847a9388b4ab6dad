"""Writes rig.json, the face that face.js draws: `python -m tools.face.make_rig`.

The order of the calls is the order of the paint.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from tools.face.rigging import beard, clothes, eyes, fields, hair, head, mouth
from tools.face.rigging.builder import Builder

FACE: Final = Path(__file__).parents[2] / "bridge" / "web" / "face"


def make() -> dict[str, Any]:
    """Return the rig, as RIG.md describes it."""
    rig = Builder(fields.skin)
    head.outline(rig)
    hair.back(rig)
    head.neck(rig)
    head.chin_shadow(rig)
    clothes.draw(rig)
    head.ears(rig)
    head.face(rig)
    eyes.eyes(rig)
    head.nose(rig)
    beard.draw(rig)
    mouth.draw(rig)
    eyes.brows(rig)
    hair.front(rig)
    eyes.glasses(rig)
    return rig.rig()


if __name__ == "__main__":
    text = json.dumps(make(), separators=(",", ":"), ensure_ascii=False)
    (FACE / "rig.json").write_text(text + "\n", "utf-8")
    print(f"rig.json: {len(text) / 1000:.1f} kB")
