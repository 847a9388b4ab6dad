"""The tests of one file run in one process, so that what they share is made once."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.conftest import ALONE, LONG, ROOT, group


def test_a_file_is_a_group_and_a_test_that_stands_alone_is_one() -> None:
    assert group("tests/bridge/test_auth.py::test_a[x/y::z]") == "tests/bridge/test_auth.py"
    assert group("tests/unity/test_compile.py::test_it[a]") == "tests/unity/test_compile.py::test_it[a]"


@pytest.mark.parametrize("file", sorted({*ALONE, *LONG}))
def test_every_file_with_a_rule_of_its_own_exists(file: str) -> None:
    assert (ROOT / file).is_file()


@pytest.mark.parametrize("number", range(8))
def test_all_of_this_file_run_in_one_worker(
    number: int, tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config
) -> None:
    """Each test leaves its worker's name where the other workers of the run see it."""
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    if not worker or not pytestconfig.getoption("loadgroup"):
        pytest.skip("a run in one process, or one that deals out single tests")
    place = Path(tmp_path_factory.getbasetemp()).parent / "workers-of-test-groups"
    place.mkdir(exist_ok=True)
    (place / worker).touch()
    assert [path.name for path in place.iterdir()] == [worker]
