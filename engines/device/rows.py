"""The key-value cache of many texts that a model continues: one row each, in tensors that never move.

A forward pass runs over neighbouring rows; every query has its own row and position, so that rows of any length share
one batch, and a row keeps its prefix from turn to turn without a copy.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import torch
from transformers.cache_utils import Cache, CacheLayerMixin

Shape: TypeAlias = tuple[int, int, int]  # heads, size of a key, size of a value
States: TypeAlias = tuple[Any, ...]  # of each block: layers x heads x positions x size


class RowsLayer(CacheLayerMixin):
    """Keys and values of one layer: rows x heads x (context + 1) x size. The last column takes what padding writes."""

    def __init__(self, keys: Any, values: Any) -> None:
        super().__init__()
        self.keys, self.values = keys, values
        self.is_initialized = True
        self.view: Any = None

    def update(self, key_states: Any, value_states: Any, *_: Any, **__: Any) -> tuple[Any, Any]:
        """Write the new states to their places; return all that the rows of this pass hold."""
        first, count, width, places = self.view
        keys, values = self.keys[first : first + count], self.values[first : first + count]
        index = places[:, None, :, None]
        keys.scatter_(2, index.expand(-1, keys.shape[1], -1, keys.shape[3]), key_states.to(keys.dtype))
        values.scatter_(2, index.expand(-1, values.shape[1], -1, values.shape[3]), value_states.to(values.dtype))
        return keys[:, :, :width], values[:, :, :width]

    def lazy_initialization(self, key_states: Any, value_states: Any) -> None:
        """Do nothing: all memory is taken at the beginning."""

    def get_seq_length(self) -> int:
        """Return 0: positions are given with every pass."""
        return 0

    def get_mask_sizes(self, query_length: int) -> tuple[int, int]:
        """Return the sizes that the view has."""
        return self.view[2], 0

    def get_max_length(self) -> int:
        """Return the positions of a row."""
        return int(self.keys.shape[2]) - 1


class Rows(Cache):
    """The cache of all rows, as the models of transformers take it (`past_key_values`).

    `shapes` are (heads, key size, value size) of each layer; `kinds` the attention kinds of the model's layers.
    """

    def __init__(
        self,
        shapes: Sequence[Shape],
        kinds: Sequence[str],
        window: int,
        rows: int,
        context: int,
        dtype: Any,
        device: Any,
    ) -> None:
        def block(layers: int, heads: int, size: int) -> Any:
            return torch.zeros(layers, rows, heads, context + 1, size, dtype=dtype, device=device)

        # Layers of one shape lie in one tensor, so that a row is moved in a few copies.
        self._blocks: list[Any] = []
        found: dict[int, RowsLayer] = {}
        for shape in sorted(set(shapes)):
            members = [i for i, other in enumerate(shapes) if other == shape]
            heads, key, value = shape
            keys, values = block(len(members), heads, key), block(len(members), heads, value)
            self._blocks += [keys, values]
            found |= {layer: RowsLayer(keys[i], values[i]) for i, layer in enumerate(members)}
        super().__init__(layers=[found[i] for i in range(len(shapes))])
        self.rows = rows
        self.context = context
        self.window = window
        self._kinds = sorted(set(kinds)) or ["sliding_attention" if window else "full_attention"]

    def point(self, first: int, count: int, width: int, places: Any) -> None:
        """Point the next pass at neighbouring rows that see `width` positions; query (r, t) writes places[r, t]."""
        for layer in self.layers:
            layer.view = (first, count, width, places)

    def mask(self, places: Any, width: int) -> Any:
        """Make the mask of what each query sees: its own row up to itself; padding sees position 0."""
        seen = torch.arange(width, device=places.device)[None, None, None, :]
        own = torch.where(places >= self.context, 0, places)[:, None, :, None]
        full = seen <= own
        near = full & (seen > own - self.window) if self.window else full
        masks = {"full_attention": full, "sliding_attention": near}
        return masks[self._kinds[0]] if len(self._kinds) == 1 else {kind: masks[kind] for kind in self._kinds}

    def copy(self, source: int, target: int, length: int) -> None:
        """Copy the first positions of one row into another."""
        for block in self._blocks:
            block[:, target, :, :length] = block[:, source, :, :length]

    def take(self, row: int, begin: int, end: int) -> States:
        """Copy what a row holds at positions begin..end."""
        return tuple(block[:, row, :, begin:end].clone() for block in self._blocks)

    def put(self, row: int, begin: int, states: States) -> None:
        """Write what `take` gave into a row, from position `begin` on."""
        for block, held in zip(self._blocks, states, strict=True):
            block[:, row, :, begin : begin + held.shape[2]] = held

    def swap(self, one: int, other: int, length: int) -> None:
        """Exchange the first positions of two rows."""
        for block in self._blocks:
            kept = block[:, one, :, :length].clone()
            block[:, one, :, :length] = block[:, other, :, :length]
            block[:, other, :, :length] = kept
