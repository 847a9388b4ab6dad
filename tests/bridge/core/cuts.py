"""Ways to cut a stream: the strategies that the chunking tests share."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TypeVar

from hypothesis import settings
from hypothesis import strategies as st

T = TypeVar("T", str, bytes)

# No deadline, for these cores are shared; no database and the same examples in every run.
STEADY = settings(deadline=None, derandomize=True, database=None, max_examples=100)


def cuts(length: int) -> st.SearchStrategy[list[int]]:
    """Places to cut something of `length`, in order."""
    return st.lists(st.integers(0, length), max_size=12).map(sorted)


def cut(whole: T, places: Sequence[int]) -> list[T]:
    """The pieces between the places."""
    return [whole[a:b] for a, b in pairwise([0, *places, len(whole)])]
