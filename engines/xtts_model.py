"""XTTS of Coqui on one device: a cloned voice from a clip, codes a few at a time, sound as soon as it is certain.

Everything here blocks and is called in the device's thread. The language model's latents are stretched to the vocoder's
frames as a whole, which is cheap; the vocoder runs once over each frame, in windows that bring the context it looks at,
so that the samples are those of one run over everything. The utterances of several sessions may take turns.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from TTS.tts.configs.xtts_config import XttsConfig
from TTS.tts.models.xtts import Xtts

from engines.audio import Samples
from engines.hifigan import Later, reach

CODES: Final = 10  # a step makes so many, 0.46 s of sound
UNSURE: Final = 2  # latents at the end whose frames the next latent may still change


@dataclass(frozen=True, slots=True, eq=False)
class Likeness:
    """What XTTS keeps of a voice: conditioning of its language model and of its vocoder."""

    latent: torch.Tensor
    embedding: torch.Tensor


@dataclass(slots=True, eq=False)
class Utterance:
    """A text being spoken; `codes` counts what was made, at most `most` of them. Made by `XttsModel.begin`."""

    codes_left: int
    likeness: Likeness
    speed: float
    generator: Any
    prefix: torch.Tensor
    latents: list[torch.Tensor] = field(default_factory=list)
    given: int = 0  # frames that have become sound
    ended: bool = False


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be said; the text has the letters that XTTS is given, `longest` bounds it in seconds."""

    text: str
    language: str
    likeness: Likeness
    speed: float
    longest: float


class XttsModel:
    """A loaded XTTS. Making one reads the folder; raises OSError, ValueError or RuntimeError for what is none."""

    def __init__(self, folder: Path, device: str) -> None:
        config = XttsConfig()
        config.load_json(str(folder / "config.json"))
        if config.model != "xtts":
            raise ValueError(f"it is a {config.model} model, not XTTS")
        model = Xtts(config)
        model.load_checkpoint(config, checkpoint_dir=str(folder), eval=True)
        decoder = model.hifigan_decoder
        self._vocoder = decoder.waveform_decoder
        decoder.waveform_decoder = Later()
        self._model = model.to(device)
        self._vocoder.to(device)
        self._config = config
        self._hop = math.prod(up.stride[0] for up in self._vocoder.ups)
        self._reach = reach(self._vocoder)
        self.rate = int(config.audio.output_sample_rate)
        self.languages = tuple(str(name) for name in config.languages)
        manager = model.speaker_manager
        self.speakers = tuple(manager.speakers) if manager is not None else ()

    # ----------------------------------------------------------------------------------------------- voices

    def speaker(self, name: str) -> Likeness:
        """One of the voices that came with the model."""
        kept = self._model.speaker_manager.speakers[name]
        return Likeness(kept["gpt_cond_latent"], kept["speaker_embedding"])

    @torch.inference_mode()
    def clone(self, clips: Sequence[Samples], rate: int) -> Likeness:
        """A voice from recordings at `rate`, float32 mono, at least a third of a second each."""
        config = self._config
        heard = [torch.from_numpy(clip)[None, : config.max_ref_len * rate].to(self._model.device) for clip in clips]
        embeddings = [self._model.get_speaker_embedding(clip, rate) for clip in heard]
        latent = self._model.get_gpt_cond_latents(
            torch.cat(heard, dim=-1), rate, length=config.gpt_cond_len, chunk_length=config.gpt_cond_chunk_len
        )
        return Likeness(latent, torch.stack(embeddings).mean(dim=0))

    # ------------------------------------------------------------------------------------------------ speech

    def ids(self, text: str, language: str) -> list[int]:
        """The text as XTTS is given it."""
        found: list[int] = self._model.tokenizer.encode(text.strip().lower(), lang=language)
        return found

    def unknown(self, ids: Sequence[int]) -> float:
        """Which share of a text's tokens it has no letters for."""
        missing = self._model.tokenizer.tokenizer.token_to_id("[UNK]")
        return float(sum(number == missing for number in ids) / max(1, len(ids)))

    @torch.inference_mode()
    def begin(self, order: Order) -> Utterance:
        """Reads a text; ValueError for one that is too long."""
        ids = self.ids(order.text, order.language)
        if len(ids) + 1 >= self._model.args.gpt_max_text_tokens:
            raise ValueError("the text is too long for XTTS")
        gpt, config, device = self._model.gpt, self._config, self._model.device
        tokens = torch.tensor([ids], dtype=torch.int32, device=device)
        inputs = gpt.compute_embeddings(order.likeness.latent.to(device), tokens)
        generator = gpt.get_generator(
            fake_inputs=inputs,
            do_sample=True,
            top_k=config.top_k,
            top_p=config.top_p,
            temperature=config.temperature,
            repetition_penalty=float(config.repetition_penalty),
            length_penalty=float(config.length_penalty),
            num_beams=1,
            num_return_sequences=1,
            output_attentions=False,
            output_hidden_states=True,
            return_dict_in_generate=True,
        )
        seconds = self._model.gpt.code_stride_len / self._model.args.input_sample_rate
        most = max(CODES, math.ceil(order.longest / seconds))
        return Utterance(most, order.likeness, order.speed, generator, gpt.gpt_inference.cached_prefix_emb)

    @torch.inference_mode()
    def step(self, utterance: Utterance) -> Samples:
        """The next sound, float32, perhaps none yet; `ended` turns true with the last."""
        inner = self._model.gpt.gpt_inference
        # The model keeps the text of one utterance at a time; whoever takes a turn brings its own.
        inner.cached_prefix_emb = utterance.prefix
        for _ in range(min(CODES, utterance.codes_left)):
            try:
                _, latent = next(utterance.generator)
            except StopIteration:
                utterance.ended = True
                break
            utterance.latents.append(latent)
            utterance.codes_left -= 1
        utterance.ended = utterance.ended or not utterance.codes_left
        if utterance.ended:
            utterance.generator.close()
        return self._sound(utterance)

    def _sound(self, utterance: Utterance) -> Samples:
        if not utterance.latents:
            return np.zeros(0, np.float32)
        latents = torch.cat(utterance.latents, dim=0)[None]
        if utterance.speed != 1.0:
            latents = torch.nn.functional.interpolate(
                latents.transpose(1, 2), scale_factor=1.0 / utterance.speed, mode="linear"
            ).transpose(1, 2)
        embedding = utterance.likeness.embedding.to(self._model.device)
        z, whom = self._model.hifigan_decoder(latents, g=embedding)
        z = z.reshape(1, *z.shape[-2:])
        length = int(z.shape[-1])
        unsure = 0 if utterance.ended else math.ceil(UNSURE * length / len(utterance.latents)) + self._reach
        begin, end = utterance.given, length - unsure
        if end <= begin:
            return np.zeros(0, np.float32)
        left, right = max(0, begin - self._reach), min(length, end + self._reach)
        sound = self._vocoder(z[:, :, left:right], g=whom)[0, 0].float().cpu().numpy()
        utterance.given = end
        made: Samples = sound[(begin - left) * self._hop : (end - left) * self._hop]
        return made
