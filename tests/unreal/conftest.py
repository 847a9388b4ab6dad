"""What the tests of the Unreal plugin share: its core, compiled without an engine."""

from __future__ import annotations

from pathlib import Path

import pytest

from testkit import unreal
from tests.unity.conftest import compilers as compilers
from tests.unity.conftest import need


@pytest.fixture(scope="session")
def checked() -> Path:
    """A folder of programs that sanitizers watch for wrong memory and undefined behaviour."""
    need(unreal.missing())
    return unreal.programs("checked", *unreal.CHECKED)
