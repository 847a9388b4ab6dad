"""Tells voices apart by a net that you bring: any speaker embedding as .onnx that reads Kaldi's 80 log mel energies.

That is what WeSpeaker, 3D-Speaker and most ECAPA-TDNN exports take: utterances x frames x 80 in, utterances x numbers
out. Its shape is looked at, and a sound put through it, before anybody is heard by it.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Final

import numpy as np

from engines.api import MIC_RATE, EngineError
from engines.hearing.apart.described import Doubles, Sample, Space, is_voice
from engines.hearing.apart.fbank import BANDS, fbank
from engines.hearing.apart.frames import LONGEST, frames
from engines.hearing.apart.telling import CODE, Telling
from engines.hearing.network import opened

NAME: Final = "speaker_net"
REMEDY: Final = "name another in speaker_net.model, or set engines.diarizer to timbre or none"
SIZES: Final = (8, 4096)  # numbers of an embedding
STRANGERS: Final = 0.1  # likeness that two voices have because they are heard by one microphone
DIRECTIONS: Final = 24.0  # that tell anything, of however many numbers an embedding has
PROBE_S: Final = 2


class NetDiarizer(Telling):
    """The net in the file `model`; `alike` is the cosine of two utterances of one voice, as its authors measure it.

    At most `most` voices in a session; `threads` of the CPU (0: half of them, at most 4).
    """

    def __init__(
        self, model: str = "", *, alike: float = 0.65, most: int = 8, threads: int = 0, patience: float = 2.0
    ) -> None:
        super().__init__(NAME, most=most, patience=patience)
        self._path = Path(model)
        self._alike = alike
        self._threads = threads or max(1, min(4, (os.cpu_count() or 2) // 2))
        self._net: Any = None
        self._input = ""

    async def close(self) -> None:
        """End the worker, release the net and forget all voices."""
        await super().close()
        self._net = None

    def _sample(self, pcm: bytes) -> Sample | None:
        heard = frames(pcm)
        if not is_voice(heard):
            return None
        embedding = self._embedding(fbank(pcm[: 2 * LONGEST]))
        length = float(np.linalg.norm(embedding))
        if not np.isfinite(length) or length == 0:
            raise EngineError(CODE, f"The net {self._path.name} gave no numbers for a sound: {REMEDY}.")
        return Sample(embedding * np.sqrt(len(embedding)) / length, heard.seconds)

    def _embedding(self, energies: Any) -> Doubles:
        found: Doubles = np.asarray(self._net.run(None, {self._input: energies[None]})[0][0], np.float64)
        return found

    def _load(self) -> Space:
        said = f"There is no model in {self._path}" if self._path.name else "No model is named"
        net = opened(
            self._path,
            self._threads,
            missing=f"{said}: give the path of a speaker embedding (.onnx) in speaker_net.model.",
            damaged=f"{self._path.name} cannot be read as a model",
            repair=f": {REMEDY}.",
        )
        self._input = self._taken(net)
        self._net = net
        size = self._tried()
        likeness = np.full(size, self._alike - STRANGERS)
        # A cosine is what two utterances have in common; the longer they are, the more that is.
        rest = 1 - self._alike
        return Space(likeness, np.full(size, STRANGERS), (0.5 * rest, rest), min(1.0, DIRECTIONS / size))

    def _taken(self, net: Any) -> str:
        """Return what the net calls its input."""
        inputs, outputs = net.get_inputs(), net.get_outputs()
        shapes = [tuple(node.shape) for node in inputs]
        fits = len(inputs) == 1 and inputs[0].type == "tensor(float)" and len(inputs[0].shape) == 3
        if not fits or not (inputs[0].shape[2] in (BANDS, None) or isinstance(inputs[0].shape[2], str)):
            raise EngineError(
                CODE,
                f"{self._path.name} takes {shapes}: what is wanted is one input of utterances x frames x {BANDS} "
                f"log mel energies; {REMEDY}.",
            )
        if isinstance(inputs[0].shape[1], int):
            raise EngineError(
                CODE,
                f"{self._path.name} takes sounds of {inputs[0].shape[1]} frames alone, and utterances are of any "
                f"length: export it with a dynamic axis, or {REMEDY}.",
            )
        if not outputs or outputs[0].type != "tensor(float)":
            raise EngineError(CODE, f"{self._path.name} does not give numbers first: {REMEDY}.")
        name: str = inputs[0].name
        return name

    def _tried(self) -> int:
        """Put a sound through the net, and return how many numbers come out."""
        noise = np.random.default_rng(0).standard_normal(PROBE_S * MIC_RATE) * 1000
        try:
            answer = np.asarray(self._net.run(None, {self._input: fbank(noise.astype("<i2").tobytes())[None]})[0])
        except Exception as error:  # onnxruntime raises a dozen classes without a common one
            raise EngineError(
                CODE, f"{self._path.name} fails on {PROBE_S} s of sound ({type(error).__name__}): {REMEDY}."
            ) from error
        low, high = SIZES
        if answer.ndim != 2 or answer.shape[0] != 1 or not low <= answer.shape[1] <= high:
            raise EngineError(
                CODE,
                f"{self._path.name} gives {answer.shape} for one utterance: what is wanted is one row of {low} to "
                f"{high} numbers; {REMEDY}.",
            )
        if not np.isfinite(answer).all():
            raise EngineError(CODE, f"{self._path.name} gives what is no number for {PROBE_S} s of sound: {REMEDY}.")
        return int(answer.shape[1])
