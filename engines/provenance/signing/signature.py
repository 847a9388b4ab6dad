"""Signs bytes with a studio's key, and checks who signed: ECDSA on P-256 with SHA-256, a chain of certificates."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from engines.provenance.signing.keys import Keys, certificates
from engines.provenance.signing.trouble import SigningError, lacking

LONGEST: Final = 3  # certificates of a chain


@dataclass(frozen=True, slots=True)
class Signer:
    """Who signed: the studio's name, its authority's fingerprint, and whether that is one of those that are trusted."""

    name: str
    fingerprint: str
    trusted: bool


def sign(data: bytes, keys: Keys) -> bytes:
    """Return the signature (DER) of `data`; SigningError."""
    try:
        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives.asymmetric import ec
        from cryptography.hazmat.primitives.serialization import load_pem_private_key
    except ImportError as error:
        raise lacking("cryptography") from error
    key = load_pem_private_key(keys.private, None)
    assert isinstance(key, ec.EllipticCurvePrivateKey), "keys.load has checked it"
    return key.sign(data, ec.ECDSA(hashes.SHA256()))


def check(data: bytes, signature: bytes, chain: bytes, anchors: bytes = b"") -> Signer:
    """Return who signed `data`; SigningError `bad_signature` when nobody of `chain` (PEM, leaf first) did.

    `anchors` (PEM) are the authorities that are trusted. Dates of certificates are not looked at: a seal says what was
    approved once, and nothing here knows when that was.
    """
    try:
        from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives.asymmetric import ec
        from cryptography.x509 import BasicConstraints, ExtensionNotFound
        from cryptography.x509.oid import NameOID
    except ImportError as error:
        raise lacking("cryptography") from error
    links = certificates(chain)
    if not 1 <= len(links) <= LONGEST:
        raise SigningError("bad_signature", f"a chain has 1 to {LONGEST} certificates, this one {len(links)}")
    leaf, top = links[0], links[-1]
    try:
        # A certificate is read piece by piece: each of these lines may meet the one that is damaged.
        public = leaf.public_key()
        if not isinstance(public, ec.EllipticCurvePublicKey):
            raise SigningError("bad_signature", "the signer's key is of another kind than ours")
        public.verify(signature, data, ec.ECDSA(hashes.SHA256()))
        for below, above in pairwise(links):
            below.verify_directly_issued_by(above)
            if not above.extensions.get_extension_for_class(BasicConstraints).value.ca:
                raise SigningError("bad_signature", "a certificate of the chain may not vouch for others")
        names = leaf.subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)
        name = str(names[0].value) if names else leaf.subject.rfc4514_string()
    except (InvalidSignature, UnsupportedAlgorithm, ValueError, TypeError, ExtensionNotFound) as error:
        raise SigningError("bad_signature", "the signature does not fit") from error
    known = certificates(anchors) if anchors.strip() else []
    return Signer(name[:200], top.fingerprint(hashes.SHA256()).hex(), any(top == each for each in known))
