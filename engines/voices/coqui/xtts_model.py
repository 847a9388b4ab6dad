"""XTTS of Coqui on one device: a cloned voice from a clip, codes a few at a time, sound as soon as it is certain.

Everything here blocks and is called in the device's thread. The language model's latents are stretched to the vocoder's
frames as a whole, which is cheap; the vocoder runs once over each frame, in windows that bring the context it looks at,
so that the samples are those of one run over everything. The utterances of several sessions share each step.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import torch
from TTS.tts.configs.xtts_config import XttsConfig
from TTS.tts.models.xtts import Xtts

from engines.device.making import MAKING
from engines.device.sampling import Sampling
from engines.sound.audio import Samples
from engines.voices.coqui.hifigan import BUCKET, Later, reach, span
from engines.voices.coqui.xtts_codes import Codes, Draft, Prompt

CODES: Final = 10  # a step makes so many, 0.46 s of sound
UNSURE: Final = 2  # latents at the end whose frames the next latent may still change


@dataclass(frozen=True, slots=True, eq=False)
class Likeness:
    """What XTTS keeps of a voice: conditioning of its language model and of its vocoder."""

    latent: torch.Tensor
    embedding: torch.Tensor


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be said; the text has the letters that XTTS is given, `longest` bounds it in seconds.

    `seed` fixes how it is said.
    """

    text: str
    language: str
    likeness: Likeness
    speed: float
    longest: float
    seed: int


@dataclass(slots=True, eq=False)
class Utterance:
    """A text being spoken; made by `XttsModel.begin`."""

    likeness: Likeness
    speed: float
    draft: Draft
    given: int = 0  # frames that have become sound
    ended: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class _Window:
    """Frames begin..end of an utterance that are certain and not yet sound, decoded with the frames of `span`."""

    z: torch.Tensor  # (1, channels, frames)
    whom: torch.Tensor
    begin: int
    end: int
    span: tuple[int, int]


class XttsModel:
    """A loaded XTTS. Making one reads the folder; raises OSError, ValueError or RuntimeError for what is none."""

    def __init__(self, folder: Path, device: str) -> None:
        config = XttsConfig()
        config.load_json(str(folder / "config.json"))
        if config.model != "xtts":
            raise ValueError(f"it is a {config.model} model, not XTTS")
        with MAKING:
            model = Xtts(config)
        model.load_checkpoint(config, checkpoint_dir=str(folder), eval=True)
        decoder = model.hifigan_decoder
        self._vocoder = decoder.waveform_decoder
        decoder.waveform_decoder = Later()
        self._model = model.to(device)
        self._vocoder.to(device)
        self._config = config
        self.codes = Codes(
            model.gpt,
            Sampling(
                temperature=config.temperature,
                top_p=config.top_p,
                top_k=config.top_k,
                repetition_penalty=float(config.repetition_penalty),
            ),
        )
        self._hop = math.prod(up.stride[0] for up in self._vocoder.ups)
        self._reach = reach(self._vocoder)
        self.rate = int(config.audio.output_sample_rate)
        self.languages = tuple(str(name) for name in config.languages)
        manager = model.speaker_manager
        self.speakers = tuple(manager.speakers) if manager is not None else ()

    # ----------------------------------------------------------------------------------------------- voices

    def speaker(self, name: str) -> Likeness:
        """Return one of the voices that came with the model."""
        kept = self._model.speaker_manager.speakers[name]
        return Likeness(kept["gpt_cond_latent"], kept["speaker_embedding"])

    @torch.inference_mode()
    def clone(self, clips: Sequence[Samples], rate: int) -> Likeness:
        """Make a voice of recordings at `rate`, float32 mono, at least a third of a second each."""
        config = self._config
        heard = [torch.from_numpy(clip)[None, : config.max_ref_len * rate].to(self._model.device) for clip in clips]
        embeddings = [self._model.get_speaker_embedding(clip, rate) for clip in heard]
        latent = self._model.get_gpt_cond_latents(
            torch.cat(heard, dim=-1), rate, length=config.gpt_cond_len, chunk_length=config.gpt_cond_chunk_len
        )
        return Likeness(latent, torch.stack(embeddings).mean(dim=0))

    # ------------------------------------------------------------------------------------------------ speech

    def ids(self, text: str, language: str) -> list[int]:
        """Turn the text into XTTS's tokens."""
        found: list[int] = self._model.tokenizer.encode(text.strip().lower(), lang=language)
        return found

    def unknown(self, ids: Sequence[int]) -> float:
        """Compute the share of a text's tokens that it has no letters for."""
        missing = self._model.tokenizer.tokenizer.token_to_id("[UNK]")
        return float(sum(number == missing for number in ids) / max(1, len(ids)))

    def begin(self, orders: Sequence[Order]) -> list[Utterance]:
        """Read texts, in one batch; ValueError when one is too long."""
        prompts = [self._prompt(order) for order in orders]
        drafts = self.codes.read(prompts)
        return [Utterance(order.likeness, order.speed, draft) for order, draft in zip(orders, drafts, strict=True)]

    def _prompt(self, order: Order) -> Prompt:
        ids = self.ids(order.text, order.language)
        if len(ids) + 1 >= self._model.args.gpt_max_text_tokens:
            raise ValueError("the text is too long for XTTS")
        seconds = self._model.gpt.code_stride_len / self._model.args.input_sample_rate
        most = max(CODES, math.ceil(order.longest / seconds))
        return Prompt(order.likeness.latent, ids, most, order.seed)

    def step(self, utterances: Sequence[Utterance]) -> list[Samples]:
        """Compute the next sound of each, float32, perhaps none yet; `ended` turns true with the last.

        A step that raises loses nothing: the next one gives its sound as well.
        """
        try:
            going = [utterance.draft for utterance in utterances if not utterance.draft.ended]
            if going:
                self.codes.write(going, CODES)
            sounds: list[Samples] = self._sounds(utterances)
        except RuntimeError:  # memory that ran out among them
            self.codes.shrink()
            raise
        return sounds

    @torch.inference_mode()
    def _sounds(self, utterances: Sequence[Utterance]) -> list[Samples]:
        """Decode what has become certain; windows that are equally wide are one batch."""
        bucket = BUCKET if len(utterances) > 1 else 1
        windows = [self._window(utterance, bucket) for utterance in utterances]
        groups: dict[int, list[int]] = {}
        for number, window in enumerate(windows):
            if window.end > window.begin:
                groups.setdefault(window.span[1] - window.span[0], []).append(number)
        sounds: list[Samples] = [np.zeros(0, np.float32) for _ in windows]
        for members in groups.values():
            z = torch.cat([windows[n].z[:, :, slice(*windows[n].span)] for n in members])
            sound = self._vocoder(z, g=torch.cat([windows[n].whom for n in members]))[:, 0].float().cpu().numpy()
            for row, number in zip(sound, members, strict=True):
                window = windows[number]
                offset = window.span[0]
                sounds[number] = row[(window.begin - offset) * self._hop : (window.end - offset) * self._hop]
        for utterance, window in zip(utterances, windows, strict=True):
            utterance.given = max(window.begin, window.end)
            utterance.ended = utterance.draft.ended
        return sounds

    def _window(self, utterance: Utterance, bucket: int) -> _Window:
        draft = utterance.draft
        latents = torch.cat(draft.latents)[None]
        if utterance.speed != 1.0:
            latents = torch.nn.functional.interpolate(
                latents.transpose(1, 2), scale_factor=1.0 / utterance.speed, mode="linear"
            ).transpose(1, 2)
        z, whom = self._model.hifigan_decoder(latents, g=utterance.likeness.embedding.to(self._model.device))
        z = z.reshape(1, *z.shape[-2:])
        length = int(z.shape[-1])
        unsure = 0 if draft.ended else math.ceil(UNSURE * length / len(draft.latents)) + self._reach
        begin, end = utterance.given, length - unsure
        return _Window(z, whom, begin, end, span(begin, max(begin, end), length, self._reach, bucket))
