"""A sentence model in a folder: what stands beside a text changes nothing, and what is no model is an error."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engines.api import EngineError
from engines.memory.embedders import Local

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")

WORDS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "my", "dog", "is", "called", "rex", "and", "sleeps")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of one layer, with numbers that nobody has trained."""
    made = tmp_path_factory.mktemp("model") / "tiny"
    made.mkdir()
    (made / "vocab.txt").write_text("\n".join(WORDS) + "\n", encoding="utf-8")
    torch.manual_seed(3)
    config = transformers.BertConfig(
        vocab_size=len(WORDS), hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16
    )
    transformers.BertModel(config).save_pretrained(made)
    transformers.BertTokenizerFast(vocab=str(made / "vocab.txt")).save_pretrained(made)
    return made


def embedded(folder: Path, texts: Sequence[str]) -> list[Any]:
    async def main() -> list[bytes]:
        embedder = Local(folder)
        try:
            return await embedder.embed(texts)
        finally:
            await embedder.close()

    return [np.frombuffer(each, "<f2").astype(float) for each in asyncio.run(main())]


def test_a_text_has_the_same_vector_alone_and_beside_a_longer_one(folder: Path) -> None:
    threads = torch.get_num_threads()
    [alone] = embedded(folder, ["my dog"])
    beside, longer = embedded(folder, ["my dog", "my dog is called rex and sleeps"])
    assert np.allclose(alone, beside, atol=2e-3)
    assert not np.allclose(alone, longer, atol=2e-2)
    assert np.linalg.norm(alone) == pytest.approx(1.0, abs=1e-2)
    assert torch.get_num_threads() == threads


def test_the_folder_says_whether_the_first_token_counts_alone(folder: Path) -> None:
    [mean] = embedded(folder, ["my dog sleeps"])
    pooling = folder / "1_Pooling" / "config.json"
    pooling.parent.mkdir()
    pooling.write_text(json.dumps({"pooling_mode_cls_token": True}), encoding="utf-8")
    [first] = embedded(folder, ["my dog sleeps"])
    pooling.write_text(json.dumps({"pooling_mode_cls_token": False}), encoding="utf-8")
    [again] = embedded(folder, ["my dog sleeps"])
    assert np.allclose(mean, again)
    assert not np.allclose(mean, first, atol=1e-2)


def test_what_is_no_model_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{", encoding="utf-8")
    with pytest.raises(EngineError, match="cannot be used"):
        embedded(tmp_path, ["a"])
