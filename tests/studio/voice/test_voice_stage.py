"""The stage on a folder: what it writes, what it keeps, and an audition that can be heard."""

from __future__ import annotations

import io
import json
import wave
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engines.identity import load_identity
from engines.identity.voice import VOICE
from studio.command.cli import main
from studio.commit import apply
from studio.draft.stage import Draft
from studio.errors import StudioError
from studio.folder import Folder
from studio.stage import Wish
from studio.voice.loudness import PEAK, TARGET, loudness, true_peak
from studio.voice.stage import VoiceStage

WISH = "a stern judge of seventy with a deep, slow voice"


def silent(done: float, sentence: str) -> None:
    assert 0.0 <= done <= 1.0
    assert sentence


@pytest.fixture
def person(tmp_path: Path) -> Path:
    folder = tmp_path / "judge"
    apply(Draft(), folder, Wish(WISH, "en"), silent)
    return folder


def voiced(folder: Path, **options: Any) -> dict[str, Any]:
    apply(VoiceStage(), folder, Wish(options=options), silent)
    report: dict[str, Any] = json.loads(Folder(folder).read("reports/voice.json"))
    return report


def test_the_bridge_loads_what_the_stage_chose(person: Path) -> None:
    report = voiced(person)
    identity = load_identity(person)
    assert identity.voice.name == report["candidates"][0]["name"]
    assert identity.names == report["candidates"][0]["names"]
    assert identity.voice.language.startswith("en")
    written = json.loads(Folder(person).read(VOICE))
    assert {"accent", "engine", "range", "energy", "style"} <= set(written)


def test_the_same_wish_writes_the_same_bytes_and_another_choice_another_voice(person: Path) -> None:
    voiced(person)
    before = Folder(person).read(VOICE)
    voiced(person)
    assert Folder(person).read(VOICE) == before
    report = voiced(person, choose=3)
    assert load_identity(person).voice.name == report["candidates"][2]["name"]
    assert voiced(person)["chosen"] == 3, "run again, it keeps what was chosen"
    for wrong in (0, 6, "two"):
        with pytest.raises(StudioError, match="5 voices to choose from"):
            voiced(person, choose=wrong)


def test_a_recording_to_clone_and_its_consent_stay(person: Path) -> None:
    reference = {
        "clips": ["assets/x_voice/other/a.wav"],
        "consent": {"by": "A", "on": "2026-01-01", "statement": "Yes."},
    }
    (person / VOICE).parent.mkdir(parents=True, exist_ok=True)
    (person / "assets/x_voice/other/a.wav").write_bytes(b"RIFF")
    (person / VOICE).write_text(json.dumps({"reference": reference}))
    voiced(person)
    assert json.loads(Folder(person).read(VOICE))["reference"] == reference


def test_an_audition_is_five_recordings_of_one_loudness_and_a_page(person: Path) -> None:
    report = voiced(person, audition=True, line="The court rises. <b>Please</b> be seated, all of you.")
    folder = Folder(person)
    for number, told in enumerate(report["heard"], 1):
        with wave.open(io.BytesIO(folder.read(f"reports/voice/{number}.wav"))) as file:
            sound = np.frombuffer(file.readframes(file.getnframes()), "<i2") / 32767
            assert loudness(sound, file.getframerate()) == pytest.approx(TARGET, abs=0.2)
            assert true_peak(sound, file.getframerate()) <= PEAK + 0.1
        assert told["nearest_other_steps"] > 1.0, "it is told apart from every other"
    page = folder.read("reports/voice/index.html").decode()
    assert all(f'src="{number}.wav"' in page for number in range(1, 6))
    assert "<b>Please" not in page
    chosen = voiced(person, choose=2)
    assert chosen["heard"] == report["heard"]
    assert Folder(person).has("reports/voice/5.wav")
    apply(VoiceStage(), person, Wish(seed=99), silent)
    assert not Folder(person).has("reports/voice/1.wav"), "they were of other voices"


def test_a_line_without_words_or_without_end_is_refused(person: Path) -> None:
    for line in ("?!", "word " * 100):
        with pytest.raises(StudioError) as refused:
            voiced(person, audition=True, line=line)
        assert refused.value.code == "bad_wish"
    assert not Folder(person).has("reports/voice.json")


@pytest.mark.parametrize(
    "line",
    [
        "\u4f60\u597d\uff0c\u6b22\u8fce\u4f60\u3002",
        "\u0645\u0631\u062d\u0628\u0627",
        "\u0928\u092e\u0938\u094d\u0924\u0947",
    ],
)
def test_other_scripts_are_spoken(person: Path, line: str) -> None:
    assert len(voiced(person, audition=True, line=line)["heard"]) == 5


def test_the_command_line(person: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["voice", str(person), "--choose", "2", "--json"]) == 0
    done = json.loads(capsys.readouterr().out.splitlines()[-1])["done"]
    assert VOICE in done["files"]
    assert main(["voice", str(person.parent / "nobody"), "--json"]) == 1
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["error"]["code"] == "no_folder"
