"""How soon a recogniser knows: `python -m bench.hearing --model FOLDER [--sessions 1,4,16] [--rounds 4]`.

Each session speaks a sentence of the embedded synthesizer into Whisper at the pace of life, 20 ms a frame, with 0.3 s
of silence after it (what the segmenter waits), or, `--abrupt`, none: push-to-talk. Measured: from the last frame to the
final transcript; from the first frame to the first partial; how late the event loop is; device seconds for a second of
sound looked at, the batch size, and how long work waited. "word for word" means something for a model that knows TALK.
"""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

import numpy as np
import soxr

from bench.machine import runner
from bench.stats import Summary, summarize, table
from engines.api import MIC_RATE, Phrase, Stream, Voice
from engines.hearing.whisper.engine import WhisperStt
from engines.voices.espeak.engine import EspeakTts

FRAME = MIC_RATE // 50
TALK = (
    "Hello there, how are you today?",
    "What is the speed of sound?",
    "Please turn on the blue light.",
    "Tell me about the rainbow.",
    "My name is Ada, and I like music.",
)


@dataclass(slots=True)
class Heard:
    """What the sessions measured, in ms."""

    final: list[float] = field(default_factory=list)
    first_partial: list[float] = field(default_factory=list)
    loop_late: list[float] = field(default_factory=list)
    partials: int = 0
    right: int = 0


async def voices(texts: Sequence[str]) -> list[bytes]:
    """Yield each text as s16le at MIC_RATE."""

    async def phrase(text: str) -> Stream[Phrase]:
        yield Phrase(text)

    tts, spoken = EspeakTts(), []
    await tts.start()
    for text in texts:
        async with aclosing(tts.speak(phrase(text), Voice())) as pieces:
            pcm = b"".join([piece.pcm async for piece in pieces])
        sound = soxr.resample(np.frombuffer(pcm, "<i2").astype(np.float32), tts.rate, MIC_RATE)
        loud = np.flatnonzero(np.abs(sound) > 300)
        spoken.append(sound[: loud[-1] + 1].astype("<i2").tobytes())
    await tts.close()
    return spoken


async def session(stt: WhisperStt, number: int, sounds: list[bytes], rounds: int, silence: float, heard: Heard) -> None:
    """Speak as one user, again as soon as the last words were understood."""
    loop = asyncio.get_running_loop()
    await asyncio.sleep(0.37 * number % 2.0)
    for turn in range(rounds):
        which = (number + turn) % len(sounds)
        pcm = bytes(round(0.3 * MIC_RATE) * 2) + sounds[which] + bytes(round(silence * MIC_RATE) * 2)
        begun, ended, first = loop.time(), 0.0, True

        async def microphone(pcm: bytes = pcm, begun: float = begun) -> Stream[bytes]:
            nonlocal ended
            for i, at in enumerate(range(0, len(pcm), 2 * FRAME)):
                await asyncio.sleep(max(0.0, begun + (i + 1) * 0.02 - loop.time()))
                yield pcm[at : at + 2 * FRAME]
            ended = loop.time()

        async with aclosing(stt.transcribe(microphone(), "en")) as transcripts:
            async for transcript in transcripts:
                if transcript.final:
                    heard.final.append((loop.time() - ended) * 1000)
                    heard.right += transcript.text == TALK[which]
                else:
                    heard.partials += 1
                    if first:
                        heard.first_partial.append((loop.time() - begun) * 1000)
                        first = False


async def watch(heard: Heard) -> None:
    """Note how much later than asked the loop runs."""
    while True:
        asked = perf_counter()
        await asyncio.sleep(0.005)
        heard.loop_late.append((perf_counter() - asked - 0.005) * 1000)


async def measure(count: int, options: argparse.Namespace, sounds: list[bytes]) -> tuple[object, ...]:
    """Measure one row of the table."""
    chosen: dict[str, Any] = {"model": options.model, "device": options.device, "threads": options.threads}
    stt, heard = WhisperStt(**chosen, batch=options.batch, partial_s=options.partial), Heard()
    await stt.start()
    silence = 0.0 if options.abrupt else 0.3
    watching = asyncio.ensure_future(watch(heard))
    async with asyncio.TaskGroup() as group:
        for number in range(count):
            group.create_task(session(stt, number, sounds, options.rounds, silence, heard))
    watching.cancel()
    [work] = [work for work in stt.work() if work.stage == "whisper"]
    await stt.close()
    final = summarize(heard.final)
    late: Summary = summarize(heard.loop_late)
    return (
        count, final.n, final.p50, final.p95, final.p99, summarize(heard.first_partial).p50,
        heard.partials / max(1, final.n), work.items / max(1, work.batches), work.busy / max(0.001, work.audio),
        1000 * work.queue_sum / max(1, work.items), late.p99, heard.right / max(1, final.n),
    )  # fmt: skip


HEAD = (
    "sessions", "n", "final p50 ms", "p95", "p99", "first partial p50", "partials each", "batch", "device s / s",
    "waited ms", "loop p99 ms", "word for word",
)  # fmt: skip


async def main(options: argparse.Namespace) -> list[tuple[object, ...]]:
    """Print all rows."""
    sounds = await voices(TALK)
    return [await measure(int(count), options, sounds) for count in options.sessions.split(",")]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", required=True)
    parser.add_argument("--device", default="auto")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--partial", type=float, default=0.6, help="seconds between partials")
    parser.add_argument("--sessions", default="1,4,16")
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--abrupt", action="store_true", help="no silence after the words: push-to-talk")
    chosen = parser.parse_args()
    with runner() as run:
        print(table(HEAD, run.run(main(chosen))))
