"""Makes what two sites share without telling anybody: keys by X25519, masks by ChaCha20, sealed letters.

A site has two pairs of keys in each round: one for the masks, one for letters. Everything that is derived is bound to
the round, so that nothing of one round opens anything of another.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import Final

import numpy as np
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.ciphers.algorithms import ChaCha20
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from training.federate.errors import FederationError
from training.federate.ring import Ring

KEY: Final = 32  # bytes of a key, a seed and a proof
_NONCE: Final = bytes(12)  # a key seals one letter only
_COUNTER: Final = bytes(16)  # a seed makes one mask only


def public(secret: bytes) -> bytes:
    """Return the public key of a secret one."""
    return X25519PrivateKey.from_private_bytes(secret).public_key().public_bytes_raw()


def agreed(secret: bytes, other: bytes, purpose: str) -> bytes:
    """Return the 32 bytes that the owner of `secret` and the owner of the public key `other` share for one purpose."""
    try:
        shared = X25519PrivateKey.from_private_bytes(secret).exchange(X25519PublicKey.from_public_bytes(other))
    except ValueError as error:
        raise FederationError("bad_keys", "a site has shown a public key that is none") from error
    return HKDF(SHA256(), KEY, salt=None, info=f"companion-bridge federation {purpose}".encode()).derive(shared)


def mask(seed: bytes, length: int) -> Ring:
    """Return `length` numbers that follow from the seed, and that nobody without it can tell from chance."""
    stream = Cipher(ChaCha20(seed, _COUNTER), mode=None).encryptor().update(bytes(4 * length))
    return np.frombuffer(stream, "<u4").astype(np.uint32)


def seal(key: bytes, letter: bytes) -> bytes:
    """Close a letter with a key that closes no other."""
    return ChaCha20Poly1305(key).encrypt(_NONCE, letter, None)


def opened(key: bytes, sealed: bytes) -> bytes:
    """Open a letter; `bad_share` when it was changed or is for somebody else."""
    try:
        return ChaCha20Poly1305(key).decrypt(_NONCE, sealed, None)
    except (InvalidTag, ValueError) as error:
        raise FederationError("bad_share", "a letter from another site was changed on its way") from error


def proof(circle: bytes, told: bytes) -> bytes:
    """Sign what a site tells with the secret that all sites have and the aggregator has not."""
    return hmac.new(hashlib.sha256(circle).digest(), told, hashlib.sha256).digest()
