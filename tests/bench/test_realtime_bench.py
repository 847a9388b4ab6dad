"""The bench of the Realtime endpoint: it finds an offset of the face that is there."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np
import pytest

pytest.importorskip("openai")
from bench import realtime
from bench.script import FPS

NAMES = ("jawOpen", "mouthClose")


def events(late: int, ahead: int) -> list[tuple[float, dict[str, Any]]]:
    """A reply whose sound comes `late` samples later than it was said, its face `ahead` ticks before it."""
    sound = np.concatenate((np.zeros(late, "<i2"), realtime.made()))
    numbers = range(len(sound) * FPS // realtime.RATE)
    rows = bytes(byte for n in numbers for byte in (n & 255, n >> 8))
    return [
        (0.5, {"type": "response.companion_face.delta", "pts": late * 2 - ahead, "delta": base64.b64encode(rows)}),
        (1.0, {"type": "response.output_audio.delta", "delta": base64.b64encode(sound.tobytes())}),
    ]


@pytest.mark.parametrize(("late", "ahead"), [(0, 0), (240, 0), (0, 1440), (480, 480)])
def test_the_offset_of_a_face_is_found(late: int, ahead: int) -> None:
    findings = realtime.Findings()
    realtime.judge(events(late, ahead), NAMES, "audio/pcm", findings)
    assert max(abs(offset + ahead / 48) for offset in findings.offsets["audio/pcm"]) < 0.05
    assert min(findings.early["audio/pcm"]) == pytest.approx(500 + late / 24 - ahead / 48)


def test_an_event_that_is_not_in_the_schema_is_told() -> None:
    _, wrong = realtime.judged([b'{"type": "response.imagined"}', b'{"type": "error", "event_id": 1, "error": {}}'])
    assert "there is no event response.imagined" in wrong
    assert len(wrong) == 2
