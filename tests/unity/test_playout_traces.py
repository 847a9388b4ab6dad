"""The C# client over the playout traces, and mistakes in it that they catch."""

from __future__ import annotations

import shutil

import pytest

from protocol.playout.judge import judged
from protocol.playout.traces import FOLDER
from testkit.mutants import Mutant, name
from testkit.unity.programs import CORE, core
from testkit.unity.toolchain import OUT, PACKAGE, Job, compile_all, run

RUNTIME = PACKAGE / "Runtime" / "Core"
PLAYOUT, TIMELINE, TRACK = (f"Playback/{name}.cs" for name in ("Playout", "Timeline", "TurnTrack"))
REPORTER, ADMISSION, IDLE = "Session/Reporter.cs", "Session/Admission.cs", "Playback/IdleLife.cs"

MUTANTS = (
    Mutant("a frame late", TRACK, "(long)Math.Floor(position)", "(long)Math.Floor(position) - 1", "plain"),
    Mutant("seldom reported", REPORTER, "Every = 0.2", "Every = 1", "plain"),
    Mutant("an end is not reported", REPORTER, " || point.Kind == PointKind.End)", ")", "before_sound"),
    Mutant("too low a threshold", PLAYOUT, "PrimeSeconds = 0.08", "PrimeSeconds = 0.06", "threshold"),
    Mutant("the threshold stays low", PLAYOUT, "_prime * 3 / 2", "_prime", "dry"),
    Mutant("words while it holds", TIMELINE, "Marks(Running)", "Marks(true)", "stall"),
    Mutant("words in the fade", TIMELINE, "each.Value.DropMarks()", "each.Key.GetHashCode()", "interrupted"),
    Mutant("no fade", PLAYOUT, "(long)Math.Round(FadeSeconds * Rate)", "1", "interrupted"),
    Mutant("loud after a hold", PLAYOUT, "_gain = _aim = _ducked ? Ducked : 1;", "_gain = _aim = 1;", "overlap"),
    Mutant("taken twice", ADMISSION, "if (seq <= Seq) return false;", "", "resume"),
    Mutant("a new session begins ducked", PLAYOUT, "_running = _ducked = false;", "_running = false;", "new_session"),
    Mutant("a viewer hears silence first", PLAYOUT, "turn.Heard = at;", "turn.Heard = 0;", "viewer"),
    Mutant("gaps are skipped", PLAYOUT, "turn.Waiting += at - due;", "", "gaps"),
    Mutant("a blink is held", IDLE, "Gone = 0.25", "Gone = 9", "idle"),
    Mutant("words in the order of arrival", TRACK, "_marks[at - 1].Pts > mark.Pts", "_marks[at - 1].Pts < 0", "marks"),
)


def observe(folder: str, *traces: str) -> list[str]:
    """Run a build of the client over traces; lines for the judge."""
    done = run(f"{folder}Traces.exe", *(str(FOLDER / f"{trace}.json") for trace in traces))
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_the_c_sharp_client_plays_every_trace(built: None) -> None:
    assert judged(observe("", *sorted(path.stem for path in FOLDER.glob("*.json")))) == []


@pytest.fixture(scope="module")
def mistaken(built: None) -> None:
    """A build of the client for each mistake, in a folder of its number."""
    jobs = []
    for number, mistake in enumerate(MUTANTS):
        folder = OUT / "mutants" / str(number)
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(OUT / "Traces.exe", folder)
        changed = folder / "Mistake.cs"
        changed.write_text(mistake.source(RUNTIME), encoding="utf-8")
        sources = [changed if path == RUNTIME / mistake.file else path for path in core().sources]
        assert changed in sources
        jobs.append(Job(f"mutants/{number}/{CORE}", sources))
    result = compile_all(jobs)
    assert result.clean, result.told


@pytest.mark.parametrize("number", range(len(MUTANTS)), ids=[name(mutant) for mutant in MUTANTS])
def test_the_traces_catch(mistaken: None, number: int) -> None:
    assert judged(observe(f"mutants/{number}/", MUTANTS[number].caught_by), whole=False)
