"""Windows of sound to words with a Whisper model, several at once. Blocks: it runs in the device's thread.

One encoder pass, one search and one alignment serve a whole batch. An earlier hypothesis is not given to the search:
CTranslate2 takes a prefix token by token, so that nothing would be saved.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from engines.api import MIC_RATE, EngineError
from engines.hearing.whisper.agreement import HeardWord
from engines.hearing.whisper.guards import Measures, Thresholds, compression
from engines.hearing.whisper.model import CODE, ModelChoice, load_model

HOP: Final = 160  # samples for each frame of features
STEP: Final = 320  # samples for each position of the encoder
TOKENS_PER_S: Final = 12  # nobody speaks faster; what is longer is a loop
RESCUE_BEAM: Final = 5


@dataclass(frozen=True, slots=True)
class Window:
    """What is to be decoded: -1..1 at MIC_RATE, no longer than the model's window.

    `language` is a code of Whisper's, "" to be detected; `context` the tokens before the window. A final one is
    decoded again when its first text cannot be trusted.
    """

    audio: NDArray[np.float32]
    language: str
    context: tuple[int, ...] = ()
    final: bool = False


@dataclass(frozen=True, slots=True)
class Decoded:
    """What was decoded: words with times in samples of the window, their tokens, and how sure the model was."""

    words: tuple[HeardWord, ...]
    tokens: tuple[int, ...]
    language: str
    measures: Measures


@dataclass(frozen=True, slots=True)
class _Written:
    tokens: list[int]
    logprob: float  # mean
    no_speech: float


class WhisperDecoder:
    """A model and how it is used: greedy, or with a beam of `beam` for final windows."""

    def __init__(self, choice: ModelChoice, limits: Thresholds, *, beam: int = 1) -> None:
        self._choice = choice
        self._limits = limits
        self._beam = beam
        self._model: Any = None
        self._tokenizers: dict[str, Any] = {}
        self._suppressed: list[int] = []

    # ------------------------------------------------------------------------------------------------ the model

    def load(self) -> None:
        """Read the model; EngineError with what to do when it cannot."""
        from faster_whisper.transcribe import get_suppressed_tokens

        self._model = load_model(self._choice)
        own = self._tokenizer("en")
        missing = [name for name in ("sot", "eot", "no_timestamps") if getattr(own, name) is None]
        if missing:
            raise EngineError(CODE, f"The tokenizer of {self._choice.model} is not Whisper's: {missing[0]} is missing.")
        self._suppressed = list(get_suppressed_tokens(own, [-1]))

    def release(self) -> None:
        """Release the model."""
        self._model = None
        self._tokenizers.clear()

    @property
    def window(self) -> int:
        """Samples that one window may have."""
        return int(self._model.feature_extractor.nb_max_frames) * HOP

    @property
    def multilingual(self) -> bool:
        """Whether it knows other languages than English."""
        return bool(self._model.model.is_multilingual)

    def knows(self, language: str) -> bool:
        """Say whether it knows the language with this code."""
        return language in self._model.supported_languages

    def context(self, text: str, most: int = 64) -> tuple[int, ...]:
        """Return the last tokens of a text that came before a window."""
        ids: list[int] = self._tokenizer("en").encode(f" {text.strip()}") if text.strip() else []
        return tuple(ids[-most:])

    def _tokenizer(self, language: str) -> Any:
        from faster_whisper.tokenizer import Tokenizer

        if language not in self._tokenizers:
            self._tokenizers[language] = Tokenizer(
                self._model.hf_tokenizer, self.multilingual, task="transcribe", language=language
            )
        return self._tokenizers[language]

    # ------------------------------------------------------------------------------------------------- decoding

    def decode(self, windows: Sequence[Window]) -> list[Decoded]:
        """Decode each window; all must have a context of one length and be final or not alike."""
        features = np.stack([self._features(window.audio) for window in windows])
        encoded = self._model.encode(features)
        languages = self._languages(windows, encoded)
        if len(set(languages)) > 1:
            # What was detected differs: each language has a prompt and an alignment of its own.
            done: dict[int, Decoded] = {}
            for language in set(languages):
                at = [i for i, found in enumerate(languages) if found == language]
                part = self._model.encode(features[at])
                done |= zip(at, self._decode([windows[i] for i in at], features[at], part, language), strict=True)
            return [done[i] for i in range(len(windows))]
        return self._decode(windows, features, encoded, languages[0])

    def _decode(
        self, windows: Sequence[Window], features: NDArray[np.float32], encoded: Any, language: str
    ) -> list[Decoded]:
        tokenizer = self._tokenizer(language)
        beam = self._beam if windows[0].final else 1
        written = self._write(encoded, windows, tokenizer, beam)
        for i, window in enumerate(windows):
            if window.final and not self._measured(written[i], tokenizer).trusted(self._limits):
                again = self._model.encode(features[i : i + 1])
                better = self._write(again, [window], tokenizer, max(RESCUE_BEAM, beam))[0]
                if self._measured(better, tokenizer).trusted(self._limits) or better.logprob > written[i].logprob:
                    written[i] = better
        words = self._words(encoded, written, [window.audio.size for window in windows], tokenizer)
        return [
            Decoded(found, tuple(text.tokens), language, self._measured(text, tokenizer))
            for found, text in zip(words, written, strict=True)
        ]

    def _features(self, audio: NDArray[np.float32]) -> NDArray[np.float32]:
        """Compute log-mel features, padded to the model's window with what silence gives."""
        most = int(self._model.feature_extractor.nb_max_frames)
        made = self._model.feature_extractor(audio[: most * HOP])[:, :most]
        padded = np.full((made.shape[0], most), made.max() - 2.0, np.float32)
        padded[:, : made.shape[1]] = made
        return padded

    def _languages(self, windows: Sequence[Window], encoded: Any) -> list[str]:
        if all(window.language for window in windows) or not self.multilingual:
            return [window.language or "en" for window in windows]
        found = self._model.model.detect_language(encoded)
        return [window.language or ranked[0][0].strip("<|>") for window, ranked in zip(windows, found, strict=True)]

    def _write(self, encoded: Any, windows: Sequence[Window], tokenizer: Any, beam: int) -> list[_Written]:
        ask = [*tokenizer.sot_sequence, tokenizer.no_timestamps]
        prompts = [[tokenizer.sot_prev, *w.context, *ask] if w.context else ask for w in windows]
        seconds = max(window.audio.size for window in windows) / MIC_RATE
        results = self._model.model.generate(
            encoded,
            prompts,
            beam_size=beam,
            # Half of it may be written.
            max_length=min(self._model.max_length, len(prompts[0]) + 2 * (int(seconds * TOKENS_PER_S) + 16)),
            return_scores=True,
            return_no_speech_prob=True,
            suppress_tokens=self._suppressed,
        )
        written = []
        for result in results:
            tokens = list(result.sequences_ids[0])
            mean = float(result.scores[0]) * len(tokens) / (len(tokens) + 1)
            written.append(_Written(tokens, mean, float(result.no_speech_prob)))
        return written

    def _measured(self, written: _Written, tokenizer: Any) -> Measures:
        return Measures(written.no_speech, written.logprob, compression(tokenizer.decode(written.tokens).strip()))

    def _words(
        self, encoded: Any, written: Sequence[_Written], sizes: Sequence[int], tokenizer: Any
    ) -> list[tuple[HeardWord, ...]]:
        """Find the words with their times, by the attention of the model's aligning heads."""
        texts = [[token for token in text.tokens if token < tokenizer.eot] for text in written]
        if not any(texts):
            return [() for _ in texts]
        frames = [max(2, math.ceil(size / HOP)) for size in sizes]
        found = self._model.model.align(
            encoded, tokenizer.sot_sequence, [text or [tokenizer.eot] for text in texts], frames
        )
        return [
            _timed(tokenizer, text, aligned, size) if text else ()
            for text, aligned, size in zip(texts, found, sizes, strict=True)
        ]


def _timed(tokenizer: Any, tokens: list[int], aligned: Any, size: int) -> tuple[HeardWord, ...]:
    from faster_whisper.transcribe import merge_punctuations

    texts, parts = tokenizer.split_to_word_tokens([*tokens, tokenizer.eot])
    edges = np.cumsum([0, *(len(part) for part in parts[:-1])])
    index = np.array([pair[0] for pair in aligned.alignments])
    times = np.array([pair[1] for pair in aligned.alignments])
    jumps = times[np.pad(np.diff(index), (1, 0), constant_values=1).astype(bool)] * STEP
    last = len(jumps) - 1
    found = [
        {
            "word": text,
            "tokens": part,
            "start": int(jumps[min(a, last)]),
            "end": int(jumps[min(b, last)]),
            "probability": float(np.mean(aligned.text_token_probs[a:b])),
        }
        for text, part, a, b in zip(texts, parts, edges[:-1], edges[1:], strict=False)
    ]
    merge_punctuations(found, "\"'“¿([{-", "\"'.。,，!！?？:：”)]}、")
    return tuple(
        HeardWord(str(w["word"]), min(w["start"], size), min(max(w["end"], w["start"]), size), w["probability"])
        for w in found
        if w["word"]
    )
