"""What lips do, from sound alone: a small recurrent net that hears 60 ms ahead, for voices without text or times.

It hears 10 ms steps of log-mel levels against the loudest recent moment, never against the future, and says for the
time DELAY steps back how jaw, lips and tongue stand, whether lips seal or touch the teeth, and which viseme it is. The
weights are data (`lips_audio.npz`), trained by `training.lips.train_audio` on synthetic voices to do as the face does
when it knows the phones. Every step is computed alone and in order, so no result depends on how the sound was cut.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

import numpy as np

from engines.face.coarticulation import TRACKS
from engines.face.prosody import STEP_S, Event, Prosody
from engines.face.touch import Touch, met
from engines.sound.arrays import Doubles, Floats
from engines.sound.phones import VISEMES

WINDOW_S: Final = 0.025
DELAY: Final = 4  # steps heard after the one that is told
LOOK_S: Final = 0.060  # how far ahead of what is shown it hears: DELAY, half a window, and the next step less LATE_S
LATE_S: Final = 0.0025  # how late it is shown
BANDS: Final = 32
LOW_HZ, HIGH_HZ = 60.0, 7000.0
FALL_DB: Final = 0.03  # by which the loudest recent moment is forgotten every step
QUIETEST_DB: Final = -55.0  # a loudest moment below this is silence
SPAN: Final = (-3.0, 0.6)  # of 20 dB, around the loudest moment
SEAL, TEETH = TRACKS, TRACKS + 1
ROWS: Final = TRACKS + 2 + len(VISEMES)

BLUR: Final = ((0.0150, 0.25), (0.0075, 0.35), (0.0, 0.40))  # how much later (s) and share: visemes without flicker


def _mel(hertz: Doubles) -> Doubles:
    return np.asarray(1127.0 * np.log1p(hertz / 700.0))


@lru_cache(maxsize=64)
def bank(rate: int, warp: float = 1.0) -> Floats:
    """Make triangular filters over a frame's power at `rate`, bins x BANDS, frequencies multiplied by `warp`.

    They give power per band whatever the rate; bands above half of it stay empty.
    """
    bins = size(rate) // 2 + 1
    low, high = _mel(np.array([LOW_HZ, HIGH_HZ]))
    edges = np.linspace(low, high, BANDS + 2)
    place = _mel(np.linspace(0.0, rate / 2, bins) * warp)[:, None]
    rising = (place - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[2:] - place) / (edges[2:] - edges[1:-1])
    window = np.hanning(round(WINDOW_S * rate))
    scale = 2.0 / (size(rate) * float((window * window).sum()))
    return np.asarray(np.clip(np.minimum(rising, falling), 0.0, None) * scale, np.float32)


def size(rate: int) -> int:
    """Count the points of the transform of one frame."""
    return max(512, 1 << (round(WINDOW_S * rate) - 1).bit_length())


class Level:
    """The loudest recent moment, in decibels of full scale."""

    def __init__(self) -> None:
        self._peak = -30.0

    def copy(self) -> Level:
        """Copy the moment, to go on from without changing this one."""
        other = Level()
        other._peak = self._peak
        return other

    def hear(self, bands: Floats) -> Floats:
        """Compute the next step's band powers as the net takes them."""
        levels = 10.0 * np.log10(bands + 1e-10)
        total = 10.0 * float(np.log10(bands.sum() + 1e-10))
        self._peak = max(self._peak - FALL_DB, total, QUIETEST_DB)
        return np.asarray(np.clip((levels - self._peak) / 20.0 + 0.5, *SPAN), np.float32)


@dataclass(frozen=True, slots=True)
class Net:
    """Two gated recurrent layers (Cho et al. 2014) and a readout; the arrays of `lips_audio.npz`."""

    inputs: tuple[Floats, Floats]
    states: tuple[Floats, Floats]
    input_biases: tuple[Floats, Floats]
    state_biases: tuple[Floats, Floats]
    readout: Floats
    readout_bias: Floats

    def begin(self) -> tuple[Floats, Floats]:
        """Make the state before anything was heard."""
        first, second = (np.zeros(matrix.shape[1], np.float32) for matrix in self.states)
        return first, second

    def step(self, heard: Floats, state: tuple[Floats, Floats]) -> tuple[Floats, tuple[Floats, Floats]]:
        """Compute ROWS values for the time DELAY steps back, and the next state."""
        kept = []
        for layer in range(2):
            last = state[layer]
            ahead = self.inputs[layer] @ heard + self.input_biases[layer]
            back = self.states[layer] @ last + self.state_biases[layer]
            width = len(last)
            gates = _sigmoid(ahead[: 2 * width] + back[: 2 * width])
            fresh = np.tanh(ahead[2 * width :] + gates[:width] * back[2 * width :])
            heard = np.asarray(fresh + gates[width:] * (last - fresh), np.float32)
            kept.append(heard)
        raw = self.readout @ heard + self.readout_bias
        told = np.empty(ROWS, np.float32)
        told[:TRACKS] = np.clip(raw[:TRACKS], 0.0, 1.0)
        told[TRACKS : TRACKS + 2] = _sigmoid(raw[TRACKS : TRACKS + 2])
        shares = np.exp(raw[TRACKS + 2 :] - raw[TRACKS + 2 :].max())
        told[TRACKS + 2 :] = shares / shares.sum()
        return told, (kept[0], kept[1])


def _sigmoid(x: Floats) -> Floats:
    return np.asarray(0.5 + 0.5 * np.tanh(0.5 * x), np.float32)


@lru_cache
def net() -> Net:
    """Load the shipped weights."""
    with np.load(Path(__file__).with_name("lips_audio.npz")) as stored:
        arrays = {name: stored[name].astype(np.float32) for name in stored.files}
    return Net(
        (arrays["w_ih_l0"], arrays["w_ih_l1"]),
        (arrays["w_hh_l0"], arrays["w_hh_l1"]),
        (arrays["b_ih_l0"], arrays["b_ih_l1"]),
        (arrays["b_hh_l0"], arrays["b_hh_l1"]),
        arrays["w_out"],
        arrays["b_out"],
    )


class LipsFromSound:
    """The estimate over one stream of s16le samples at `rate`; `known` says up to when it is certain."""

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._width = round(WINDOW_S * rate)
        self._window = np.hanning(self._width).astype(np.float32)
        self._bank = bank(rate)
        self._samples = np.zeros(self._width // 2, np.float32)  # what lies before the stream is silence
        self._first = -(self._width // 2)  # place in the stream of the first kept sample
        self._heard = 0
        self._steps = 0
        self._level = Level()
        self._net = net()
        self._state = self._net.begin()
        self._touches = (Touch(), Touch())  # seal and teeth
        self._prosody = Prosody(WINDOW_S / 2)
        self._events: list[Event] = []
        self._told = np.zeros((0, ROWS), np.float32)
        self._told_from = -DELAY  # the step of the first kept row

    @property
    def known(self) -> float:
        """Seconds of the stream up to which what `at` says is final."""
        return (self._told_from + len(self._told) - 1) * STEP_S

    def push(self, pcm: bytes) -> None:
        """Hear the next piece of the stream."""
        fresh = np.frombuffer(pcm, "<i2").astype(np.float32) / np.float32(32768.0)
        self._samples = np.concatenate([self._samples, fresh])
        self._heard += len(fresh)
        frames = self._frames()
        for row in frames:
            self._events += self._prosody.hear(row)
        rows = [self._step(row) for row in frames]
        self._told = np.concatenate([self._told, np.array(rows, np.float32).reshape(-1, ROWS)])

    def events(self) -> list[Event]:
        """Return what the voice did, as far as it was not yet told of."""
        events, self._events = self._events, []
        return events

    def forget(self, before: float) -> None:
        """Drop what `at` will not be asked for any more: all that lies `before` (s of the stream)."""
        spare = min(max(0, int(before / STEP_S) - self._told_from), max(0, len(self._told) - 1))
        self._told = self._told[spare:]
        self._told_from += spare

    def _frames(self) -> list[Floats]:
        """Compute band powers of every step whose window has come, each alone."""
        rows = []
        while (begin := round(self._steps * STEP_S * self._rate) - self._width // 2) + self._width <= self._heard:
            at = begin - self._first
            frame = self._samples[at : at + self._width] * self._window
            rows.append(_bands(frame, self._bank, self._rate))
            self._steps += 1
        spare = round(self._steps * STEP_S * self._rate) - self._width // 2 - self._first
        self._samples = self._samples[max(0, spare) :]
        self._first += max(0, spare)
        return rows

    def _step(self, bands: Floats) -> Floats:
        told, self._state = self._net.step(self._level.hear(bands), self._state)
        return _touching(told, self._touches)

    def at(self, times: Doubles) -> Floats:
        """Compute ROWS x `times` (s of the stream, ascending).

        What is not known yet is told as it would be if silence followed, without being remembered.
        """
        missing = int(np.ceil(float(times[-1]) / STEP_S + 1e-9)) - (self._told_from + len(self._told) - 1)
        told = np.concatenate([self._told, *self._guessed(missing)]) if missing > 0 else self._told
        places = times / STEP_S
        steps = np.floor(places)
        share = (places - steps)[:, None].astype(np.float32)
        below = np.clip(steps.astype(np.int64) - self._told_from, 0, len(told) - 1)
        above = np.clip(steps.astype(np.int64) - self._told_from + 1, 0, len(told) - 1)
        return np.asarray((told[below] + (told[above] - told[below]) * share).T)

    def shown(self, times: Doubles) -> Floats:
        """Compute ROWS x `times` as a face shows them: near lips touch, visemes do not flicker."""
        out = self.at(times - LATE_S)
        out[SEAL : TEETH + 1] = met(out[SEAL : TEETH + 1])
        out[TEETH + 1 :] = 0.0
        for later, share in BLUR:
            out[TEETH + 1 :] += np.float32(share) * self.at(times - LATE_S - later)[TEETH + 1 :]
        return out

    def _guessed(self, count: int) -> list[Floats]:
        """Guess the next `count` rows if silence follows, without hearing it."""
        level, state, touches = self._level.copy(), self._state, tuple(touch.copy() for touch in self._touches)
        rows = []
        for number in range(count):
            begin = round((self._steps + number) * STEP_S * self._rate) - self._width // 2 - self._first
            inside = self._samples[max(0, begin) : begin + self._width]
            frame = np.pad(inside, (0, self._width - len(inside))) * self._window
            told, state = self._net.step(level.hear(_bands(frame, self._bank, self._rate)), state)
            rows.append(_touching(told, touches)[None])
        return rows


def _bands(frame: Floats, filters: Floats, rate: int) -> Floats:
    spectrum = np.fft.rfft(frame, size(rate))
    power = (spectrum.real**2 + spectrum.imag**2).astype(np.float32)
    return np.asarray(power @ filters)


def _touching(told: Floats, touches: tuple[Touch, ...]) -> Floats:
    """Put contacts in place of their probabilities."""
    for row, touch in zip((SEAL, TEETH), touches, strict=True):
        told[row] = touch.follow(float(told[row]))
    return told
