"""A recording's files agree with each other, and with what was heard."""

from __future__ import annotations

import builtins
import csv
import json
import math
import wave
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from talk import plot, record
from talk.record import GAP_S, Recording

NAMES = ("jawOpen", "mouthClose")


@pytest.fixture(autouse=True)
def undrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Drawing has its own tests; here it would only cost time."""
    monkeypatch.setattr(plot, "draw", lambda path, **_: None)


def load(directory: Path) -> tuple[bytes, int, dict[str, Any], list[list[str]], dict[str, Any]]:
    with wave.open(str(directory / "reply.wav")) as file:
        assert (file.getnchannels(), file.getsampwidth()) == (1, 2)
        pcm, rate = file.readframes(file.getnframes()), file.getframerate()
    face = json.loads((directory / "face.json").read_text(encoding="utf-8"))
    with (directory / "face.csv").open(encoding="utf-8", newline="") as file_:
        table = list(csv.reader(file_))
    return pcm, rate, face, table, json.loads((directory / "transcript.json").read_text(encoding="utf-8"))


def test_one_turn_is_kept_sample_for_sample(tmp_path: Path) -> None:
    recording = Recording(24_000, 60, NAMES)
    pcm = np.arange(1000, dtype="<i2").tobytes()
    rows = [[0.1, 0.0], [0.25, 0.5], [1.0, 1.0]]
    recording.speech(pcm)
    recording.frames(rows, source="exact")
    recording.phones([("h", 0.0, 0.02), ("aɪ", 0.02, 0.04)])
    recording.words([("Hi!", 0.0, 0.04, "")])
    assert recording.save(tmp_path) == ""
    sound, rate, face, table, transcript = load(tmp_path)
    assert (sound, rate) == (pcm, 24_000)
    assert (face["fps"], face["names"], face["source"]) == (60, list(NAMES), "exact")
    assert face["frames"] == rows
    assert face["phones"] == [["h", 0.0, 0.02], ["aɪ", 0.02, 0.04]]
    assert table[0] == ["time_s", *NAMES]
    assert [[float(cell) for cell in row[1:]] for row in table[1:]] == rows
    assert [float(row[0]) for row in table[1:]] == pytest.approx([0, 1 / 60, 2 / 60], abs=1e-4)
    assert transcript["turns"][0]["words"] == [{"text": "Hi!", "gap": "", "start_s": 0.0, "end_s": 0.04}]


@settings(max_examples=60, deadline=None)
@given(
    rate=st.sampled_from([16_000, 24_000, 48_000]),
    fps=st.sampled_from([24, 30, 60, 70]),
    turns=st.lists(st.tuples(st.integers(0, 9000), st.integers(-5, 30)), min_size=1, max_size=4),
)
def test_frames_and_samples_agree_and_every_turn_begins_on_a_frame(
    tmp_path_factory: pytest.TempPathFactory, rate: int, fps: int, turns: list[tuple[int, int]]
) -> None:
    recording = Recording(rate, fps, NAMES)
    for number, (samples, surplus) in enumerate(turns, 1):
        recording.turn(number)
        frames = max(0, -(-samples * fps // rate) + surplus)
        recording.frames([[number / 8, index / 128] for index in range(frames)])
        recording.speech(np.full(samples, number, "<i2").tobytes())
        recording.words([("word", 0.0, samples / rate, " ")])
        recording.end()
    directory = tmp_path_factory.mktemp("recording")
    recording.save(directory)
    sound, _, face, table, transcript = load(directory)
    pcm, rows = np.frombuffer(sound, "<i2"), face["frames"]
    assert len(rows) == len(table) - 1 == math.ceil(len(pcm) * fps / rate)
    end = 0
    for number, (samples, surplus) in enumerate(turns, 1):
        entry = transcript["turns"][number - 1]
        start = round(entry["start_s"] * rate)
        if end:
            assert GAP_S * rate - 1 <= start - end <= (GAP_S + 1 / fps) * rate + 2
        assert list(pcm[start : start + samples]) == [number] * samples
        first = round(start * fps / rate)
        assert abs(first / fps - start / rate) <= 1.5 / rate
        expected = [[number / 8, index / 128] for index in range(-(-samples * fps // rate) + min(0, surplus))]
        assert rows[first : first + len(expected)] == [[round(weight, 4) for weight in row] for row in expected]
        end = start + samples


def test_between_turns_the_face_eases_as_it_was_seen_and_then_rests(tmp_path: Path) -> None:
    recording = Recording(24_000, 60, NAMES)
    for number in (1, 2):
        recording.turn(number)
        recording.speech(bytes(2 * 2400))
        recording.frames([[0.5, 0.0]] * 6 + [[0.25, 0.0], [0.0, 0.0]])
        recording.end()
    recording.save(tmp_path)
    jaw = [row[0] for row in load(tmp_path)[2]["frames"]]
    assert jaw == [0.5] * 6 + [0.25] + [0.0] * 17 + [0.5] * 6


def test_who_said_what_and_when(tmp_path: Path) -> None:
    recording = Recording(24_000, 60, NAMES)
    recording.user("Hello?", at=1.0)
    recording.turn(1, at=1.25, latency=0.25)
    recording.speech(bytes(4800))
    recording.cue("emotion", "happy", at=0.05)
    recording.end(cut=True, reason="interrupted")
    recording.user("who are you", at=2.0, utterance=1, partials=3)
    recording.turn(2, at=2.5)
    recording.words([("I", 0.1, 0.2, ""), ("am.", 0.2, 0.4, " ")])
    recording.save(tmp_path, about={"companion": "Ada"})
    transcript = load(tmp_path)[4]
    assert transcript["companion"] == "Ada"
    asked, cut, spoken, answer = transcript["turns"]
    assert asked == {"who": "user", "text": "Hello?", "at_s": 1.0}
    assert (cut["cut"], cut["reason"], cut["latency_s"], cut["end_s"]) == (True, "interrupted", 0.25, 0.1)
    assert cut["cues"][0]["name"] == "happy"
    assert (spoken["utterance"], spoken["partials"]) == (1, 3)
    assert answer["text"] == "I am."
    assert answer["words"][0]["start_s"] == pytest.approx(answer["start_s"] + 0.1)


def test_the_weakest_source_names_the_recording(tmp_path: Path) -> None:
    recording = Recording(24_000, 60, NAMES)
    for source in ("exact", "audio", "", "aligned"):
        recording.frames([[0.0, 0.0]], source=source)
    recording.save(tmp_path)
    assert load(tmp_path)[2]["source"] == "audio"


def test_an_endless_conversation_costs_bounded_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(record, "MOST_S", 1.0)
    recording = Recording(24_000, 60, NAMES)
    for number in range(1, 9):
        recording.user("more", at=0.0)
        recording.turn(number)
        for index in range(40):
            recording.frames([[index / 40, 0.0]] * 6)
            recording.speech(bytes(4800))
            recording.words([("la", 0.0, 0.1, " ")])
    recording.save(tmp_path)
    sound, _, face, _, transcript = load(tmp_path)
    assert len(sound) == 48_000
    assert len(face["frames"]) == 60
    assert transcript["full"] is True
    assert len(transcript["turns"]) == 2


def test_a_voice_without_a_face_is_recorded(tmp_path: Path) -> None:
    recording = Recording(24_000, 60, ())
    for number in (1, 2):
        recording.turn(number)
        recording.speech(bytes(4800))
    recording.save(tmp_path)
    assert load(tmp_path)[2]["frames"] == []


def test_an_empty_recording_is_still_files(tmp_path: Path) -> None:
    Recording(24_000, 60, NAMES).save(tmp_path / "new" / "folder")
    assert load(tmp_path / "new" / "folder")[2]["frames"] == []


def test_a_frame_of_the_wrong_width_is_refused() -> None:
    with pytest.raises(ValueError, match=r"3 weights.*2 channels"):
        Recording(24_000, 60, NAMES).frames([[0.0, 0.0, 0.0]])


def test_without_matplotlib_everything_else_is_saved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    real = builtins.__import__

    def without(name: str, *rest: Any, **more: Any) -> Any:
        if name.startswith("matplotlib"):
            raise ImportError(name)
        return real(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", without)
    recording = Recording(24_000, 60, NAMES)
    recording.speech(bytes(4800))
    assert "pip install 'companion-bridge[plot]'" in recording.save(tmp_path)
    assert load(tmp_path)[0] == bytes(4800)
    assert not (tmp_path / "plot.png").exists()
