"""`python -m bench.gpu --lm 8b --whisper FOLDER --vits FOLDER --sessions 1,8,32,64`; `--tiny` runs anywhere.

Builds the language model with random weights, starts the server with it and with whatever recogniser and voice are
named, and has sessions talk to it over WebSocket. Prints a table, and with `--json` everything that was measured.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench.gpu.drive import Outcome, drive
from bench.gpu.models import SIZES, language_model, person
from bench.stats import summarize, table
from engines.api import MIC_RATE, Phrase, Speech, Stream, Voice
from engines.audio import resampled
from engines.tts_espeak import EspeakTts
from talk import wav

SENTENCES = ("What is the speed of sound?", "Tell me about the rainbow.", "Please turn on the blue light.")
HEAD = (
    "sessions", "turns", "final ms p50", "first sound and face ms p50", "p95", "late media", "failed", "tokens/s",
    "LM batch", "RTF of speech", "stall ms p99", "GPU MiB",
)  # fmt: skip


async def spoken(sentence: str) -> bytes:
    """A sentence as a microphone gives it."""

    async def phrases() -> Stream[Phrase]:
        yield Phrase(sentence)

    tts = EspeakTts()
    await tts.start()
    try:
        pieces: list[Speech] = [piece async for piece in resampled(tts.speak(phrases(), Voice()), MIC_RATE)]
    finally:
        await tts.close()
    return bytes(MIC_RATE // 2) + b"".join(piece.pcm for piece in pieces)


def settings(options: argparse.Namespace, home: Path) -> list[str]:
    """What the server is started with."""
    model = options.model or str(language_model(home / "lm", options.lm, options.device))
    chosen: dict[str, object] = {
        "identity.path": person(home / "ada"),
        "engines.dialogue": "transformers",
        "transformers.model": model,
        "transformers.device": options.device,
        "transformers.batch": max(options.sessions),
        "transformers.context": 2048,
        "transformers.max_tokens": options.tokens,
        "transformers.temperature": 1.0,
        "limits.sessions": 2 * max(options.sessions),
        "limits.sessions_per_user": 2 * max(options.sessions),
        "turns.stall_s": 60,
        "turns.transcript_wait_s": 60,
    }
    if options.whisper:
        chosen |= {"engines.stt": "whisper", "whisper.model": options.whisper, "whisper.batch": 16}
    if options.vits:
        chosen |= {"engines.tts": "coqui", "coqui.model": options.vits}
    if options.xtts:
        chosen |= {"engines.tts": "xtts", "xtts.model": options.xtts}
    return [*(f"{key}={value}" for key, value in chosen.items()), *options.set]


def measure(given: Sequence[str], sessions: int, turns: int, sounds: Sequence[bytes]) -> tuple[Outcome, dict[str, Any]]:
    """One number of sessions against a fresh server."""
    command = [sys.executable, "-m", "bench.gpu.serve", *given]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        try:
            ready = process.stdout.readline().split()
            if ready[:1] != ["ready"]:
                raise RuntimeError("the server did not start")
            outcome = asyncio.run(drive(int(ready[1]), sessions, turns, sounds))
        finally:
            process.terminate()
        report: dict[str, Any] = json.loads(process.stdout.read() or "{}")
        process.wait(60)
    return outcome, report


def row(sessions: int, outcome: Outcome, report: dict[str, Any]) -> list[object]:
    """A line of the table."""
    works = {work["stage"]: work for work in report["work"]}
    lm = works.get("llm", {})
    speech = [work for stage, work in works.items() if work["audio"] and stage != "llm"]
    first = summarize(outcome.first_ms)
    return [
        sessions,
        outcome.turns,
        summarize(outcome.final_ms).p50,
        first.p50,
        first.p95,
        f"{outcome.late}/{outcome.media}",
        sum(outcome.failed.values()),
        lm.get("tokens", 0) / lm["busy"] if lm.get("busy") else float("nan"),
        lm.get("items", 0) / lm["batches"] if lm.get("batches") else float("nan"),
        sum(work["busy"] for work in speech) / sum(work["audio"] for work in speech) if speech else float("nan"),
        report["stall_ms"]["p99"],
        report["memory_mb"],
    ]


def main(arguments: Sequence[str] | None = None) -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m bench.gpu", description=__doc__)
    parser.add_argument("--tiny", action="store_true", help="a tiny language model on the CPU")
    parser.add_argument("--lm", choices=[*SIZES], default="8b")
    parser.add_argument("--model", default="", help="folder of a language model, instead of random weights")
    parser.add_argument("--device", default="cuda:0")
    parser.add_argument("--whisper", default="", help="folder or name of a faster-whisper model; else PocketSphinx")
    parser.add_argument("--vits", default="", help="folder of a Coqui VITS voice; else espeak-ng")
    parser.add_argument("--xtts", default="", help="folder of an XTTS model")
    parser.add_argument("--wav", type=Path, action="append", default=[], help="what the sessions say")
    parser.add_argument("--sessions", type=lambda text: [int(n) for n in text.split(",")], default=[1, 8, 32, 64])
    parser.add_argument("--turns", type=int, default=6)
    parser.add_argument("--tokens", type=int, default=60, help="tokens of an answer")
    parser.add_argument("--set", action="append", default=[], metavar="SECTION.KEY=VALUE")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args(arguments)
    if options.tiny:
        options.lm, options.device = "tiny", "cpu"
    sounds = [wav.read(path, rate=MIC_RATE) for path in options.wav]
    sounds = sounds or [asyncio.run(spoken(sentence)) for sentence in SENTENCES]
    rows, everything = [], []
    with tempfile.TemporaryDirectory() as home:
        given = settings(options, Path(home))
        for sessions in options.sessions:
            outcome, report = measure(given, sessions, options.turns, sounds)
            rows.append(row(sessions, outcome, report))
            everything.append({"sessions": sessions, "failed": outcome.failed, "first_ms": outcome.first_ms, **report})
    print(table(HEAD, rows))
    if options.json:
        options.json.write_text(json.dumps(everything, indent=1), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
