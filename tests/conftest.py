"""What all tests share: the marks that follow from what a test uses, and how a parallel run deals them out.

A run on several cores (`-n 2 --dist loadgroup --no-loadscope-reorder`) gives each group to one worker. A file is a
group, so that an engine which a file's tests share starts once; a test that shares nothing with its neighbours is one
of its own (`ALONE`). What takes longest begins first, or the other cores would wait for it at the end: the browser's
tests and the live conversations, which wait in real time while other workers have the cores, one of each at a time.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

ROOT: Final = Path(__file__).parent
# Files whose tests share nothing and are long enough to be dealt out one by one.
ALONE: Final = frozenset({"unity/test_compile.py", "bench/test_bench_gpu.py"})
# In seconds on one idle core; what is not here is quick.
LONG: Final = {
    "web/test_web.py": 600,
    "clients/test_live.py": 250,
    "engines/hearing/test_stt_whisper.py": 30,
    "studio/video/test_making.py": 25,
    "studio/video/test_speaking.py": 15,
    "studio/video/test_puppet.py": 15,
    "unreal/test_core.py": 60,
    "unity/test_compile.py": 15,
    "unity/test_editor.py": 30,
    "bench/test_bench_gpu.py": 25,
    "engines/dialogue/test_dialogue_transformers.py": 25,
    "training/test_tune.py": 25,
    "training/test_prefer.py": 15,
    "test_wheel.py": 20,
    "engines/voices/test_torchaudio_compat.py": 15,
    "bridge/command/test_offline.py": 15,
    "bridge/command/test_output.py": 20,
    "bridge/command/test_setup.py": 15,
    "bridge/memory/test_crash.py": 10,
    "bridge/memory/test_apart.py": 15,
    "bridge/test_real_models.py": 15,
    "training/test_private_commands.py": 20,
    "training/private/test_accountant.py": 15,
    "training/private/test_tuning.py": 15,
    "training/understand/test_models.py": 15,
    "real/test_sight.py": 40,
}


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Deal the tests out by `group`: the marks of pytest-xdist 3.8 have no effect on pytest 9.2."""
    from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]

    class Groups(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return group(nodeid)

    return Groups(config, log) if config.getvalue("dist") == "loadgroup" else None


def group(nodeid: str) -> str:
    """Return the name of what one worker runs together: a file, or a test of a file in ALONE."""
    file = nodeid.partition("::")[0]
    return nodeid if file.removeprefix("tests/") in ALONE else file


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what uses models and the Unity toolchain."""
    for item in items:
        _mark(item)


@pytest.hookimpl(trylast=True, specname="pytest_collection_modifyitems")
def pytest_collection_order(items: list[pytest.Item]) -> None:
    """Put what takes longest first; the rest stays in its random order."""
    items.sort(key=lambda item: -LONG.get(_file(item), 0))


def _file(item: pytest.Item) -> str:
    return item.path.relative_to(ROOT).as_posix() if item.path.is_relative_to(ROOT) else item.path.name


def _mark(item: pytest.Item) -> None:
    maker = item.callspec.params.get("maker") if isinstance(item, pytest.Function) and hasattr(item, "callspec") else 0
    if getattr(maker, "models", False):
        item.add_marker(pytest.mark.models)
    used = frozenset(getattr(item, "fixturenames", ()))
    if _file(item).startswith("unity/") and used & {"compilers", "newer_compiler"}:
        item.add_marker(pytest.mark.unity)
        if "bridge" in used:
            item.add_marker(pytest.mark.realtime)
    if _file(item).startswith("clients/") and "playing" in used:
        item.add_marker(pytest.mark.realtime)
    if _file(item).startswith("web/") and "stage" in used:
        item.add_marker(pytest.mark.browser)


@pytest.fixture(autouse=True)
def _level() -> Iterator[None]:
    """Give the root logger its level back, which commands set for their process."""
    level = logging.getLogger().level
    yield
    logging.getLogger().setLevel(level)
