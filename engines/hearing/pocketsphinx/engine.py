"""The embedded recogniser: PocketSphinx with the English model in its wheel, in processes of its own.

A modest recogniser, and it says so: expect one word in five of clear speech to be wrong, one in ten of questions about
the topics that it was given. It knows utterances and
decoders; how one is decoded stands in `engines.hearing.pocketsphinx.child`.
"""

from __future__ import annotations

import asyncio
import copy
import importlib.util
import json
import os
from asyncio import Semaphore
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from engines.api import MIC_RATE, EngineError, Stream, Transcript
from engines.hearing.blocks import in_blocks
from engines.hearing.pocketsphinx.words import arpabet
from engines.measures.work import Work
from engines.process.child import Child, Exchange


@dataclass(slots=True)
class _Queue:
    """How many utterances wait for a decoder, whoever's recogniser they came by."""

    waiting: int = 0


class PocketSphinxStt:
    """Speech to text in `workers` processes (two, or one on a single core), each for one utterance at a time.

    `model` is a folder laid out as the wheel's `model/en-us`, for `language` (a primary language subtag). `hints` are
    single words that its dictionary lacks, with their IPA phones: without them they can never be heard. `topics` are
    names that people will ask about, `texts` what they may say back: both are understood far better. `waiting`
    utterances may wait for a decoder; one more is an EngineError, retryable. All its errors have the code `stt_failed`.
    """

    name = "pocketsphinx"

    def __init__(
        self,
        *,
        workers: int | None = None,
        model: Path | None = None,
        language: str = "en",
        hints: Mapping[str, Sequence[str]] | None = None,
        topics: Sequence[str] = (),
        texts: Sequence[str] = (),
        waiting: int = 8,
        patience: float = 20.0,
    ) -> None:
        count = min(2, os.cpu_count() or 1) if workers is None else workers
        if any(len(word.split()) != 1 for word in hints or ()):
            raise ValueError("a hint must be a single word")
        if count < 1 or waiting < 0:
            raise ValueError("there must be at least one worker, and `waiting` cannot be negative")
        sounds = {word.lower(): arpabet(phones) for word, phones in (hints or {}).items()}
        arguments = (str(model.resolve()) if model else "", json.dumps(sounds))
        self._topic = (list(topics), list(texts))
        self._children = [
            Child(
                "engines.hearing.pocketsphinx.child",
                arguments,
                name=self.name,
                code="stt_failed",
                patience=patience,
                device=f"process {number}",
            )
            for number in range(1, count + 1)
        ]
        which = f"the model in {model.name}" if model else "its model; `pip install --force-reinstall pocketsphinx`"
        self._unreadable = f"PocketSphinx cannot read {which}."
        self._free = list(self._children)
        self._decoders = Semaphore(count)
        self._language = language
        self._limit = waiting
        self._queue = _Queue()
        self._lent = False  # the processes are another's

    def for_person(self, *, topics: Sequence[str] = (), texts: Sequence[str] = ()) -> PocketSphinxStt:
        """Return a recogniser for other topics in the same processes; it hears while this one runs."""
        other = copy.copy(self)
        other._topic, other._lent = (list(topics), list(texts)), True
        return other

    async def start(self) -> None:
        """Load all decoders side by side (about a second); raises EngineError when the model cannot be used."""
        if importlib.util.find_spec("pocketsphinx") is None:
            raise EngineError("stt_failed", "The package pocketsphinx is missing: `pip install pocketsphinx`.")
        for child in () if self._lent else self._children:
            await child.start()
        now = asyncio.get_running_loop().time()
        async with AsyncExitStack() as stack:
            exchanges = [await stack.enter_async_context(self._request(child, "load", now)) for child in self._children]
            for exchange in exchanges:
                try:
                    await _last(exchange)
                except EngineError as error:
                    if not error.retryable:
                        raise
                    # PocketSphinx ends its process when a file is not what it should be.
                    raise EngineError("stt_failed", self._unreadable) from error

    async def close(self) -> None:
        """End the processes."""
        for child in () if self._lent else self._children:
            await child.close()

    def work(self) -> tuple[Work, ...]:
        """Measure each process."""
        mine = () if self._lent else self._children
        return tuple(work for child in mine for work in child.work.work())

    async def transcribe(self, audio: Stream[bytes], language: str, names: Sequence[str] = ()) -> Stream[Transcript]:
        """Yield partials, when they change, from the first second on; the final within a tenth of a second of the end.

        The final does not depend on how the audio is cut. Closing the stream frees the decoder at once.
        """
        async with aclosing(audio):
            if language.replace("_", "-").split("-")[0].lower() != self._language:
                raise EngineError("stt_failed", _foreign(language, self._language))
            shown = ""
            asked_at = asyncio.get_running_loop().time()
            async with self._decoder() as child, self._request(child, "hear", asked_at) as exchange:
                async with aclosing(in_blocks(audio)) as blocks:
                    async for block in blocks:
                        await exchange.send(pcm=block)
                        child.work.credit("hear", audio=len(block) / 2 / MIC_RATE)
                        text = await _answer(exchange)
                        if text not in ("", shown):
                            shown = text
                            yield Transcript(text, final=False)
                await exchange.finish()
                text = await _last(exchange)
            yield Transcript(text, final=True)

    def _request(self, child: Child, op: str, asked_at: float) -> Exchange:
        # With the topic each time: a process that died loads again at its next utterance.
        exchange = child.request(op, topic=self._topic)
        exchange.asked_at = asked_at
        return exchange

    @asynccontextmanager
    async def _decoder(self) -> AsyncIterator[Child]:
        if self._decoders.locked() and self._queue.waiting >= self._limit:
            raise EngineError("stt_failed", "All recognisers are busy; say it again in a moment.", retryable=True)
        self._queue.waiting += 1
        try:
            await self._decoders.acquire()
        finally:
            self._queue.waiting -= 1
        child = self._free.pop()
        try:
            yield child
        finally:
            # One that died must load again: it is the last to be taken.
            self._free.insert(len(self._free) if child.pid else 0, child)
            self._decoders.release()


async def _answer(exchange: Exchange) -> str:
    async for reply in exchange:
        return str(reply.get("text", ""))
    raise EngineError("stt_failed", "The recogniser stopped in the middle of an utterance.", retryable=True)


async def _last(exchange: Exchange) -> str:
    """Return the answer after which the child has done with the request."""
    text = await _answer(exchange)
    async for _ in exchange:
        pass
    return text


def _foreign(language: str, known: str) -> str:
    model = "knows English only" if known == "en" else f"was given a model for {known!r}"
    return f"The embedded recogniser {model}, not {language!r}; install faster-whisper for other languages."
