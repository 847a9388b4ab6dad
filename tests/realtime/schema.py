"""The published schema, where the `openai` package is there."""

from __future__ import annotations

import pytest

pytest.importorskip("openai")
from testkit.schema import TYPES, faults

__all__ = ["TYPES", "faults"]
