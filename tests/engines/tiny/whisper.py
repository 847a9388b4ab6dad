"""A Whisper small enough to be made in the tests, taught a few sentences until it writes them down word for word.

`folder()` is a faster-whisper model with windows of five seconds; `spoken(sentence)` is what it understands: SENTENCES
in espeak-ng's American voice, from any word to any word, one after the other, in a little noise. It is taught in a
process of its own (a minute of one core) and kept in `.pytest_cache` until this file changes.

The frames' words and the attention of the aligning head are taught from espeak-ng's own word times, which is what makes
so few steps enough and the word times true.
"""

from __future__ import annotations

import asyncio
import hashlib
import importlib.util
import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeAlias

import numpy as np
import pytest
import soxr
from numpy.typing import NDArray

from engines.api import MIC_RATE, Phrase, Stream, Voice
from engines.tts_espeak import EspeakTts

SENTENCES = (
    "Hello there, how are you today?",
    "What is the speed of sound?",
    "Please turn on the blue light.",
    "Tell me about the rainbow.",
    "My name is Ada, and I like music.",
)
WINDOW = 5  # seconds
NEEDS = ("faster_whisper", "ctranslate2", "torch", "transformers", "tokenizers")
ROOT = Path(__file__).parent.parent.parent.parent

Floats: TypeAlias = NDArray[np.float32]


@dataclass(frozen=True)
class Spoken:
    """A sentence in sound (-1..1, MIC_RATE) and its words with their times in seconds."""

    audio: Floats
    words: tuple[tuple[str, float, float], ...]


def folder() -> Path:
    """The model's folder; skips the test where a package is missing."""
    for package in NEEDS:
        if importlib.util.find_spec(package) is None:
            pytest.skip(f"a tiny Whisper is made with the package {package}, which is not installed")
    return _made()


@cache
def _made() -> Path:
    mark = hashlib.sha256(Path(__file__).read_bytes()).hexdigest()[:16]
    home = ROOT / ".pytest_cache" / "tiny"
    made = home / f"whisper-{mark}"
    if not made.is_dir():
        home.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=home) as temporary:
            environ = {**os.environ, "OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1"}
            command = [sys.executable, "-m", "tests.engines.tiny.whisper", temporary]
            subprocess.run(command, cwd=ROOT, env=environ, check=True, stdout=subprocess.DEVNULL)
            try:
                (Path(temporary) / "model").rename(made)
            except OSError:
                assert made.is_dir(), "another run made it first"
    return made


def spoken(*sentences: str, gap: float = 0.2, before: float = 0.3, after: float = 0.4) -> bytes:
    """The sentences one after the other as a microphone gives them, with silence around them (s)."""
    quiet = np.zeros(round(gap * MIC_RATE), np.float32)
    parts = [np.zeros(round(before * MIC_RATE), np.float32)]
    for number, sentence in enumerate(sentences):
        parts += [quiet] * bool(number) + [rendered()[sentence].audio]
    sound = np.concatenate([*parts, np.zeros(round(after * MIC_RATE), np.float32)])
    return (sound * 32767).astype("<i2").tobytes()


@cache
def rendered() -> dict[str, Spoken]:
    """The sentences as the embedded synthesizer speaks them."""
    with ThreadPoolExecutor(1) as aside:  # the test's own event loop may be running
        return aside.submit(lambda: asyncio.run(_render())).result()


async def _render() -> dict[str, Spoken]:
    async def phrase(text: str) -> Stream[Phrase]:
        yield Phrase(text)

    tts = EspeakTts()
    await tts.start()
    found: dict[str, Spoken] = {}
    for sentence in SENTENCES:
        pcm, words, at = b"", [], 0
        async with aclosing(tts.speak(phrase(sentence), Voice())) as pieces:
            async for piece in pieces:
                words += [(w.text, (at + w.start) / tts.rate, (at + w.end) / tts.rate) for w in piece.words]
                at += piece.samples
                pcm += piece.pcm
        audio = np.frombuffer(pcm, "<i2").astype(np.float32) / 32768
        last = round((words[-1][2] + 0.1) * tts.rate)
        found[sentence] = Spoken(soxr.resample(audio[:last], tts.rate, MIC_RATE).astype(np.float32), tuple(words))
    await tts.close()
    return found


# ------------------------------------------------------------------------------------------------ how it is taught

POSITIONS = WINDOW * 50  # encoder steps
WIDTH, HEADS = 64, 2
EXAMPLES, BATCH, STEPS, RATE = 1000, 8, 640, 3e-3
SPECIAL = (
    "<|endoftext|>", "<|startoftranscript|>", "<|en|>", "<|de|>", "<|translate|>", "<|transcribe|>", "<|startoflm|>",
    "<|startofprev|>", "<|nospeech|>", "<|notimestamps|>",
)  # fmt: skip


@dataclass(frozen=True)
class Example:
    """Features, the tokens that are heard in them with their times, the tokens before, and the length in seconds."""

    features: Floats
    tokens: list[int]
    times: list[tuple[float, float]]
    before: list[int]
    seconds: float


def _tokenizer() -> Any:
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers

    tokenizer: Any = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    letters = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=600, initial_alphabet=letters, show_progress=False)
    tokenizer.train_from_iterator([f" {sentence}" for sentence in SENTENCES] * 4, trainer)
    # Whisper's own order: special tokens, then times, after everything that is text.
    tokenizer.add_special_tokens([AddedToken(text, special=True, normalized=False) for text in SPECIAL])
    tokenizer.add_tokens([AddedToken(f"<|{i / 50:.2f}|>", normalized=False) for i in range(POSITIONS + 1)])
    return tokenizer


class _Lessons:
    """Examples: stretches of talk that begin with a word and end anywhere."""

    def __init__(self, tokenizer: Any) -> None:
        from faster_whisper.feature_extractor import FeatureExtractor

        self._tokenizer = tokenizer
        self._features: Any = FeatureExtractor(chunk_length=WINDOW)
        self._rng = np.random.default_rng(1)

    def example(self) -> Example:
        rng = self._rng
        while True:
            audio, words = self._talk()
            first = self._first(words)
            # A window begins where the word before it ended, or about there.
            start = (
                max(words[first - 1][2] - rng.uniform(0, 0.04), words[first][1] - rng.uniform(0, 0.4)) if first else 0
            )
            end = len(audio) / MIC_RATE if rng.random() < 0.5 else rng.uniform(start + 0.1, len(audio) / MIC_RATE)
            end = min(end, start + WINDOW - 0.02)
            heard = [(end - b) / (e - b) for _, b, e in words[first:]]
            if all(part < 0.3 or part > 0.9 for part in heard):
                break
        kept = [(w, b - start, e - start) for (w, b, e), part in zip(words[first:], heard, strict=True) if part > 0.9]
        sound = audio[round(start * MIC_RATE) : round(end * MIC_RATE)] * rng.uniform(0.5, 1.2)
        if rng.random() < 0.05:
            sound, kept = np.zeros(round(rng.uniform(0.1, 2) * MIC_RATE), np.float32), []
        hiss = rng.standard_normal(len(sound)) * 10 ** rng.uniform(-5, -3)
        tokens, times = [], []
        for text, begin, finish in kept:
            ids = self._ids(text)
            edges = np.linspace(begin, finish, len(ids) + 1)
            tokens += ids
            times += pairwise(edges)
        before = [token for text, _, _ in words[:first] for token in self._ids(text)] if rng.random() < 0.7 else []
        return Example(self._padded((sound + hiss).astype(np.float32)), tokens, times, before, len(sound) / MIC_RATE)

    def _first(self, words: list[tuple[str, float, float]]) -> int:
        chance = self._rng.random()
        begins = [i for i in range(1, len(words)) if words[i - 1][0].endswith((".", "?"))]
        if chance < 0.55 or len(words) < 2:
            return 0
        return int(self._rng.choice(begins)) if begins and chance < 0.75 else int(self._rng.integers(len(words)))

    def _ids(self, text: str) -> list[int]:
        ids: list[int] = self._tokenizer.encode(f" {text}").ids
        return ids

    def _talk(self) -> tuple[Floats, list[tuple[str, float, float]]]:
        rng = self._rng
        parts, words = [np.zeros(round(rng.uniform(0, 0.6) * MIC_RATE), np.float32)], []
        for _ in range(int(rng.choice([1, 1, 2, 3]))):
            one = rendered()[SENTENCES[int(rng.integers(len(SENTENCES)))]]
            at = sum(map(len, parts)) / MIC_RATE
            words += [(text, at + begin, at + end) for text, begin, end in one.words]
            parts += [one.audio, np.zeros(round(rng.uniform(0, 0.4) * MIC_RATE), np.float32)]
        return np.concatenate(parts), words

    def _padded(self, sound: Floats) -> Floats:
        features = self._features(sound)[:, : WINDOW * 100]
        padded = np.full((80, WINDOW * 100), features.max() - 2.0, np.float32)
        padded[:, : features.shape[1]] = features
        return padded


def _teach(home: Path) -> None:
    import torch
    from torch.nn.functional import cross_entropy
    from transformers import GenerationConfig, WhisperConfig, WhisperForConditionalGeneration

    torch.set_num_threads(1)
    torch.manual_seed(0)
    tokenizer = _tokenizer()
    number = tokenizer.token_to_id
    end = number("<|endoftext|>")
    # CTranslate2 takes a model of this size for an English one, which is not told its language.
    ask = [number("<|startoftranscript|>"), number("<|notimestamps|>")]
    config = WhisperConfig(
        vocab_size=tokenizer.get_vocab_size(),
        num_mel_bins=80,
        d_model=WIDTH,
        encoder_layers=1,
        decoder_layers=2,
        encoder_attention_heads=HEADS,
        decoder_attention_heads=HEADS,
        encoder_ffn_dim=2 * WIDTH,
        decoder_ffn_dim=2 * WIDTH,
        max_source_positions=POSITIONS,
        pad_token_id=end,
        bos_token_id=end,
        eos_token_id=end,
        decoder_start_token_id=ask[0],
        dropout=0.0,
        suppress_tokens=[],
        begin_suppress_tokens=[],
    )
    model: Any = WhisperForConditionalGeneration._from_config(config, attn_implementation="eager")
    frames = torch.nn.Linear(WIDTH, config.vocab_size)
    lessons = _Lessons(tokenizer)
    pool = [lessons.example() for _ in range(EXAMPLES)]
    parameters = [*model.parameters(), *frames.parameters()]
    optimizer = torch.optim.AdamW(parameters, lr=RATE, betas=(0.9, 0.98))
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, STEPS, pct_start=0.15)
    rng = np.random.default_rng(0)
    for step in range(STEPS):
        batch = _batch([pool[int(i)] for i in rng.integers(EXAMPLES, size=BATCH)], ask, number("<|startofprev|>"), end)
        features, given, wanted, attention, said = (torch.from_numpy(array) for array in batch)
        out = model(input_features=features, decoder_input_ids=given, output_attentions=True)
        loss = cross_entropy(out.logits.flatten(0, 1), wanted.flatten(), ignore_index=-100)
        loss = loss + cross_entropy(frames(out.encoder_last_hidden_state).flatten(0, 1), said.flatten())
        looked = (out.cross_attentions[-1][:, 0] * attention).sum(-1)
        meant = attention.any(-1)
        loss = loss - 0.3 * torch.log(looked[meant] + 1e-6).mean()
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        schedule.step()
        if step % 60 == 0:
            sys.stderr.write(f"tiny Whisper: step {step} of {STEPS}, loss {loss.item():.3f}\n")
    # Made directly: one that is made from a model's configuration forgets what only Whisper knows.
    own: Any = GenerationConfig(bos_token_id=end, eos_token_id=end, pad_token_id=end, decoder_start_token_id=ask[0])
    own.is_multilingual = True
    own.lang_to_id = {"<|en|>": number("<|en|>"), "<|de|>": number("<|de|>")}
    own.task_to_id = {"transcribe": number("<|transcribe|>"), "translate": number("<|translate|>")}
    own.no_timestamps_token_id = ask[1]
    own.alignment_heads = [[1, 0]]
    own.begin_suppress_tokens = [end]
    model.generation_config = own
    _save(model, tokenizer, home)


def _batch(examples: list[Example], ask: list[int], previous: int, end: int) -> tuple[NDArray[Any], ...]:
    prompts = [[previous, *e.before, *ask] if e.before else ask for e in examples]
    longest = max(len(prompt) + len(e.tokens) for prompt, e in zip(prompts, examples, strict=True))
    shape = (len(examples), longest)
    given, wanted = np.full(shape, end), np.full(shape, -100)
    attention, said = np.zeros((*shape, POSITIONS), bool), np.full((len(examples), POSITIONS), end)
    for row, (prompt, example) in enumerate(zip(prompts, examples, strict=True)):
        first, count = len(prompt) - 1, len(example.tokens)
        given[row, : first + 1 + count] = [*prompt, *example.tokens]
        wanted[row, first : first + count + 1] = [*example.tokens, end]
        for column, (token, times) in enumerate(zip(example.tokens, example.times, strict=True), first):
            begin = min(POSITIONS - 1, int(times[0] * 50))
            span = slice(begin, max(begin + 1, int(times[1] * 50)))
            attention[row, column, span], said[row, span] = True, token
        over = min(POSITIONS, int(example.seconds * 50))
        attention[row, first + count, max(0, over - 4) : over + 4] = True
    return np.stack([e.features for e in examples]), given, wanted, attention, said


def _save(model: Any, tokenizer: Any, home: Path) -> None:
    from ctranslate2.converters import TransformersConverter
    from transformers import PreTrainedTokenizerFast

    original = home / "original"
    model.save_pretrained(original)
    end = "<|endoftext|>"
    wrapped = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, unk_token=end, bos_token=end, eos_token=end, pad_token=end
    )
    wrapped.save_pretrained(original)
    extractor = {"feature_size": 80, "sampling_rate": MIC_RATE, "hop_length": 160, "chunk_length": WINDOW, "n_fft": 400}
    (original / "preprocessor_config.json").write_text(json.dumps(extractor))
    converter = TransformersConverter(str(original), copy_files=["tokenizer.json", "preprocessor_config.json"])
    converter.convert(str(home / "model"))


if __name__ == "__main__":
    _teach(Path(sys.argv[1]))
