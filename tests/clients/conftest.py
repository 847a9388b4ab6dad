"""The clients of game engines, each compiled and run without its engine, and a bridge for them to talk with."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TypeAlias

import pytest

from testkit import unreal
from testkit.player import Player
from testkit.unity import player as unity
from tests.unity.conftest import bridge as bridge
from tests.unity.conftest import built as built
from tests.unity.conftest import compilers as compilers
from tests.unity.conftest import need

Playing: TypeAlias = Callable[..., AbstractContextManager[Player]]


@pytest.fixture(params=[pytest.param("unity", marks=pytest.mark.unity), "unreal"])
def playing(request: pytest.FixtureRequest) -> Playing:
    """A client that is started with an address and options."""
    if request.param == "unity":
        request.getfixturevalue("built")
        return unity.playing
    need(unreal.missing())
    return unreal.playing
