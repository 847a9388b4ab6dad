"""The lips benchmark: its truth, its scores, how others' frames are read, and the report's sections."""

from __future__ import annotations

import json
import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bench import report
from bench.lips import corpus, methods, peers, pictures
from bench.lips.score import score, spread, word_errors
from bench.sections import SECTIONS
from engines.api import Speech, Word
from engines.sound.phones import VISEMES
from training.lips import babble, espeak_voice, festival_voice, flite_voice, metrics
from training.lips.metrics import Phone
from training.lips.takes import Take, parts

TEXTS = ("Maybe five maps, please.", "A pop song about a bop bag.")
needs_flite = pytest.mark.skipif(not flite_voice.available(), reason="flite is not installed (Debian: libflite1)")


@pytest.fixture(scope="module")
def takes() -> list[Take]:
    return espeak_voice.say_all(TEXTS, "en-us")


def test_the_sets_are_apart_and_hold_every_english_sound() -> None:
    assert not set(corpus.TUNING) & set(corpus.REPORTED)
    assert not any(char.isdigit() for text in (*corpus.TUNING, *corpus.REPORTED) for char in text)
    generated = set(babble.texts(1, 200))
    assert not generated & set(corpus.REPORTED)
    assert babble.texts(5, 10) == babble.texts(5, 10)
    assert len(corpus.languages()) >= 15
    sounds = [
        "p", "b", "t", "d", "k", "ɡ", "tʃ", "dʒ", "f", "v", "θ", "ð", "s", "z", "ʃ", "ʒ", "h", "m", "n", "ŋ", "l",
        "ɹ", "j", "w", "iː", "ɪ", "ɛ", "æ", "ɑː", "ɔː", "ʊ", "uː", "ʌ", "ɜː", "ə", "eɪ", "aɪ", "ɔɪ", "oʊ", "aʊ",
    ]  # fmt: skip
    for texts in (corpus.TUNING, corpus.REPORTED):
        spoken = {phone.ipa for take in espeak_voice.say_all(texts, "en-us") for phone in take.truth}
        letters = " ".join(spoken)
        assert [sound for sound in sounds if sound not in letters] == []


def test_closures_of_espeak_end_at_the_burst(takes: list[Take]) -> None:
    for take in takes:
        assert take.truth[-1].end == pytest.approx(take.seconds)
        for phone in take.truth:
            if phone.ipa in ("p", "b"):
                assert phone.start < phone.shut <= phone.end


@needs_flite
def test_flite_gives_phones_and_words_that_cover_its_sound() -> None:
    take = flite_voice.say("slt", "My mother packed plums.")
    assert [p.ipa for p in take.truth][1:5] == ["m", "aɪ", "m", "ʌ"]
    assert [word.text for word in take.speech.words] == ["my", "mother", "packed", "plums"]
    assert take.speech.rate == 16_000
    assert take.truth[0].start == 0.0
    assert take.truth[-1].end == pytest.approx(take.seconds)
    assert all(a.end == b.start for a, b in zip(take.truth, take.truth[1:], strict=False))


@needs_flite
def test_alignment_finds_words_of_another_synthesizer() -> None:
    takes = [flite_voice.say("awb", text) for text in corpus.REPORTED[:4]]
    shown, speeches = methods.aligned(takes)
    median, most = spread(word_errors(takes, speeches))
    assert median <= 15.0
    assert most <= 60.0
    assert score(takes, shown, 60).closures.f1 >= 0.97


def test_the_exact_face_scores_as_it_should(takes: list[Take]) -> None:
    scores = score(takes, methods.exact(takes), 60)
    assert scores.closures.f1 == 1.0
    assert scores.teeth.f1 == 1.0
    assert scores.sealed_vowels == 0.0
    assert scores.correlation > 0.88
    assert abs(scores.lag_ms) < 10
    assert scores.accuracy > 0.7
    assert scores.jerk < 4.0


def test_a_leading_face_is_seen_to_lead(takes: list[Take]) -> None:
    plain = score(takes, methods.exact(takes), 60).lag_ms
    early = score(takes, methods.exact(takes, lead_ms=40.0), 60).lag_ms
    assert plain - 45.0 < early < plain - 10.0  # lips that close part on time


def test_words_are_compared_by_their_letters() -> None:
    rate = 1000
    true = Speech(
        bytes(2000), rate, words=(Word("the", 100, 200, 0), Word("forty", 300, 400, 0), Word("mice", 500, 600, 0))
    )
    mine = replace(true, words=(Word("The", 110, 200, 0), Word("mice.", 470, 600, 0)))
    assert word_errors([Take("", "", true, ())], [mine]) == [10.0, -30.0]
    assert spread([10.0, -30.0]) == (10.0, 30.0)


def test_frames_are_judged_by_classes() -> None:
    phones = (Phone("p", 0.0, 0.1), Phone("a", 0.1, 0.2), Phone("ə", 0.2, 0.3), Phone("", 0.3, 0.4))
    hits = metrics.class_hits(["PP", "AA|EI", "C", "C"], phones, 10)
    assert hits == {"PP": (1, 1), "AA": (1, 1), "SIL": (0, 1)}
    assert [p.ipa for p in parts((Phone("aɪ", 0.0, 1.0),))] == ["a", "ɪ"]
    assert parts((Phone("aɪ", 0.0, 1.0),))[0].end == pytest.approx(0.6)


# --------------------------------------------------------------------------------------------------- others' packages


def take_of(seconds: float) -> Take:
    return Take("x", "x", Speech(bytes(2 * round(16_000 * seconds)), 16_000), ())


def test_visemes_of_a_package_are_read_as_lips() -> None:
    rows = np.zeros((6, 15))
    rows[0, VISEMES.index("PP")] = 0.9
    rows[1, VISEMES.index("FF")] = 0.9
    rows[2, VISEMES.index("aa")] = 1.0
    shown = peers._read("headaudio", rows.tolist(), take_of(0.1))
    assert shown.lips.closed.tolist() == [True, False, False, True, True, True]
    assert shown.lips.teeth.tolist() == [False, True, False, False, False, False]
    assert shown.lips.aperture[2] == 1.0
    assert shown.classes[:4] == ("PP", "FF", "AA", "SIL")


def test_mouth_cues_are_read_as_lips() -> None:
    shown = peers._read("rhubarb", [[0.0, 0.05, "X"], [0.05, 0.1, "A"], [0.1, 0.2, "D"]], take_of(0.2))
    assert shown.classes[:3] == ("SIL",) * 3
    assert shown.classes[3:6] == ("PP",) * 3
    assert shown.lips.aperture[6:].tolist() == [1.0] * 6


def test_vowels_and_volume_are_read_as_lips() -> None:
    rows = [[1, 0, 0, 0, 0, 0, 1.0], [0, 0, 1, 0, 0, 0, 0.5], [0, 1, 0, 0, 0, 0, 0.0]]
    shown = peers._read("wlipsync", rows, take_of(0.05))
    assert shown.lips.aperture.tolist() == pytest.approx([1.0, 0.125, 0.0])
    assert shown.classes == ("AA", "OU", "SIL")
    assert shown.lips.closed.tolist() == [False, False, True]


def test_a_package_that_is_not_there_is_skipped_with_a_word(takes: list[Take], tmp_path: Path) -> None:
    none = peers.run(None, [(takes, takes)])
    assert set(none) == set(peers.NAMES)
    assert all(isinstance(word, str) and "skipped" in word for word in none.values())
    empty = peers.run(tmp_path, [(takes, takes)], ["headaudio", "wlipsync"])
    assert all(isinstance(word, str) for word in empty.values())


def test_festival_is_looked_for_and_not_needed() -> None:
    assert festival_voice.installed("no_such_voice") is False


def test_a_picture_is_drawn_for_every_sentence(takes: list[Take], tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    pictures.sentences(tmp_path / "out", takes, methods.exact(takes))
    found = sorted((tmp_path / "out").glob("*.png"))
    assert len(found) == len(takes)
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in found)


def test_no_sheet_without_a_browser(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "BROWSERS", ("no-such-browser",))
    assert pictures.sheet(tmp_path / "sheet.png") is False


# ----------------------------------------------------------------------------------------------------------- the report


def test_a_section_that_is_measured_again_leaves_the_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report, "PAGE", tmp_path / "docs" / "B.md")
    printed = {"text": "first"}

    def run(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        return subprocess.CompletedProcess(command, 0, f"early\fresult {printed['text']} of {command[2]}\n")

    monkeypatch.setattr(subprocess, "run", run)
    for only in (["skew", "lips"], ["lips"]):
        monkeypatch.setattr("sys.argv", ["report", "--only", *only, "--peers", "/x/y"])
        report.main()
        printed["text"] = "second"
    page = report.PAGE.read_text("utf-8")
    assert "result first of bench.skew" in page
    assert "result second of bench.lips" in page
    assert "early" not in page
    assert "/x/y" not in page
    assert page.count("Not measured yet") == len(SECTIONS) - 2
    assert report.assembled(report.known(page)) == page
    titles = [line for line in page.splitlines() if line.startswith("## ")]
    assert titles == [f"## {section.title}" for section in SECTIONS]


def test_a_section_that_fails_is_told_at_the_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report, "PAGE", tmp_path / "B.md")
    monkeypatch.setattr(subprocess, "run", lambda command, **_: subprocess.CompletedProcess(command, 1, ""))
    monkeypatch.setattr("sys.argv", ["report", "--only", "skew"])
    with pytest.raises(SystemExit, match=r"bench\.skew failed"):
        report.main()
    assert not report.PAGE.exists()


def test_every_section_can_be_run() -> None:
    for section in SECTIONS:
        path = Path(report.__file__).parent.parent / Path(*section.module.split("."))
        assert path.with_suffix(".py").is_file() or (path / "__main__.py").is_file()
    assert len({section.key for section in SECTIONS}) == len(SECTIONS)
    assert json.dumps([section.full for section in SECTIONS])
