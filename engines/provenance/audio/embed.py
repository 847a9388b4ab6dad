"""Lays the mark under speech while it streams, without delay: sample for sample, in any cuts.

Every 4 ms the loudness of each band is taken from the 8 ms before, and the band's part of the mark follows it `level`
dB below. So nothing is added to silence, and the mark hides where the voice is.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np

from engines.provenance.audio.spectrum import EDGES, PUBLIC, Floats, Ints, carriers

LEVEL: Final = -22.0  # dB, mark to voice in each band; docs/PROVENANCE.md says why
HOP: Final = 250  # hops a second
LOUDEST: Final = 32767


class AudioMark:
    """One stream's mark: `rate` of its samples a second, the `payload` (0..65535) and the key of whom it tells."""

    def __init__(self, rate: int, payload: int, *, key: bytes = PUBLIC, level: float = LEVEL) -> None:
        self._hop = rate // HOP
        self._ears = _ears(rate)
        self._wave = carriers(key, payload, rate)[: len(self._ears.starts)]
        self._level = 10 ** (level / 20)
        self._at = 0  # samples marked so far
        self._past: Floats = np.zeros(2 * self._hop)  # what came before, the last samples last
        # Loudness of each band at the beginning of the hop before, and of the one that is being marked.
        self._rows: Floats = np.zeros((2, len(self._wave)))

    def mark(self, pcm: bytes) -> bytes:
        """Return the same samples (s16le) with the mark under them."""
        host = np.frombuffer(pcm, "<i2").astype(np.float64)
        if not len(host):
            return pcm
        begun = self._at % self._hop  # samples of the first hop that went before
        rows = self._loudness(host)
        old, new = rows[:-1], rows[1:]
        # Whole hops, each computed alike wherever the stream is cut: (hops, 2, bands) by (hops, bands, hop).
        waves = self._waves(self._at - begun, len(old)).transpose(1, 0, 2)
        gains = np.empty((len(old), 2, old.shape[1]))
        gains[:, 0] = old
        np.subtract(new, old, out=gains[:, 1])
        both = gains @ waves
        made = (both[:, 0] + both[:, 1] * self._ears.ramp).reshape(-1)[begun : begun + len(host)]
        made += host
        np.rint(made, out=made)
        np.minimum(np.maximum(made, -LOUDEST - 1, out=made), LOUDEST, out=made)
        self._at += len(host)
        return made.astype("<i2").tobytes()

    def _waves(self, at: int, hops: int) -> Floats:
        """Return the mark of `hops` hops from sample `at` on, each band at full level; (bands, hops, hop)."""
        period, count = self._wave.shape[1], hops * self._hop
        start = at % period
        if start + count <= period:
            wave = self._wave[:, start : start + count]
        else:
            wave = np.take(self._wave, np.arange(start, start + count), axis=1, mode="wrap")
        return wave.reshape(len(wave), hops, self._hop)

    def _loudness(self, host: Floats) -> Floats:
        """Return each band's loudness one hop before the first in `host` and as each begins; (1 + hops, bands)."""
        size, hop, ears = 2 * self._hop, self._hop, self._ears
        whole = np.concatenate([self._past, host])
        first = -self._at % hop  # where in the host the first hop begins
        rows = self._rows
        if first < len(host):
            # Sample `first` of the host lies `size` into `whole`: the window ends just before it.
            count, step = -(-(len(host) - first) // hop), whole.itemsize
            seen = np.ndarray((count, size), whole.dtype, whole, first * step, (hop * step, step))
            spectra = np.fft.rfft(seen * ears.window, axis=1)[:, ears.lowest : ears.highest]
            power = spectra.real**2 + spectra.imag**2
            heard = np.sqrt(np.add.reduceat(power, ears.starts, axis=1) * ears.weights) * self._level
            rows = np.concatenate([rows, heard])
        self._past = whole[-size:]
        self._rows = rows[-2:]
        # Where a hop begins with the host, the row before the first is that of the hop before it.
        return rows[int(first == 0) :]


@dataclass(frozen=True, slots=True)
class _Ears:
    """What hears the loudness of bands at one rate: `window` over two hops, and what its spectrum tells.

    Bins `lowest` to `highest` are looked at; band i begins at `starts[i]` of these, and the sum of their powers by
    `weights[i]` is its mean square. Bands that lie above all tones of the rate are left out. `ramp` climbs from 0
    towards 1 in a hop.
    """

    window: Floats
    lowest: int
    highest: int
    starts: Ints
    weights: Floats
    ramp: Floats


@lru_cache(maxsize=16)
def _ears(rate: int) -> _Ears:
    """Make them once for a rate."""
    hop = rate // HOP
    size = 2 * hop
    window = np.hanning(size + 1)[:size]
    frequencies = np.fft.rfftfreq(size, 1 / rate)
    edges = np.minimum(EDGES, rate / 2)
    bins = np.searchsorted(frequencies, EDGES)
    audible = np.diff(bins) > 0
    scale = 2.0 / (size * float((window**2).sum()))
    widths = np.diff(edges)[audible] / (np.diff(bins)[audible] * rate / size)
    starts = bins[:-1][audible] - bins[0]
    return _Ears(window, int(bins[0]), int(bins[-1]), starts, scale * widths, np.arange(hop) / hop)
