"""The sections of docs/BENCHMARKS.md: each a module that prints Markdown, its arguments, and what is wanted of it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Section:
    """One benchmark. `key` names it on the command line; `peers` says that it takes a folder of others' packages.

    `gpu` says that it needs a GPU, `long` that it takes long: either runs only where it is asked for by its key.
    """

    key: str
    title: str
    module: str
    full: tuple[str, ...]
    quick: tuple[str, ...]
    wanted: str
    peers: bool = False
    gpu: bool = False
    long: bool = False


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
        "voices", "Several at one microphone", "bench.voices",
        ("--meetings", "15"), ("--meetings", "4"),
        "Real weights (Kokoro, Piper), and flite and espeak-ng beside them; none of them was learned from. Synthetic "
        "voices vary less than people do. Wanted: more turns right than by pitch alone, at most one turn in twenty "
        "wrong, no person too many, and nothing said of words under a second.",
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
        "realtime", "A stock client of the Realtime API", "bench.realtime",
        ("--sessions", "10", "--rounds", "6"), ("--sessions", "4", "--rounds", "2"),
        "Wanted: the face within one frame (16.7 ms) of its sound at the worst, no frame late, no event of a response "
        "after its end, and nothing wrong by the published schema.",
    ),
    Section(
        "duplex", "A duplex model behind the bridge", "bench.duplex",
        ("--rounds", "20", "--sentences", "8"), ("--rounds", "5", "--sentences", "3"),
        "Wanted: at most 20 ms added to the first sound; lips of a model that writes before it speaks and is half a "
        "second ahead with closures F1 of at least 0.90, of others no worse than by the sound alone.",
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
        "together", "Headsets in step", "bench.together",
        ("--devices", "10", "--minutes", "5"), ("--devices", "10", "--minutes", "1"),
        "Wanted: the most distant two of ten within 20 ms at p99.",
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
    Section(
        "unreal", "The Unreal client's core", "bench.unreal",
        (), (),
        "Compiled as a game is, without Unreal. Wanted: nothing allocated in steady state, and each p99 within 1 % of "
        "the time that the work is for.",
    ),
    Section(
        "manner", "Training: a manner by each method", "bench.train",
        ("methods",), ("methods", "lora", "--dialogues", "40", "--out", "out/train-quick"),
        "Real weights (SmolLM2-135M-Instruct). 300 dialogues in a teacher's manner (bench/manner.py), once through, "
        "batches of 8; held out are other topics. Losses are nats a token. Wanted: the loss falls by every method, and "
        "the saved files have in a fresh model the loss that they had in training.",
        long=True,
    ),
    Section(
        "heard", "Training: the manner in the server's sound", "bench.taught",
        (), (),
        "Real weights, at the speed of life. Wanted: what Whisper hears in the server's sound has the marks of the "
        "manner after tuning, and has not before.",
        long=True,
    ),
    Section(
        "pace", "Training: how fast", "bench.train",
        ("speed",), ("speed", "--steps", "2", "--out", "out/train-quick"),
        "Real weights. LoRA on the same dialogues, one after the other in this order. Wanted: ours is no slower, and "
        "500 dialogues of 60 tokens take less than 15 minutes.",
        long=True,
    ),
    Section(
        "packing", "Training: what packing saves", "bench.train",
        ("packing",), ("packing",),
        "Real tokenizer, nothing is computed but counts.",
        long=True,
    ),
    Section(
        "noise", "Training: questions with errors, before and after", "bench.train",
        ("noise",), ("noise", "--few", "4"),
        "Real weights, ears included. Nats a token of the right answer behind a question that arrived like this.",
        long=True,
    ),
    Section(
        "entropy", "Training: from nothing, to a known entropy", "bench.train",
        ("entropy", "--steps", "300", "--batch", "16"),
        ("entropy", "--steps", "40", "--width", "128", "--layers", "2", "--out", "out/train-quick"),
        "Wanted: ten million weights come within 5 % of the entropy of the source.",
        long=True,
    ),
    Section(
        "killed", "Training: a run that was killed", "bench.train",
        ("killed", "--steps", "12", "--batch", "8"),
        ("killed", "--steps", "8", "--width", "64", "--layers", "1", "--batch", "4", "--out", "out/train-quick"),
        "Wanted: every weight the same as in a run that was left alone.",
        long=True,
    ),
    Section(
        "canaries", "Training: what privacy keeps", "bench.private",
        ("--persons", "60", "--steps", "160", "--crowd", "8", "--rank", "16", "--learn-a", "--rate", "8e-3",
         "--plain-rate", "8e-3", "--strangers", "63", "--out", "out/canaries"),
        ("--persons", "30", "--steps", "20", "--crowd", "8", "--strangers", "31", "--pretrain", "50"),
        "A small model that is made by the same program. Wanted: with privacy no secret is given away whole, and the "
        "adapter's loss in a fresh process is that of training.",
        long=True,
    ),
    Section(
        "federated", "Training: three sites, no line shared", "bench.federated",
        ("--persons", "40", "--kept", "60", "--rounds", "6", "--steps", "4", "--batch", "8", "--out", "out/federated"),
        ("--persons", "10", "--kept", "12", "--rounds", "3", "--steps", "2", "--batch", "4", "--pretrain", "50",
         "--ways", "FedAvg, A frozen"),
        "A small model that is made by the same program; each site has one topic. Wanted: within 10 % of one place "
        "where all is learnt, with a site lost in the middle of a secure sum, too.",
        long=True,
    ),
    Section(
        "scrub", "What the scrubber finds", "bench.scrub",
        ("--seed", "2"), ("--seed", "2", "--sentences", "200"),
        "Wanted: recall and precision of 0.95 by kind; names without a model are known to be less.",
        long=True,
    ),
)  # fmt: skip
