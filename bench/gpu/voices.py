"""VITS and XTTS of Coqui with random weights, saved as a user would have them. What they say is noise.

How long they say it is fixed, since it decides the cost: each token of VITS takes FRAMES frames, which makes speech of
an ordinary pace; XTTS says CODES codes for each line, about three seconds, and stops. Nothing else is changed.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from bench.gpu.models import words
from engines.device.making import MAKING

FRAMES: Final = 3  # of 256 samples at 22.05 kHz, blanks between phonemes counted
CODES: Final = 65  # of 46 ms each
SPEAKER: Final = "Ada"
LANGUAGE: Final = "en"
TEXTS: Final = 6681  # tokens of text in the vocabulary of XTTS 2

# What differs from the defaults of VitsArgs, and of XttsArgs in the shape that XTTS 2 was published in.
VITS: Final[Mapping[str, Mapping[str, Any]]] = {
    "tiny": {
        "hidden_channels": 16,
        "hidden_channels_ffn_text_encoder": 32,
        "num_layers_text_encoder": 1,
        "num_layers_posterior_encoder": 1,
        "num_layers_flow": 1,
        "upsample_initial_channel_decoder": 32,
        "upsample_rates_decoder": [8, 8, 4],
        "upsample_kernel_sizes_decoder": [16, 16, 8],
        "resblock_type_decoder": "2",
        "resblock_kernel_sizes_decoder": [3],
        "resblock_dilation_sizes_decoder": [[1, 3]],
    },
    "full": {},
}
XTTS: Final[Mapping[str, Mapping[str, int]]] = {
    "tiny": {"gpt_layers": 1, "gpt_n_heads": 2, "gpt_n_model_channels": 64, "decoder_input_dim": 64},
    "full": {},
}


def vits(folder: Path, size: str) -> None:
    """Build a VITS voice of that size in `folder`, which exists: English, read by espeak-ng."""
    from engines.voices.coqui import torchaudio_compat

    torchaudio_compat.install()
    import torch
    from TTS.tts.configs.vits_config import VitsArgs, VitsConfig
    from TTS.tts.models.vits import Vits

    from engines.voices.coqui.vits import borrowed_phonemizer

    torch.manual_seed(0)
    # Without noise the untrained flows of the duration predictor give what its last layer is told.
    arguments = VitsArgs(**VITS[size], inference_noise_scale_dp=0.0, init_discriminator=False)
    config = VitsConfig(
        model_args=arguments,
        phonemizer="espeak",
        phoneme_language="en-us",
        use_phonemes=True,
        text_cleaner="phoneme_cleaners",
        add_blank=True,
    )
    with borrowed_phonemizer():
        model = Vits(config)
    with torch.no_grad():
        model.duration_predictor.flows[0].translation.fill_(-math.log(FRAMES - 0.5))
    torch.save({"config": config.to_dict(), "model": model.state_dict(), "step": 0}, folder / "model.pth")
    config.save_json(str(folder / "config.json"))


def xtts(folder: Path, size: str, *, codes: int = CODES) -> None:
    """Build an XTTS of that size in `folder`, which exists; its speaker is SPEAKER, and it speaks English."""
    from engines.voices.coqui import torchaudio_compat

    torchaudio_compat.install()
    import torch
    from TTS.tts.configs.xtts_config import XttsConfig
    from TTS.tts.layers.xtts.tokenizer import VoiceBpeTokenizer
    from TTS.tts.models.xtts import Xtts

    torch.manual_seed(0)
    _vocabulary(folder / "vocab.json")
    config = XttsConfig()
    arguments = config.model_args
    arguments.tokenizer_file = ""
    arguments.gpt_num_audio_tokens, arguments.gpt_start_audio_token, arguments.gpt_stop_audio_token = 1026, 1024, 1025
    arguments.gpt_use_perceiver_resampler = True
    arguments.gpt_max_audio_tokens = codes + 3  # the model reserves three
    for name, value in XTTS[size].items():
        setattr(arguments, name, value)
    config.languages = [LANGUAGE]
    with MAKING:
        model = Xtts(config)
    model.tokenizer = VoiceBpeTokenizer(str(folder / "vocab.json"))
    model.init_models()
    with torch.no_grad():
        model.gpt.mel_head.bias[arguments.gpt_stop_audio_token] = -1e4
    width = arguments.gpt_n_model_channels
    torch.save({"model": model.state_dict()}, folder / "model.pth")
    kept = {"gpt_cond_latent": torch.randn(1, 32, width), "speaker_embedding": torch.randn(1, 512, 1)}
    torch.save({SPEAKER: kept}, folder / "speakers_xtts.pth")
    config.save_json(str(folder / "config.json"))


def _vocabulary(path: Path) -> None:
    """Return letters, and made-up words up to the size of the released vocabulary: a letter costs a token."""
    from tokenizers import Tokenizer, models, pre_tokenizers

    special = ["[STOP]", "[UNK]", "[SPACE]", "[START]", f"[{LANGUAGE}]"]
    names = dict.fromkeys([*special, *(chr(code) for code in range(33, 127) if chr(code) not in "[]")])
    made = words()
    while len(names) < TEXTS:
        names.setdefault(next(made).strip() + "_")
    bpe = models.BPE(vocab={name: index for index, name in enumerate(names)}, merges=[], unk_token="[UNK]")
    tokenizer = Tokenizer(bpe)
    tokenizer.add_special_tokens(special)
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.save(str(path))
