"""Says whether the data that heads are sculpted from is installed; without it there is nothing to test."""

from __future__ import annotations

from importlib.util import find_spec

import pytest

needs_anatomy = pytest.mark.skipif(
    find_spec("anny") is None or find_spec("numba") is None, reason="the packages of the extra head are not installed"
)
