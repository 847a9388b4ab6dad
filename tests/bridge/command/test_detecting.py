"""`companion detect` and `companion say --out`: what leaves is labelled and marked, and anyone can be told so."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from bridge.command.cli import main
from engines.provenance.signing import keys
from talk import wav
from tests.engines.provenance.audio.speech import speech
from tests.studio.sealing import ICON, keyring, picture, sealed

pytest.importorskip("c2pa")

LINE = "A prism splits white light, because glass bends blue light more than red light. Newton saw it."


@pytest.fixture(scope="module")
def ring(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return keyring(tmp_path_factory.mktemp("detecting") / "ring")


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory, ring: Path) -> Path:
    out = tmp_path_factory.mktemp("said")
    assert main(["say", LINE, "--out", str(out), "--set", f"provenance.keys={ring}", "--face", "none"]) == 0
    return out


def test_what_is_spoken_into_files_is_marked_labelled_and_signed(
    said: Path, ring: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["detect", str(said / "reply.wav"), "--json", "--set", f"provenance.keys={ring}"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["machine"] is True
    assert told["identity"] == "Nora"
    assert told["heard"]["marked"] is True
    assert told["said"]["source"] == "algorithmicMedia"
    assert (told["manifest"]["state"], told["manifest"]["trusted"]) == ("valid", True)
    assert main(["detect", str(said / "reply.wav")]) == 0
    text = capsys.readouterr().out
    assert "a machine made it" in text
    assert "whom nobody here has said to trust" in text


def test_a_changed_copy_is_told_from_the_signed_one(
    said: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = bytearray((said / "reply.wav").read_bytes())
    data[20_000] ^= 1
    (tmp_path / "x.wav").write_bytes(data)
    assert main(["detect", str(tmp_path / "x.wav")]) == 1
    assert "NOT as it was signed" in capsys.readouterr().out


def test_without_keys_the_words_are_there_all_the_same(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings = ["--set", f"provenance.keys={tmp_path / 'none'}", "--set", "provenance.china=true", "--face", "none"]
    assert main(["say", "Good morning to all of you.", "--out", str(tmp_path), *settings]) == 0
    capsys.readouterr()
    main(["detect", str(tmp_path / "reply.wav"), "--json"])
    told = json.loads(capsys.readouterr().out)
    assert told["manifest"] is None
    assert dict(told["said"]["aigc"])["Label"] == "1"
    sound, _ = np.frombuffer((tmp_path / "reply.wav").read_bytes()[44:], "<i2", count=24_000), 0
    assert sound.any()


def test_what_says_nothing_is_not_proof(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wav.write(tmp_path / "plain.wav", speech(3.0).tobytes(), rate=24_000)
    (tmp_path / "plain.png").write_bytes(picture())
    (tmp_path / "text.txt").write_text("hello")
    (tmp_path / "broken.png").write_bytes(picture()[:60])
    for name in ("plain.wav", "plain.png", "text.txt", "broken.png"):
        assert main(["detect", str(tmp_path / name)]) == 3
        assert "proves nothing" in capsys.readouterr().out
    assert main(["detect", str(tmp_path / "nowhere")]) == 1


def test_an_own_key_is_looked_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    key = tmp_path / "key"
    key.write_bytes(b"sixteen bytes or more")
    settings = ["--set", f"provenance.key={key}", "--set", f"provenance.keys={tmp_path / 'none'}", "--face", "none"]
    assert main(["say", LINE, "--out", str(tmp_path), *settings]) == 0
    capsys.readouterr()
    for more, marked in (([], False), (["--sound-key", str(key)], True)):
        main(["detect", str(tmp_path / "reply.wav"), "--json", *more])
        assert json.loads(capsys.readouterr().out)["heard"]["marked"] is marked


def test_an_identity_is_told_by_its_seal(tmp_path: Path, ring: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ada = sealed(tmp_path / "ada", ring)
    assert main(["detect", str(ada), "--set", f"provenance.trust={ring / keys.AUTHORITY}"]) == 0
    assert "sealed by Test Studio" in capsys.readouterr().out
    assert main(["detect", str(ada / ICON)]) == 0
    assert "picture" in capsys.readouterr().out
    copy = shutil.copytree(ada, tmp_path / "copy")
    (copy / "card.json").write_bytes((copy / "card.json").read_bytes() + b" ")
    assert main(["detect", str(copy), "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["files"] == ["card.json"]
    assert main(["identity", "verify", str(copy)]) == 1
    assert "card.json" in capsys.readouterr().err
    assert main(["identity", "verify", str(ada), "--trust", str(ring / keys.AUTHORITY)]) == 0
