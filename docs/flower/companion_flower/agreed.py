"""What all have agreed on, from the run's settings."""

from __future__ import annotations

from collections.abc import Mapping

from training.federate.plan import Plan


def plan(config: Mapping[str, object]) -> Plan:
    """Return the plan; with it A of the adapter is frozen, so the mean of the sites is exact."""
    return Plan(rounds=int(str(config["rounds"])), sites=int(str(config["sites"])), steps=4, rate=1e-2, rank=4, alpha=8)
