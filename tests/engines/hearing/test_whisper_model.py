"""Models that cannot be used, and what is said about them."""

from __future__ import annotations

import asyncio
import json
import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from engines.api import EngineError
from engines.hearing.whisper.decoder import WhisperDecoder, Window
from engines.hearing.whisper.engine import WhisperStt
from engines.hearing.whisper.guards import Thresholds
from engines.hearing.whisper.model import ModelChoice, resolve_device
from tests.engines.tiny.whisper import folder

pytest.importorskip("faster_whisper", reason="these are models for faster-whisper, which is not installed")

pytestmark = pytest.mark.models


def complaint(model: Path | str, **settings: Any) -> str:
    async def main() -> str:
        stt = WhisperStt(model=str(model), **{"device": "cpu", "threads": 1, **settings})
        with pytest.raises(EngineError) as caught:
            await stt.start()
        await stt.close()
        assert caught.value.code == "stt_failed"
        assert not caught.value.retryable
        return caught.value.message

    return asyncio.run(main())


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    return shutil.copytree(folder(), tmp_path / "tiny")


def test_a_folder_that_is_not_there() -> None:
    assert "There is no Whisper model at /nowhere/whisper" in complaint("/nowhere/whisper")


@pytest.mark.parametrize("name", ["model.bin", "tokenizer.json", "config.json", "vocabulary.json"])
def test_a_file_that_is_missing(broken: Path, name: str) -> None:
    (broken / name).unlink()
    assert f"not complete: {name} missing" in complaint(broken)


def test_a_file_that_is_half_written(broken: Path) -> None:
    data = (broken / "model.bin").read_bytes()
    (broken / "model.bin").write_bytes(data[: len(data) // 2])
    assert "cannot be read" in complaint(broken)
    (broken / "model.bin").write_bytes(b"")
    assert "cannot be read" in complaint(broken)


def test_a_tokenizer_that_is_half_written(broken: Path) -> None:
    (broken / "tokenizer.json").write_text('{"version": "1.0", "trunc')
    assert "cannot be read" in complaint(broken)


def test_a_tokenizer_that_is_not_whispers(broken: Path) -> None:
    tokenizer = json.loads((broken / "tokenizer.json").read_text().replace("<|notimestamps|>", "<|other|>"))
    (broken / "tokenizer.json").write_text(json.dumps(tokenizer))
    assert "is not Whisper's" in complaint(broken)


def test_a_model_that_is_not_converted_or_not_a_whisper(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps({"architectures": ["WhisperForConditionalGeneration"]}))
    (tmp_path / "tokenizer.json").write_text("{}")
    assert "ct2-transformers-converter" in complaint(tmp_path)
    (tmp_path / "config.json").write_text(json.dumps({"architectures": ["LlamaForCausalLM"]}))
    assert "is a LlamaForCausalLM, not a Whisper" in complaint(tmp_path)


def test_a_name_that_is_not_here_is_not_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    def dialled(*_: Any) -> None:
        raise AssertionError("it asked the network")

    monkeypatch.setattr("socket.getaddrinfo", dialled)
    assert "not on this machine: companion models pull whisper:tiny" in complaint("tiny")


def test_a_name_that_nobody_knows() -> None:
    assert "large-v3" in complaint("tinny")


def test_a_device_that_is_not_there() -> None:
    ctranslate2 = pytest.importorskip("ctranslate2")
    if ctranslate2.get_cuda_device_count():
        pytest.skip("this machine has a GPU")
    for device in ("cuda", "cuda:3"):
        said = complaint(folder(), device=device)
        assert "finds no CUDA devices" in said
        assert 'whisper.device = "cpu"' in said
    assert resolve_device("auto") == ("cpu", 0)
    assert "it can be auto, cpu, cuda or cuda:N" in complaint(folder(), device="tpu")


def test_a_compute_type_that_the_device_lacks() -> None:
    said = complaint(folder(), compute_type="int3")
    assert "int8" in said


def test_settings_that_make_no_sense() -> None:
    for settings in ({"beam": 0}, {"batch": 0}, {"partial_s": 0.0}, {"partial_s": 8.0}):
        with pytest.raises(ValueError):
            WhisperStt(**settings)


# ------------------------------------------------------------------------------------------------ languages


class Multilingual:
    """A model that hears a language in how loud it is, and writes its code."""

    is_multilingual = True
    codes = ("en", "de")

    def __init__(self, real: Any) -> None:
        self._real = real
        self.prompts: list[list[int]] = []

    def detect_language(self, encoded: Any) -> list[list[tuple[str, float]]]:
        loud = [float(row.mean()) for row in np.array(encoded)]
        return [[(f"<|{'en' if mean > np.mean(loud) else 'de'}|>", 0.9)] for mean in loud]

    def generate(self, encoded: Any, prompts: list[list[int]], **settings: Any) -> list[Any]:
        self.prompts += prompts
        return [SimpleNamespace(sequences_ids=[[prompt[1]]], scores=[-0.1], no_speech_prob=0.0) for prompt in prompts]

    def align(self, *arguments: Any) -> list[Any]:
        return [SimpleNamespace(alignments=[(0, 0)], text_token_probs=[1.0]) for _ in arguments[2]]


def test_each_window_is_written_in_the_language_that_it_is_in() -> None:
    decoder = WhisperDecoder(ModelChoice(str(folder()), "cpu"), Thresholds())
    decoder.load()
    real = decoder._model
    fake = Multilingual(real.model)
    decoder._model = SimpleNamespace(
        model=fake,
        hf_tokenizer=real.hf_tokenizer,
        feature_extractor=real.feature_extractor,
        max_length=448,
        supported_languages=["en", "de"],
        encode=lambda features: features,
    )
    decoder._tokenizers.clear()
    noise = np.random.default_rng(0).standard_normal(16_000).astype(np.float32)
    quiet = noise * np.linspace(0, 1e-4, 16_000, dtype=np.float32)
    windows = [Window(noise, ""), Window(quiet, ""), Window(noise, "de")]
    decoded = decoder.decode(windows)
    assert [one.language for one in decoded] == ["en", "de", "de"]
    code = {name: real.hf_tokenizer.token_to_id(f"<|{name}|>") for name in ("en", "de", "transcribe")}
    assert [one.tokens for one in decoded] == [(code["en"],), (code["de"],), (code["de"],)]
    assert all(prompt[2] == code["transcribe"] for prompt in fake.prompts)
    assert decoder.multilingual
    assert decoder.knows("de")
