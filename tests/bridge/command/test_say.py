"""`companion say`: what it writes, and that there may be nothing to say."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bridge.command import cli


@pytest.mark.parametrize("text", ["", " ", "🎉", "...", "[happy]", "[gesture:wave]", "\u200b", "?!", "*", "\n\t"])
def test_nothing_to_say_is_an_error_that_says_so(text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["say", text, "--out", str(tmp_path / "out")]) == 1
    assert "there is nothing to say" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("text", ["Hi.", "5", "[happy] Yes!", "🎉 Hurray", "It is $x^$ or $5$.", "你好"])
def test_words_are_spoken_with_their_phones(text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["say", text, "--out", str(tmp_path)]) == 0
    assert "spoken into" in capsys.readouterr().out
    (turn,) = json.loads((tmp_path / "transcript.json").read_text(encoding="utf-8"))["turns"]
    assert turn["words"]
    phones = json.loads((tmp_path / "face.json").read_text(encoding="utf-8"))["phones"]
    assert [phone[2] for phone in phones[:-1]] == [phone[1] for phone in phones[1:]]
    assert phones[-1][2] == pytest.approx(turn["end_s"], abs=0.001)
    assert (tmp_path / "reply.wav").stat().st_size > 5_000
