"""Whisper with random weights that writes one sentence, in CTranslate2's format.

Random weights write noise, which the recogniser rightly distrusts and decodes again. Here the decoder's table of
positions, alone among the weights, is not random: position n points so strongly at the n-th token of SENTENCE that the
model is sure of it, whatever it hears. Encoder, decoder and alignment compute all that a trained model computes for a
sentence of that length, and the product needs no change. What it writes says nothing about what was said.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from bench.gpu.models import words

SENTENCE: Final = (" What", " is", " the", " speed", " of", " sound", "?")
BEFORE: Final = 2  # tokens that ask: start, no times; with language and task the first two words are left out
TEXTS: Final = 50_257  # tokens of text in the vocabulary of large-v3
SURE: Final = 25.0  # how far the logit of the wanted token stands above the mean of the others
PULL: Final = 20.0  # how much longer a position's vector is than a normalized state


@dataclass(frozen=True, slots=True)
class Shape:
    """Widths and depths; `seconds` is the window, `aligning` are (layer, head) that give times."""

    width: int
    encoder: int
    decoder: int
    heads: int
    mels: int = 128
    seconds: int = 30
    aligning: tuple[tuple[int, int], ...] = ((0, 0),)


# The published shape of Whisper large-v3-turbo, and one for a CPU.
SHAPES: Final = {
    "tiny": Shape(64, 1, 1, 2, mels=80, seconds=6),
    "turbo": Shape(1280, 32, 4, 20, aligning=((2, 4), (2, 11), (3, 3), (3, 6), (3, 11), (3, 14))),
}


def specials() -> list[str]:
    """Return what follows the text in the vocabulary of large-v3: control tokens and the 1501 times."""
    from transformers.models.whisper.tokenization_whisper import LANGUAGES

    control = ["translate", "transcribe", "startoflm", "startofprev", "nospeech", "notimestamps"]
    names = ["endoftext", "startoftranscript", *LANGUAGES, *control]
    return [f"<|{name}|>" for name in [*names, *(f"{i * 0.02:.2f}" for i in range(1501))]]


def tokenizer() -> Any:
    """Return a byte-level tokenizer of the size of large-v3's, whose words are those of SENTENCE and made-up ones."""
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers

    names = dict.fromkeys([*pre_tokenizers.ByteLevel.alphabet(), *(word.replace(" ", "Ġ") for word in SENTENCE)])
    made = words()
    while len(names) < TEXTS:
        names.setdefault(next(made).replace(" ", "Ġ"))
    bpe: Any = Tokenizer(models.BPE(vocab={name: index for index, name in enumerate(names)}, merges=[]))
    bpe.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bpe.decoder = decoders.ByteLevel()
    every = specials()
    times = len(every) - 1501
    bpe.add_special_tokens([AddedToken(text, special=True, normalized=False) for text in every[:times]])
    bpe.add_tokens([AddedToken(text, normalized=False) for text in every[times:]])
    return bpe


def whisper(folder: Path, size: str, *, half: bool) -> None:
    """Build a model of that size in `folder`, which exists; `half` keeps weights as float16."""
    import torch
    from transformers import WhisperConfig, WhisperForConditionalGeneration

    torch.manual_seed(0)
    shape, vocabulary = SHAPES[size], tokenizer()
    number = vocabulary.token_to_id
    end = number("<|endoftext|>")
    config = WhisperConfig(
        vocab_size=vocabulary.get_vocab_size(),
        num_mel_bins=shape.mels,
        d_model=shape.width,
        encoder_layers=shape.encoder,
        decoder_layers=shape.decoder,
        encoder_attention_heads=shape.heads,
        decoder_attention_heads=shape.heads,
        encoder_ffn_dim=4 * shape.width,
        decoder_ffn_dim=4 * shape.width,
        max_source_positions=50 * shape.seconds,
        pad_token_id=end,
        bos_token_id=end,
        eos_token_id=end,
        decoder_start_token_id=number("<|startoftranscript|>"),
        suppress_tokens=[],
        begin_suppress_tokens=[],
    )
    model = WhisperForConditionalGeneration(config)
    _point(model, [number(word.replace(" ", "Ġ")) for word in SENTENCE], end)
    model.generation_config = _generation(shape, number, end)
    _convert(model, vocabulary, shape, folder, half)


def _point(model: Any, sentence: Sequence[int], end: int) -> None:
    """Make the positions after the prompt ask for the sentence, and those after it for the end."""
    import torch

    decoder = model.model.decoder
    with torch.no_grad():
        tokens, positions = decoder.embed_tokens.weight, decoder.embed_positions.weight
        width = tokens.shape[1]
        tokens.normal_(0.0, SURE / width)  # the output layer is the same matrix
        for at in range(BEFORE - 1, positions.shape[0]):
            wanted = at - BEFORE + 1
            token = sentence[wanted] if wanted < len(sentence) else end
            positions[at] = tokens[token] * (PULL * width / SURE)


def _generation(shape: Shape, number: Any, end: int) -> Any:
    from transformers import GenerationConfig
    from transformers.models.whisper.tokenization_whisper import LANGUAGES

    start = number("<|startoftranscript|>")
    own: Any = GenerationConfig(bos_token_id=end, eos_token_id=end, pad_token_id=end, decoder_start_token_id=start)
    own.is_multilingual = True
    own.lang_to_id = {f"<|{code}|>": number(f"<|{code}|>") for code in LANGUAGES}
    own.task_to_id = {task: number(f"<|{task}|>") for task in ("transcribe", "translate")}
    own.no_timestamps_token_id = number("<|notimestamps|>")
    own.alignment_heads = [list(head) for head in shape.aligning]
    own.begin_suppress_tokens = [end]
    return own


def _convert(model: Any, vocabulary: Any, shape: Shape, folder: Path, half: bool) -> None:
    from ctranslate2.converters import TransformersConverter
    from transformers import PreTrainedTokenizerFast

    end = "<|endoftext|>"
    facts = {
        "feature_size": shape.mels,
        "sampling_rate": 16_000,
        "hop_length": 160,
        "chunk_length": shape.seconds,
        "n_fft": 400,
    }
    files = ["tokenizer.json", "preprocessor_config.json"]
    with tempfile.TemporaryDirectory(dir=folder) as temporary:
        original = Path(temporary)
        (model.half() if half else model).save_pretrained(original)
        PreTrainedTokenizerFast(
            tokenizer_object=vocabulary, unk_token=end, bos_token=end, eos_token=end, pad_token=end
        ).save_pretrained(original)
        (original / "preprocessor_config.json").write_text(json.dumps(facts), encoding="utf-8")
        converter = TransformersConverter(str(original), copy_files=files, load_as_float16=half)
        converter.convert(str(original / "converted"), quantization="float16" if half else None)
        for path in (original / "converted").iterdir():
            path.rename(folder / path.name)
