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

FRAMES: Final = 3
HOP, VITS_RATE, XTTS_RATE = 256, 22_050, 24_000
SPEAKERS: Final = ("ada", "ben")


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
    from engines import torchaudio_compat

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
    from engines.vits_model import borrowed_phonemizer

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
    config.languages = ["en", "de", "ru"]
    model = Xtts(config)
    model.tokenizer = VoiceBpeTokenizer(str(folder / "vocab.json"))
    model.init_models()
    with torch.no_grad():
        model.gpt.mel_head.bias[33] = -1e4
    torch.save({"model": model.state_dict()}, folder / "model.pth")
    config.save_json(str(folder / "config.json"))
    return folder


@cache
def small_vocoder() -> None:
    """XTTS fixes the size of its vocoder in code: from here on this process builds and loads a narrow one."""
    from engines import torchaudio_compat

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
