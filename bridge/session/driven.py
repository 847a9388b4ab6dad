"""Drives the streams of engines: whatever an engine raises becomes an EngineError, so that its turn fails and no more.

An engine is code of its own, third parties' included. Only cancellation that was asked for passes through.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Final, Literal, TypeAlias, TypeVar

from bridge.logs import anatomy
from engines.api import EngineError, Stream

T = TypeVar("T")
Job: TypeAlias = Literal[
    "stt", "ending", "intonation", "dialogue", "duplex", "tts", "face", "vad", "gate", "documents", "sight", "diarizer"
]

log = logging.getLogger("bridge.session.driven")

_NAMES: Final[dict[Job, str]] = {
    "stt": "the recogniser",
    "ending": "the judge of endings",
    "intonation": "the judge of intonation",
    "dialogue": "the dialogue engine",
    "duplex": "the duplex model's engine",
    "tts": "the speech synthesizer",
    "face": "the face engine",
    "vad": "the voice detection",
    "gate": "the gate",
    "documents": "the search in the documents",
    "sight": "the reader of faces",
    "diarizer": "what tells voices apart",
}


async def driven(job: Job, make: Callable[[], Stream[T]]) -> Stream[T]:
    """Yield what the stream of `make` yields and close it; EngineError for anything that it raises on the way.

    A stream that fails while it is closed has given what it had: that is logged, and fails nothing.
    """
    with guarded(job):
        stream = make()
    try:
        while True:
            with guarded(job):
                try:
                    item = await anext(stream)
                except StopAsyncIteration:
                    return
            yield item
    finally:
        try:
            with guarded(job):
                await stream.aclose()
        except EngineError as error:
            log.warning("engine failed to close", extra={"code": error.code, "reason": error.message})


async def asked(job: Job, make: Callable[[], Awaitable[T]]) -> T:
    """Return what `make` gives; EngineError for anything that it raises."""
    with guarded(job):
        return await make()


def guarded(job: Job) -> _Guard:
    """Turn any exception of an engine within a `with` into an EngineError with the code of its job."""
    return _GUARDS[job]


def failure(job: Job, error: Exception) -> EngineError:
    """Return what an engine of this job raised as an EngineError."""
    return error if isinstance(error, EngineError) else _broken(job, error)


class _Guard:
    """Guards one job; it holds nothing, so that one serves all, each frame of a microphone too."""

    __slots__ = ("_job",)

    def __init__(self, job: Job) -> None:
        self._job = job

    def __enter__(self) -> None:
        """Begin."""

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        """Raise EngineError for what an engine raised; let its own and a cancellation that was asked for pass."""
        if error is None:
            return
        match error:
            case EngineError():
                return
            case asyncio.CancelledError():
                task = asyncio.current_task()
                if task is None or not task.cancelling():
                    raise _broken(self._job, error) from error
            case Exception():
                raise _broken(self._job, error) from error


_GUARDS: Final[dict[Job, _Guard]] = {job: _Guard(job) for job in _NAMES}


def _broken(job: Job, error: BaseException) -> EngineError:
    log.error("engine broke", extra={"job": job, "error": anatomy(error)})
    code = "dialogue_failed" if job == "duplex" else f"{job}_failed"
    return EngineError(code, f"{_NAMES[job]} failed in a way that it should not: the log says where")
