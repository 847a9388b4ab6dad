"""How a voice of Coqui is loaded, and what its library needs before: a torchaudio, a device, discreet logs."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

from engines.api import EngineError
from engines.device.loop import DeviceLoop, open_device
from engines.voices import files as voice_files
from engines.voices.reading.reader import Reader

T = TypeVar("T")


def prepare(device: str) -> str:
    """Make `import TTS` possible and resolve "auto" to a device; EngineError when it cannot. Blocks for seconds."""
    try:
        import torch

        from engines.voices.coqui import torchaudio_compat

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


@asynccontextmanager
async def opened(
    model: str,
    make: Callable[[Path, str], T],
    reader: Reader,
    *,
    section: str,
    what: str,
    needs: Sequence[str],
    device: str,
    threads: int,
) -> AsyncIterator[tuple[DeviceLoop, T]]:
    """Open the device's worker, load `make(folder, device)` in it, and start the reader.

    `model` is what `section` of the configuration names: a folder of `what` (for people), in which none of `needs` may
    be missing, or a file in it. EngineError with what to do when it cannot be loaded.
    """
    folder = voice_files.folder(model, section=section, what=what)
    voice_files.need(folder, *needs, section=section)
    where = await asyncio.to_thread(prepare, device)
    loop = open_device(where, lane="tts")
    try:
        loaded = await loop.call(
            lambda: _load(lambda: make(folder, where), folder, section=section, threads=threads), code="tts_failed"
        )
        await reader.start()
        yield loop, loaded
    finally:
        await reader.close()
        await loop.close()


def _load(make: Callable[[], T], folder: Path, *, section: str, threads: int) -> T:
    """Call `make()`, turning whatever a damaged or foreign model raises into an EngineError that says what to do.

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
