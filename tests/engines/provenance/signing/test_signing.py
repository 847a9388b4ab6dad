"""Keys, signatures and manifests: made, stored for their owner alone, checked, and refused when they do not fit."""

from __future__ import annotations

import builtins
import sys
from datetime import date
from pathlib import Path

import pytest

from engines.provenance.labels.files import labelled
from engines.provenance.labels.label import Label
from engines.provenance.signing import c2pa, keys
from engines.provenance.signing.signature import check, sign
from engines.provenance.signing.trouble import SigningError
from tests.engines.provenance.labels.test_labels import film, sound
from tests.studio.sealing import keyring, picture

pytest.importorskip("cryptography")
pytest.importorskip("c2pa")

LABEL = Label("algorithmicMedia", "Ada", version="0.1.0")


@pytest.fixture(scope="module")
def ring(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return keyring(tmp_path_factory.mktemp("signing") / "ring", "工作室")


def test_keys_are_their_owners_alone_and_not_written_over(ring: Path) -> None:
    assert {path.name for path in ring.iterdir()} == set(keys.ALL)
    for name in keys.ALL:
        assert ((ring / name).stat().st_mode & 0o777) == (0o600 if name.endswith(".key") else 0o644)
    before = {path.name: path.read_bytes() for path in ring.iterdir()}
    with pytest.raises(SigningError) as refused:
        keys.make(ring, "another", date(2026, 1, 1))
    assert refused.value.code == "exists"
    assert {path.name: path.read_bytes() for path in ring.iterdir()} == before
    assert keys.fingerprint(keys.trusted(ring)) == keys.fingerprint((ring / keys.AUTHORITY).read_bytes())
    assert len(keys.certificates(keys.load(ring).chain)) == 2


@pytest.mark.parametrize("name", ["", "   ", "x" * 61])
def test_a_studio_has_a_name(tmp_path: Path, name: str) -> None:
    with pytest.raises(SigningError) as refused:
        keys.make(tmp_path / "ring", name, date(2026, 1, 1))
    assert refused.value.code == "bad_name"
    assert not (tmp_path / "ring").exists()


def test_a_full_disk_leaves_no_half_of_a_pair(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[Path] = []

    def full(path: Path, data: bytes, *, private: bool) -> None:
        if len(written) == 2:
            raise OSError(28, "No space left on device")
        written.append(path)
        path.write_bytes(data)

    monkeypatch.setattr(keys, "_write", full)
    with pytest.raises(OSError, match="No space"):
        keys.make(tmp_path, "Ada", date(2026, 1, 1))
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_sign_says_why(ring: Path, tmp_path: Path) -> None:
    with pytest.raises(SigningError) as refused:
        keys.load(tmp_path)
    assert refused.value.code == "no_keys"
    assert keys.trusted(tmp_path) == b""
    for chain, private in ((b"rubbish", b""), ((ring / keys.SIGNER).read_bytes(), b"rubbish")):
        (tmp_path / keys.SIGNER).write_bytes(chain)
        (tmp_path / keys.SIGNER_KEY).write_bytes(private)
        with pytest.raises(SigningError) as refused:
            keys.load(tmp_path)
        assert refused.value.code == "bad_keys"


def test_a_signature_fits_its_bytes_and_its_signer(ring: Path, tmp_path: Path) -> None:
    own, other = keys.load(ring), keys.load(keyring(tmp_path / "other"))
    signature = sign(b"what is said", own)
    signer = check(b"what is said", signature, own.chain, keys.trusted(ring))
    assert (signer.name, signer.trusted) == ("工作室", True)
    assert not check(b"what is said", signature, own.chain, keys.trusted(tmp_path / "other")).trusted
    leaf, authority = (
        pem + b"-----END CERTIFICATE-----\n" for pem in own.chain.split(b"-----END CERTIFICATE-----\n")[:2]
    )
    forged = leaf + other.chain.split(b"-----END CERTIFICATE-----\n")[1] + b"-----END CERTIFICATE-----\n"
    for data, signed, chain in (
        (b"what is sai", signature, own.chain),
        (b"what is said", signature[:-1], own.chain),
        (b"what is said", b"", own.chain),
        (b"what is said", signature, other.chain),
        (b"what is said", signature, forged),
        (b"what is said", signature, authority),
        (b"what is said", signature, leaf * 4),
        (b"what is said", signature, b""),
    ):
        with pytest.raises(SigningError):
            check(data, signed, chain, keys.trusted(ring))


@pytest.mark.parametrize(
    ("data", "kind"),
    [(picture(), "image/png"), (sound(), "audio/wav")],
)
def test_a_manifest_holds_until_a_byte_changes(ring: Path, data: bytes, kind: str) -> None:
    assert c2pa.read(data, kind) is None
    signed = labelled(data, LABEL, keys=keys.load(ring))
    told = c2pa.read(signed, kind, keys.trusted(ring))
    assert told is not None
    assert (told.state, told.signer, told.trusted, told.source) == ("valid", "工作室", True, "algorithmicMedia")
    stranger = c2pa.read(signed, kind)
    assert stranger is not None
    assert (stranger.state, stranger.trusted) == ("valid", False)
    broken = bytearray(signed)
    broken[len(data) // 2 if kind == "audio/wav" else len(signed) - 60] ^= 1
    changed = c2pa.read(bytes(broken), kind)
    assert changed is not None
    assert changed.state == "broken"
    assert changed.faults
    assert len(signed) < len(data) + 8000, "no thumbnail"


def test_what_has_no_place_for_a_manifest_says_so(ring: Path) -> None:
    for data, kind, code in ((b"glTF", "model/gltf-binary", "unsupported"), (b"rubbish", "image/png", "not_signed")):
        with pytest.raises(SigningError) as refused:
            c2pa.sign(data, kind, LABEL, keys.load(ring))
        assert refused.value.code == code
    assert c2pa.read(b"glTF", "model/gltf-binary") is None
    assert film(samples_first=True)


def test_without_the_packages_it_says_what_to_install(ring: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own, real = keys.load(ring), builtins.__import__

    def none(name: str, *rest: object, **more: object) -> object:
        if name.split(".")[0] in ("c2pa", "cryptography"):
            raise ImportError(name)
        return real(name, *rest, **more)  # type: ignore[arg-type]

    for name in [each for each in sys.modules if each.split(".")[0] in ("c2pa", "cryptography")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(builtins, "__import__", none)
    for act in (
        lambda: sign(b"", own),
        lambda: check(b"", b"", b""),
        lambda: keys.certificates(b""),
        lambda: keys.make(ring / "x", "Ada", date(2026, 1, 1)),
        lambda: c2pa.sign(picture(), "image/png", LABEL, own),
        lambda: c2pa.read(picture(), "image/png"),
    ):
        with pytest.raises(SigningError) as refused:
            act()
        assert refused.value.code == "no_provenance"
        assert "companion-bridge[provenance]" in refused.value.message
