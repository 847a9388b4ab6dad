"""Real weights for these tests: there, or a reason; in CI their absence is a failure."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from testkit.real.packages import Unavailable


def or_skip(make: Callable[[], Path]) -> Path:
    """Return the folder; where the weights cannot be had the test is skipped, but in CI it fails."""
    try:
        return make()
    except Unavailable as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(str(error))
