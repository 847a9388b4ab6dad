"""Child processes of the studio: bounded, told of, and never left behind."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from bridge.server.studio import runs as module
from bridge.server.studio.requests import Told
from bridge.server.studio.runs import Runs
from tests.bridge.peers import run

PROGRAM = (sys.executable, str(Path(__file__).with_name("program.py")))


async def until(holds: Callable[[], bool]) -> None:
    """Wait until something is so; the test's own patience bounds it."""
    while not holds():  # noqa: ASYNC110 - another process makes it so
        await asyncio.sleep(0.01)


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    state = Path(f"/proc/{pid}/stat")
    return not state.exists() or state.read_text().split()[2] != "Z"


def told(_: float, __: str) -> None:
    """Nobody listens."""


async def refused(work: Awaitable[object]) -> Told:
    with pytest.raises(Told) as found:
        await work
    return found.value


def test_a_result_comes_with_its_progress_and_noise_is_skipped(tmp_path: Path) -> None:
    async def body() -> None:
        heard: list[tuple[float, str]] = []
        found = await Runs(PROGRAM).run("", ["new", "--", "-x"], tmp_path / "new", lambda *each: heard.append(each))
        assert found == {"arguments": ["new", "--", "-x"]}
        assert heard == [(0.5, "half")]

    run(body)


def test_what_went_wrong_has_a_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def body() -> None:
        runs = Runs(PROGRAM)
        expected = (("fail", "public_figure"), ("silent", "failed"), ("flood", "failed"), ("line", "failed"))
        for command, code in expected:
            assert (await refused(runs.run("", [command], tmp_path, told))).code == code
            assert runs.running == 0
        (tmp_path / "file").touch()
        assert (await refused(runs.run("", ["new"], tmp_path / "file", told))).code == "unwritable"
        nothing = Runs((str(tmp_path / "nothing"),))
        assert (await refused(nothing.run("", ["new"], tmp_path, told))).code == "unwritable"
        monkeypatch.setattr(module, "LONGEST", 0.3)
        assert (await refused(runs.run("", ["hang"], tmp_path, told))).code == "too_slow"

    run(body)


def test_one_at_a_time_for_each_user_and_some_for_all(tmp_path: Path) -> None:
    async def body() -> None:
        runs = Runs(PROGRAM)
        places = [tmp_path / name for name in ("ada", "bob")]
        running = [asyncio.create_task(runs.run(place.name, ["hang"], place, told)) for place in places]
        await until(lambda: all((place / "pids").exists() for place in places))
        assert (await refused(runs.run("ada", ["new"], tmp_path, told))).code == "busy"
        assert (await refused(runs.run("eve", ["new"], tmp_path, told))).code == "busy"
        for each in running:
            each.cancel()
        await asyncio.wait(running)
        assert runs.running == 0
        assert await runs.run("eve", ["new"], tmp_path, told)

    run(body)


def test_a_cancelled_run_is_killed_with_all_that_it_started(tmp_path: Path) -> None:
    async def body() -> None:
        task = asyncio.create_task(Runs(PROGRAM).run("", ["hang"], tmp_path, told))
        await until(lambda: (tmp_path / "pids").exists() and " " in (tmp_path / "pids").read_text())
        pids = [int(pid) for pid in (tmp_path / "pids").read_text().split()]
        assert all(alive(pid) for pid in pids)
        task.cancel()
        await asyncio.wait([task])
        await until(lambda: not any(alive(pid) for pid in pids))

    run(body)


def test_the_secret_stays_with_the_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMPANION_AUTH_SECRET", "s" * 32)
    monkeypatch.setenv("COMPANION_OPENAI_MODEL", "m")

    async def body() -> None:
        found = await Runs(PROGRAM).run("", ["environment"], tmp_path, told)
        assert "COMPANION_AUTH_SECRET" not in found["names"]
        assert "COMPANION_OPENAI_MODEL" in found["names"]
        assert found["cwd"] == str(tmp_path)

    run(body)


def test_what_the_studio_can_do_is_asked_once() -> None:
    async def body() -> None:
        runs = Runs(PROGRAM)
        assert await runs.commands() == {"new", "voice", "edit", "evaluate"}
        assert await runs.commands() is await runs.commands()

    run(body)


def test_a_child_that_fills_its_pipe_is_seen_to_end(tmp_path: Path) -> None:
    async def body() -> None:
        child = await asyncio.create_subprocess_exec(
            *PROGRAM, "flood", stdout=asyncio.subprocess.PIPE, cwd=tmp_path, limit=1024, start_new_session=True
        )
        stdout = child.stdout
        assert stdout is not None
        await until(lambda: stdout._paused)  # type: ignore[attr-defined]  # nobody reads on, so no end is seen
        await module._end(child)
        assert child.returncode is not None

    run(body)
