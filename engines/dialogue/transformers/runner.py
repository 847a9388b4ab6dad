"""One pass of the model over neighbouring rows: eager everywhere, replayed from CUDA graphs where the shape is known.

Runs in the device's thread only.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any, Final

import torch

from engines.device.rows import Rows

log = logging.getLogger("engines.dialogue.transformers")

STEP: Final = 64  # positions by which the visible width grows
GRAPH_STEP: Final = 512  # the same where each width needs a graph of its own
BASE: Final = "__base__"  # what peft calls no adapter


class Runner:
    """Runs the model on its rows. `graphs` asks for CUDA graphs of the decoding step; they need a CUDA device."""

    def __init__(self, model: Any, rows: Rows, device: Any, *, graphs: bool) -> None:
        self.model = model
        self.rows = rows
        self.device = device
        self.adapted = False  # the model is one of peft, and takes a name for each row
        self._graphs: dict[tuple[int, int], tuple[Any, Any, Any, Any]] = {}
        self._wanted = graphs and device.type == "cuda"
        self._step = GRAPH_STEP if self._wanted else STEP

    def width(self, longest: int) -> int:
        """Count the positions that a pass sees when the longest of its rows has `longest`."""
        return min(-(-longest // self._step) * self._step, self.rows.context)

    def run(self, first: int, tokens: Sequence[Sequence[int]], starts: Sequence[int], names: Sequence[str]) -> Any:
        """Feed `tokens[i]` to row first + i from position `starts[i]`; return the logits after each row's last."""
        longest = max(len(row) for row in tokens)
        pad, trash = [0] * longest, [self.rows.context] * longest
        ids = [[*pad[len(row) :], *row] for row in tokens]
        places = [
            [*trash[len(row) :], *range(start, start + len(row))] for row, start in zip(tokens, starts, strict=True)
        ]
        width = self.width(max(start + len(row) for row, start in zip(tokens, starts, strict=True)))
        if longest == 1 and first == 0 and self._graphs:
            logits = self._replay(ids, places, width)
            if logits is not None:
                return logits
        given = [torch.tensor(values, dtype=torch.long).to(self.device, non_blocking=True) for values in (ids, places)]
        return self._pass(first, given[0], given[1], width, names)

    def _pass(self, first: int, ids: Any, places: Any, width: int, names: Sequence[str]) -> Any:
        self.rows.point(first, ids.shape[0], width, places)
        extra: dict[str, Any] = {"adapter_names": list(names)} if self.adapted else {}
        with torch.inference_mode():
            output = self.model(
                input_ids=ids,
                attention_mask=self.rows.mask(places, width),
                position_ids=torch.where(places >= self.rows.context, 0, places),
                past_key_values=self.rows,
                use_cache=True,
                logits_to_keep=1,
                **extra,
            )
        return output.logits[:, -1]

    # ----------------------------------------------------------------------------------------- CUDA graphs

    def capture(self) -> None:
        """Record the decoding step for each batch and width, so that no step waits for Python; before clients come."""
        if not self._wanted or self.adapted:
            return
        counts = sorted({min(2**i, self.rows.rows) for i in range(self.rows.rows.bit_length() + 1)})
        widths = sorted({self.width(at) for at in range(1, self.rows.context + 1, GRAPH_STEP)})
        pool = torch.cuda.graph_pool_handle()
        try:
            for count in reversed(counts):
                for width in reversed(widths):
                    self._graphs[count, width] = self._record(count, width, pool)
        except RuntimeError as error:
            self._graphs.clear()
            log.warning("no CUDA graphs", extra={"error": str(error)[:200]})

    def _record(self, count: int, width: int, pool: Any) -> tuple[Any, Any, Any, Any]:
        ids = torch.zeros(count, 1, dtype=torch.long, device=self.device)
        places = torch.full((count, 1), self.rows.context, dtype=torch.long, device=self.device)
        side = torch.cuda.Stream()
        side.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(side):
            self._pass(0, ids, places, width, [])
        torch.cuda.current_stream().wait_stream(side)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph, pool=pool):
            logits = self._pass(0, ids, places, width, [])
        return graph, ids, places, logits

    def _replay(self, ids: list[list[int]], places: list[list[int]], width: int) -> Any:
        count = min((known for known, wide in self._graphs if known >= len(ids) and wide == width), default=0)
        if not count or self.adapted:
            return None
        graph, held_ids, held_places, logits = self._graphs[count, width]
        idle = count - len(ids)
        held_ids.copy_(torch.tensor([*ids, *([[0]] * idle)]), non_blocking=True)
        held_places.copy_(torch.tensor([*places, *([[self.rows.context]] * idle)]), non_blocking=True)
        graph.replay()
        return logits[: len(ids)]
