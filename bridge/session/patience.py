"""Bounds how long an engine may be silent: which one is waited for, since when, and what is then given up."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final, Literal, TypeVar

from engines.api import EngineError, Stream

T = TypeVar("T")

Job = Literal["dialogue", "tts"]

_FAILURES: Final = {
    "dialogue": ("dialogue_failed", "the dialogue engine did not answer in time"),
    "tts": ("tts_failed", "the speech synthesizer did not answer in time"),
}


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds that an engine may stay silent.

    `first_word`: the dialogue before its first word; `stall`: the dialogue later; `speech`: synthesizer and face;
    `transcript`: the recogniser after the end of an utterance, the one bound on the wait for words; `gate`: a gate with
    one phrase.
    """

    first_word: float = 30.0
    stall: float = 15.0
    speech: float = 5.0
    transcript: float = 8.0
    gate: float = 2.0


class Patience:
    """With the engines of one reply; knows which is being waited for, so that a hang is blamed on the right one."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._job: Job = "dialogue"
        self._begun = False  # the dialogue has said something
        self._media: _Wait | None = None  # for media
        self._token: _Wait | None = None  # for a token of the dialogue
        self._due: float | None = None  # when the engine that is waited for has been silent too long
        self._watch: asyncio.TimerHandle | None = None
        self._held = 0  # how many wait for something else, and no engine for them

    async def media(self, media: Stream[T]) -> T | None:
        """Return the next item that the engines make together, None at the end; EngineError if one stays silent."""
        self._media = wait = _Wait()
        try:
            with wait:
                self.waits_for(self._job)
                return await anext(media, None)
        except TimeoutError as error:
            if not wait.ended:
                raise
            raise _silent(self._job) from error
        finally:
            # Engines that work ahead may go on; a wait that was left cannot be ended.
            self._media = None

    async def token(self, tokens: Stream[T]) -> T | None:
        """Return the dialogue's next token, None at the end; EngineError if it stays silent, and is given up alone."""
        self._token = wait = _Wait()
        try:
            with wait:
                self.waits_for("dialogue")
                token = await anext(tokens, None)
        except TimeoutError as error:
            if not wait.ended:
                raise
            raise _silent("dialogue") from error
        finally:
            self._token = None
        self._begun = True
        return token

    @contextmanager
    def held(self) -> Iterator[None]:
        """Blame no engine for its silence in this block, which waits for something else."""
        self._held += 1
        self._due = None
        try:
            yield
        finally:
            self._held -= 1
        self.waits_for(self._job)

    def waits_for(self, job: Job) -> None:
        """Wait for this one from now on."""
        self._job = job
        if self._held:
            return
        loop = asyncio.get_running_loop()
        limits = self._limits
        thinking = limits.stall if self._begun else limits.first_word
        self._due = due = loop.time() + (thinking if job == "dialogue" else limits.speech)
        # A timer for each token would cost more than the token: one stands, and looks again when it is up.
        if self._watch is not None and self._watch.when() > due:
            self._watch.cancel()
            self._watch = None
        if self._watch is None:
            self._watch = loop.call_at(due, self._look)

    def close(self) -> None:
        """Wait for nothing any more."""
        if self._watch is not None:
            self._watch.cancel()

    def _look(self) -> None:
        self._watch = None
        if self._due is None:
            return
        loop = asyncio.get_running_loop()
        now = loop.time()
        if now < self._due:
            self._watch = loop.call_at(self._due, self._look)
            return
        self._due = None
        # A dialogue is given up alone, so that there is still a voice to apologise with.
        wait = self._token if self._token is not None and self._job == "dialogue" else self._media
        if wait is not None:
            wait.end()


class _Wait:
    """Lets a task wait within a `with` until `end` is called, and raises TimeoutError there.

    What `asyncio.timeout` does, by the same rules of cancellation, without a timer and two coroutines for each token.
    """

    __slots__ = ("_cancelling", "_task", "ended")

    def __init__(self) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._task = task
        self._cancelling = task.cancelling()
        self.ended = False

    def __enter__(self) -> None:
        """Begin."""

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        """Raise TimeoutError in the stead of the cancellation that `end` has brought, and of no other."""
        if self.ended and self._task.uncancel() <= self._cancelling and kind is asyncio.CancelledError:
            raise TimeoutError from error

    def end(self) -> None:
        """End the wait, from another task or a callback."""
        if not self.ended:
            self.ended = True
            self._task.cancel()


def _silent(job: Job) -> EngineError:
    code, message = _FAILURES[job]
    return EngineError(code, message, retryable=True)
