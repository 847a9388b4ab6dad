"""Neural voices by name: what the configuration passes on, what a start says without them, a line spoken for real."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from bridge.setup import casting
from bridge.setup.config import Config
from bridge.setup.config import load as configured
from engines.api import Voice
from tests.engines.identity.test_identity_voice import CLIP, CONSENT, made
from tests.engines.makers import COQUI
from tests.engines.tiny import voices
from tests.engines.voices.narrator import needs

pytestmark = pytest.mark.models


def config(*settings: str) -> Config:
    return configured(None, {}, ["engines.stt=none", *settings])


def test_the_section_of_an_engine_is_what_it_takes() -> None:
    settings = ["engines.tts=coqui", "coqui.model=/a/voice", "coqui.device=cpu", "coqui.speaker=ada", "coqui.batch=3"]
    made = config(*settings)
    assert casting.settings(made, "coqui") == {
        "model": "/a/voice",
        "device": "cpu",
        "speaker": "ada",
        "batch": 3,
        "threads": 0,
    }
    assert casting.companion(made).engines.tts.name == "coqui"
    for choice in ("xtts", "piper", "kokoro"):
        assert casting.companion(config(f"engines.tts={choice}")).engines.tts.name == choice


def test_another_engines_name_for_the_voice_is_not_passed_on(tmp_path: Path) -> None:
    path = made(tmp_path, {"name": "f3", "names": {"kokoro": "af_heart"}})
    chosen = {
        choice: casting.companion(config(f"engines.tts={choice}", f"identity.path={path}")).engines.voice.name
        for choice in ("espeak", "coqui", "kokoro")
    }
    assert chosen == {"espeak": "f3", "coqui": "", "kokoro": "af_heart"}


def test_xtts_is_given_the_voice_to_make_ready(tmp_path: Path) -> None:
    path = made(tmp_path, {"reference": {"clips": [CLIP], "consent": CONSENT}})
    companion = casting.companion(config("engines.tts=xtts", f"identity.path={path}"))
    voice = companion.engines.voice
    assert isinstance(voice, Voice)
    assert voice.reference is not None
    assert vars(companion.engines.tts)["_voice"] == voice
    german = casting.companion(config("engines.tts=xtts", f"identity.path={path}", "identity.language=de"))
    assert german.engines.voice == replace(voice, language="de", name="")


@pytest.mark.parametrize("choice", ["coqui", "xtts", "piper", "kokoro"])
def test_a_start_without_a_voice_says_in_one_sentence_what_to_do(choice: str, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "bridge", "say", "Hello.", "--out", str(tmp_path / "out"), "--set"]
    done = subprocess.run([*command, f"engines.tts={choice}"], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert f"{choice}.model" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_line_is_spoken_by_a_neural_voice_into_files(tmp_path: Path) -> None:
    needs("tts", *COQUI)
    options = ["--set", "engines.tts=coqui", "--set", f"coqui.model={voices.vits()}"]
    command = [
        sys.executable,
        "-W",
        "error::DeprecationWarning:bridge",
        "-m",
        "bridge",
        "say",
        "Good morning, my friend.",
    ]
    done = subprocess.run([*command, "--out", str(tmp_path), *options], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    transcript = json.loads((tmp_path / "transcript.json").read_text(encoding="utf-8"))
    assert "Good morning, my friend." in json.dumps(transcript)
    assert (tmp_path / "reply.wav").stat().st_size > 40_000
    face = json.loads((tmp_path / "face.json").read_text(encoding="utf-8"))
    assert "exact" in json.dumps(face)
