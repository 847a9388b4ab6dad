"""Which pictures an identity shows, and that neither a wrong name nor the card inside one gets out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from engines.identity import load_identity, pack
from engines.identity.bundle import ICON
from engines.identity.pictures import HEAD, PORTRAIT_BYTES, head, portrait, sniffed
from engines.identity.png import MANIFEST, SIGNATURE, card_in_png, chunk, embed_card

PIXELS = chunk(b"IHDR", bytes(13)) + chunk(b"IDAT", b"pixels")
PNG = SIGNATURE + PIXELS + chunk(b"IEND", b"")
JPEG = b"\xff\xd8\xff\xe0" + bytes(100)
WEBP = b"RIFF\x10\0\0\0WEBPVP8 " + bytes(20)
GLB = b"glTF\2\0\0\0" + bytes(20)


def person(folder: Path, files: dict[str, bytes], assets: list[dict[str, str]] | None = None) -> Path:
    card = {"spec": "chara_card_v3", "spec_version": "3.0", "data": {"name": "Ada", "assets": assets or []}}
    for name, data in {"card.json": json.dumps(card).encode(), **files}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return folder


def icon(path: str, name: str = "main") -> dict[str, str]:
    return {"type": "icon", "uri": f"embeded://{path}", "name": name, "ext": path.rsplit(".", 1)[-1]}


@pytest.mark.parametrize(
    ("data", "kind", "suffix"),
    [(PNG, "image/png", ".png"), (JPEG, "image/jpeg", ".jpg"), (WEBP, "image/webp", ".webp")],
)
def test_the_type_is_told_by_the_bytes(tmp_path: Path, data: bytes, kind: str, suffix: str) -> None:
    found = portrait(load_identity(person(tmp_path, {ICON: data})))
    assert found is not None
    assert (found.kind, found.suffix, found.data) == (kind, suffix, data)
    assert found.path.startswith("/pictures/")
    assert found.path.endswith(suffix)


def test_the_icon_called_main_is_the_portrait(tmp_path: Path) -> None:
    files = {"assets/icon/images/a.jpg": JPEG, "assets/icon/images/b.webp": WEBP}
    assets = [icon("assets/icon/images/a.jpg", "other"), icon("assets/icon/images/b.webp")]
    found = portrait(load_identity(person(tmp_path, files, assets)))
    assert found is not None
    assert found.kind == "image/webp"


@pytest.mark.parametrize(
    "files",
    [{}, {ICON: b""}, {ICON: b"<svg onload=alert(1)>"}, {ICON: GLB}, {ICON: SIGNATURE}, {ICON: PNG[:-20]}],
    ids=["none", "empty", "script", "head", "no_chunks", "cut_off"],
)
def test_what_is_no_picture_is_not_shown(tmp_path: Path, files: dict[str, bytes]) -> None:
    assert portrait(load_identity(person(tmp_path, files))) is None


def test_a_picture_that_is_too_large_is_not_shown(tmp_path: Path) -> None:
    assert portrait(load_identity(person(tmp_path, {ICON: JPEG + bytes(PORTRAIT_BYTES)}))) is None


def test_an_icon_outside_the_identity_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "secret.jpg").write_bytes(JPEG)
    inside = tmp_path / "ada"
    inside.mkdir()
    for uri in ("../secret.jpg", str(tmp_path / "secret.jpg")):
        assert portrait(load_identity(person(inside, {}, [icon(uri)]))) is None
    (inside / "assets/icon/images").mkdir(parents=True)
    (inside / ICON).symlink_to(tmp_path / "secret.jpg")
    assert portrait(load_identity(person(inside, {}))) is None


def test_the_card_in_a_picture_stays_with_the_server(tmp_path: Path) -> None:
    signed = SIGNATURE + PIXELS + chunk(MANIFEST, b"signed") + chunk(b"IEND", b"")
    file = tmp_path / "ada.png"
    carded = embed_card(PNG, ccv3=b'{"data":{"name":"Ada","system_prompt":"secret"}}', chara=b"{}")
    file.write_bytes(carded.replace(PIXELS, PIXELS + chunk(MANIFEST, b"signed")))
    assert b"secret" in card_in_png(file.read_bytes())
    found = portrait(load_identity(file))
    assert found is not None
    assert found.data == PNG, "the manifest goes with the card: it would not fit any more"
    assert MANIFEST not in embed_card(signed, ccv3=b"{}", chara=b"{}")
    folder = person(tmp_path / "clean", {ICON: signed})
    clean = portrait(load_identity(folder))
    assert clean is not None
    assert clean.data == signed, "without a card nothing is touched"


def test_an_archive_has_its_pictures_too(tmp_path: Path) -> None:
    folder = person(tmp_path / "ada", {ICON: PNG, HEAD: GLB})
    pack(folder, tmp_path / "ada.charx")
    identity = load_identity(tmp_path / "ada.charx")
    face, skull = portrait(identity), head(identity)
    assert face is not None
    assert face.data == PNG
    assert skull is not None
    assert (skull.kind, skull.data) == ("model/gltf-binary", GLB)


def test_a_head_is_a_glb(tmp_path: Path) -> None:
    assert head(load_identity(person(tmp_path, {HEAD: PNG}))) is None
    assert sniffed(b"RIFF\0\0\0\0WAVE") == ("", "")
