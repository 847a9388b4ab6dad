"""Draws the curves of runs as PNG."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from io import BytesIO
from typing import Any, Final

INK: Final = ("#1f5fa8", "#c2571a", "#2e7d46", "#7a3f9d")


def draw(runs: Mapping[str, Sequence[Mapping[str, float]]]) -> bytes:
    """Draw loss and held-out loss of runs by name over their steps; rows are those of log.jsonl."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib.figure import Figure

    figure: Any = Figure(figsize=(7.5, 3.6), dpi=110, layout="constrained")
    axes = figure.add_subplot()
    for number, (name, rows) in enumerate(runs.items()):
        ink = INK[number % len(INK)]
        known = [row for row in rows if "loss" in row]
        axes.plot([row["step"] for row in known], [row["loss"] for row in known], color=ink, alpha=0.35, lw=1)
        looks = [row for row in rows if "held_out" in row]
        label = f"{name}: held out" if len(runs) > 1 else "held out"
        axes.plot(
            [row["step"] for row in looks], [row["held_out"] for row in looks], "o-", ms=3, color=ink, label=label
        )
    axes.set_xlabel("step")
    axes.set_ylabel("loss, nats a token")
    axes.grid(alpha=0.25)
    if axes.get_legend_handles_labels()[0]:
        axes.legend(frameon=False)
    out = BytesIO()
    figure.savefig(out, format="png")
    return out.getvalue()
