"""Leaves the tests of heads out where the packages that sculpt them (extra `head`) are not installed."""

from __future__ import annotations

from importlib.util import find_spec

MISSING = [name for name in ("numba", "scipy", "PIL") if find_spec(name) is None]
collect_ignore = ["test_plan.py", "test_sculpt.py", "test_toon.py", "test_units.py"] if MISSING else []


def pytest_report_header() -> str:
    """Say what is left out."""
    return f"heads: not tested, {', '.join(MISSING)} not installed" if MISSING else "heads: tested"
