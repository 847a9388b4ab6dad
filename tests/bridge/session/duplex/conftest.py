"""Spares these screenplays the work of laying sounds over tones, which have none."""

from __future__ import annotations

import pytest

from bridge.session.duplex import chain, tracking
from engines.api import Phone, Speech, Word


def stretched(
    reference: Speech, pcm: bytes, rate: int, tempo: float | None = None
) -> tuple[tuple[Phone, ...], tuple[Word, ...]]:
    """Stretch a reference evenly; of a beginning by its tempo."""
    length = len(pcm) // 2

    def moved(sample: int) -> int:
        if tempo is not None:
            return min(length, round(sample / reference.rate * tempo * rate))
        return round(sample * length / reference.samples)

    phones = [Phone(p.ipa, moved(p.start), moved(p.end), p.stress) for p in reference.phones]
    words = [Word(w.text, moved(w.start), moved(w.end), w.at) for w in reference.words]
    return tuple(p for p in phones if p.end > p.start), tuple(w for w in words if tempo is None or w.start < length)


@pytest.fixture(autouse=True)
def tones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chain, "align", stretched)
    monkeypatch.setattr(tracking, "align", stretched)
