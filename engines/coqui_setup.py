"""What Coqui's library needs before it is imported: a torchaudio, a device, and logs without what is said."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from engines.api import EngineError

T = TypeVar("T")


def prepare(device: str) -> str:
    """Makes `import TTS` possible and says which device "auto" is; EngineError when it cannot. Blocks for seconds."""
    try:
        import torch

        from engines import torchaudio_compat

        torchaudio_compat.install()
        import TTS
    except ImportError as error:
        raise EngineError(
            "tts_failed", f"Coqui cannot be loaded ({error}): pip install 'companion-bridge[tts]'."
        ) from error
    # Its warnings quote the text that it was given.
    logging.getLogger(TTS.__name__).setLevel(logging.ERROR)
    cuda = torch.cuda.is_available()
    if device == "auto":
        return "cuda:0" if cuda else "cpu"
    if device.startswith("cuda") and not cuda:
        raise EngineError("tts_failed", f"There is no {device} here: set device to auto or cpu.")
    return "cuda:0" if device == "cuda" else device


def load(make: Callable[[], T], folder: Path, *, section: str, threads: int = 0) -> T:
    """`make()`, with whatever a damaged or foreign model raises as an EngineError that says what to do.

    In the device's thread, which computes with so many `threads` from here on (0: as torch decides).
    """
    if threads:
        import torch

        torch.set_num_threads(threads)
    try:
        return make()
    except ImportError as error:
        raise EngineError("tts_failed", f"The voice in {folder} needs what is not installed: {error}.") from error
    except Exception as error:  # torch, pickle and json have their own ways, and tokenizers raises just that
        if "out of memory" in str(error).lower():
            raise EngineError("tts_failed", f"There is not enough memory for the voice in {folder}.") from error
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
        raise EngineError(
            "tts_failed",
            f"The voice in {folder} cannot be loaded: {reason}. Check {section}.model, or download it again.",
        ) from error
