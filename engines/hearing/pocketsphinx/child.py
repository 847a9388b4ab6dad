"""PocketSphinx in a process of its own: the module that the engine runs, one utterance at a time.

What counts for accuracy is the cepstral mean that is subtracted: the decoder's own start value fits no microphone, so
the first second is measured before it is decoded, and the mean follows the utterance from there. Where the topics of a
conversation are known, a second decoder with a model of those runs beside the first. It knows nothing of asyncio, of
sessions or of the server. PocketSphinx: Huggins-Daines et al., "PocketSphinx: a free, real-time continuous
speech recognition system for hand-held devices" (ICASSP 2006), with its model en-us.
"""

from __future__ import annotations

import json
import math
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeAlias

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
import numpy.typing as npt

from engines.api import MIC_RATE
from engines.hearing.pocketsphinx.topic import language_model, sentences
from engines.hearing.pocketsphinx.words import words
from engines.process.loop import Call, Refused, Steps, serve

Floats: TypeAlias = npt.NDArray[np.float64]
Topic: TypeAlias = tuple[Sequence[str], Sequence[str]]  # names to ask about, and running text

BLOCK: Final = MIC_RATE // 10  # samples decoded at once, however the audio is cut
HEAD: Final = 9 * BLOCK  # samples of an utterance that are measured before they are decoded
SHORTEST: Final = BLOCK  # samples below which there can be no word
LOUD: Final = 4000.0  # RMS to which the loudest block of the head is brought, of 32768
GAINS: Final = (0.25, 30.0)
DITHER: Final = 16.0  # RMS of added noise: digital silence is unlike anything that the model has heard
# Without the second pass over the words, which takes most of the time after the end and gains nothing once the mean is
# right; and with at most so many states and words a frame, which saves a third of the time at the same error rate.
SEARCH: Final[dict[str, Any]] = {"fwdflat": False, "maxhmmpf": 6000, "maxwpf": 20}
FRAME, STEP = 410, 160  # the front end's window and step in samples
DOUBT: Final = -6.0  # log posterior per word below which they are no words: a breath has -8, bad speech above -5
WEIGHT: Final = 500  # frames for which a given mean counts inside PocketSphinx (CMN_WIN)
CEPSTRA: Final = 13
TOPICS: Final = 4  # decoders of topics that are kept, about 20 MB each


@dataclass(frozen=True, slots=True, order=True)
class Guess:
    """A transcript and the score of its path, which grows with its likelihood and is comparable for the same sound."""

    score: float
    text: str


NOTHING: Final = Guess(-math.inf, "")


class Recogniser:
    """One decoder; each utterance is heard as if it were the first. `files` are its `hmm`, `lm` and `dict`."""

    def __init__(self, files: Mapping[str, str], hints: Mapping[str, str]) -> None:
        try:
            from pocketsphinx import Decoder
        except ImportError as error:
            repair = "`pip install --force-reinstall pocketsphinx`"
            raise Refused(f"pocketsphinx cannot be loaded ({error}); {repair}.") from error
        try:
            self._decoder: Any = Decoder(samprate=MIC_RATE, loglevel="FATAL", **SEARCH, **files)
        except RuntimeError as error:
            raise Refused(f"PocketSphinx cannot read the model in {Path(files['hmm']).parent.name}.") from error
        for word, sounds in hints.items():
            if self._decoder.lookup_word(word) is None:
                self._decoder.add_word(word, sounds)
        self._noise = np.random.default_rng(1).normal(0.0, DITHER, MIC_RATE).astype(np.float32)
        self._head = bytearray()
        self._gain = 1.0
        self._samples = 0
        self._mean: CepstralMean | None = None  # set while the decoder is in an utterance

    def begin(self) -> None:
        """Begin a new utterance."""
        self._head.clear()
        self._samples = 0
        # The front end's estimate of the background belongs to the utterance before.
        self._decoder.reinit_feat()

    def hear(self, pcm: bytes) -> None:
        """Take the next BLOCK samples, fewer at the utterance's end."""
        if self._mean is not None:
            self._decode(pcm)
            return
        self._head += pcm
        if len(self._head) >= 2 * HEAD:
            self._start()

    def guess(self) -> Guess:
        """Return the words so far."""
        hypothesis = self._decoder.hyp() if self._mean is not None else None
        return NOTHING if hypothesis is None else Guess(hypothesis.best_score, words(hypothesis.hypstr))

    def end(self) -> Guess:
        """Return the words of the whole utterance."""
        if self._mean is None:
            if len(self._head) < 2 * SHORTEST:
                return NOTHING
            self._start()
        self._mean = None
        self._decoder.end_utt()
        hypothesis = self._decoder.hyp()
        text = words(hypothesis.hypstr) if hypothesis is not None else ""
        likely = math.log(max(hypothesis.prob, sys.float_info.min)) if text else 0.0
        return Guess(hypothesis.best_score, text) if text and likely >= DOUBT * len(text.split()) else NOTHING

    def abandon(self) -> None:
        """End the utterance, if there is one, without a result."""
        if self._mean is not None:
            self._mean = None
            self._decoder.end_utt()

    def _start(self) -> None:
        head = bytes(self._head)
        blocks = [head[at : at + 2 * BLOCK] for at in range(0, len(head), 2 * BLOCK)]
        loudest = max(_level(block) for block in blocks)
        self._gain = min(max(LOUD / max(loudest, 1.0), GAINS[0]), GAINS[1])
        levelled = [self._levelled(block) for block in blocks]
        mean = CepstralMean(self._decoder)
        mean.give(0)
        self._decoder.start_utt()
        self._decoder.process_raw(b"".join(levelled), no_search=True)
        mean.take(self._samples)
        self._decoder.end_utt()
        self._decoder.reinit_feat()
        mean.give(0)
        self._decoder.start_utt()
        self._mean = mean
        for block in levelled:
            self._decoder.process_raw(block)
        mean.give(self._samples)

    def _decode(self, block: bytes) -> None:
        assert self._mean is not None
        self._decoder.process_raw(self._levelled(block))
        self._mean.take(self._samples)
        self._mean.give(self._samples)

    def _levelled(self, block: bytes) -> bytes:
        samples = np.frombuffer(block, "<i2").astype(np.float32)
        at = self._samples % MIC_RATE
        self._samples += len(samples)
        samples *= np.float32(self._gain)
        samples += np.take(self._noise, range(at, at + len(samples)), mode="wrap")
        levelled: bytes = np.clip(np.rint(samples), -32768, 32767).astype("<i2").tobytes()
        return levelled


class CepstralMean:
    """The mean cepstrum of all that was heard of an utterance, given to the decoder and taken from it.

    Left alone, the decoder would weigh its start value as five seconds of speech.
    """

    def __init__(self, decoder: Any) -> None:
        self._decoder = decoder
        self._sum: Floats = np.zeros(CEPSTRA)
        self._frames = 0
        self._given: Floats = np.zeros(CEPSTRA)
        self._from = 0

    def give(self, samples: int) -> None:
        """Set the decoder's mean, `samples` of the utterance having been processed."""
        self._given = self._sum / max(self._frames, 1)
        self._from = _frames(samples)
        self._decoder.set_cmn(",".join(f"{value:.6g}" for value in self._given))

    def take(self, samples: int) -> None:
        """Add what was processed since `give`."""
        count = _frames(samples) - self._from
        mean = np.array([float(value) for value in self._decoder.get_cmn(update=True).split(",")])
        self._sum += (WEIGHT + count) * mean - WEIGHT * self._given
        self._frames += count


def model_files(folder: Path) -> dict[str, str]:
    """Find the three parts of a model folder; raises Refused, with a sentence, for one that is missing."""
    found: dict[str, str] = {}
    for part, patterns, what in (
        ("hmm", ("*/mdef",), "acoustic model (a folder with a file mdef)"),
        ("lm", ("*.lm.bin", "*.lm", "*.lm.gz"), "language model (.lm.bin or .lm)"),
        ("dict", ("*.dict", "*.dic"), "dictionary (.dict)"),
    ):
        paths = [path for pattern in patterns for path in sorted(folder.glob(pattern)) if "phone" not in path.name]
        if not paths:
            raise Refused(f"The folder {folder.name} has no {what}, so it is not a PocketSphinx model.")
        found[part] = str(paths[0].parent if part == "hmm" else paths[0])
    return found


def _frames(samples: int) -> int:
    """Count whole windows of the front end in the first `samples` of an utterance."""
    return max(0, (samples - FRAME) // STEP + 1)


def _level(block: bytes) -> float:
    """Measure the RMS without the mean."""
    return float(np.frombuffer(block, "<i2").astype(np.float64).std())


class Recognisers:
    """The decoder with the general model, and for each topic of conversations one with a model of that.

    The second costs an eighth of the first's time: it knows few words. Of topics the last TOPICS are kept.
    """

    def __init__(self, model: Path | None, hints: Mapping[str, str]) -> None:
        self._files = model_files(model or _wheel_model())
        self._hints = hints
        self._general = Recogniser(self._files, hints)
        self._topics: dict[str, Recogniser] = {}

    def of(self, topic: Topic) -> list[Recogniser]:
        """Return the decoders for a conversation about `topic`."""
        if not any(topic):
            return [self._general]
        name = json.dumps(topic)
        narrow = self._topics.pop(name, None) or self._about(topic)
        self._topics[name] = narrow
        while len(self._topics) > TOPICS:
            del self._topics[next(iter(self._topics))]
        return [self._general, narrow]

    def _about(self, topic: Topic) -> Recogniser:
        sounds = _dictionary(Path(self._files["dict"]))
        said = sentences(*topic, sounds.keys() | self._hints.keys())
        with _written(language_model(said), ".lm") as lm:
            spoken = {word for sentence in said for word in sentence}
            lines = [line for word in sorted(spoken) for line in sounds.get(word, ())]
            with _written("\n".join([*lines, ""]), ".dict") as words_said:
                few = {word: sound for word, sound in self._hints.items() if word in spoken}
                return Recogniser({**self._files, "lm": lm, "dict": words_said}, few)


def _wheel_model() -> Path:
    try:
        from pocketsphinx import get_model_path
    except ImportError as error:
        repair = "`pip install --force-reinstall pocketsphinx`"
        raise Refused(f"pocketsphinx cannot be loaded ({error}); {repair}.") from error
    return Path(get_model_path("en-us"))


def _dictionary(path: Path) -> dict[str, list[str]]:
    """Read a pronouncing dictionary's lines by word; other pronunciations are numbered `word(2)`."""
    lines: dict[str, list[str]] = {}
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        word = line.partition(" ")[0].partition("\t")[0]
        lines.setdefault(word.partition("(")[0], []).append(line)
    return lines


@contextmanager
def _written(text: str, suffix: str) -> Iterator[str]:
    """Write a file with this text for as long as it takes the decoder to read it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"topic{suffix}"
        path.write_text(text, encoding="utf-8")
        yield str(path)


def main() -> None:
    """Serve `load {topic}` and `hear {topic, pcm...}`: a block is answered with the words so far, the end with all.

    Arguments of the process: the model's folder ("": the wheel's), and a JSON map of words to their ARPAbet. `topic`,
    two lists of texts, makes the second decoder when it is first named.
    """
    folder, hints = sys.argv[1], json.loads(sys.argv[2])
    model = Path(folder) if folder else None
    loaded: list[Recognisers] = []

    def ready(call: Call) -> list[Recogniser]:
        if not loaded:
            loaded.append(Recognisers(model, hints))
        names, texts = call.fields["topic"]
        return loaded[0].of((names, texts))

    def load(call: Call) -> Steps:
        ready(call)
        yield {}

    def hear(call: Call) -> Steps:
        decoders = ready(call)
        for decoder in decoders:
            decoder.begin()
        try:
            while (given := (yield from call.receive())) is not None:
                for decoder in decoders:
                    decoder.hear(given["pcm"])
                yield {"text": max(decoder.guess() for decoder in decoders).text}
            yield {"text": max([decoder.end() for decoder in decoders]).text}
        finally:
            for decoder in decoders:
                decoder.abandon()

    serve({"load": load, "hear": hear})


if __name__ == "__main__":
    main()
