"""Brings any sound file into mono samples, by what is installed: WAV always, the rest by PyAV, libsndfile or ffmpeg."""

from __future__ import annotations

import subprocess
import tempfile
import wave
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from shutil import which
from typing import Final

import numpy as np

from engines.provenance.audio.spectrum import Floats

RATE: Final = 24_000  # Hz, of what is decoded by PyAV and ffmpeg
LONGEST: Final = 3600  # s that are decoded
PATIENCE: Final = 300.0  # s


class NoSound(Exception):
    """A file without sound, or one that nothing here can decode; the message is for people."""


def decoded(data: bytes) -> tuple[Floats, int]:
    """Return mono samples and their rate (Hz); NoSound says why not."""
    for way in (_plain_wav, _by_av, _by_soundfile, _by_ffmpeg):
        found = _tried(way, data)
        if found is not None:
            sound, rate = found
            if not len(sound):
                raise NoSound("there is no sound in this file")
            return sound, rate
    raise NoSound("nothing here can decode this file: pip install av, or install ffmpeg")


def _tried(way: Callable[[bytes], tuple[Floats, int] | None], data: bytes) -> tuple[Floats, int] | None:
    try:
        return way(data)
    except ImportError:
        return None


def _plain_wav(data: bytes) -> tuple[Floats, int] | None:
    """Read 16-bit PCM; other WAV files are for the libraries."""
    try:
        with wave.open(BytesIO(data)) as file:
            if file.getsampwidth() != 2 or file.getnchannels() not in (1, 2):
                return None
            rate, channels = file.getframerate(), file.getnchannels()
            pcm = file.readframes(LONGEST * rate)
    except (wave.Error, EOFError, RuntimeError):
        return None
    samples = np.frombuffer(pcm[: len(pcm) // (2 * channels) * 2 * channels], "<i2").astype(np.float64)
    return samples.reshape(-1, channels).mean(axis=1), rate


def _by_av(data: bytes) -> tuple[Floats, int] | None:
    import av

    parts: list[np.ndarray] = []
    try:
        with av.open(BytesIO(data), "r") as container:
            if not container.streams.audio:
                raise NoSound("there is no sound in this file")
            to = av.AudioResampler(format="flt", layout="mono", rate=RATE)
            have = 0
            for frame in container.decode(audio=0):
                for each in to.resample(frame):
                    parts.append(each.to_ndarray().reshape(-1))
                    have += len(parts[-1])
                if have > LONGEST * RATE:
                    break
            parts += [each.to_ndarray().reshape(-1) for each in to.resample(None)]
    except (av.FFmpegError, ValueError):
        return None
    return (np.concatenate(parts).astype(np.float64) if parts else np.zeros(0)), RATE


def _by_soundfile(data: bytes) -> tuple[Floats, int] | None:
    import soundfile

    try:
        sound, rate = soundfile.read(BytesIO(data), frames=LONGEST * 48_000, dtype="float64", always_2d=True)
    except (soundfile.LibsndfileError, RuntimeError):
        return None
    return sound.mean(axis=1), int(rate)


def _by_ffmpeg(data: bytes) -> tuple[Floats, int] | None:
    program = which("ffmpeg")
    if program is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "in"
        source.write_bytes(data)
        command = [program, "-v", "error", "-nostdin", "-t", str(LONGEST), "-i", str(source)]
        command += ["-vn", "-ac", "1", "-ar", str(RATE), "-f", "s16le", "-"]
        try:
            done = subprocess.run(command, capture_output=True, check=False, timeout=PATIENCE)  # noqa: S603
        except subprocess.TimeoutExpired:
            return None
    if done.returncode:
        return None
    return np.frombuffer(done.stdout[: len(done.stdout) // 2 * 2], "<i2").astype(np.float64), RATE
