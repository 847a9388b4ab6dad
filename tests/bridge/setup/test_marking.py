"""The mark as it is configured: on by default, with everybody's key or one's own, and a key that cannot be used."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bridge.errors import ConfigError
from bridge.setup.config import load
from bridge.setup.marking import key, marking
from engines.identity import load_identity, shipped
from engines.provenance.audio.detect import detect
from engines.provenance.marking import payload_of
from tests.engines.provenance.audio.speech import speech

TEACHER = load_identity(shipped()["teacher"])


def test_it_is_on_by_default_and_can_be_turned_off() -> None:
    assert marking(load(None, {}), TEACHER) is not None
    assert marking(load(None, {}, ["provenance.mark=false"]), TEACHER) is None


def test_an_own_key_hides_it_from_everybody_else(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_bytes(b"sixteen bytes or more")
    make = marking(load(None, {}, [f"provenance.key={file}"]), TEACHER)
    assert make is not None
    made = np.frombuffer(make(24_000).mark(speech(4.0).tobytes()), "<i2").astype(float)
    assert not detect(made, 24_000).marked
    assert detect(made, 24_000, key=b"sixteen bytes or more").payload == payload_of(TEACHER.id)


@pytest.mark.parametrize("content", [None, b"", b"short", b"x" * 5000])
def test_a_key_that_cannot_be_used_says_so(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "key"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(ConfigError) as refused:
        key(str(file))
    assert refused.value.code == "bad_key"
    assert "provenance.key" in refused.value.message


def test_two_people_have_two_payloads() -> None:
    assert payload_of(TEACHER.id) != payload_of(load_identity(shipped()["guide"]).id)
    assert 0 <= payload_of("") <= 0xFFFF
