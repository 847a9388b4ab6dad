"""Leaves the tests of films out where the packages that make them (extra `video`) are not installed."""

from __future__ import annotations

from importlib.util import find_spec

MISSING = [name for name in ("av", "numba", "skia", "scipy", "PIL", "cv2") if find_spec(name) is None]
collect_ignore_glob = ["test_*.py"] if MISSING else []


def pytest_report_header() -> str:
    """Say so."""
    return f"films: not tested, {', '.join(MISSING)} not installed" if MISSING else "films: tested"
