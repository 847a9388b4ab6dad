"""How long answers took: to the first word and to the end. Pure, from turns that were played.

For a companion without a model it is the CPU time of this process; for one with a model it is what was waited.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from studio.evaluate.measures import Measure, Section, Wanted, unmeasured
from studio.evaluate.numbers.spread import quantile
from studio.evaluate.talk.playing import Turn

NAME: Final = "latency"
SCRIPTED: Final = Wanted(at_most=50.0)  # ms to the first word, p95
MODEL: Final = Wanted(at_most=1500.0)


def latency(turns: Sequence[Turn], *, scripted: bool) -> Section:
    """Describe the turns that a dialogue answered."""
    held = [turn for turn in turns if not turn.error and turn.cpu_ms]
    if not held:
        why = "no answer was timed"
        return Section(NAME, tuple(unmeasured(f"{NAME}.{what}", why) for what in ("first_word", "whole")))
    first = [turn.first_cpu_ms if scripted else turn.first_wait_ms for turn in held]
    whole = [turn.cpu_ms if scripted else turn.wait_ms for turn in held]
    clock = "CPU time of the process" if scripted else "time waited"
    return Section(
        NAME,
        (
            _measure("first_word", first, clock, SCRIPTED if scripted else MODEL),
            _measure("whole", whole, clock, None),
        ),
        {"clock": clock, "first_ms": [round(ms, 3) for ms in first], "whole_ms": [round(ms, 3) for ms in whole]},
    )


def _measure(name: str, values: Sequence[float], clock: str, wanted: Wanted | None) -> Measure:
    p50, p95, worst = (quantile(values, q) for q in (0.5, 0.95, 1.0))
    line = f"{clock}; p50 {p50:.2f} ms, p95 {p95:.2f} ms, longest {worst:.2f} ms of {len(values)} answers"
    return Measure(f"{NAME}.{name}", p95, wanted=wanted, unit="ms", evidence=(line,))
