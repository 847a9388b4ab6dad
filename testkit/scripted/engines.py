"""Engines that follow a script: what to say and how long it takes, for tests, demos and load runs.

They keep every contract of `engines.api` and wait only by `asyncio.sleep`, so a virtual clock governs them. They do
not listen, think or pronounce: the recogniser is told what it heard, the dialogue what to say.
"""

from __future__ import annotations

import asyncio
import re
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import TypeAlias

from engines.api import MIC_RATE, Request, Stream, Transcript
from engines.jobs import Engines, VadStream
from testkit.scripted.media import ScriptedFace, ScriptedTts
from testkit.scripted.script import Fault, Script

__all__ = [
    "Fault",
    "ScriptedDialogue",
    "ScriptedFace",
    "ScriptedStt",
    "ScriptedTts",
    "ScriptedVad",
    "ToolUse",
    "scripted_engines",
]

Replies: TypeAlias = Sequence[str] | Callable[[Request], str]
Texts: TypeAlias = Sequence[str] | Callable[[int], str]


# ------------------------------------------------------------------------------------------------ ears


@dataclass(slots=True)
class ScriptedVadStream:
    """One microphone: 1.0 for a window whose peak is above the threshold, or what the script says."""

    threshold: int
    script: deque[float]
    quiet: bytes  # the upper bytes of samples that are certainly no louder ...
    loud: bytes  # ... and of those that certainly are

    def probability(self, window: bytes) -> float:
        """Return 1.0 or 0.0; looks at every fifth sample."""
        if self.script:
            return self.script.popleft()
        upper = window[1::10].translate(None, self.quiet)
        if not upper:
            return 0.0
        if len(upper.translate(None, self.loud)) < len(upper):
            return 1.0
        samples = memoryview(window).cast("h")[::5]
        return float(max(max(samples), -min(samples)) > self.threshold)

    def reset(self) -> None:
        """Do nothing: nothing is remembered."""


class ScriptedVad(Script):
    """Speech is whatever is louder than `threshold` (of full scale); the first windows may be scripted."""

    window = MIC_RATE // 50

    def __init__(self, *, threshold: float = 0.02, script: Sequence[float] = ()) -> None:
        super().__init__("vad_failed", None)
        self._threshold = round(threshold * 32767)
        # 256 values share an upper byte, those below zero 255 downwards; the first and the last are its extremes.
        firsts = [256 * (byte - 256 * (byte > 127)) for byte in range(256)]
        sizes = [sorted((abs(first), abs(first + 255))) for first in firsts]
        self._quiet = bytes(byte for byte, (_, most) in enumerate(sizes) if most <= self._threshold)
        self._loud = bytes(byte for byte, (least, _) in enumerate(sizes) if least > self._threshold)
        self._script = tuple(script)

    def open(self) -> VadStream:
        """Return a new stream, its script from the beginning."""
        return ScriptedVadStream(self._threshold, deque(self._script), self._quiet, self._loud)


class ScriptedStt(Script):
    """Hears `texts[n]` (round and round) or `texts(n)` in the nth utterance; in no audio at all it hears "".

    One more word is a partial after each `partial_s` seconds of audio (0: no partials), and the final comes `delay`
    seconds after the audio's end. A fault's item counts audio chunks.
    """

    def __init__(
        self, texts: Texts = ("hello",), *, delay: float = 0.0, partial_s: float = 0.0, fault: Fault | None = None
    ) -> None:
        super().__init__("stt_failed", fault)
        self._texts, self._delay, self._partial_s = texts, delay, partial_s
        self.heard: deque[int] = deque(maxlen=256)  # samples in each utterance

    async def transcribe(self, audio: Stream[bytes], language: str, names: Sequence[str] = ()) -> Stream[Transcript]:
        """Yield partials by the amount of audio, then one final."""
        fault, number = self.begin(), self.streams - 1
        text = self._texts(number) if callable(self._texts) else self._texts[number % len(self._texts)]
        words, size, shown, chunk = text.split(), 0, 0, 0
        async with aclosing(audio):
            async for data in audio:
                await self.strike(fault, chunk)
                size, chunk = size + len(data), chunk + 1
                known = min(len(words), int(size / 2 / MIC_RATE / self._partial_s)) if self._partial_s else 0
                if known > shown:
                    shown = known
                    yield Transcript(" ".join(words[:known]), final=False)
        await self.strike(fault, chunk)
        await asyncio.sleep(self._delay)
        self.heard.append(size // 2)
        yield Transcript(text if size else "", final=True)


# ------------------------------------------------------------------------------------------------ mind


@dataclass(frozen=True, slots=True)
class ToolUse:
    """Before word `at` the tool is called, and its answer is said."""

    at: int
    name: str
    arguments: Mapping[str, object] = field(default_factory=dict)


class ScriptedDialogue(Script):
    """Says `replies[n]` (round and round) or `replies(request)`, a word at a time.

    Word i comes `first + i * every` seconds after the request, however late its consumer is. A fault's item is a word.
    """

    model = ""

    def __init__(
        self,
        replies: Replies = ("Hello there.",),
        *,
        first: float = 0.0,
        every: float = 0.0,
        tools: Sequence[ToolUse] = (),
        fault: Fault | None = None,
    ) -> None:
        super().__init__("dialogue_failed", fault)
        self._replies, self._first, self._every = replies, first, every
        self._tools = {use.at: use for use in tools}
        self.requests: deque[Request] = deque(maxlen=256)
        self.forgotten: deque[str] = deque(maxlen=256)

    async def reply(self, request: Request) -> Stream[str]:
        """Yield the reply in words, each with the white space before it, as language models cut."""
        loop = asyncio.get_running_loop()
        asked = loop.time()
        fault, number = self.begin(), self.streams - 1
        self.requests.append(request)
        text = self._replies(request) if callable(self._replies) else self._replies[number % len(self._replies)]
        for item, word in enumerate(re.findall(r"\s*\S+|\s+$", text)):
            wait = asked + self._first + item * self._every - loop.time()
            if wait > 0:
                await asyncio.sleep(wait)
            await self.strike(fault, item)
            if use := self._tools.get(item):
                yield f" {(await request.call(use.name, use.arguments)).value} "
            yield word

    def forget(self, session: str) -> None:
        """Note the session in `forgotten`."""
        self.forgotten.append(session)


def scripted_engines(
    *,
    replies: Replies = ("Hello there.",),
    heard: Texts = ("hello",),
    first: float = 0.0,
    every: float = 0.0,
    ms_per_word: int = 100,
    rate: int = 24_000,
) -> Engines:
    """Return a whole companion: hears `heard`, says `replies` (first word after `first` s, then one each `every` s)."""
    return Engines(
        vad=ScriptedVad(),
        stt=ScriptedStt(heard),
        dialogue=ScriptedDialogue(replies, first=first, every=every),
        tts=ScriptedTts(rate=rate, ms_per_word=ms_per_word),
        face=ScriptedFace(),
    )
