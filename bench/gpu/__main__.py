"""`python -m bench.gpu --lm 8b --stt whisper --tts vits --sessions 1,8,32,64 --models FOLDER`; `--tiny` runs anywhere.

Builds a language model, a recogniser and a voice of published shapes with random weights into FOLDER, where the next
run finds them, starts the server with them, and has sessions talk to it over WebSocket. Random weights compute as fast
as trained ones, but say nothing: the language model writes made-up words, `--tokens` of them; Whisper writes one
sentence, whatever it hears (`bench/gpu/whisper.py`); what the voices say is noise of an ordinary length
(`bench/gpu/voices.py`). Models of your own are named by `--lm-model`, `--stt-model` and `--tts-model`.

Prints two tables: how long after the last frame of speech (the wait for its end counted, looking ahead on) the final
transcript, the answer's first token and its first sound with a face were there; and what the machine did for it.
`--json` writes everything that was measured.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import math
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from bench.gpu import voices, whisper
from bench.gpu.built import once
from bench.gpu.drive import Outcome, drive
from bench.gpu.models import SIZES, language_model, person
from bench.stats import summarize, table
from engines.api import MIC_RATE, Phrase, Speech, Stream, Voice
from engines.sound.audio import resampled
from engines.voices.espeak.engine import EspeakTts
from talk import wav

SENTENCES = ("What is the speed of sound?", "Tell me about the rainbow.", "Please turn on the blue light.")
LOUD = 300  # of 32768
LATENCIES = ("sessions", "from the end of speech to", "n", "p50 ms", "p95 ms", "p99 ms")
HEAD = (
    "sessions", "turns", "failed", "late media", "gaps", "gap ms", "tokens/s", "LM batch", "RTF STT", "RTF TTS",
    "stall ms p99", "GPU MiB",
)  # fmt: skip


async def spoken(sentence: str) -> bytes:
    """Yield a sentence as a microphone gives it."""

    async def phrases() -> Stream[Phrase]:
        yield Phrase(sentence)

    tts = EspeakTts()
    await tts.start()
    try:
        pieces: list[Speech] = [piece async for piece in resampled(tts.speak(phrases(), Voice()), MIC_RATE)]
    finally:
        await tts.close()
    return bytes(MIC_RATE // 2) + b"".join(piece.pcm for piece in pieces)


def trimmed(sound: bytes) -> bytes:
    """Cut the silence after the last loud sample, from which everything is timed."""
    loud = np.flatnonzero(np.abs(np.frombuffer(sound, "<i2").astype(np.int32)) > LOUD)
    return sound[: 2 * (int(loud[-1]) + 1)] if loud.size else sound


def settings(options: argparse.Namespace, home: Path) -> list[str]:
    """Return what the server is started with; builds what is not in `home`."""
    on_cpu, most = options.device.startswith("cpu"), max(options.sessions)
    size = "tiny" if options.tiny else ""
    chosen: dict[str, object] = {
        "identity.path": person(home / "ada"),
        "engines.dialogue": "transformers",
        "transformers.model": options.lm_model
        or once(
            home,
            f"lm-{options.lm}-{'float32' if on_cpu else 'bfloat16'}",
            lambda folder: language_model(folder, options.lm, options.device),
        ),
        "transformers.device": options.device,
        "transformers.batch": most,
        "transformers.context": 2048,
        "transformers.max_tokens": options.tokens,
        "transformers.temperature": 1.0,
        "engines.stt": options.stt,
        "engines.tts": {"vits": "coqui"}.get(options.tts, options.tts),
        "limits.sessions": 2 * most,
        "limits.sessions_per_user": 2 * most,
        "turns.stall_s": 60,
        "turns.transcript_wait_s": 60,
    }
    if options.stt == "whisper":
        chosen["whisper.device"], chosen["whisper.batch"] = options.device, 16
        chosen["whisper.model"] = options.stt_model or once(
            home,
            f"whisper-{size or 'turbo'}-{'float32' if on_cpu else 'float16'}",
            lambda folder: whisper.whisper(folder, size or "turbo", half=not on_cpu),
        )
    if options.tts == "vits":
        chosen["coqui.device"], chosen["coqui.batch"] = options.device, 16
        chosen["coqui.model"] = options.tts_model or once(
            home, f"vits-{size or 'full'}", lambda folder: voices.vits(folder, size or "full")
        )
    if options.tts == "xtts":
        chosen["xtts.device"] = options.device
        chosen["xtts.model"] = options.tts_model or once(
            home, f"xtts-{size or 'full'}", lambda folder: voices.xtts(folder, size or "full")
        )
        if not options.tts_model:
            chosen["xtts.speaker"] = voices.SPEAKER
    return [*(f"{key}={value}" for key, value in chosen.items()), *options.set]


def measure(given: Sequence[str], sessions: int, turns: int, sounds: Sequence[bytes]) -> tuple[Outcome, dict[str, Any]]:
    """Measure one number of sessions against a fresh server."""
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


def latencies(sessions: int, outcome: Outcome) -> list[list[object]]:
    """Return lines of the first table."""
    measured = {
        "final transcript": outcome.final_ms,
        "first token": outcome.token_ms,
        "first sound and face": outcome.first_ms,
    }
    found = {name: summarize(values) for name, values in measured.items()}
    return [[sessions, name, one.n, one.p50, one.p95, one.p99] for name, one in found.items()]


def row(sessions: int, outcome: Outcome, report: dict[str, Any]) -> list[object]:
    """Return a line of the second table; real-time factors are device seconds for a second of sound."""
    works = {work["stage"]: work for work in report["work"]}
    lm = works.get("llm", {})
    heard = [work for stage, work in works.items() if stage == "whisper"]
    said = [work for stage, work in works.items() if stage.startswith(("vits", "xtts"))]
    return [
        sessions,
        outcome.turns,
        sum(outcome.failed.values()),
        f"{outcome.late}/{outcome.media}",
        outcome.gaps,
        outcome.gap_ms,
        lm["tokens"] / lm["busy"] if lm.get("busy") else math.nan,
        lm["items"] / lm["batches"] if lm.get("batches") else math.nan,
        factor(heard),
        factor(said),
        report["stall_ms"]["p99"],
        report["memory_mb"],
    ]


def factor(works: Sequence[dict[str, Any]]) -> float:
    """Return the real-time factor of stages that share their sound; NaN when there was none."""
    audio = sum(work["audio"] for work in works)
    return sum(work["busy"] for work in works) / audio if audio else math.nan


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.gpu", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--tiny", action="store_true", help="tiny models on the CPU")
    parser.add_argument("--lm", choices=[*SIZES], default="8b")
    parser.add_argument("--stt", choices=["whisper", "pocketsphinx"], default="whisper")
    parser.add_argument("--tts", choices=["vits", "xtts", "espeak"], default="vits")
    parser.add_argument("--lm-model", default="", metavar="FOLDER", help="a language model instead of a built one")
    parser.add_argument("--stt-model", default="", metavar="FOLDER", help="a faster-whisper model instead")
    parser.add_argument("--tts-model", default="", metavar="FOLDER", help="a Coqui voice instead")
    parser.add_argument("--models", type=Path, metavar="FOLDER", help="where built models are kept; else thrown away")
    parser.add_argument("--device", default="cuda:0")
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
    sounds = [trimmed(sound) for sound in sounds or [asyncio.run(spoken(sentence)) for sentence in SENTENCES]]
    waits, rows, everything = list[list[object]](), list[list[object]](), []
    with tempfile.TemporaryDirectory() as home:
        given = settings(options, options.models or Path(home))
        for sessions in options.sessions:
            outcome, report = measure(given, sessions, options.turns, sounds)
            waits += latencies(sessions, outcome)
            rows.append(row(sessions, outcome, report))
            everything.append({"sessions": sessions, **asdict(outcome), **report})
    print(table(LATENCIES, waits), table(HEAD, rows), sep="\n\n")
    if options.json:
        options.json.write_text(json.dumps(everything, indent=1), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
