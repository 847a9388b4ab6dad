"""What the recogniser's child computes without decoding: words, model folders, and the cepstral mean."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engines.hearing.pocketsphinx.child import BLOCK, HEAD, CepstralMean, model_files
from engines.hearing.pocketsphinx.words import ARPABET, arpabet, words
from engines.process.loop import Refused
from tests.engines.hearing.sounds import speech


@pytest.mark.parametrize(
    ("hypothesis", "text"),
    [
        ("", ""),
        ("<s> what is sound </s>", "what is sound"),
        ("<sil> [NOISE] ++UM++ [SPEECH]", ""),
        ("the(2) tomato(3) is read(2)", "the tomato is read"),
        ("i think i'm in it", "I think I'm in it"),
    ],
)
def test_only_words_are_left(hypothesis: str, text: str) -> None:
    assert words(hypothesis) == text


@given(st.lists(st.sampled_from(["<sil>", "[NOISE]", "a(2)", "moon", "i"])))
def test_no_mark_is_ever_left(parts: list[str]) -> None:
    assert not set("<[+()") & set(words(" ".join(parts)))


@pytest.mark.parametrize(
    ("missing", "sentence"), [("mdef", "acoustic model"), ("en.lm.bin", "language model"), ("en.dict", "dictionary")]
)
def test_a_folder_that_is_no_model_says_what_it_lacks(missing: str, sentence: str, tmp_path: Path) -> None:
    (tmp_path / "am").mkdir()
    for path in (tmp_path / "am" / "mdef", tmp_path / "en.lm.bin", tmp_path / "en.dict"):
        path.touch()
    assert model_files(tmp_path) == {
        "hmm": str(tmp_path / "am"),
        "lm": str(tmp_path / "en.lm.bin"),
        "dict": str(tmp_path / "en.dict"),
    }
    next(tmp_path.rglob(missing)).unlink()
    with pytest.raises(Refused, match=sentence):
        model_files(tmp_path)


@pytest.mark.parametrize(
    ("phones", "sounds"),
    [
        ("s ˈɛ k s t ə n t", "S EH K S T AH N T"),
        ("n ˈɑːɹ w əl", "N AA R W AH L"),
        ("k ɹ ə n ˈɑː m ɪ ɾ ɚ", "K R AH N AA M IH T ER"),
    ],
)
def test_a_pronunciation_becomes_arpabet(phones: str, sounds: str) -> None:
    assert arpabet(phones.split()) == sounds


@pytest.mark.parametrize("phones", [["y"], ["s", "ʁ"], [], [""]])
def test_a_pronunciation_that_is_not_english_is_refused(phones: list[str]) -> None:
    with pytest.raises(ValueError, match=r"English has no sound|at least one"):
        arpabet(phones)


def test_every_english_phone_of_the_embedded_voice_has_its_sounds() -> None:
    inventory = json.loads((Path(__file__).parents[1] / "sound" / "phone_inventory.json").read_text("utf-8"))
    assert set(inventory["en-us"]) | set(inventory["en"]) <= set(ARPABET)
    assert len({sound for sounds in ARPABET.values() for sound in sounds.split("_")}) == 39


class FrontEnd:
    """The cepstral mean as PocketSphinx keeps it live, over cepstra that are known."""

    def __init__(self, cepstra: np.ndarray[Any, np.dtype[np.float64]]) -> None:
        self._cepstra = cepstra
        self._done = 0
        self._sum = np.zeros(13)
        self._count = 0

    def set_cmn(self, mean: str) -> None:
        self._sum = 500 * np.array([float(value) for value in mean.split(",")])
        self._count = 500

    def process(self, samples: int) -> None:
        end = max(0, (samples - 410) // 160 + 1)
        self._sum += self._cepstra[self._done : end].sum(0)
        self._count += end - self._done
        self._done = end

    def get_cmn(self, *, update: bool) -> str:
        assert update
        return ",".join(f"{value:g}" for value in self._sum / self._count)


@given(st.lists(st.integers(1, 2 * BLOCK), min_size=1, max_size=12), st.integers(0, 9))
def test_the_mean_is_that_of_all_frames_however_they_come(blocks: list[int], seed: int) -> None:
    cepstra = np.random.default_rng(seed).normal(30.0, 10.0, (300, 13))
    front = FrontEnd(cepstra)
    mean = CepstralMean(front)
    samples = 0
    mean.give(0)
    for block in blocks:
        samples += block
        front.process(samples)
        mean.take(samples)
        mean.give(samples)
    frames = max(0, (samples - 410) // 160 + 1)
    expected = cepstra[:frames].mean(0) if frames else np.zeros(13)
    assert np.abs(front._sum / front._count - expected).max() < 0.05


def test_the_mean_agrees_with_the_front_end_itself() -> None:
    pocketsphinx = pytest.importorskip("pocketsphinx", reason="the recogniser is not installed")
    decoder = pocketsphinx.Decoder(samprate=16_000, loglevel="FATAL", lm=None, allphone=None, keyphrase="a")
    sound = speech("How far away is the moon?")[: 2 * HEAD]
    decoder.start_utt()
    decoder.process_raw(sound, no_search=True, full_utt=True)
    whole = np.array([float(value) for value in decoder.get_cmn().split(",")])
    decoder.end_utt()
    decoder.reinit_feat()
    mean = CepstralMean(decoder)
    mean.give(0)
    decoder.start_utt()
    decoder.process_raw(sound, no_search=True)
    mean.take(HEAD)
    mean.give(HEAD)
    given = np.array([float(value) for value in decoder.get_cmn().split(",")])
    decoder.end_utt()
    difference = np.abs(given - whole)
    # One frame miscounted would move the first, which is large, by 0.5; the whole utterance has a last frame more.
    assert difference[0] < 0.1
    assert difference.max() < 0.5
