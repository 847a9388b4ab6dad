"""Makes and reads the keys of a studio: an authority of one's own, and a leaf that signs. EC P-256 (ES256).

Four files in one folder: `authority.pem` (for whoever shall trust your seals), `authority.key`, `signer.pem` (the
leaf and the authority), `signer.key`. The two .key files are readable by their owner alone. Public validators of C2PA
call such a signer untrusted, which is right: nobody they know vouches for it. A certificate from an authority that they
know can be put in the place of `signer.pem` and `signer.key`.
"""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from engines.provenance.signing.trouble import SigningError, lacking

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey, EllipticCurvePublicKey
    from cryptography.x509 import Certificate, Name

HOME: Final = Path("~/.companion-bridge/keys")
AUTHORITY, AUTHORITY_KEY = "authority.pem", "authority.key"
SIGNER, SIGNER_KEY = "signer.pem", "signer.key"
ALL: Final = (AUTHORITY, AUTHORITY_KEY, SIGNER, SIGNER_KEY)
FILE_BYTES: Final = 64 * 1024
NAME: Final = 60  # characters of a studio's name
AUTHORITY_DAYS: Final = 20 * 365
SIGNER_DAYS: Final = 5 * 365
EARLIER: Final = timedelta(days=1)  # clocks differ


@dataclass(frozen=True, slots=True)
class Keys:
    """What signs: the leaf's private key and the chain of certificates, leaf first, both PEM."""

    private: bytes
    chain: bytes


def place(folder: str = "") -> Path:
    """Return the folder of the keys."""
    return (Path(folder) if folder else HOME).expanduser()


def make(folder: Path, name: str, today: date) -> str:
    """Write new keys for the studio called `name`; return the fingerprint of its authority.

    SigningError `exists` where there are keys: a lost key cannot be made again, and seals made with it stay valid.
    """
    if not 0 < len(name.strip()) <= NAME:
        raise SigningError("bad_name", f"a studio's name has 1 to {NAME} characters")
    if found := [each for each in ALL if (folder / each).exists()]:
        raise SigningError("exists", f"{folder / found[0]} exists already: keys are not written over")
    files = _made(name.strip(), datetime.combine(today, time(), UTC))
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    written: list[Path] = []
    try:
        for each, data in files.items():
            _write(folder / each, data, private=each.endswith(".key"))
            written.append(folder / each)
    except OSError:
        for path in written:
            with contextlib.suppress(OSError):
                path.unlink()
        raise
    return fingerprint(files[AUTHORITY])


def load(folder: Path) -> Keys:
    """Read the keys of a folder; SigningError `no_keys` where there are none, `bad_keys` for what cannot sign."""
    try:
        chain, private = _read(folder / SIGNER), _read(folder / SIGNER_KEY)
    except OSError as error:
        raise SigningError("no_keys", f"there are no keys in {folder}: companion identity keys makes them") from error
    _fitting(chain, private, folder)
    return Keys(private, chain)


def trusted(folder: Path) -> bytes:
    """Return the authority of a folder (PEM), b"" where there is none."""
    try:
        return _read(folder / AUTHORITY)
    except OSError:
        return b""


def fingerprint(pem: bytes) -> str:
    """Return the SHA-256 of a certificate in hexadecimal; SigningError `bad_keys`."""
    from cryptography.hazmat.primitives import hashes

    return certificates(pem)[0].fingerprint(hashes.SHA256()).hex()


def certificates(pem: bytes) -> list[Certificate]:
    """Read a chain of certificates; SigningError `bad_keys` or `no_provenance`."""
    try:
        from cryptography import x509
    except ImportError as error:
        raise lacking("cryptography") from error
    try:
        return x509.load_pem_x509_certificates(pem)
    except ValueError as error:
        raise SigningError("bad_keys", f"this is no certificate: {error}") from error


# ------------------------------------------------------------------------------------------------ parts


def _fitting(chain: bytes, private: bytes, folder: Path) -> None:
    from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    leaf = certificates(chain)[0]
    try:
        key = load_pem_private_key(private, None)
    except (ValueError, TypeError) as error:
        raise SigningError("bad_keys", f"{folder / SIGNER_KEY} is no key that can be used: {error}") from error
    if not isinstance(key, EllipticCurvePrivateKey) or not isinstance(key.curve, SECP256R1):
        raise SigningError("bad_keys", f"{folder / SIGNER_KEY} must be a key of the curve P-256")
    if key.public_key() != leaf.public_key():
        raise SigningError("bad_keys", f"{folder / SIGNER} and {SIGNER_KEY} do not belong together")


def _made(name: str, now: datetime) -> dict[str, bytes]:
    try:
        from cryptography import x509
        from cryptography.hazmat.primitives.asymmetric import ec
        from cryptography.x509.oid import NameOID
    except ImportError as error:
        raise lacking("cryptography") from error

    def called(what: str) -> x509.Name:
        return x509.Name(
            [
                x509.NameAttribute(NameOID.ORGANIZATION_NAME, name),
                x509.NameAttribute(NameOID.COMMON_NAME, f"{name[: NAME - 16]} {what}"),
            ]
        )

    root, leaf = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    top = _certificate(called("authority"), called("authority"), root.public_key(), root, now, AUTHORITY_DAYS, top=True)
    own = _certificate(called("studio"), called("authority"), leaf.public_key(), root, now, SIGNER_DAYS, top=False)
    return {
        AUTHORITY: _pem(top),
        AUTHORITY_KEY: _private(root),
        SIGNER: _pem(own) + _pem(top),
        SIGNER_KEY: _private(leaf),
    }


def _certificate(
    subject: Name,
    issuer: Name,
    public: EllipticCurvePublicKey,
    by: EllipticCurvePrivateKey,
    now: datetime,
    days: int,
    *,
    top: bool,
) -> Certificate:
    """Make a certificate as C2PA asks for it: key usage and, of the leaf, the purpose."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.x509.oid import ExtendedKeyUsageOID

    usage = x509.KeyUsage(
        digital_signature=not top,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=top,
        crl_sign=top,
        encipher_only=False,
        decipher_only=False,
    )
    built = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - EARLIER)
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=top, path_length=0 if top else None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(by.public_key()), critical=False)
    )
    if not top:
        built = built.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False)
    return built.sign(by, hashes.SHA256())


def _pem(certificate: Certificate) -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding

    return certificate.public_bytes(Encoding.PEM)


def _private(key: EllipticCurvePrivateKey) -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(FILE_BYTES)


def _write(path: Path, data: bytes, *, private: bool) -> None:
    """Write a file that must not exist, its rights right from the start."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600 if private else 0o644)
    with open(descriptor, "wb") as file:  # noqa: PTH123 - a descriptor, for the rights of the new file
        file.write(data)
