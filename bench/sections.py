"""The sections of docs/BENCHMARKS.md: each a module that prints Markdown, its arguments, and what is wanted of it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Section:
    """One benchmark. `key` names it on the command line; `peers` says that it takes a folder of others' packages.

    `gpu` says that it needs a GPU: it runs only where it is asked for by its key.
    """

    key: str
    title: str
    module: str
    full: tuple[str, ...]
    quick: tuple[str, ...]
    wanted: str
    peers: bool = False
    gpu: bool = False


SECTIONS = (
    Section(
        "turn", "A spoken turn", "bench.turn",
        ("--sessions", "1,10,50,200", "--turns", "7"), ("--sessions", "1,10,50", "--turns", "4"),
        "Wanted at N = 50 on one core: overhead p50 under 3 ms and p99 under 15 ms, under 4 ms of CPU per "
        "session-second, nothing lost, wire/PCM within `allowed`, under 60 MB before an engine is loaded.",
    ),
    Section(
        "ahead", "Looking ahead", "bench.ahead",
        ("--turns", "400"), ("--turns", "60"),
        "Wanted: with both, shorter waits than without, and fewer turns cut into; with the voice, p50 within 400 ms, "
        "p95 within 800 ms, and at most 8 % of the turns cut into.",
    ),
    Section(
        "intonation", "Hearing the end of a turn", "bench.intonation",
        (), ("--quick",),
        "Real weights. Wanted: a judgement within 20 ms, ends found sure far more often than cuts.",
    ),
    Section(
        "overlap", "Voices that overlap", "bench.overlap",
        ("--rounds", "6", "--voice"), ("--rounds", "2"),
        "Wanted: everything right but side talk, of which nothing here can tell that it is not the user's.",
    ),
    Section(
        "barge", "Interrupting", "bench.barge",
        ("--sessions", "10", "--rounds", "12"), ("--sessions", "10", "--rounds", "4"),
        "Wanted: `interrupted` within 10 ms of the decision, and nothing of the turn after it.",
    ),
    Section(
        "typed", "Typed line to speech and face", "bench.typed",
        ("--samples", "200"), ("--samples", "40"),
        "Wanted: p50 under 60 ms.",
    ),
    Section(
        "flood", "Beside floods", "bench.flood",
        ("--seconds", "4"), ("--seconds", "2"),
        "Wanted: the good client's p99 beside each flood at most twice what it is alone, and no answer lost.",
    ),
    Section(
        "skew", "Face against sound", "bench.skew",
        ("--minutes", "60"), ("--minutes", "20"),
        "Wanted: p99 under 5 ms, the same in every ten minutes.",
    ),
    Section(
        "words", "What is heard", "bench.words",
        ("--count", "10"), ("--count", "4", "--snr", "10"),
        "Real weights. Wanted: with the names told, at most half of the word errors on clean sound.",
    ),
    Section(
        "real", "Spoken questions to real models", "bench.real",
        (), ("--count", "3", "--minds", "card"),
        "Real weights, at the speed of life. Wanted: every question answered, no gap in the sound, 60 frames a second.",
    ),
    Section(
        "lips", "Lips against speech", "bench.lips",
        ("--pictures", "out/lips", "--sheet", "docs/images/lips/sheet.png"), ("--quick",),
        "Wanted: exact, closures F1 at least 0.998, r at least 0.90 and lag within 5 ms; aligned, closures F1 at least "
        "0.99, word starts within 15 ms (median) and 60 ms (p95); audio, closures F1 at least 0.60 on voices that the "
        "net never heard; and no more jerk than the smoothest package.",
        peers=True,
    ),
    Section(
        "page", "The page in a browser", "bench.page",
        ("--loads", "20", "--turns", "6"), ("--loads", "5", "--turns", "2"),
        "Without a graphics card; on a machine that does nothing else.",
    ),
    Section(
        "outlets", "Faces in other tools", "bench.outlets",
        ("--turns", "6"), ("--turns", "2"),
        "Wanted: p99 of the face against the sound under 17 ms, 60 frames a second.",
    ),
    Section(
        "instep", "Page, view for OBS and a VMC receiver", "bench.instep",
        ("out/instep",), ("out/instep",),
        "One reply of the real server; the lag at which two curves of the jaw agree best. Without a graphics card.",
    ),
    Section(
        "sight", "Reading faces", "bench.sight",
        ("--shapes",), ("--count", "60"),
        "Real weights, a drawn head. Wanted: each movement in its own channel, 15 pictures a second on part of a core.",
    ),
    Section(
        "gpu", "Models on a GPU", "bench.gpu",
        ("--lm", "8b", "--stt", "whisper", "--tts", "vits", "--sessions", "1,8,32,64", "--models", "out/models"),
        ("--tiny", "--sessions", "2", "--turns", "2"),
        "Wanted on one card with the 8B model: end of speech to first sound and face within 250 ms (p50) and 400 ms "
        "(p95) for one session, 500 ms (p95) for 64, and no gap in anyone's sound.",
        gpu=True,
    ),
    Section(
        "unity", "The Unity client", "bench.unity",
        ("--minutes", "10", "--rounds", "12"), ("--minutes", "1", "--rounds", "4"),
        "On mono, without Unity. Wanted: face against voice under 2 ms at the worst, no byte allocated a frame, "
        "`media` decoded within 50 µs, audible within 1 s of the network's return.",
    ),
)  # fmt: skip
