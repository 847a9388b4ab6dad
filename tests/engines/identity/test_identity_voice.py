"""The voice of an identity: other engines' names, clips to clone and the consent to it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from engines.api import Consent, Reference, Voice
from engines.identity import IdentityError, load_identity
from engines.identity.bundle import pack, unpack

CLIP = "assets/x_voice/other/reference.wav"
CONSENT = {"by": "Ada Example", "on": "2026-11-01", "statement": "My voice may be cloned for this companion."}
CARD = {"spec": "chara_card_v3", "spec_version": "3.0", "data": {"name": "Ada", "description": "A person."}}


def made(folder: Path, voice: dict[str, Any], clip: bytes | None = b"RIFF sound") -> Path:
    where = folder / "assets" / "x_voice" / "other"
    where.mkdir(parents=True)
    (folder / "card.json").write_text(json.dumps(CARD), encoding="utf-8")
    (where / "voice.json").write_text(json.dumps(voice), encoding="utf-8")
    if clip is not None:
        (folder / CLIP).write_bytes(clip)
    return folder


def test_each_engine_has_its_own_name_for_the_voice(tmp_path: Path) -> None:
    names = {"coqui": "VCTK_p225", "kokoro": "af_heart", "xtts": "Claribel Dervla"}
    voice = {"language": "en-gb", "name": "f3", "rate": 1.2, "names": names}
    identity = load_identity(made(tmp_path, voice))
    assert identity.voice == Voice("en-gb", "f3", 1.2)
    assert identity.voice_of("espeak") == identity.voice
    assert [identity.voice_of(engine).name for engine in ("coqui", "kokoro", "xtts", "piper")] == [*names.values(), ""]
    assert identity.voice_of("coqui").rate == 1.2


def test_a_clip_comes_with_the_consent_to_clone_it(tmp_path: Path) -> None:
    identity = load_identity(made(tmp_path, {"reference": {"clips": [CLIP], "consent": CONSENT}}))
    assert identity.voice.reference == Reference((b"RIFF sound",), Consent(**CONSENT))
    assert identity.voice_of("xtts").reference == identity.voice.reference


def test_clip_and_consent_travel_with_the_identity(tmp_path: Path) -> None:
    folder = made(tmp_path / "ada", {"reference": {"clips": [CLIP], "consent": CONSENT}})
    pack(folder, tmp_path / "ada.charx")
    unpack(tmp_path / "ada.charx", tmp_path / "again")
    for path in (tmp_path / "ada.charx", tmp_path / "again"):
        assert load_identity(path).voice == load_identity(folder).voice


@pytest.mark.parametrize(
    "reference", [{"clips": [CLIP]}, {"clips": [CLIP], "consent": {}}, {"clips": CLIP, "consent": None}]
)
def test_without_consent_the_clip_says_so(tmp_path: Path, reference: dict[str, Any]) -> None:
    loaded = load_identity(made(tmp_path, {"reference": reference})).voice.reference
    assert loaded == Reference((b"RIFF sound",), None)


def test_no_clip_is_no_reference(tmp_path: Path) -> None:
    assert load_identity(made(tmp_path, {"reference": {"consent": CONSENT}})).voice.reference is None


@pytest.mark.parametrize(
    ("voice", "code"),
    [
        ({"reference": {"clips": ["assets/nothing.wav"]}}, "bad_voice"),
        ({"reference": {"clips": ["../outside.wav"]}}, "unsafe_path"),
        ({"reference": {"clips": ["/etc/passwd"]}}, "unsafe_path"),
        ({"reference": {"clips": [CLIP] * 5}}, "too_large"),
        ({"reference": {"clips": [1]}}, "bad_voice"),
        ({"reference": "clip.wav"}, "bad_voice"),
        ({"reference": {"clips": [CLIP], "consent": {**CONSENT, "on": "yesterday"}}}, "bad_voice"),
        ({"reference": {"clips": [CLIP], "consent": {**CONSENT, "by": " "}}}, "bad_voice"),
        ({"reference": {"clips": [CLIP], "consent": {"by": "Ada Example"}}}, "bad_voice"),
        ({"reference": {"clips": [CLIP], "consent": True}}, "bad_voice"),
        ({"names": {"coqui": 7}}, "bad_voice"),
        ({"names": {"Bad Engine": "x"}}, "bad_voice"),
        ({"names": {"coqui": "a\nb"}}, "bad_voice"),
        ({"names": []}, "bad_voice"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, voice: dict[str, Any], code: str) -> None:
    with pytest.raises(IdentityError) as caught:
        load_identity(made(tmp_path, voice))
    assert caught.value.code == code
    assert "voice.json" in caught.value.message or code == "unsafe_path"


def test_a_clip_outside_the_folder_is_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "secret.wav"
    outside.write_bytes(b"secret")
    folder = made(tmp_path / "ada", {"reference": {"clips": [CLIP]}}, clip=None)
    (folder / CLIP).symlink_to(outside)
    with pytest.raises(IdentityError) as caught:
        load_identity(folder)
    assert caught.value.code == "unsafe_path"
