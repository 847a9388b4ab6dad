"""The JavaScript client over the playout traces, and mistakes in it that they catch."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from protocol.playout.judge import judged
from protocol.playout.traces import FOLDER
from testkit.mutants import Mutant, name

HERE = Path(__file__).parent
CLIENT = HERE.parent.parent / "bridge" / "web" / "client"
NODE = shutil.which("node") or ""

MUTANTS = (
    Mutant("a frame late", "timeline.js", "Math.floor(position), rows", "Math.floor(position) - 1, rows", "plain"),
    Mutant(
        "no blending", "timeline.js", "this.blend(rows[index], next,", "this.blend(rows[index], undefined,", "plain"
    ),
    Mutant("seldom reported", "reporter.js", "EVERY_MS = 200", "EVERY_MS = 1000", "plain"),
    Mutant("an end is not reported", "reporter.js", "      told.push({ turn, pts });\n", "", "before_sound"),
    Mutant("too low a threshold", "playout.js", "PRIME_S = 0.08", "PRIME_S = 0.06", "threshold"),
    Mutant("a stalled start waits on", "playout.js", "STALL_S = 0.25", "STALL_S = 0.5", "stall"),
    Mutant("the threshold stays low", "playout.js", "(this.prime * 3) / 2", "this.prime", "dry"),
    Mutant("words while it holds", "timeline.js", "this.marks(due, this.now.running)", "this.marks(due, true)", "dry"),
    Mutant("the playhead runs on", "timeline.js", 'point.kind === "run" ? Math.max', "point.turn ? Math.max", "stall"),
    Mutant("words in the fade", "timeline.js", "if (each <= number) turn.marks.length = 0", "each", "interrupted"),
    Mutant("no fade", "playout.js", "Math.round(FADE_S * this.rate)", "1", "interrupted"),
    Mutant("an interruption is not heeded", "playout.js", "this.interrupt(message.turn)", "", "interrupted"),
    Mutant("the fade waits for more", "playout.js", "!this.fading || !turn.waiting", "!this.fading", "cut_when_dry"),
    Mutant("not quiet enough", "playout.js", "DUCKED = 0.3", "DUCKED = 0.5", "overlap"),
    Mutant(
        "loud after a hold",
        "playout.js",
        "this.aim = this.ducked ? DUCKED : 1;\n      this.tell",
        "this.aim = 1;\n      this.tell",
        "overlap",
    ),
    Mutant("taken twice", "session.js", "if (seq && seq <= this.seq) return false;", "", "resume"),
    Mutant("silent after a resume", "reporter.js", "this.atOnce = true", "this.atOnce = false", "resume"),
    Mutant(
        "a new session's turns are old",
        "session.js",
        "this.seq = this.turn = this.cut = 0;\n    this.welcome",
        "this.welcome",
        "new_session",
    ),
    Mutant("no face where none came", "timeline.js", "while (index > 0 && !rows[index]) index -= 1;", "", "shed"),
    Mutant("always 60", "timeline.js", "this.fps = face?.fps ?? 60", "this.fps = 60", "rate_16000_fps_25"),
    Mutant("a viewer hears silence first", "playout.js", "this.turn(number, at)", "this.turn(number, 0)", "viewer"),
    Mutant(
        "gaps are skipped",
        "playout.js",
        "if (at > due) this.append(turn, new Int16Array(at - due), when - (at - due));",
        "",
        "gaps",
    ),
    Mutant("idle life late", "timeline.js", "IDLE_LATE_MS = 150", "IDLE_LATE_MS = 700", "idle"),
    Mutant("a blink is held", "timeline.js", "IDLE_GONE_MS = 250", "IDLE_GONE_MS = 9000", "idle"),
    Mutant(
        "words in the order of arrival",
        "timeline.js",
        "let at = marks.length;\n  while (at > 0 &&",
        "let at = marks.length;\n  while (at < 0 &&",
        "marks",
    ),
)


def observe(client: Path, *traces: Path) -> list[str]:
    """Run the client of a folder over traces; lines for the judge."""
    if not NODE and os.environ.get("CI") == "true":
        pytest.fail("node is not installed, and CI leaves nothing out")
    if not NODE:
        pytest.skip("node is not installed")
    command = [NODE, str(HERE / "playout_traces.mjs"), str(client), *map(str, traces)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_the_javascript_client_plays_every_trace() -> None:
    assert judged(observe(CLIENT, *sorted(FOLDER.glob("*.json")))) == []


@pytest.mark.parametrize("mistake", MUTANTS, ids=name)
def test_the_traces_catch(mistake: Mutant, tmp_path: Path) -> None:
    for path in CLIENT.glob("*.js"):
        shutil.copy(path, tmp_path)
    (tmp_path / "package.json").write_text('{"type": "module"}', encoding="utf-8")
    (tmp_path / mistake.file).write_text(mistake.source(CLIENT), encoding="utf-8")
    assert judged(observe(tmp_path, FOLDER / f"{mistake.caught_by}.json"), whole=False)
