"""Tiny neural voices, built once a run and real to the last file: VITS, XTTS, Piper and Kokoro without their weights.

Every builder returns the path that a user would put into the configuration. What a tiny voice says is noise; when it
says what is known: each token of the VITS and Piper voices takes FRAMES frames, each token of Kokoro one frame.
"""

from __future__ import annotations

import atexit
import json
import math
import shutil
import tempfile
import wave
from functools import cache, partial
from pathlib import Path
from typing import Any, Final

import numpy as np

from engines.device.making import MAKING

FRAMES: Final = 3
HOP, VITS_RATE, XTTS_RATE = 256, 22_050, 24_000
SPEAKERS: Final = ("ada", "ben")
XTTS_SPEAKER: Final = "Ada Example"


@cache
def _home() -> Path:
    path = Path(tempfile.mkdtemp(prefix="tiny-voices-"))
    atexit.register(shutil.rmtree, path, ignore_errors=True)
    return path


def _folder(name: str) -> Path:
    path = _home() / name
    path.mkdir(exist_ok=True)
    return path


def _torch() -> Any:
    import torch

    torch.set_num_threads(1)
    torch.manual_seed(7)
    return torch


# ------------------------------------------------------------------------------------------------ Coqui


@cache
def vits(*, speakers: bool = False, graphemes: bool = False, stochastic: bool = False) -> Path:
    """The folder of a VITS voice (about 1 MB): `model.pth`, `config.json`, with `speakers` two of them.

    English by phonemes of espeak-ng, or by its letters; every token takes FRAMES frames unless `stochastic`.
    """
    from engines.voices.coqui import torchaudio_compat

    torchaudio_compat.install()
    torch = _torch()
    from TTS.tts.configs.vits_config import VitsArgs, VitsConfig
    from TTS.tts.models.vits import Vits

    folder = _folder(f"vits{'-speakers' * speakers}{'-letters' * graphemes}{'-stochastic' * stochastic}")
    arguments = VitsArgs(
        hidden_channels=16,
        hidden_channels_ffn_text_encoder=32,
        num_layers_text_encoder=1,
        num_layers_posterior_encoder=1,
        num_layers_flow=1,
        upsample_initial_channel_decoder=32,
        upsample_rates_decoder=[8, 8, 4],
        upsample_kernel_sizes_decoder=[16, 16, 8],
        resblock_type_decoder="2",
        resblock_kernel_sizes_decoder=[3],
        resblock_dilation_sizes_decoder=[[1, 3]],
        use_sdp=stochastic,
        init_discriminator=False,
    )
    config = VitsConfig(
        model_args=arguments,
        phonemizer="espeak",
        phoneme_language="en-us",
        use_phonemes=not graphemes,
        text_cleaner="english_cleaners" if graphemes else "phoneme_cleaners",
        add_blank=not graphemes,
    )
    if speakers:
        names = folder / "speakers.json"
        names.write_text(json.dumps({name: number for number, name in enumerate(SPEAKERS)}), encoding="utf-8")
        arguments.use_speaker_embedding = config.use_speaker_embedding = True
        arguments.num_speakers = config.num_speakers = len(SPEAKERS)
        arguments.speakers_file = config.speakers_file = str(names)
    with _no_espeak_binary():
        model = Vits(config)
    if not stochastic:
        with torch.no_grad():
            model.duration_predictor.proj.weight.zero_()
            model.duration_predictor.proj.bias.fill_(math.log(FRAMES - 0.5))
    torch.save({"config": config.to_dict(), "model": model.state_dict(), "step": 0}, folder / "model.pth")
    config.save_json(str(folder / "config.json"))
    return folder


def _no_espeak_binary() -> Any:
    """The builder needs no phonemes, so no program of espeak-ng either."""
    from engines.voices.coqui.vits import borrowed_phonemizer

    return borrowed_phonemizer()


@cache
def xtts(tokens: int = 24) -> Path:
    """The folder of an XTTS voice: `model.pth`, `config.json`, `vocab.json`; it says `tokens` codes and stops.

    Its vocoder is smaller than any released one (see `small_vocoder`), so that a second of sound takes milliseconds.
    """
    small_vocoder()
    torch = _torch()
    from tokenizers import Tokenizer, models, pre_tokenizers
    from TTS.tts.configs.xtts_config import XttsConfig
    from TTS.tts.layers.xtts.tokenizer import VoiceBpeTokenizer
    from TTS.tts.models.xtts import Xtts

    folder = _folder(f"xtts-{tokens}")
    special = ["[STOP]", "[UNK]", "[SPACE]", "[START]", "[en]", "[de]", "[ru]"]
    letters = [chr(code) for code in (*range(33, 91), *range(94, 127), *range(0x400, 0x460)) if chr(code) not in "[]"]
    bpe = models.BPE(vocab={t: i for i, t in enumerate(special + letters)}, merges=[], unk_token="[UNK]")
    tokenizer = Tokenizer(bpe)
    tokenizer.add_special_tokens(special)
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.save(str(folder / "vocab.json"))
    config = XttsConfig()
    arguments = config.model_args
    arguments.tokenizer_file = ""
    arguments.gpt_layers, arguments.gpt_n_heads = 1, 2
    arguments.gpt_n_model_channels = arguments.decoder_input_dim = 64
    arguments.gpt_num_audio_tokens, arguments.gpt_start_audio_token, arguments.gpt_stop_audio_token = 34, 32, 33
    arguments.gpt_max_audio_tokens = tokens
    arguments.gpt_max_text_tokens = 402
    arguments.gpt_use_perceiver_resampler = True
    config.languages = ["en", "de", "ru"]
    with MAKING:
        model = Xtts(config)
    model.tokenizer = VoiceBpeTokenizer(str(folder / "vocab.json"))
    model.init_models()
    with torch.no_grad():
        model.gpt.mel_head.bias[33] = -1e4
    torch.save({"model": model.state_dict()}, folder / "model.pth")
    kept = {"gpt_cond_latent": torch.randn(1, 32, 64), "speaker_embedding": torch.randn(1, 512, 1)}
    torch.save({XTTS_SPEAKER: kept}, folder / "speakers_xtts.pth")
    config.save_json(str(folder / "config.json"))
    return folder


@cache
def small_vocoder() -> None:
    """XTTS fixes the size of its vocoder in code: from here on this process builds and loads a narrow one."""
    from engines.voices.coqui import torchaudio_compat

    torchaudio_compat.install()
    from TTS.tts.models import xtts as models

    models.HifiDecoder = partial(
        models.HifiDecoder,
        upsample_initial_channel_decoder=32,
        resblock_kernel_sizes_decoder=[3],
        resblock_dilation_sizes_decoder=[[1, 3, 5]],
    )


@cache
def clip(seconds: float = 4.0, *, level: float = 0.1) -> bytes:
    """A reference recording as WAV, 22050 Hz: hums and hisses in turns; `level` 0 is silence."""
    rng = np.random.default_rng(3)
    time = np.arange(round(seconds * VITS_RATE)) / VITS_RATE
    hum = np.sin(2 * np.pi * 140 * time) + 0.5 * np.sin(2 * np.pi * 420 * time)
    sound = level * np.where((time * 4).astype(int) % 2, hum, rng.standard_normal(len(time)))
    path = _home() / f"clip-{seconds}-{level}.wav"
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, VITS_RATE, 0, "NONE", ""))
        file.writeframes((np.clip(sound, -1, 1) * 32767).astype("<i2").tobytes())
    return path.read_bytes()


# ------------------------------------------------------------------------------------------------ ONNX


def _graph(name: str, nodes: list[Any], inputs: list[Any], outputs: list[Any], constants: dict[str, Any]) -> bytes:
    from onnx import helper, numpy_helper

    held = [numpy_helper.from_array(np.asarray(value), key) for key, value in constants.items()]
    graph = helper.make_graph(nodes, name, inputs, outputs, held)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    data: bytes = model.SerializeToString()
    return data


@cache
def piper(*, times: bool = True, speakers: bool = False) -> Path:
    """The .onnx file of a Piper voice with its .onnx.json; without `times` nothing in it tells durations."""
    from onnx import TensorProto, helper
    from piper.phoneme_ids import DEFAULT_PHONEME_ID_MAP

    node, value = helper.make_node, helper.make_tensor_value_info
    nodes = [
        node("Gather", ["scales", "one"], ["pace"]),
        node("Cast", ["input"], ["floats"], to=TensorProto.FLOAT),
        node("Mul", ["floats", "zero"], ["zeros"]),
        node("Add", ["zeros", "frames"], ["even"]),
        node("Mul", ["even", "pace"], ["wanted"]),
        node("Ceil" if times else "Floor", ["wanted"], ["w_ceil"]),
        node("ReduceSum", ["w_ceil"], ["total"], keepdims=0),
        node("Mul", ["total", "hop"], ["length"]),
        node("Range", ["nought", "length", "step"], ["times"]),
        node("Mul", ["times", "pitch"], ["phase"]),
        node("Sin", ["phase"], ["wave"]),
        node("Unsqueeze", ["wave", "axes"], ["output"]),
    ]
    inputs = [
        value("input", TensorProto.INT64, [1, "T"]),
        value("input_lengths", TensorProto.INT64, [1]),
        value("scales", TensorProto.FLOAT, [3]),
    ]
    if speakers:
        inputs.append(value("sid", TensorProto.INT64, [1]))
    constants = {
        "one": np.int64(1), "zero": np.float32(0), "frames": np.float32(FRAMES - 0.5 if times else FRAMES),
        "hop": np.float32(HOP), "nought": np.float32(0), "step": np.float32(1), "pitch": np.float32(0.04),
        "axes": np.array([0, 1], np.int64),
    }  # fmt: skip
    outputs = [value("output", TensorProto.FLOAT, [1, 1, "S"])]
    path = _folder(f"piper{'-times' * times}{'-speakers' * speakers}") / "en_US-tiny-low.onnx"
    path.write_bytes(_graph("piper", nodes, inputs, outputs, constants))
    facts = {
        "audio": {"sample_rate": VITS_RATE},
        "espeak": {"voice": "en-us"},
        "phoneme_type": "espeak",
        "num_symbols": 256,
        "num_speakers": len(SPEAKERS) if speakers else 1,
        "speaker_id_map": {name: number for number, name in enumerate(SPEAKERS)} if speakers else {},
        "inference": {"noise_scale": 0.667, "length_scale": 1, "noise_w": 0.8},
        "phoneme_id_map": DEFAULT_PHONEME_ID_MAP,
        "hop_length": HOP,
    }
    Path(f"{path}.json").write_text(json.dumps(facts), encoding="utf-8")
    return path


def kokoro_files(*, times: bool = True) -> dict[str, Any]:
    """The files of `kokoro` as the engine's arguments."""
    model, voices = kokoro(times=times)
    return {"model": str(model), "voices": str(voices)}


KOKORO_FRAME: Final = 1800  # samples of a token
KOKORO_VOICES: Final = ("af_heart", "bm_george", "ff_siwis")


@cache
def kokoro(*, times: bool = True) -> tuple[Path, Path]:
    """The .onnx file of Kokoro and the file of its voices; without `times` the model does not tell its durations."""
    from onnx import TensorProto, helper

    node, value = helper.make_node, helper.make_tensor_value_info
    nodes = [
        node("Shape", ["tokens"], ["shape"]),
        node("Gather", ["shape", "one"], ["count"]),
        node("Cast", ["tokens"], ["floats"], to=TensorProto.FLOAT),
        node("Mul", ["floats", "zero"], ["zeros"]),
        node("Add", ["zeros", "unit"], ["ones"]),
        node("Cast", ["ones"], ["whole"], to=TensorProto.INT64),
        node("Squeeze", ["whole", "axes"], ["duration"]),
        node("Cast", ["count"], ["many"], to=TensorProto.FLOAT),
        node("Mul", ["many", "frame"], ["natural"]),
        node("Squeeze", ["speed"], ["pace"]),
        node("Div", ["natural", "pace"], ["long"]),
        node("Floor", ["long"], ["length"]),
        node("Range", ["nought", "length", "step"], ["times"]),
        node("Mul", ["times", "pitch"], ["phase"]),
        node("Sin", ["phase"], ["wave"]),
        node("ReduceMean", ["style"], ["mean"], keepdims=0),
        node("Add", ["wave", "mean"], ["audio"]),
    ]
    inputs = [
        value("tokens", TensorProto.INT64, [1, "N"]),
        value("style", TensorProto.FLOAT, [1, 256]),
        value("speed", TensorProto.FLOAT, [1]),
    ]
    constants = {
        "one": np.int64(1), "zero": np.float32(0), "unit": np.float32(1), "frame": np.float32(KOKORO_FRAME),
        "axes": np.array([0], np.int64), "nought": np.float32(0), "step": np.float32(1), "pitch": np.float32(0.04),
    }  # fmt: skip
    outputs = [value("audio", TensorProto.FLOAT, ["S"])]
    if times:
        outputs.append(value("duration", TensorProto.INT64, ["N"]))
    folder = _folder(f"kokoro{'-times' * times}")
    (folder / "kokoro.onnx").write_bytes(_graph("kokoro", nodes, inputs, outputs, constants))
    with (folder / "voices.bin").open("wb") as file:
        styles: dict[str, Any] = {name: np.zeros((510, 1, 256), np.float32) for name in KOKORO_VOICES}
        np.savez(file, **styles)
    return folder / "kokoro.onnx", folder / "voices.bin"
