"""Keeps a federation's state and its rounds in a folder: a killed aggregator goes on from the last whole round."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec
import numpy as np

from training.federate.actions import Note
from training.federate.errors import FederationError
from training.federate.plan import Plan
from training.federate.ring import Vector

STATE: Final = "federation.msgpack"
ROUNDS: Final = "rounds.jsonl"


class State(msgspec.Struct, frozen=True):
    """What a run has come to: `weights` are float32 after so many `rounds`."""

    plan: Plan
    base: str
    rounds: int
    weights: bytes


@dataclass(frozen=True, slots=True)
class Record:
    """The folder of one run."""

    folder: Path

    def resume(self, plan: Plan, base: str, weights: Vector) -> tuple[int, Vector]:
        """Return how many rounds are done and their weights: 0 and `weights` in a new folder.

        `other_round` when the folder holds a run of another plan or base, `bad_record` when it cannot be read.
        """
        file = self.folder / STATE
        if not file.exists():
            self.folder.mkdir(parents=True, exist_ok=True)
            self.keep(plan, base, 0, weights)
            return 0, weights
        try:
            state = msgspec.msgpack.decode(file.read_bytes(), type=State)
        except (OSError, msgspec.MsgspecError) as error:
            raise FederationError("bad_record", f"{file} cannot be read: {error}") from error
        if state.plan != plan or state.base != base or len(state.weights) != 4 * len(weights):
            raise FederationError(
                "other_round", f"{self.folder} holds a run of another plan or base model; take another folder"
            )
        return state.rounds, np.frombuffer(state.weights, "<f4").astype(np.float32)

    def keep(self, plan: Plan, base: str, rounds: int, weights: Vector) -> None:
        """Write the state, all of it or nothing."""
        beside = self.folder / f"{STATE}.new"
        beside.write_bytes(msgspec.msgpack.encode(State(plan, base, rounds, weights.astype("<f4").tobytes())))
        with beside.open("rb") as written:
            os.fsync(written.fileno())
        beside.replace(self.folder / STATE)

    def note(self, note: Note, *, seconds: float, sent: Mapping[str, int], received: Mapping[str, int]) -> None:
        """Write a round down: bytes by site, seconds."""
        row = {
            "round": note.round + 1,
            "sites": note.sites,
            "lost": note.lost,
            "tries": note.tries,
            "before": note.before,
            "length": round(note.length, 6),
            "cut": note.cut,
            "outlying": dict(note.outlying),
            "seconds": round(seconds, 3),
            "sent": dict(sent),
            "received": dict(received),
        }
        with (self.folder / ROUNDS).open("a", encoding="utf-8") as out:
            out.write(json.dumps(row) + "\n")

    def rounds(self) -> list[dict[str, object]]:
        """Return the rounds that were written down."""
        file = self.folder / ROUNDS
        return [json.loads(row) for row in file.read_text(encoding="utf-8").splitlines()] if file.exists() else []
