"""Drafts and consents at serve time: who counts as sealed, and who may not be served."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from bridge.errors import ConfigError
from bridge.setup import casting
from bridge.setup.config import Config, load
from bridge.setup.standing import agreed, anchors, is_draft, standing
from engines.identity import load_identity, pack, shipped
from engines.provenance.signing import keys
from studio.commit import apply
from studio.stage import Wish
from tests.studio.sealing import keyring, person, review, seal, sealed
from tests.studio.stages import Written, quiet

pytest.importorskip("cryptography")
pytest.importorskip("c2pa")

TODAY = date(2026, 11, 30)
GIVEN = {"subject": "real", "by": "Eve", "on": "2026-01-01", "statement": "Yes.", "scope": ["face", "voice"]}


@pytest.fixture(scope="module")
def ring(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return keyring(tmp_path_factory.mktemp("standing") / "ring")


def trusting(ring: Path) -> Config:
    return load(None, {}, [f"provenance.trust={ring / keys.AUTHORITY}", f"provenance.keys={ring / 'none'}"])


def test_only_who_was_sealed_by_somebody_trusted_is_no_draft(tmp_path: Path, ring: Path) -> None:
    ada = person(tmp_path / "ada")
    assert standing(trusting(ring), load_identity(ada), TODAY).draft
    review(ada)
    seal(ada, ring)
    assert not standing(trusting(ring), load_identity(ada), TODAY).draft
    assert is_draft(load_identity(ada)), "nobody has said to trust this studio"
    pack(ada, tmp_path / "ada.charx")
    assert not is_draft(load_identity(tmp_path / "ada.charx"), anchors(trusting(ring)))
    (ada / "card.json").write_bytes((ada / "card.json").read_bytes() + b" ")
    assert is_draft(load_identity(ada), anchors(trusting(ring)))
    assert not is_draft(load_identity(shipped()["teacher"]))


def test_the_first_message_calls_an_unsealed_person_a_draft(tmp_path: Path, ring: Path) -> None:
    ada = sealed(tmp_path / "ada", ring)
    settings = [f"identity.path={ada}", "engines.stt=none", f"provenance.keys={ring}"]
    assert not casting.companion(load(None, {}, settings)).draft
    apply(Written("voice", files={}, facts={"description": "another"}), ada, Wish(), quiet)
    assert casting.companion(load(None, {}, settings)).draft


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({}, ""),
        ({"expires": "2026-11-30"}, ""),
        ({"expires": "2026-11-29"}, "consent_ended"),
        ({"withdrawn": "2026-11-30"}, "consent_ended"),
        ({"scope": ["voice"]}, "no_consent"),
        ({"on": "soon"}, "bad_consent"),
    ],
)
def test_a_consent_that_does_not_hold_is_not_served(tmp_path: Path, more: dict[str, object], code: str) -> None:
    ada = person(tmp_path / "ada")
    files = {"consent.json": json.dumps({**GIVEN, **more}).encode()}
    apply(Written("look", files=files, facts={"likeness": ["face"]}), ada, Wish(), quiet)
    if not code:
        ends = standing(Config(), load_identity(ada), TODAY).ends
        assert ends == (date(2026, 12, 1) if more else date.max)
        return
    with pytest.raises(ConfigError) as refused:
        standing(Config(), load_identity(ada), TODAY)
    assert refused.value.code == code
    assert "Ada" in refused.value.message


def test_a_likeness_without_a_consent_is_not_served(tmp_path: Path) -> None:
    ada = person(tmp_path / "ada")
    apply(Written("look", files={}, facts={"likeness": ["face"]}), ada, Wish(), quiet)
    with pytest.raises(ConfigError) as refused:
        standing(Config(), load_identity(ada), TODAY)
    assert refused.value.code == "no_consent"


def test_consent_json_counts_for_the_recordings_of_a_voice(tmp_path: Path) -> None:
    ada = person(tmp_path / "ada")
    voice = json.dumps({"reference": {"clips": ["assets/x_voice/other/clip.wav"]}}).encode()
    files = {"assets/x_voice/other/voice.json": voice, "assets/x_voice/other/clip.wav": b"RIFF"}
    apply(Written("voice", files=files, facts={}), ada, Wish(), quiet)
    before = agreed(load_identity(ada)).voice.reference
    assert before is not None
    assert before.consent is None
    cloning = load(None, {}, ["engines.tts=xtts"])
    with pytest.raises(ConfigError):
        standing(cloning, load_identity(ada), TODAY)
    (ada / "consent.json").write_text(json.dumps(GIVEN))
    after = agreed(load_identity(ada)).voice.reference
    assert after is not None
    assert after.consent is not None
    assert (after.consent.by, after.consent.on) == ("Eve", "2026-01-01")
    standing(cloning, load_identity(ada), TODAY)


@pytest.mark.parametrize("content", [None, b"rubbish"])
def test_trust_must_be_a_certificate(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "trust.pem"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(ConfigError) as refused:
        anchors(load(None, {}, [f"provenance.trust={file}"]))
    assert refused.value.code == "bad_key"
