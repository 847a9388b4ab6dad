"""A module in a process of its own: refusal, crash, death, silence and a clean end."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import pytest

from engines.api import EngineError
from engines.process.child import Child
from tests.engines.process.children import ask, first, gone, later, opened, run, settled

posix = pytest.mark.skipif(sys.platform == "win32", reason="signals")

# ------------------------------------------------------------------------------------------------ failing


@pytest.mark.parametrize("retryable", [True, False])
def test_a_refusal_comes_with_its_sentence_after_the_replies(retryable: bool) -> None:
    async def test() -> None:
        async with opened() as child:
            pid = child.pid
            async with child.request("refuse", retryable=retryable) as exchange:
                assert await first(exchange) == {"value": 1}
                with pytest.raises(EngineError) as caught:
                    await first(exchange)
            error = caught.value
            assert (error.code, error.message, error.retryable) == ("test_failed", "There is no such thing.", retryable)
            assert await ask(child, "echo", value=1) == [{"value": 1}]
            assert child.pid == pid

    run(test)


def test_an_operation_that_raises_ends_its_own_request_only(capfd: pytest.CaptureFixture[str]) -> None:
    async def test() -> None:
        async with opened() as child, child.request("total") as other:
            await other.send(value=1)
            with pytest.raises(EngineError, match=r"the child failed on this request \(ValueError\)"):
                await ask(child, "crash", said="something private")
            await other.finish()
            assert [reply async for reply in other] == [{"sum": 1}, {"count": 1}]

    run(test)
    err = capfd.readouterr().err
    assert "child_ops.py" in err
    assert "private" not in err


def test_an_unknown_operation_is_refused() -> None:
    async def test() -> None:
        async with opened() as child:
            with pytest.raises(EngineError, match="there is no operation 'sing'"):
                await ask(child, "sing")

    run(test)


@posix
def test_a_killed_process_fails_all_open_requests_and_the_next_starts_another() -> None:
    async def test() -> None:
        async with opened() as child, child.request("total") as one, child.request("busy") as two:
            await one.send(value=1)
            await first(one)
            await first(two)
            pid = child.pid
            assert pid is not None
            os.kill(pid, signal.SIGKILL)
            for exchange in (one, two):
                with pytest.raises(EngineError, match="the child stopped unexpectedly") as caught:
                    await first(exchange)
                assert caught.value.retryable
            with pytest.raises(EngineError):
                await one.send(value=1)
            assert await ask(child, "echo", value="again") == [{"value": "again"}]
            assert child.pid != pid
            assert gone(pid)

    run(test)


def test_a_process_that_leaves_by_itself_is_replaced() -> None:
    async def test() -> None:
        async with opened() as child:
            for _ in range(2):
                with pytest.raises(EngineError, match="stopped unexpectedly"):
                    await ask(child, "leave")
            assert await ask(child, "echo", value=1) == [{"value": 1}]

    run(test)


def test_a_module_that_does_not_exist_is_an_error_not_a_hang() -> None:
    async def test() -> None:
        async with opened("tests.engines.no_such_module") as child:
            with pytest.raises(EngineError, match="stopped unexpectedly"):
                await ask(child, "echo", value=1)

    run(test)


def test_an_interpreter_that_cannot_run_is_an_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))

    async def test() -> None:
        child = Child("tests.engines.process.child_ops", name="the child", code="test_failed")
        with pytest.raises(EngineError, match="the child cannot be started") as caught:
            await child.start()
        assert not caught.value.retryable
        await child.close()

    run(test)


# ------------------------------------------------------------------------------------------------ silence


def test_a_hung_process_is_killed_and_replaced() -> None:
    async def test() -> None:
        async with opened(patience=30.0) as child, child.request("total") as other:
            await other.send(value=1)
            assert await first(other) == {"sum": 1}
            async with child.request("hang") as hung:
                await first(hung)
                pid = child.pid
                assert pid is not None
                later(29.0)
                await other.send(value=1)
                later(2.0)
                with pytest.raises(EngineError, match="the child did not answer for 30 s") as caught:
                    await first(hung)
            assert caught.value.retryable
            with pytest.raises(EngineError):
                await first(other)
            assert await ask(child, "echo", value=1) == [{"value": 1}]
            assert gone(pid)

    run(test)


def test_a_process_that_waits_for_input_or_for_its_reader_is_not_hung() -> None:
    async def test() -> None:
        async with (
            opened(patience=30.0) as child,
            child.request("total") as sums,
            child.request("echo", value=1, times=20) as slow,
        ):
            await sums.send(value=1)
            assert await first(sums) == {"sum": 1}
            await first(slow)
            await settled(child, sums, slow)
            pid = child.pid
            for _ in range(5):
                later(100.0)
                await ask(child, "echo", value=1)
            await sums.send(value=1)
            assert await first(sums) == {"sum": 2}
            assert len([reply async for reply in slow]) == 19
            assert child.pid == pid

    run(test)


# ------------------------------------------------------------------------------------------------ ending


def test_close_leaves_no_process_and_ends_open_requests() -> None:
    async def test() -> None:
        async with opened() as child, child.request("hang") as exchange:
            await first(exchange)
            pid = child.pid
            assert pid is not None
            await child.close()
            assert gone(pid)
            with pytest.raises(EngineError, match="the child was closed") as caught:
                await first(exchange)
            assert not caught.value.retryable
            with pytest.raises(EngineError, match="the child is closed"):
                await ask(child, "echo", value=1)
            await child.close()
            await child.start()
            assert await ask(child, "echo", value=1) == [{"value": 1}]

    run(test)


def test_close_without_start() -> None:
    async def test() -> None:
        await Child("tests.engines.process.child_ops", name="the child", code="test_failed").close()

    run(test)


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="counts descriptors in /proc")
def test_no_descriptor_is_left_behind() -> None:
    async def test() -> None:
        def descriptors() -> int:
            return len(os.listdir("/proc/self/fd"))  # noqa: PTH208 - a Path iterator holds a descriptor of its own

        async with opened() as child:
            await ask(child, "echo", value=1)
        before = descriptors()
        async with opened() as child:
            with pytest.raises(EngineError):
                await ask(child, "leave")
            await ask(child, "echo", value=1)
        assert descriptors() == before

    run(test)


@posix
def test_an_interrupt_at_the_terminal_does_not_reach_the_process() -> None:
    async def test() -> None:
        async with opened() as child:
            await ask(child, "echo", value=1)
            pid = child.pid
            assert pid is not None
            assert os.getpgid(pid) != os.getpgid(0)
            os.kill(pid, signal.SIGINT)
            assert await ask(child, "echo", value=1) == [{"value": 1}]
            assert child.pid == pid

    run(test)
