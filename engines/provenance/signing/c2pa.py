"""C2PA manifests: signed statements inside a file about how it was made. Works offline, by the library c2pa-python.

The manifest must come last: whatever changes the file afterwards breaks it, which is what it is for.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from io import BytesIO
from typing import Final

from engines.identity.fields import Json
from engines.provenance.labels.label import IPTC, TOOL, Label
from engines.provenance.signing.keys import Keys
from engines.provenance.signing.trouble import SigningError, lacking

KINDS: Final = {
    "image/png", "image/jpeg", "image/webp", "audio/wav", "audio/mpeg", "audio/flac", "audio/mp4", "video/mp4",
    "application/pdf", "image/gif",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a manifest says: whether it holds (`valid`, `broken`), who signed, whether they are trusted, and how made.

    `faults` are the validator's codes for what does not hold.
    """

    state: str
    signer: str
    trusted: bool
    source: str
    tool: str
    faults: tuple[str, ...] = ()


def sign(data: bytes, kind: str, label: Label, keys: Keys) -> bytes:
    """Return the file of content type `kind` with a manifest; SigningError says why not."""
    try:
        import c2pa
    except ImportError as error:
        raise lacking("c2pa-python") from error
    if kind not in KINDS:
        raise SigningError("unsupported", f"C2PA has no place in a file of type {kind}")
    made: dict[str, Json] = {
        "action": "c2pa.created",
        "digitalSourceType": f"{IPTC}{label.source}",
        "softwareAgent": {"name": TOOL, "version": label.version or "0"},
    }
    manifest: dict[str, Json] = {
        "claim_generator_info": [{"name": TOOL, "version": label.version or "0"}],
        "title": label.title[:200] or "untitled",
        "assertions": [{"label": "c2pa.actions.v2", "data": {"actions": [made]}}],
    }
    # A thumbnail would add 50 kB to a portrait. What was signed is checked below, by whoever reads it.
    settings = c2pa.Settings.from_dict({"builder": {"thumbnail": {"enabled": False}}})
    try:
        # None: an empty address of a time stamp server makes the library fail.
        info = c2pa.C2paSignerInfo(b"es256", keys.chain, keys.private, None)
        with (
            c2pa.Context(settings) as context,
            c2pa.Builder(manifest, context=context) as builder,
            c2pa.Signer.from_info(info) as signer,
        ):
            out = BytesIO()
            builder.sign(signer, kind, BytesIO(data), out)
            return out.getvalue()
    except c2pa.C2paError as error:
        raise SigningError("not_signed", f"the file cannot be signed: {error}") from error


def read(data: bytes, kind: str, anchors: bytes = b"") -> Manifest | None:
    """Return what the file's manifest says, None where there is none.

    SigningError `no_provenance`, or `unreadable` for a file that is damaged and was not signed.
    """
    try:
        import c2pa
    except ImportError as error:
        raise lacking("c2pa-python") from error
    if kind not in KINDS:
        return None
    known = {"verify": {"verify_trust": True}, "trust": {"user_anchors": anchors.decode("ascii", "replace")}}
    settings = c2pa.Settings.from_dict(known if anchors.strip() else {"verify": {"verify_trust": True}})
    try:
        with c2pa.Context(settings) as context, c2pa.Reader(kind, BytesIO(data), context=context) as reader:
            state, whole = reader.get_validation_state(), json.loads(reader.json())
    except c2pa.C2paError as error:
        if "ManifestNotFound" in type(error).__name__ or "no JUMBF" in str(error) or "ManifestNotFound" in str(error):
            return None
        if b"c2pa" not in data:
            raise SigningError("unreadable", f"the file cannot be read: {str(error)[:200]}") from error
        return Manifest("broken", "", False, "", "", (str(error)[:200],))
    return _told(state or "", whole)


def _told(state: str, whole: dict[str, Json]) -> Manifest:
    """Write the library's report down; every part of it may be missing."""
    manifests, active = whole.get("manifests"), whole.get("active_manifest")
    own = manifests.get(active) if isinstance(manifests, dict) and isinstance(active, str) else None
    own = own if isinstance(own, dict) else {}
    signature = own.get("signature_info")
    signer = str(signature.get("issuer") or "") if isinstance(signature, dict) else ""
    generators = own.get("claim_generator_info")
    first = generators[0] if isinstance(generators, list) and generators else None
    tool = str(first.get("name") or "") if isinstance(first, dict) else ""
    statuses = whole.get("validation_status")
    codes = [str(each.get("code")) for each in statuses if isinstance(each, dict)] if isinstance(statuses, list) else []
    faults = tuple(code for code in codes if code != "signingCredential.untrusted")
    holds = state in ("Valid", "Trusted") and not faults
    return Manifest("valid" if holds else "broken", signer[:200], state == "Trusted", _source(own), tool[:200], faults)


def _source(manifest: dict[str, Json]) -> str:
    """Return how the file was made, as the first action that says so has it."""
    assertions = manifest.get("assertions")
    for each in assertions if isinstance(assertions, list) else []:
        data = each.get("data") if isinstance(each, dict) else None
        actions = data.get("actions") if isinstance(data, dict) else None
        for action in actions if isinstance(actions, list) else []:
            said = action.get("digitalSourceType") if isinstance(action, dict) else None
            if isinstance(said, str):
                return said.removeprefix(IPTC)[:200]
    return ""
