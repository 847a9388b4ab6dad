"""The language model of XTTS: the codes of several lines in one batch.

It is a GPT-2 (Betker 2023, TorToiSe; Casanova et al. 2024, XTTS) that reads a voice and a text and goes on with codes
of sound. A line's positions, its random numbers and what it has said are its own, so that what it says does not depend
on who shares its batch. A call that raises has changed no line.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import torch

from engines.device.rows import Rows, States
from engines.device.sampling import Sampling, choose

STEP: Final = 64  # positions by which the rows are lengthened
PLACEHOLDER: Final = 1  # the code that stands for voice and text where repetitions are counted


@dataclass(frozen=True, slots=True, eq=False)
class Prompt:
    """What codes are wanted for: a voice's `latent` (1, positions, channels) and the `ids` of a text.

    At most `most` codes are made; `seed` fixes what is drawn.
    """

    latent: torch.Tensor
    ids: Sequence[int]
    most: int
    seed: int


@dataclass(slots=True, eq=False)
class Draft:
    """The codes of a line so far, and a latent for each; made by `Codes.read`."""

    most: int
    random: random.Random
    last: torch.Tensor  # what the model makes of all that it has read, (channels)
    states: list[States]
    length: int  # positions in `states`
    codes: list[int] = field(default_factory=list)
    latents: list[torch.Tensor] = field(default_factory=list)  # each (1, channels)
    ended: bool = False
    _draws: list[float] = field(default_factory=list)

    def draw(self, number: int) -> float:
        """Draw the random number for a code, the same however often it is asked for."""
        while len(self._draws) <= number:
            self._draws.append(self.random.random())
        return self._draws[number]


class Codes:
    """The `gpt` of an XTTS; `sampling` says how codes are chosen. Blocks."""

    def __init__(self, gpt: Any, sampling: Sampling) -> None:
        self.sampling = sampling
        self.most = int(gpt.max_gen_mel_tokens)
        self._gpt = gpt
        self._rows: Rows | None = None

    @torch.inference_mode()
    def read(self, prompts: Sequence[Prompt]) -> list[Draft]:
        """Read voices and texts, in one batch."""
        given = [self._embedded(prompt) for prompt in prompts]
        lengths = [len(row) for row in given]
        longest = max(lengths)
        rows = self._fitting(len(given), longest)
        places = [[*range(length), *[rows.context] * (longest - length)] for length in lengths]
        hidden = self._pass(rows, torch.nn.utils.rnn.pad_sequence(given, batch_first=True), places, longest)
        drafts = [
            Draft(
                min(prompt.most, self.most),
                random.Random(prompt.seed),  # noqa: S311 - a choice of sounds
                hidden[row, length - 1].clone(),
                [rows.take(row, 0, length)],
                length,
            )
            for row, (prompt, length) in enumerate(zip(prompts, lengths, strict=True))
        ]
        self._rows = rows
        return drafts

    @torch.inference_mode()
    def write(self, drafts: Sequence[Draft], count: int) -> None:
        """Write up to `count` more codes for each, in one batch; a draft that has said all has `ended`."""
        rows = self._fitting(len(drafts), max(draft.length for draft in drafts) + count)
        for row, draft in enumerate(drafts):
            at = 0
            for states in draft.states:
                rows.put(row, at, states)
                at += states[0].shape[2]
        device = drafts[0].last.device
        stop, last = self._gpt.stop_audio_token, self._gpt.mel_pos_embedding.seq_len - 1
        hidden = torch.stack([draft.last for draft in drafts])
        seen = self._seen(drafts)
        codes: list[list[int]] = [[] for _ in drafts]
        latents: list[list[torch.Tensor]] = [[] for _ in drafts]
        going = [True] * len(drafts)
        for number in range(count):
            latent = self._gpt.final_norm(hidden)
            draws = torch.tensor([draft.draw(len(draft.codes) + number) for draft in drafts]).to(device)
            chosen = choose(self._gpt.mel_head(latent), self.sampling, draws, seen)
            seen.scatter_(1, chosen[:, None], value=True)
            for row, (draft, code) in enumerate(zip(drafts, chosen.tolist(), strict=True)):
                if going[row]:
                    codes[row].append(code)
                    latents[row].append(latent[row : row + 1])
                    going[row] = code != stop and len(draft.codes) + len(codes[row]) < draft.most
            if not any(going):
                break
            # A row that has ended goes along to the end of the step; nothing of it is kept.
            positions = [min(len(draft.codes) + number + 1, last) for draft in drafts]
            embedded = self._gpt.mel_embedding(chosen) + self._positions(positions)
            places = [[draft.length + number] for draft in drafts]
            width = max(place for (place,) in places) + 1
            hidden = self._pass(rows, embedded[:, None], places, width)[:, 0]
        made = [
            rows.take(row, draft.length, draft.length + count) if going[row] else None
            for row, draft in enumerate(drafts)
        ]
        for row, (draft, more) in enumerate(zip(drafts, made, strict=True)):
            draft.codes += codes[row]
            draft.latents += latents[row]
            draft.last = hidden[row]
            if more is None:
                draft.ended = True
                draft.states.clear()
            else:
                draft.states.append(more)
                draft.length += count
        self._rows = rows

    def shrink(self) -> None:
        """Release the memory that the batches shared."""
        self._rows = None

    # ------------------------------------------------------------------------------------------------- passes

    def _embedded(self, prompt: Prompt) -> torch.Tensor:
        """Embed voice, text and the start code: positions x channels."""
        gpt = self._gpt
        device = gpt.mel_embedding.weight.device
        ids = torch.tensor([gpt.start_text_token, *prompt.ids, gpt.stop_text_token], device=device)
        text = gpt.text_embedding(ids) + gpt.text_pos_embedding(ids[None])
        first = gpt.mel_embedding(torch.tensor([gpt.start_audio_token], device=device)) + self._positions([0])
        return torch.cat([prompt.latent[0].to(device, text.dtype), text, first])

    def _positions(self, positions: list[int]) -> torch.Tensor:
        """Embed the positions of codes, as the model learned them."""
        table = self._gpt.mel_pos_embedding.emb
        found: torch.Tensor = table(torch.tensor(positions, device=table.weight.device))
        return found

    def _pass(self, rows: Rows, embedded: torch.Tensor, places: list[list[int]], width: int) -> torch.Tensor:
        """Run the model over the first rows, query (r, t) at places[r][t]; returns rows x queries x channels."""
        at = torch.tensor(places, device=embedded.device)
        rows.point(0, len(places), width, at)
        seen = rows.mask(at, width)
        mask = torch.zeros(seen.shape, dtype=embedded.dtype, device=embedded.device)
        output = self._gpt.gpt(
            inputs_embeds=embedded,
            attention_mask=mask.masked_fill_(~seen, torch.finfo(embedded.dtype).min),
            position_ids=at,
            past_key_values=rows,
            use_cache=True,
        )
        hidden: torch.Tensor = output.last_hidden_state
        return hidden

    def _seen(self, drafts: Sequence[Draft]) -> torch.Tensor:
        """Mark which codes each has had: drafts x codes."""
        head = self._gpt.mel_head.weight
        seen = torch.zeros(len(drafts), head.shape[0], dtype=torch.bool, device=head.device)
        for row, draft in enumerate(drafts):
            seen[row, [PLACEHOLDER, self._gpt.start_audio_token, *draft.codes]] = True
        return seen

    def _fitting(self, count: int, positions: int) -> Rows:
        """Take rows for so many lines of so many positions, until they are given back; they only ever grow.

        A call that hangs or raises keeps its rows to itself.
        """
        rows, self._rows = self._rows, None
        if rows is not None and rows.rows >= count and rows.context >= positions:
            return rows
        if rows is not None:
            count, positions = max(count, rows.rows), max(positions, rows.context)
        rows = None  # before more is taken
        config, head = self._gpt.gpt.config, self._gpt.mel_head.weight
        size = config.hidden_size // config.num_attention_heads
        shapes = [(config.num_attention_heads, size, size)] * config.num_hidden_layers
        context = -(-positions // STEP) * STEP
        return Rows(shapes, [], 0, count, context, head.dtype, head.device)
