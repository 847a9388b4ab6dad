"""The core of the Unreal plugin: what it reads and writes, what it plays, what it survives."""

from __future__ import annotations

import json
import random
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from protocol.playout.judge import judged
from protocol.playout.traces import FOLDER as TRACES
from testkit import together, unreal
from testkit.mutants import Mutant, name
from tests.unity.conftest import need

VECTORS = TRACES.parent
ROUNDS = 1500
FUZZED = 20_000
DEVICES, SECONDS = 4, 22.0  # of a room

PLAYOUT, VOICE, TIMELINE, SESSION = (f"Private/{name}.cpp" for name in ("Playout", "Voice", "Timeline", "Session"))
CONVERSATION = "Private/Conversation.cpp"

MUTANTS = (
    Mutant("a frame late", TIMELINE, "int64_t Found = Index;", "int64_t Found = Index - 1;", "plain"),
    Mutant("seldom reported", CONVERSATION, "Every = 0.2", "Every = 1", "plain"),
    Mutant("too low a threshold", PLAYOUT, "PrimeSeconds = 0.08", "PrimeSeconds = 0.06", "threshold"),
    Mutant("the threshold stays low", PLAYOUT, "Prime * 3 / 2", "Prime", "dry"),
    Mutant("words while it holds", TIMELINE, "Marks(NowRunning)", "Marks(true)", "stall"),
    Mutant("no fade", PLAYOUT, "Fading = std::lround(FadeSeconds * SampleRate)", "Fading = 1", "interrupted"),
    Mutant("taken twice", SESSION, "if (Number <= Seq) return false;", "", "resume"),
    Mutant("gaps are skipped", PLAYOUT, "Turn.Waiting += At - Due;", "", "gaps"),
    Mutant("a blink is held", TIMELINE, "Gone = 0.25", "Gone = 9", "idle"),
    Mutant("words as they arrive", TIMELINE, "Marks[At - 1].Pts > Given.Pts", "Marks[At - 1].Pts < 0", "marks"),
)  # fmt: skip


def ran(program: Path, *arguments: str) -> str:
    done = subprocess.run([program, *arguments], capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, f"{done.stdout[-2000:]}\n{done.stderr[-4000:]}"
    return done.stdout


def observed(folder: Path, *traces: str) -> list[str]:
    """Run a build of the client over traces; lines for the judge."""
    return ran(folder / "traces", *(str(TRACES / f"{trace}.json") for trace in traces)).splitlines()


def test_every_golden_vector_is_read_and_written(checked: Path) -> None:
    names = sorted(path.stem for path in VECTORS.glob("*.msgpack"))
    told = ran(checked / "vectors", str(VECTORS), *names).splitlines()
    assert [line for line in told if not line.startswith("ok ")] == []
    assert len(told) > 4 * len(names)


def test_every_playout_trace_is_played(checked: Path) -> None:
    assert judged(observed(checked, *sorted(path.stem for path in TRACES.glob("*.json")))) == []


def test_devices_of_a_room_play_the_same_at_the_same_instant(checked: Path, tmp_path: Path) -> None:
    pieces = together.replies(1.0, 8.0, 10.0, SECONDS)
    scenarios = [together.scenario(together.Device(random.Random(each)), pieces, SECONDS) for each in range(DEVICES)]
    heard = together.heard(ran(checked / "device", *together.written(tmp_path, scenarios)), pieces)
    spreads, errors = together.offsets(heard)
    assert [len(device) for device in heard] == [160] * DEVICES, "two replies of 8 s, every tenth of them"
    assert max(spreads) < 20, "what the contract promises"
    assert max(errors) < 14


def test_what_anybody_may_send_is_survived(checked: Path) -> None:
    seeds = [str(path) for path in sorted(VECTORS.glob("*.msgpack"))]
    assert ran(checked / "fuzz", str(ROUNDS), *seeds) == f"{ROUNDS} rounds\n"


def test_the_clock_is_near_the_mixer(checked: Path) -> None:
    """Of each kind of sound card: the worst and the usual distance, and how soon a dropout is forgotten."""
    for line in ran(checked / "clock").splitlines():
        case, worst, settled = line.rsplit(maxsplit=2)
        assert float(worst) < 2.0, f"{case}: {worst} ms"
        assert float(settled) < 3.0, f"{case}: right again after {settled} s"


def test_threads_do_not_race() -> None:
    need(unreal.missing())
    assert ran(unreal.programs("threads", "race") / "race").startswith("sound was heard")


@pytest.fixture(scope="module")
def plain() -> Path:
    """Programs of which only what they tell counts, not how fast: they share the core with the mistakes below."""
    need(unreal.missing())
    return unreal.programs("plain", "hitch", "speed")


def test_a_lead_of_600_ms_outlasts_a_hitch_that_one_of_300_does_not(plain: Path) -> None:
    assert int(ran(plain / "hitch", "600", "450")) == 0
    assert int(ran(plain / "hitch", "300", "450")) > 0


def test_decoding_playing_and_showing_allocate_nothing(plain: Path) -> None:
    told = [json.loads(line) for line in ran(plain / "speed").splitlines()]
    assert {each["what"].partition(":")[0]: each["allocations"] for each in told} == {
        "decode": 0,
        "fill": 0,
        "weights": 0,
    }


def test_the_decoder_survives_a_fuzzer_that_sees_its_branches(tmp_path: Path) -> None:
    """A short run; a million inputs are a matter of minutes, by hand: Docs/tested.md of the plugin."""
    need(unreal.missing("clang++"))
    unreal.seeds(VECTORS, tmp_path)
    ran(unreal.fuzzer(), f"-runs={FUZZED}", "-seed=1", "-max_len=4096", f"-artifact_prefix={tmp_path}/", str(tmp_path))


@pytest.fixture(scope="module")
def mistaken(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Builds of the client, each with a mistake, by their numbers."""
    need(unreal.missing())
    home = tmp_path_factory.mktemp("mistaken")
    right = unreal.core("plain")
    program = home / "traces.o"
    unreal.linked("plain", program, unreal.HARNESS / "traces.cpp")

    def build(number: int) -> None:
        mutant = MUTANTS[number]
        changed = home / f"{number}.cpp"
        changed.write_text(mutant.source(unreal.CORE), encoding="utf-8")
        rest = [each for each in right if each.stem != Path(mutant.file).stem]
        (home / str(number)).mkdir()
        unreal.linked("plain", home / str(number) / "traces", program, changed, *rest)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(build, range(len(MUTANTS))))
    return home


@pytest.mark.parametrize("mutant", MUTANTS, ids=name)
def test_a_mistake_is_caught(mutant: Mutant, mistaken: Path) -> None:
    assert judged(observed(mistaken / str(MUTANTS.index(mutant)), mutant.caught_by)) != []
