"""The models that engines load: how they are named, what is fetched, what must be there."""

from __future__ import annotations

from typing import Final

from engines.catalogue.listing import Family, Models

WEIGHTS: Final = "model.safetensors", "model.safetensors.index.json"

WHISPER: Final = Models(
    files=("config.json", "preprocessor_config.json", "model.bin", "tokenizer.json", "vocabulary.*"),
    complete=(("config.json",), ("model.bin",), ("tokenizer.json",), ("vocabulary.*",)),
    families=(
        Family(r"(tiny|base|small|medium)(\.en)?|large-v[123]", "Systran/faster-whisper-{name}"),
        Family("large", "Systran/faster-whisper-large-v3"),
        Family("(large-v3-)?turbo", "mobiuslabsgmbh/faster-whisper-large-v3-turbo"),
        Family(
            r"distil-(?P<size>small\.en|medium\.en|large-v[23])",
            "Systran/faster-distil-whisper-{size}",
        ),
        Family(r"distil-large-v3\.5", "distil-whisper/distil-large-v3.5-ct2"),
    ),
    example="small, large-v3-turbo, owner/name",
    named="`small`, `large-v3-turbo` and the other sizes of faster-whisper, `owner/name`, a folder",
    contents="`config.json`, `model.bin`, `tokenizer.json`, `vocabulary.*`",
)
TRANSFORMERS: Final = Models(
    files=("*.json", "*.safetensors", "*.model", "*.jinja", "*.txt"),
    complete=(("config.json",), WEIGHTS, ("tokenizer.json", "tokenizer.model", "vocab.json", "vocab.txt")),
    named="`owner/name`, a folder",
    contents="`config.json`, a tokenizer, `model.safetensors` or its index with every shard",
)
COQUI: Final = Models(
    files=("*.json", "*.pth", "*.txt"),
    complete=(("config.json",), ("*.pth",)),
    elsewhere=r"[^/]+/[^/]+/[^/]+/[^/]+",
    fetch="python -c \"from TTS.utils.manage import ModelManager as M; M().download_model('{name}')\"",
    trusted=False,
    named="`owner/name`, a folder; Coqui's own `tts_models/...`, which only Coqui can fetch",
    contents="`config.json`, a `.pth`",
)
XTTS: Final = Models(
    files=("config.json", "model.pth", "vocab.json", "speakers_xtts.pth"),
    complete=(("config.json",), ("model.pth",), ("vocab.json",)),
    families=(Family("(?i:xtts_v2|v2)", "coqui/XTTS-v2"),),
    example="v2, owner/name",
    trusted=False,
    named="`v2`, `owner/name`, a folder",
    contents="`config.json`, `model.pth`, `vocab.json`",
)
PIPER: Final = Models(
    files=("*.onnx", "*.onnx.json"),
    complete=(("**/*.onnx",), ("**/*.onnx.json",)),
    families=(
        Family(
            r"(?P<family>[a-z]{2,3})_(?P<region>[A-Z]{2,3})-(?P<voice>[^-\s/]+)-(?P<quality>x_low|low|medium|high)",
            "rhasspy/piper-voices",
            (
                "{family}/{family}_{region}/{voice}/{quality}/{name}.onnx",
                "{family}/{family}_{region}/{voice}/{quality}/{name}.onnx.json",
            ),
        ),
    ),
    fills={"model": "**/*.onnx"},
    beside=".json",
    example="en_US-lessac-medium, owner/name",
    named="a voice such as `en_US-lessac-medium`, `owner/name`, a folder, an `.onnx` file",
    contents="the `.onnx` and its `.onnx.json`",
)
KOKORO: Final = Models(
    files=("*.onnx", "voices*.bin"),
    complete=(("**/*.onnx",), ("**/voices*.bin",)),
    families=(Family(r"v1(\.0)?", "fastrtc/kokoro-onnx", ("kokoro-v1.0.onnx", "voices-v1.0.bin")),),
    fills={"model": "**/*.onnx", "voices": "**/voices*.bin"},
    example="v1.0, owner/name",
    named="`v1.0`, `owner/name`, a folder; or the two files in `model` and `voices`",
    contents="an `.onnx`, a `voices*.bin`",
)

SMART_TURN: Final = Models(
    files=("smart-turn-v3.2-cpu.onnx",),
    complete=(("**/*.onnx",),),
    families=(Family(r"v3(\.2)?", "pipecat-ai/smart-turn-v3", ("smart-turn-v3.2-cpu.onnx",)),),
    fills={"model": "**/*.onnx"},
    example="v3.2, owner/name",
    named="`v3.2`, `owner/name`, a folder, an `.onnx` file",
    contents="an `.onnx`",
)

SPEAKER_NET: Final = Models(
    files=("*.onnx",),
    complete=(("**/*.onnx",),),
    fills={"model": "**/*.onnx"},
    example="the path of an .onnx, owner/name",
    named="`owner/name`, a folder, an `.onnx` file",
    contents="an `.onnx` that takes Kaldi's 80 log mel energies",
)

LANDMARKER: Final = Models(
    files=("face_landmarker.task",),
    complete=(("**/*.task",),),
    fills={"model": "**/*.task"},
    elsewhere="face_landmarker",
    fetch="curl -LO https://storage.googleapis.com/mediapipe-models/face_landmarker/face_landmarker/float16/1/{name}.task"
    " and give its path in mediapipe.model",
    example="the path of face_landmarker.task, owner/name",
    named="`face_landmarker` (Google's, by `curl`), a folder, a `.task` file",
    contents="a `.task`",
)
