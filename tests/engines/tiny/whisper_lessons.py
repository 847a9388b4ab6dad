"""How the tiny Whisper of `tests.engines.tiny.whisper` is taught, and the exam that it has to pass: `... FOLDER`.

It was taught once, by `python -m tests.engines.tiny.whisper_lessons --write`, and stands in `taught/` beside this file:
to teach it takes minutes of a core, the exam seconds. A machine on which it fails the exam is given one of its own.

The frames' words and the attention of the aligning head are taught from espeak-ng's own word times, which is what makes
so few steps enough and the word times true. Floating-point arithmetic differs between machines, and after some hundred
steps so do the weights: so training goes on until the converted model hears everything that the tests let it hear.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engines.api import MIC_RATE
from tests.engines.tiny.whisper import SENTENCES, WINDOW, Floats, rendered

TAUGHT = Path(__file__).with_name("taught")
POSITIONS = WINDOW * 50  # encoder steps
WIDTH, HEADS = 64, 2
EXAMPLES, BATCH, STEPS, RATE = 1000, 8, 640, 3e-3  # of one course
COURSES = 5  # with one beginning; then another is tried
SEEDS = (0, 1, 2)
TOLERANCE = 0.08  # s; the tests allow 0.1
EARLY = 0.2  # s that a word may seem to end too soon; what follows is then heard with the rest of it
SURE = 0.5  # the least probability of a word
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

    def __init__(self, tokenizer: Any, seed: int) -> None:
        from faster_whisper.feature_extractor import FeatureExtractor

        self._tokenizer = tokenizer
        self._features: Any = FeatureExtractor(chunk_length=WINDOW)
        self.rng = np.random.default_rng(seed)

    def example(self) -> Example:
        rng = self.rng
        while True:
            audio, words = self._talk()
            first = self._first(words)
            # A window begins where the word before it ended, or about there.
            start = (
                max(words[first - 1][2] - rng.uniform(0, 0.12), words[first][1] - rng.uniform(0, 0.4)) if first else 0
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
        tokens: list[int] = []
        times: list[tuple[float, float]] = []
        for text, begin, finish in kept:
            ids = self._ids(text)
            # A comma is not heard but in the pause after it.
            mark = 0.04 if text.endswith((",", ".", "?")) else 0.0
            edges = [*np.linspace(begin, finish - mark, len(ids) + (not mark)), *[finish][: bool(mark)]]
            tokens += ids
            times += pairwise(map(float, edges))
        before = [token for text, _, _ in words[:first] for token in self._ids(text)] if rng.random() < 0.7 else []
        return Example(self._padded((sound + hiss).astype(np.float32)), tokens, times, before, len(sound) / MIC_RATE)

    def _first(self, words: list[tuple[str, float, float]]) -> int:
        chance = self.rng.random()
        begins = [i for i in range(1, len(words)) if words[i - 1][0].endswith((".", "?"))]
        if chance < 0.55 or len(words) < 2:
            return 0
        return int(self.rng.choice(begins)) if begins and chance < 0.75 else int(self.rng.integers(len(words)))

    def _ids(self, text: str) -> list[int]:
        ids: list[int] = self._tokenizer.encode(f" {text}").ids
        return ids

    def _talk(self) -> tuple[Floats, list[tuple[str, float, float]]]:
        rng = self.rng
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

    def batch(self, examples: list[Example]) -> tuple[NDArray[Any], ...]:
        """Return features, tokens given and wanted, where each looks, and the token of each frame."""
        number = self._tokenizer.token_to_id
        previous, end = number("<|startofprev|>"), number("<|endoftext|>")
        # CTranslate2 takes a model of this size for an English one, which is not told its language.
        ask = [number("<|startoftranscript|>"), number("<|notimestamps|>")]
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
                said[row, span] = token
                # A pause belongs to the word before it, or the next one's time would be anywhere in it.
                after = column + 1 - first
                until = example.times[after][0] if after < count else example.seconds
                attention[row, column, begin : max(span.stop, int(until * 50))] = True
            over = min(POSITIONS, int(example.seconds * 50))
            attention[row, first + count, max(0, over - 4) : over + 4] = True
        return np.stack([e.features for e in examples]), given, wanted, attention, said


def give(home: Path) -> None:
    """Leave in `home` the model that was taught, if it passes the exam on this machine, else a new one."""
    shutil.copytree(TAUGHT, home, dirs_exist_ok=True)
    if wrong := missed(home, list(exam())):
        sys.stderr.write(f"tiny Whisper: taught anew, since it hears {len(wrong)} wrong: {wrong[:2]}\n")
        teach(home)


def teach(home: Path) -> None:
    """Teach until the exam is passed and leave the converted model in `home`; AssertionError when no seed does it."""
    import torch

    torch.set_num_threads(1)
    tokenizer = _tokenizer()
    questions = list(exam())
    for seed in SEEDS:
        torch.manual_seed(seed)
        lessons = _Lessons(tokenizer, seed)
        model, frames = _beginning(tokenizer)
        for course in range(COURSES):
            # The later ones mend, so they take smaller steps.
            _course(model, frames, lessons, RATE / (1 + 3 * course))
            _save(model, tokenizer, home)
            wrong = missed(home, questions)
            sys.stderr.write(f"tiny Whisper: seed {seed}, course {course + 1}, {len(wrong)} wrong: {wrong[:2]}\n")
            if not wrong:
                return
    raise AssertionError("the tiny Whisper does not learn its sentences")


def _beginning(tokenizer: Any) -> tuple[Any, Any]:
    """Return an untaught model, and the layer that names each frame's word while it is taught."""
    import torch
    from transformers import GenerationConfig, WhisperConfig, WhisperForConditionalGeneration

    number = tokenizer.token_to_id
    end = number("<|endoftext|>")
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
        decoder_start_token_id=number("<|startoftranscript|>"),
        dropout=0.0,
        suppress_tokens=[],
        begin_suppress_tokens=[],
    )
    model: Any = WhisperForConditionalGeneration._from_config(config, attn_implementation="eager")
    # Made directly: one that is made from a model's configuration forgets what only Whisper knows.
    own: Any = GenerationConfig(
        bos_token_id=end, eos_token_id=end, pad_token_id=end, decoder_start_token_id=config.decoder_start_token_id
    )
    own.is_multilingual = True
    own.lang_to_id = {"<|en|>": number("<|en|>"), "<|de|>": number("<|de|>")}
    own.task_to_id = {"transcribe": number("<|transcribe|>"), "translate": number("<|translate|>")}
    own.no_timestamps_token_id = number("<|notimestamps|>")
    own.alignment_heads = [[1, 0]]
    own.begin_suppress_tokens = [end]
    model.generation_config = own
    return model, torch.nn.Linear(WIDTH, config.vocab_size)


def _course(model: Any, frames: Any, lessons: _Lessons, rate: float) -> None:
    """Train STEPS steps on examples of this course's own."""
    import torch
    from torch.nn.functional import cross_entropy

    pool = [lessons.example() for _ in range(EXAMPLES)]
    parameters = [*model.parameters(), *frames.parameters()]
    optimizer = torch.optim.AdamW(parameters, lr=rate, betas=(0.9, 0.98))
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, rate, STEPS, pct_start=0.15)
    model.train()
    for _ in range(STEPS):
        batch = lessons.batch([pool[int(i)] for i in lessons.rng.integers(EXAMPLES, size=BATCH)])
        features, given, wanted, attention, said = (torch.from_numpy(array) for array in batch)
        out = model(input_features=features, decoder_input_ids=given, output_attentions=True)
        loss = cross_entropy(out.logits.flatten(0, 1), wanted.flatten(), ignore_index=-100)
        loss = loss + cross_entropy(frames(out.encoder_last_hidden_state).flatten(0, 1), said.flatten())
        # Evenly all over a word: the alignment's median filter erases what is narrower than four frames.
        meant = attention.any(-1)
        even = attention[meant].float() / attention[meant].sum(-1, keepdim=True)
        loss = loss - 0.3 * (even * torch.log(out.cross_attentions[-1][:, 0][meant] + 1e-6)).sum(-1).mean()
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        schedule.step()
    model.eval()


# ------------------------------------------------------------------------------------------------- the exam


@dataclass(frozen=True)
class Question:
    """A window of sound, the text before it, and the words in it with their times in seconds.

    Of a `cut` one only the text is asked: the last word may have been heard in part, and then may be missing.
    """

    audio: Floats
    before: str
    words: tuple[tuple[str, float, float], ...]
    cut: bool = False


def exam() -> Iterator[Question]:
    """Yield what the tests let it hear: sentences between silences, as they grow, and one after the other."""
    for sentence in SENTENCES:
        for lead, rest in ((0.3, 0.4), (0.3, 0.0), (0.3, 0.1), (0.3, 0.5), (0.4, 0.8), (0.2, 0.2), (0.1, 0.3)):
            audio, words = talk(sentence, lead=lead, rest=rest)
            yield Question(audio, "", words)
        audio, words = talk(sentence)
        for end in np.arange(0.8, len(audio) / MIC_RATE, 0.1):
            yield _window(audio, words, 0, 0.0, float(end))
    for said in (*pairwise(SENTENCES), *zip(SENTENCES, SENTENCES[1:], SENTENCES[2:], strict=False)):
        audio, words = talk(*said, gap=0.25)
        for first in range(len(said[0].split()), len(words) - 2):
            begins = words[first - 1][0].endswith((".", "?"))
            # A window begins where the word before it ended, as the model heard it; of sentences, about there.
            for start in (words[first - 1][2], *((words[first - 1][2] - 0.08, words[first][1] - 0.02) * begins)):
                yield _window(audio, words, first, start, min(start + WINDOW - 0.1, len(audio) / MIC_RATE))


def talk(
    *sentences: str, lead: float = 0.3, gap: float = 0.0, rest: float = 0.4
) -> tuple[Floats, tuple[tuple[str, float, float], ...]]:
    """Return the sentences in sound, with silence (s) around and between them, and their words with times in it."""
    parts, words, at = [np.zeros(round(lead * MIC_RATE), np.float32)], [], lead
    for sentence in sentences:
        one = rendered()[sentence]
        words += [(text, at + begin, at + end) for text, begin, end in one.words]
        parts += [one.audio, np.zeros(round(gap * MIC_RATE), np.float32)]
        at += len(one.audio) / MIC_RATE + gap
    return np.concatenate([*parts, np.zeros(round(rest * MIC_RATE), np.float32)]), tuple(words)


def _window(audio: Floats, words: Sequence[tuple[str, float, float]], first: int, start: float, end: float) -> Question:
    inside = tuple((text, begin - start, stop - start) for text, begin, stop in words[first:] if begin < end)
    before = " ".join(text for text, _, _ in words[:first])
    return Question(audio[round(start * MIC_RATE) : round(end * MIC_RATE)], before, inside, cut=True)


def missed(folder: Path, questions: Sequence[Question]) -> list[str]:
    """Return what the model in `folder` gets wrong, in the precisions that the tests use."""
    from engines.hearing.whisper.decoder import WhisperDecoder, Window
    from engines.hearing.whisper.guards import Thresholds
    from engines.hearing.whisper.model import ModelChoice
    from engines.hearing.whisper.utterance import Utterance

    wrong = []
    for precision in ("float32", "int8"):
        decoder = WhisperDecoder(ModelChoice(str(folder), "cpu", precision, 1), Thresholds())
        decoder.load()
        for question in questions:
            pcm = (np.clip(question.audio, -1, 1) * 32767).astype("<i2")
            sound = pcm.astype(np.float32) / np.float32(32768)
            [heard] = decoder.decode([Window(sound, "en", decoder.context(question.before))])
            # The attention bridges pauses; the engine finds where they are from the sound.
            utterance = Utterance()
            utterance.push(pcm.tobytes())
            tight = [utterance.tight(word.start, word.end) for word in heard.words]
            words = [
                (word.text.strip(), start / MIC_RATE, end / MIC_RATE, word.probability)
                for word, (start, end) in zip(heard.words, tight, strict=True)
            ]
            if fault := _fault(question, words):
                wrong.append(f"{precision} {fault}")
    return wrong


def _fault(question: Question, heard: Sequence[tuple[str, float, float, float]]) -> str:
    said = " ".join(text for text, *_ in heard)
    true, least = (" ".join(text for text, _, _ in words) for words in (question.words, question.words[:-1]))
    if said != true and not (question.cut and said.rstrip(".?,") in (true.rstrip(".?,"), least.rstrip(".?,"))):
        return f"{said!r} for {true!r}"
    for (text, start, end, sure), (_, begin, finish) in zip(heard, question.words, strict=False):
        if question.cut:
            continue
        if abs(start - begin) > TOLERANCE:
            return f"{text!r} at {start:.2f} for {begin:.2f}"
        if end < finish - EARLY:
            return f"{text!r} until {end:.2f} for {finish:.2f}"
        if sure < SURE:
            return f"{text!r} with {sure:.2f}"
    return ""


def _save(model: Any, tokenizer: Any, home: Path) -> None:
    """Write the model in CTranslate2's format into `home`, which is emptied."""
    from ctranslate2.converters import TransformersConverter
    from transformers import PreTrainedTokenizerFast

    end = "<|endoftext|>"
    wrapped = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, unk_token=end, bos_token=end, eos_token=end, pad_token=end
    )
    extractor = {"feature_size": 80, "sampling_rate": MIC_RATE, "hop_length": 160, "chunk_length": WINDOW, "n_fft": 400}
    with TemporaryDirectory() as original:
        model.save_pretrained(original)
        wrapped.save_pretrained(original)
        (Path(original) / "preprocessor_config.json").write_text(json.dumps(extractor))
        converter = TransformersConverter(original, copy_files=["tokenizer.json", "preprocessor_config.json"])
        converter.convert(str(home), force=True, quantization="float16")


if __name__ == "__main__":
    teach(TAUGHT) if sys.argv[1] == "--write" else give(Path(sys.argv[1]))
