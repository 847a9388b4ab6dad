"""The seal of an identity: a signature over every byte of its files, and what was reviewed before. Reads, never writes.

identity.json's `seal` holds the signature over that file itself (its canonical form without the signature), and that
file holds the digest of every other. So a byte that changes anywhere is found, and the file is named.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from engines.identity.bundle import FACTS
from engines.identity.charx import MEMBER_BYTES, member_names
from engines.identity.errors import IdentityError
from engines.identity.fields import JSON_BYTES, Fields, Json, dump, parse_object
from engines.identity.storage import is_archive, listing, read_files
from engines.provenance.chain import canonical
from engines.provenance.signing.signature import Signer, check
from engines.provenance.signing.trouble import SigningError

SCHEMA: Final = 1
SIGNATURE: Final = "signature"
NAMED: Final = 8  # files that a sentence names


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a look at a seal tells.

    `state` is `sealed`, `unsealed` (there is none), `broken` (it does not fit) or `unchecked` (what checks signatures
    is not installed). `files` are those that are not as they were, `signer` who signed.
    """

    state: str
    message: str
    files: tuple[str, ...] = ()
    signer: Signer | None = None


def signed_bytes(facts: Mapping[str, Json]) -> bytes:
    """Return what is signed: identity.json in canonical form, without the signature itself."""
    seal = facts.get("seal")
    kept = {key: value for key, value in seal.items() if key != SIGNATURE} if isinstance(seal, dict) else {}
    return canonical({**facts, "seal": kept})


def verify(path: Path, anchors: bytes = b"") -> Verdict:
    """Look at the seal of an identity in a folder or an archive; IdentityError for what is no identity.

    `anchors` (PEM) are the authorities that are trusted.
    """
    found = read_files(path, {FACTS: JSON_BYTES})
    data = found.get(FACTS)
    facts = parse_object(data, FACTS) if data is not None else {}
    if data is None or not isinstance(facts.get("seal"), dict):
        return Verdict("unsealed", f"{path.name} is not sealed: it is a draft")
    seal = Fields(facts, FACTS, code="bad_facts").at("seal")
    wrong = _changed(path, facts)
    try:
        signature = base64.b64decode(seal.text(SIGNATURE, longest=1000), validate=True)
        chain = seal.text("certificates", longest=20_000).encode("ascii", "replace")
        signer = check(signed_bytes(facts), signature, chain, anchors)
    except (binascii.Error, SigningError) as error:
        if isinstance(error, SigningError) and error.code == "no_provenance":
            return Verdict("unchecked", error.message, tuple(wrong))
        # With it goes the list of what the other files are to be.
        wrong = [FACTS, *wrong]
    else:
        wrong += [FACTS] if data != dump(facts) else []
        if not wrong:
            return _sealed(signer)
    return Verdict("broken", f"not as it was sealed: {_named(wrong)}", tuple(wrong))


def _sealed(signer: Signer) -> Verdict:
    whom = f"{signer.name} ({signer.fingerprint[:16]})"
    if not signer.trusted:
        return Verdict("sealed", f"sealed by {whom}, whom nobody here has said to trust", (), signer)
    return Verdict("sealed", f"sealed by {whom}", (), signer)


def _changed(path: Path, facts: Mapping[str, Json]) -> list[str]:
    """List the files that were changed, are missing, or came from elsewhere."""
    recorded = Fields(facts, FACTS, code="bad_facts").object("files")
    names = set(member_names(path) if is_archive(path) else listing(path)) - {FACTS}
    wrong = sorted(names ^ set(recorded))
    for name in sorted(names & set(recorded)):
        if _digest(path, name) != recorded[name]:
            wrong.append(name)
    return sorted(wrong)


def _digest(path: Path, name: str) -> str:
    try:
        data = read_files(path, {name: MEMBER_BYTES}).get(name)
    except IdentityError:
        return ""
    return hashlib.sha256(data).hexdigest() if data is not None else ""


def _named(files: Iterable[str]) -> str:
    every = list(files)
    rest = f" and {len(every) - NAMED} more" if len(every) > NAMED else ""
    return f"{', '.join(every[:NAMED])}{rest}"
