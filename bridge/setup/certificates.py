"""Makes the certificate that a server on a home network shows: its own authority, kept, and a certificate of that.

Browsers give microphone, camera and WebXR only to https pages. Somebody who installs `ca.pem` on a phone once is never
warned again, whatever address this machine gets. Keys can be read by their owner alone. Needs the extra `lan`.
"""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bridge.errors import ConfigError

if TYPE_CHECKING:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

HOME: Final = Path("~/.companion-bridge/lan")
NAME: Final = "Companion Bridge on this network"
AUTHORITY_DAYS: Final = 3650
DAYS: Final = 397  # the most that browsers take from most authorities
FRESH_DAYS: Final = 30  # before its end a certificate is made anew
BACK: Final = timedelta(days=1)  # clocks of phones are late


@dataclass(frozen=True, slots=True)
class Certificates:
    """The files: the authority's certificate, and the server's with its key."""

    authority: Path
    certificate: Path
    key: Path


def certificates(names: Sequence[str], *, now: float, folder: Path | None = None) -> Certificates:
    """Return a certificate for `names` (host names and addresses), made or still good; ConfigError when it cannot be.

    `now` in seconds since 1970. The authority stays the same; the certificate is made anew when it lacks a name or
    comes to its end.
    """
    try:
        import cryptography  # noqa: F401 - whether it is there; what follows imports its parts
    except ImportError as error:
        raise ConfigError("no_lan", "--lan needs an extra: pip install 'companion-bridge[lan]'") from error
    place = (folder or HOME).expanduser()
    at = datetime.fromtimestamp(now, UTC)
    files = Certificates(place / "ca.pem", place / "server.pem", place / "server.key")
    try:
        place.mkdir(parents=True, exist_ok=True, mode=0o700)
        authority, key = _authority(files.authority, place / "ca.key", at)
        if not _good(files, names, authority, at):
            _certify(files, names, authority, key, at)
    except (OSError, ValueError) as error:
        raise ConfigError("bad_lan", f"the certificates in {place} cannot be used: {error}; delete it") from error
    return files


def _authority(file: Path, key_file: Path, at: datetime) -> tuple[x509.Certificate, EllipticCurvePrivateKey]:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    if file.is_file() and key_file.is_file():
        kept = x509.load_pem_x509_certificate(file.read_bytes())
        key = serialization.load_pem_private_key(key_file.read_bytes(), None)
        if kept.not_valid_after_utc > at + timedelta(days=DAYS) and isinstance(key, ec.EllipticCurvePrivateKey):
            return kept, key
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, NAME)])
    usage = x509.KeyUsage(False, False, False, False, False, True, True, False, False)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(at - BACK)
        .not_valid_after(at + timedelta(days=AUTHORITY_DAYS))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    _write_key(key_file, key)
    _write(file, made.public_bytes(serialization.Encoding.PEM), 0o644)
    return made, key


def _certify(
    files: Certificates, names: Sequence[str], authority: x509.Certificate, key: EllipticCurvePrivateKey, at: datetime
) -> None:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import ExtendedKeyUsageOID

    own = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, names[0][:64])])
    made = (
        x509.CertificateBuilder(authority.subject, subject, own.public_key(), x509.random_serial_number())
        .not_valid_before(at - BACK)
        .not_valid_after(at + timedelta(days=DAYS) - BACK)
        .add_extension(x509.SubjectAlternativeName(list(_general(names))), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    _write_key(files.key, own)
    _write(files.certificate, made.public_bytes(serialization.Encoding.PEM), 0o644)


def _good(files: Certificates, names: Sequence[str], authority: x509.Certificate, at: datetime) -> bool:
    from cryptography import x509

    if not (files.certificate.is_file() and files.key.is_file()):
        return False
    kept = x509.load_pem_x509_certificate(files.certificate.read_bytes())
    there = set(kept.extensions.get_extension_for_class(x509.SubjectAlternativeName).value)
    fresh = kept.not_valid_after_utc > at + timedelta(days=FRESH_DAYS)
    try:
        kept.verify_directly_issued_by(authority)
    except Exception:  # whatever is wrong with it, another is made
        return False
    return fresh and set(_general(names)) <= there


def _general(names: Sequence[str]) -> Iterable[x509.GeneralName]:
    from cryptography import x509

    for name in names:
        try:
            yield x509.IPAddress(ipaddress.ip_address(name))
        except ValueError:
            yield x509.DNSName(name)


def _write_key(file: Path, key: EllipticCurvePrivateKey) -> None:
    from cryptography.hazmat.primitives import serialization

    plain = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    _write(file, plain, 0o600)


def _write(file: Path, data: bytes, mode: int) -> None:
    """Write a file whole or not at all, readable by nobody else from its first byte on if `mode` says so."""
    passing = file.with_suffix(f"{file.suffix}.new")
    passing.unlink(missing_ok=True)
    handle = os.open(passing, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(handle, "wb") as out:
        out.write(data)
    passing.replace(file)
