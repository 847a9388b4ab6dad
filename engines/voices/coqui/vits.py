"""A VITS voice of Coqui on one device: from tokens to latents and durations, from latents to sound a window at a time.

Everything here blocks and is called in the device's thread. VITS (Kim et al. 2021) decodes with convolutions of bounded
reach, so a window that brings that much context on either side gives the very samples of the whole. Coqui's own
`inference` makes the latents; its vocoder is only put off.
"""

from __future__ import annotations

import contextlib
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from TTS.config import load_config
from TTS.tts.models.vits import Vits
from TTS.tts.utils.text import phonemizers
from TTS.tts.utils.text.phonemizers.base import BasePhonemizer

from engines.sound.audio import Samples
from engines.voices.coqui.hifigan import Later, reach, span

# Files that a configuration may name by a path of the machine it was trained on, and what they are called in a folder.
BESIDE: Final = {
    "speakers_file": ("speakers.json", "speaker_ids.json", "speakers.pth", "speaker_ids.pth"),
    "d_vector_file": ("speakers.json", "speakers.pth", "d_vectors.pth"),
    "language_ids_file": ("language_ids.json",),
}


class LentPhonemizer(BasePhonemizer):
    """Stands where Coqui would run the program espeak-ng for every clause: it takes texts apart, others read them."""

    def __init__(self, language: str, **options: Any) -> None:
        options.setdefault("keep_puncs", True)
        super().__init__(language, **options)

    def apart(self, text: str) -> tuple[list[str], list[Any]]:
        """Split a text into its parts and the marks between them."""
        parts: tuple[list[str], list[Any]] = self._phonemize_preprocess(text)
        return parts

    def together(self, phonemes: list[str], marks: list[Any]) -> str:
        """Join the phonemes of the parts by the marks between them."""
        return str(self._phonemize_postprocess(phonemes, marks))

    def _phonemize(self, text: str, separator: str) -> str:
        raise NotImplementedError("the text is read by espeak-ng in its own process")

    def is_supported_language(self, language: str) -> bool:
        """Accept every language: whoever reads decides."""
        return True

    @staticmethod
    def name() -> str:
        """Return the name that stands in configurations."""
        return "espeak"

    @classmethod
    def is_available(cls) -> bool:
        """Say yes: it needs no program."""
        return True

    def version(self) -> str:
        """Return "": it has no version of its own."""
        return "0"

    @staticmethod
    def supported_languages() -> dict[str, str]:
        """Return no list."""
        return {}


@contextlib.contextmanager
def borrowed_phonemizer() -> Iterator[None]:
    """Have Coqui make a LentPhonemizer wherever a configuration asks for espeak, for as long as this lasts."""
    phonemizers._register_phonemizers()
    before = phonemizers.PHONEMIZERS.get("espeak")
    phonemizers.PHONEMIZERS["espeak"] = LentPhonemizer
    try:
        yield
    finally:
        if before is not None:
            phonemizers.PHONEMIZERS["espeak"] = before


@dataclass(frozen=True, slots=True)
class Ask:
    """What is to be said: token ids, and by whom; `speed` is relative."""

    ids: tuple[int, ...]
    speaker: str = ""
    language: str = ""
    speed: float = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class Latent:
    """What the vocoder makes sound of: `z` (1, channels, frames) and the speaker; samples that each token takes."""

    z: torch.Tensor
    speaker: torch.Tensor | None
    token_samples: tuple[int, ...]

    @property
    def frames(self) -> int:
        """Its length in frames."""
        return int(self.z.shape[-1])


@dataclass(frozen=True, slots=True)
class Window:
    """Samples begin..end of a latent's sound."""

    latent: Latent
    begin: int
    end: int


class VitsModel:
    """A loaded voice. Making one reads the folder; raises OSError, ValueError or RuntimeError for what is no VITS."""

    def __init__(self, folder: Path, checkpoint: Path, device: str) -> None:
        config = load_config(str(folder / "config.json"))
        if config.model != "vits":
            raise ValueError(f"it holds a {config.model} model, not VITS")
        _find_beside(config, folder)
        if config.use_phonemes and not config.phonemizer:
            config.phonemizer = "espeak"
        with borrowed_phonemizer():
            model = Vits(config)
        model.load_checkpoint(config, str(checkpoint), eval=True)
        self._vocoder = model.waveform_decoder
        model.waveform_decoder = Later()
        self._model = model.to(device)
        self._vocoder.to(device)
        self._device = device
        self._pace = float(model.length_scale)
        self._hop = math.prod(up.stride[0] for up in self._vocoder.ups)
        self._reach = reach(self._vocoder)
        self.tokenizer = model.tokenizer
        self.rate = int(config.audio.get("output_sample_rate") or config.audio.sample_rate)
        self.reads = str(config.phoneme_language or "en-us") if config.use_phonemes else ""
        manager = model.speaker_manager
        self._vectors: Mapping[str, Any] | None = None
        self.speakers: tuple[str, ...] = ()
        if manager is not None and model.args.use_d_vector_file:
            self.speakers = tuple(manager.embedding_names)
        elif manager is not None and model.args.use_speaker_embedding:
            self.speakers = tuple(manager.name_to_id)
        self.languages = tuple(model.language_manager.name_to_id) if model.args.use_language_embedding else ()

    # ------------------------------------------------------------------------------------------------ text

    def cleaned(self, text: str, language: str) -> str:
        """Clean a text as the voice's training did: abbreviations and signs in words."""
        clean = self.tokenizer.text_cleaner
        return str(clean(text, lang=language.split("-")[0])) if clean is not None else text

    def lent(self, language: str) -> LentPhonemizer | None:
        """Return what takes a text of this language apart for espeak-ng; None when the voice does not read by it."""
        phonemizer = self.tokenizer.phonemizer
        several = getattr(phonemizer, "lang_to_phonemizer", None)
        found = several.get(language, next(iter(several.values()))) if several else phonemizer
        return found if isinstance(found, LentPhonemizer) else None

    def phonemes(self, text: str, language: str) -> str:
        """Write the text in the voice's alphabet where espeak-ng does not read it: letters, or its own phonemizer."""
        phonemizer = self.tokenizer.phonemizer
        return str(phonemizer.phonemize(text, separator="", language=language)) if phonemizer else text

    def tokens(self, phonemes: str) -> tuple[list[str], list[int], int]:
        """Turn a text into symbols and ids of the model, blanks ("") included; also count the letters it lacks."""
        known = [char for char in phonemes if self._id(char) is not None]
        ids: list[int] = [i for char in known if (i := self._id(char)) is not None]
        symbols = list(known)
        if self.tokenizer.add_blank:
            ids = self.tokenizer.intersperse_blank_char(ids)
            symbols = [""] * len(ids)
            symbols[1::2] = known
        if self.tokenizer.use_eos_bos:
            ids = self.tokenizer.pad_with_bos_eos(ids)
            symbols = ["", *symbols, ""]
        missing = sum(char.isalpha() for char in phonemes) - sum(char.isalpha() for char in known)
        return symbols, ids, missing

    def _id(self, char: str) -> int | None:
        try:
            return int(self.tokenizer.characters.char_to_id(char))
        except KeyError:
            return None

    # --------------------------------------------------------------------------------------------- synthesis

    @torch.inference_mode()
    def latents(self, asks: Sequence[Ask]) -> list[Latent]:
        """Compute what each is to sound like, as one batch."""
        longest = max(len(ask.ids) for ask in asks)
        x = torch.zeros(len(asks), longest, dtype=torch.long)
        for row, ask in zip(x, asks, strict=True):
            row[: len(ask.ids)] = torch.tensor(ask.ids)
        pace = torch.tensor([self._pace / ask.speed for ask in asks], device=self._device).view(-1, 1, 1)
        aux = {"x_lengths": torch.tensor([len(ask.ids) for ask in asks], device=self._device)}
        self._model.length_scale = pace
        outputs = self._model.inference(x.to(self._device), {**aux, **self._who(asks)})
        z, speaker = outputs["model_outputs"]
        frames = outputs["y_mask"][:, 0].sum(1).long().tolist()
        durations = outputs["durations"][:, 0].long().tolist()
        made: list[Latent] = []
        for n, ask in enumerate(asks):
            taken = durations[n][: len(ask.ids)]
            each = frames[n] * self._hop / max(1, sum(taken))
            edges = [round(at * each) for at in np.cumsum([0, *taken]).tolist()]
            samples = tuple(after - before for before, after in pairwise(edges))
            whom = None if speaker is None else speaker[n : n + 1]
            made.append(Latent(z[n : n + 1, :, : frames[n]], whom, samples))
        return made

    def _who(self, asks: Sequence[Ask]) -> dict[str, torch.Tensor | None]:
        model = self._model
        found: dict[str, torch.Tensor | None] = {"speaker_ids": None, "d_vectors": None, "language_ids": None}
        if self.speakers and model.args.use_d_vector_file:
            vectors = [model.speaker_manager.get_mean_embedding(ask.speaker) for ask in asks]
            found["d_vectors"] = torch.tensor(np.asarray(vectors), dtype=torch.float32, device=self._device)
        elif self.speakers:
            numbers = [model.speaker_manager.name_to_id[ask.speaker] for ask in asks]
            found["speaker_ids"] = torch.tensor(numbers, device=self._device)
        if self.languages:
            numbers = [model.language_manager.name_to_id[ask.language] for ask in asks]
            found["language_ids"] = torch.tensor(numbers, device=self._device)
        return found

    @torch.inference_mode()
    def sounds(self, windows: Sequence[Window]) -> list[Samples]:
        """Decode each window to float32; those that come out equally wide are one batch."""
        spans = [
            span(window.begin // self._hop, -(-window.end // self._hop), window.latent.frames, self._reach)
            for window in windows
        ]
        groups: dict[tuple[int, bool], list[int]] = {}
        for number, (window, (left, right)) in enumerate(zip(windows, spans, strict=True)):
            groups.setdefault((right - left, window.latent.speaker is None), []).append(number)
        found: dict[int, Samples] = {}
        for (_, alone), members in groups.items():
            z = torch.cat([windows[n].latent.z[:, :, slice(*spans[n])] for n in members])
            whom = None if alone else torch.cat([s for n in members if (s := windows[n].latent.speaker) is not None])
            sound = self._vocoder(z, g=whom)[:, 0].float().cpu().numpy()
            for row, number in zip(sound, members, strict=True):
                offset = spans[number][0] * self._hop
                window = windows[number]
                found[number] = row[window.begin - offset : window.end - offset]
        return [found[number] for number in range(len(windows))]


def checkpoint_in(folder: Path) -> Path:
    """Find the model file of a folder; FileNotFoundError when there is none."""
    names = ("model.pth", "model_file.pth", "model_file.pth.tar", "best_model.pth")
    found = [folder / name for name in names if (folder / name).is_file()]
    if not found:
        saved = [*folder.glob("best_model_*.pth"), *folder.glob("checkpoint_*.pth")]
        found = sorted(saved, key=lambda path: path.stat().st_mtime, reverse=True)
    if not found:
        raise FileNotFoundError(f"there is no {names[0]} in {folder}")
    return found[0]


def _find_beside(config: Any, folder: Path) -> None:
    """Look in the folder for paths of a configuration that lead nowhere."""
    for key, names in BESIDE.items():
        for holder in (config, config.model_args):
            value = holder.get(key) if key in holder else None
            given = value[0] if isinstance(value, list) and value else value
            if not given or Path(str(given)).is_file():
                continue
            found = next((folder / n for n in (Path(str(given)).name, *names) if (folder / n).is_file()), None)
            if found is None:
                raise FileNotFoundError(f"its configuration names {Path(str(given)).name}, which is not in {folder}")
            holder[key] = [str(found)] if isinstance(value, list) else str(found)


def kind(folder: Path) -> str:
    """Read the `model` that a folder's config.json names; ValueError when it is not JSON or names none."""
    values = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    if not isinstance(values, dict) or not isinstance(values.get("model"), str):
        raise ValueError("its config.json names no model")
    return str(values["model"])
