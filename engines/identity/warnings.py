"""Collects what could not be understood in a file that loads all the same."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

MOST: Final = 64  # fields that are named; a broken file has no end of them

_INDEX: Final = re.compile(r"\[\d+\]")


@dataclass(frozen=True, slots=True)
class LoadWarning:
    """One field that was not as it should be: `field` is its path without indexes, `message` is for people."""

    field: str
    message: str


class Warnings:
    """Gathers one warning for each field, however many items of a list share the fault."""

    def __init__(self) -> None:
        self._first: dict[str, str] = {}
        self._times: dict[str, int] = {}

    def add(self, where: str, what: str) -> None:
        """Note that the field at `where` ("card.data.tags[2]") is `what` ("a number, read as text")."""
        field = _INDEX.sub("[]", where)
        if field in self._first or len(self._first) < MOST:
            self._first.setdefault(field, f"{where[:120]} is {what}")
            self._times[field] = self._times.get(field, 0) + 1

    @property
    def found(self) -> tuple[LoadWarning, ...]:
        """Return all warnings in the order in which they came up."""
        return tuple(
            LoadWarning(field, message + (f" ({times} times)" if (times := self._times[field]) > 1 else ""))
            for field, message in self._first.items()
        )
