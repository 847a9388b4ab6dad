"""The reader of the page's traces, and what is written of a measured page."""

from __future__ import annotations

import io
import json
import wave
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bench import page, trace

RATE = 24_000
SPOKEN = {"turn": 1, "how": "spoken", "from": 1000.0, "transcript": 1400.0, "start": 1401.0, "token": 1403.5,
          "audio": 1420.0, "face": 1420.0, "heard": 1460.0}  # fmt: skip


def made(**more: Any) -> dict[str, Any]:
    word = {"type": "text", "turn": 1, "pts": 24_000, "end": 48_000, "text": "comets"}
    return {
        "turns": [SPOKEN],
        "sync": {"offsets_ms": [-3.0, 1.0, 2.0]},
        "browser": "a browser",
        "rate": RATE,
        "sound_ends_at_frame": 100_000,
        "points": [{"kind": "run", "turn": 1, "sample": 0, "frame": 60_000}],
        "messages": [{"direction": "in", "message": word}, {"direction": "out", "message": word}],
        **more,
    }


def saved(path: Path, content: dict[str, Any], samples: int) -> Path:
    sound = io.BytesIO()
    with wave.open(sound, "wb") as file:
        file.setparams((1, 2, RATE, 0, "NONE", ""))
        file.writeframes(np.arange(samples, dtype=np.int16).tobytes())
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("trace.json", json.dumps(content))
        archive.writestr("sound.wav", sound.getvalue())
    return path


def test_a_turn_is_told_step_by_step() -> None:
    assert trace.steps(SPOKEN) == [
        ("transcript", 0.0, 400.0), ("start", 400.0, 401.0), ("token", 401.0, 403.5), ("audio", 403.5, 420.0),
        ("face", 420.0, 420.0), ("heard", 420.0, 460.0),
    ]  # fmt: skip
    typed = {"turn": 2, "how": "typed", "from": 10.0, "start": 12.0, "audio": 30.0, "heard": 70.0}
    assert trace.steps(typed) == [("start", 0.0, 2.0), ("audio", 2.0, 20.0), ("heard", 20.0, 60.0)]
    told = trace.report(made())
    assert "460.00" in told
    assert "p50 2.00" in told


def test_words_stand_where_they_were_heard(tmp_path: Path) -> None:
    content, sound = trace.read(saved(tmp_path / "a.zip", made(), 50_000))
    # The sound begins at frame 50000, the turn 10000 later, the word half a second into it.
    assert trace.words(content, len(sound)) == [((10_000 + 12_000) / RATE, "comets")]
    late = [*made()["points"], {"kind": "run", "turn": 1, "sample": 6_000, "frame": 78_000}]
    assert trace.words(made(points=late), 50_000) == [((28_000 + 6_000) / RATE, "comets")]
    assert trace.words(made(points=[]), 50_000) == []


def test_a_trace_is_drawn(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    content, sound = trace.read(saved(tmp_path / "a.zip", made(), 50_000))
    trace.plot(content, sound, tmp_path / "a.png")
    assert (tmp_path / "a.png").stat().st_size > 5_000


def test_a_measured_page_is_told() -> None:
    found = {
        "version": "156", "renderer": "software", "ready": [700.0], "bytes": 92_000, "files": 36, "sharpness": 1.0,
        "offsets": [-4.0, 3.0], "frames": [16.0, 17.0], "turns": [SPOKEN], "underruns": 0, "memory": [],
    }  # fmt: skip
    told = page.report(found)
    for text in ("92 kB in 36 files", "p50 40.00", "60.6", "p50 3.00"):
        assert text in told
    grown = [{"at": minute, "mb": 10.0 + minute, "nodes": 500.0} for minute in range(9)]
    assert "14.00 MB in the middle third, 17.00 MB in the last, of 8.0 minutes" in page.report(
        {**found, "memory": grown}
    )
