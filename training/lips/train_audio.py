"""Trains the net of `engines.face.lips_audio`: `python -m training.lips.train_audio` (torch, flite, Festival).

It learns to do from sound what the face does when it knows the phones: targets are the movements and contacts of
engines.face.coarticulation for the true phones, at lead 0. Voices: espeak-ng, flite's slt, and Festival's; flite's rms
and awb are never heard, and neither are the sentences of bench.lips.corpus. Every recording comes in several bodies:
other tempo and pitch (its rate is mistaken on purpose), other vocal tract, other level, other equaliser, some noise.

A run without arguments takes 20 to 30 minutes on one core. On one kind of processor, with the same packages, the same
sound and the same weights come out every time: espeak-ng's voices with breath are left out, for their noise is drawn
anew in every process. The shipped weights are of a run that still had four of those (f2, f5, f3 and f2 for f1, steph,
belinda and linda), whose recordings nobody can repeat; it did better on the tuning sentences than a run as it stands.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from engines.face import lips_audio
from engines.face.coarticulation import TRACKS, Segment, contacts, tracks
from engines.face.lips_audio import BANDS, DELAY, ROWS, Level, bank
from engines.face.prosody import STEP_S
from engines.sound.phones import VISEMES, sound
from training.lips import babble, espeak_voice, festival_voice, flite_voice
from training.lips.takes import Take, parts

WEIGHTS: Final = Path(lips_audio.__file__).with_name("lips_audio.npz")
ESPEAK: Final = (
    ("en-us", ""), ("en-us", "f1"), ("en-us", "f4"), ("en-us", "m3"), ("en-us", "m5"), ("en-gb", ""),
    ("en-gb", "steph"), ("en-gb", "m2"), ("en-us", "Annie"), ("en-us", "Andrea"), ("de", ""), ("fr", "f1"), ("es", ""),
    ("it", "belinda"), ("pl", ""), ("ru", "m1"), ("nl", "linda"), ("pt-br", ""),
)  # fmt: skip
SIZES: Final = (104, 80)
CHUNK: Final = 250  # steps a training example is long
BATCH: Final = 48

Rows = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Example:
    """One recording in one body: band powers a step, targets a step (tracks, seal, teeth), and the viseme a step."""

    bands: Rows
    targets: Rows
    visemes: NDArray[np.int64]


def recordings(scale: float, log: Any = sys.stderr) -> list[Take]:
    """Return what is trained on: about 80 minutes at scale 1."""
    takes: list[Take] = []
    for number, (language, variant) in enumerate(ESPEAK):
        english = language.startswith("en")
        texts = babble.texts(100 + number, round(40 * scale), english)
        takes += espeak_voice.say_all(texts, language, variant)
    takes += [flite_voice.say("slt", text) for text in babble.texts(7, round(60 * scale))]
    for number, name in enumerate((*festival_voice.ENGLISH, *festival_voice.OTHERS)):
        english = name in festival_voice.ENGLISH
        if festival_voice.installed(name):
            takes += festival_voice.say_all(name, babble.texts(300 + number, round(70 * scale), english))
    print(f"{len(takes)} recordings, {sum(take.seconds for take in takes) / 60:.0f} minutes", file=log, flush=True)
    return takes


def targets(take: Take, steps: int, tempo: float) -> tuple[Rows, NDArray[np.int64]]:
    """Return what the face does for the true phones of `take`, spoken `tempo` times as fast, at every step."""
    phones = parts(take.truth)
    segments = [Segment(p.start / tempo, p.end / tempo, sound(p.ipa)) for p in phones]
    times = np.asarray(np.arange(steps) * STEP_S, np.float64)
    touching = contacts(segments, times, 0.0, round(1 / STEP_S))
    rows = np.concatenate([tracks(segments, times), touching.seal[None], touching.teeth[None]]).T
    starts = np.array([segment.start for segment in segments])
    now = np.maximum(np.searchsorted(starts, times, "right") - 1, 0)
    visemes = np.array([segment.sound.viseme for segment in segments])[now]
    return rows.astype(np.float32), visemes.astype(np.int64)


def example(take: Take, chance: np.random.Generator) -> Example:
    """Return the take in a random body."""
    tempo = float(np.exp(chance.uniform(-0.16, 0.16)))
    warp = float(np.exp(chance.uniform(-0.12, 0.12)))
    rate = round(take.speech.rate * tempo)
    samples = np.frombuffer(take.speech.pcm, "<i2").astype(np.float32) / 32768.0
    lead = np.zeros(round(float(chance.uniform(0.0, 0.3)) * rate), np.float32)
    samples = np.concatenate([lead, samples, np.zeros(rate // 10, np.float32)])
    loud = float(np.sqrt(np.mean(samples * samples)) + 1e-9)
    noise = chance.standard_normal(len(samples)).astype(np.float32)
    if chance.random() < 0.5:
        noise = np.cumsum(noise) * 0.05  # brown
        noise -= np.convolve(noise, np.ones(255, np.float32) / 255, mode="same")
    noise /= float(noise.std()) + 1e-9
    samples = samples + noise * loud * 10 ** (-float(chance.uniform(20.0, 70.0)) / 20.0)
    samples = samples * 10 ** (float(chance.uniform(-22.0, 3.0)) / 20.0)
    width = round(lips_audio.WINDOW_S * rate)
    padded = np.pad(samples, (width // 2, width)).astype(np.float32)
    steps = int(len(samples) / rate / STEP_S)
    at = np.round(np.arange(steps) * STEP_S * rate).astype(np.int64)
    frames = sliding_window_view(padded, width)[at] * np.hanning(width).astype(np.float32)
    spectra = np.fft.rfft(frames, lips_audio.size(rate))
    bands = (spectra.real**2 + spectra.imag**2).astype(np.float32) @ bank(rate, warp)
    place = np.linspace(-1.0, 1.0, BANDS)
    tone = chance.uniform(-6, 6) * place + chance.uniform(-5, 5) * np.sin(
        np.pi * (place * chance.uniform(0.5, 2.0) + chance.uniform(0, 2))
    )
    bands = bands * (10 ** (tone / 10.0)).astype(np.float32)
    delay = len(lead) / rate
    shifted = Take(take.voice, take.text, take.speech, tuple(
        type(p)(p.ipa, p.start + (delay * tempo), p.end + (delay * tempo)) for p in take.truth
    ))  # fmt: skip
    rows, visemes = targets(_with_lead(shifted, delay * tempo), steps, tempo)
    level = Level()
    return Example(np.array([level.hear(row) for row in bands]), rows, visemes)


def _with_lead(take: Take, until: float) -> Take:
    kind = type(take.truth[0])
    return Take(take.voice, take.text, take.speech, (kind("", 0.0, until), *take.truth)) if until > 0 else take


def train(examples: list[Example], steps: int, seed: int, save: Path) -> None:
    """Fit the net and write it as it is after the last step."""
    import torch
    from torch import nn

    torch.manual_seed(seed)
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    chance = np.random.default_rng(seed)

    class Model(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.first = nn.GRU(BANDS, SIZES[0], batch_first=True)
            self.second = nn.GRU(SIZES[0], SIZES[1], batch_first=True)
            self.out = nn.Linear(SIZES[1], ROWS)

        def forward(self, heard: Any) -> Any:
            hidden, _ = self.first(heard)
            hidden = nn.functional.dropout(hidden, 0.1, self.training)
            hidden, _ = self.second(hidden)
            return self.out(nn.functional.dropout(hidden, 0.1, self.training))

    model = Model()
    optimiser = torch.optim.AdamW(model.parameters(), lr=2e-3, weight_decay=1e-3)
    losses: list[float] = []
    weights = torch.ones(len(VISEMES))
    weights[1], weights[2], weights[0] = 2.0, 2.5, 0.7
    for step in range(1, steps + 1):
        for group in optimiser.param_groups:
            group["lr"] = 2e-3 * min(1.0, step / 50) * max(0.01, 0.5 * (1 + np.cos(np.pi * step / steps)))
        heard, wanted, kinds = _batch(examples, chance)
        told = model(torch.from_numpy(heard))[:, DELAY:]
        goal, kind = torch.from_numpy(wanted)[:, :-DELAY], torch.from_numpy(kinds)[:, :-DELAY]
        motion = ((told[..., :TRACKS] - goal[..., :TRACKS]) ** 2).mean()
        touch = nn.functional.binary_cross_entropy_with_logits(
            told[..., TRACKS : TRACKS + 2], goal[..., TRACKS:], pos_weight=torch.tensor([1.5, 2.5])
        )
        which = nn.functional.cross_entropy(told[..., TRACKS + 2 :].transpose(1, 2), kind, weight=weights)
        loss = 8.0 * motion + 2.0 * touch + 0.5 * which
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        losses.append(float(loss.detach()))
        if step % 50 == 0:
            print(f"step {step}: {np.mean(losses[-50:]):.4f}", file=sys.stderr, flush=True)
    _save(model, save)


def _save(model: Any, path: Path) -> None:
    named = {}
    for layer, part in enumerate((model.first, model.second)):
        for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"):
            short = name.replace("weight", "w").replace("bias", "b")
            named[f"{short}_l{layer}"] = getattr(part, f"{name}_l0").detach().numpy().astype(np.float16)
    named["w_out"] = model.out.weight.detach().numpy().astype(np.float16)
    named["b_out"] = model.out.bias.detach().numpy().astype(np.float16)
    np.savez_compressed(path, **named)


def _batch(examples: list[Example], chance: np.random.Generator) -> tuple[Rows, Rows, NDArray[np.int64]]:
    heard = np.full((BATCH, CHUNK, BANDS), lips_audio.SPAN[0], np.float32)
    wanted = np.zeros((BATCH, CHUNK, TRACKS + 2), np.float32)
    kinds = np.zeros((BATCH, CHUNK), np.int64)
    for row in range(BATCH):
        one = examples[int(chance.integers(len(examples)))]
        spare = max(0, len(one.bands) - CHUNK)
        at = 0 if chance.random() < 0.3 else int(chance.integers(spare + 1))
        part = slice(at, at + CHUNK)
        count = len(one.bands[part])
        heard[row, :count], wanted[row, :count] = one.bands[part], one.targets[part]
        kinds[row, :count] = one.visemes[part]
    return heard, wanted, kinds


def main() -> None:
    """Record, train and write the weights."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=2250, help="batches to train on; about half a second each")
    parser.add_argument("--scale", type=float, default=0.8, help="how much to record")
    parser.add_argument("--bodies", type=int, default=2, help="how often each recording is used, in another body")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--save", type=Path, default=WEIGHTS)
    ask = parser.parse_args()
    chance = np.random.default_rng(ask.seed)
    takes = recordings(ask.scale)
    examples = [example(take, chance) for take in takes for _ in range(ask.bodies)]
    steps = sum(len(one.bands) for one in examples)
    print(f"{len(examples)} examples, {steps * STEP_S / 60:.0f} minutes", file=sys.stderr, flush=True)
    train(examples, ask.steps, ask.seed, ask.save)


if __name__ == "__main__":
    main()
