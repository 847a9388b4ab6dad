"""Labels in GLB: the extension KHR_xmp_json_ld of the glTF registry, and `asset.extras` for readers without it."""

from __future__ import annotations

import json
import struct
from typing import Final, cast

from engines.identity.fields import Json
from engines.provenance.labels.label import IPTC, Label, Said, read_aigc
from engines.provenance.labels.trouble import LabelError

EXTENSION: Final = "KHR_xmp_json_ld"
EXTRA: Final = "companion_bridge"
JSON_BYTES: Final = 64 * 1024 * 1024
CONTEXT: Final = {
    "dc": "http://purl.org/dc/elements/1.1/",
    "xmp": "http://ns.adobe.com/xap/1.0/",
    "Iptc4xmpExt": "http://iptc.org/std/Iptc4xmpExt/2008-02-29/",
}


def write(head: bytes, label: Label) -> bytes:
    """Return the model with the label in the place of one that was there; its geometry is not touched."""
    tree, rest = _read(head)
    asset = _object(tree, "asset")
    packet: dict[str, Json] = {
        "@context": dict(CONTEXT),
        "dc:title": {"@type": "rdf:Alt", "rdf:_1": {"@language": "x-default", "@value": label.title}},
        "xmp:CreatorTool": label.tool,
        "Iptc4xmpExt:DigitalSourceType": f"{IPTC}{label.source}",
    }
    used = tree.get("extensionsUsed")
    names = [name for name in used if isinstance(name, str)] if isinstance(used, list) else []
    tree["extensionsUsed"] = [*dict.fromkeys((*names, EXTENSION))]
    _object(tree, "extensions")[EXTENSION] = {"packets": [packet]}
    _object(asset, "extensions")[EXTENSION] = {"packet": 0}
    extra: dict[str, Json] = {"digitalSourceType": label.source, "tool": label.tool, "notice": label.sentence()}
    if label.china:
        extra["AIGC"] = dict(label.aigc())
    _object(asset, "extras")[EXTRA] = extra
    text = json.dumps(tree, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
    text += b" " * (-len(text) % 4)
    body = struct.pack("<I4s", len(text), b"JSON") + text + rest
    return b"glTF" + struct.pack("<II", 2, 12 + len(body)) + body


def read(head: bytes) -> Said:
    """Return what the model says of itself; LabelError for what is no GLB."""
    tree, _ = _read(head)
    extra = _object(_object(_object(tree, "asset"), "extras"), EXTRA)
    source, tool = extra.get("digitalSourceType"), extra.get("tool")
    packets = _object(_object(tree, "extensions"), EXTENSION).get("packets")
    if isinstance(packets, list) and packets and isinstance(packets[0], dict):
        source = source or packets[0].get("Iptc4xmpExt:DigitalSourceType")
        tool = tool or packets[0].get("xmp:CreatorTool")
    said = source.removeprefix(IPTC)[:200] if isinstance(source, str) else ""
    return Said(said, tool[:200] if isinstance(tool, str) else "", read_aigc(json.dumps(extra.get("AIGC"))))


def _read(head: bytes) -> tuple[dict[str, Json], bytes]:
    """Return the JSON of the model and what follows it."""
    if len(head) < 20 or head[:4] != b"glTF" or head[16:20] != b"JSON":
        raise LabelError("bad_glb", "this is not a GLB file")
    version, _, size = struct.unpack_from("<III", head, 4)
    if version != 2 or 20 + size > len(head) or size > JSON_BYTES:
        raise LabelError("bad_glb", "this GLB file is of another version, or cut off")
    try:
        tree = json.loads(head[20 : 20 + size])
    except (ValueError, RecursionError) as error:
        raise LabelError("bad_glb", "this GLB file is damaged") from error
    if not isinstance(tree, dict):
        raise LabelError("bad_glb", "this GLB file is damaged")
    return cast("dict[str, Json]", tree), head[20 + size :]


def _object(tree: dict[str, Json], key: str) -> dict[str, Json]:
    """Return the object at `key`, made if it is not there."""
    found = tree.get(key)
    if not isinstance(found, dict):
        found = {}
        tree[key] = found
    return found
