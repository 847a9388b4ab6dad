"""Leaves the tests of portraits out where the packages of the extra `portrait` are not installed."""

from __future__ import annotations

from importlib.util import find_spec

MISSING = [name for name in ("PIL", "onnx") if find_spec(name) is None]
collect_ignore_glob = ["test_*.py"] if MISSING else []
