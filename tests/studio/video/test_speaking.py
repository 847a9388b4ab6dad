"""Films with the real voice and face of a live reply: by the studio, and beside what `companion say` writes."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from bridge.command import cli as companion
from engines.identity import load_identity, shipped
from engines.provenance.audio.detect import detect
from engines.provenance.marking import payload_of
from studio.video.looks.appearance import CHANNELS
from studio.video.track import track
from tests.studio.video.acting import pictures, sound

TEACHER = shipped()["teacher"]


def test_the_speaker_gives_what_a_live_reply_has() -> None:
    made = track(companion._speaker(TEACHER, "[happy] Mama, papa, baby.", 30))
    assert made.text == "Mama, papa, baby."
    assert set(made.names) == set(CHANNELS)
    assert len(made.frames) == -(-len(made.pcm) // 2 * 30 // made.rate)
    assert made.frames[:, made.names.index("jawOpen")].max() > 0.2
    assert made.frames[:, made.names.index("mouthSmileLeft")].max() > 0.1
    assert {ipa[:1] for ipa, _, _ in made.phones} >= {"m", "p", "b"}


def test_say_makes_a_film_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "a.mp4"
    given = ["say", "Good morning, my dear pupils of the last row. How are you?", "--out", str(tmp_path / "said")]
    assert companion.main([*given, "--identity", "teacher", "--video", str(out), "--size", "512", "--fps", "24"]) == 0
    assert "a.mp4" in capsys.readouterr().out
    seen = pictures(out)
    transcript = json.loads((tmp_path / "said" / "transcript.json").read_text())
    assert len(seen) / 24 == pytest.approx(transcript["seconds"] + 1.0, abs=0.1)
    samples, rate, _ = sound(out)
    found = detect((samples * 32767).astype(np.int16), rate)
    assert found.marked
    assert found.payload == payload_of(load_identity(TEACHER).id)


def test_what_the_studio_refuses_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    given = ["say", "Hello.", "--out", str(tmp_path / "said"), "--identity", "teacher", "--fps", "30"]
    assert companion.main([*given, "--video", str(tmp_path / "a.avi")]) == 1
    assert "ends in .mp4" in capsys.readouterr().err
    assert companion.main([*given, "--video", str(tmp_path / "a.mp4"), "--look", "portrait"]) == 1
    assert "companion identity puppet" in capsys.readouterr().err


def test_an_identity_that_cannot_speak_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    given = ["identity", "video", str(TEACHER), "Hello.", "-o", str(tmp_path / "a.mp4"), "--json"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COMPANION_ENGINES_FACE", "none")
        assert companion.main(given) == 1
    assert "error" in json.loads(capsys.readouterr().out.splitlines()[-1])
