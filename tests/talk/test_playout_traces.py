"""The reference client over the playout traces, and mistakes in it that they catch."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType

import pytest

from protocol.playout.judge import judged
from protocol.playout.scenarios import SCENARIOS
from protocol.playout.traces import FOLDER
from testkit.mutants import Mutant, name
from tests.talk.traces import Parts, observe

TALK = Path(__file__).parent.parent.parent / "talk"


def mutant(what: str, file: str, true: str, false: str, caught_by: str) -> Mutant:
    return Mutant(what, f"{file}.py", true, false, caught_by)


MUTANTS = (
    mutant("a frame late", "playout", "turn.frames[0][0] <= turn.shown", "turn.frames[0][0] < turn.shown", "plain"),
    mutant(
        "what was due at the end is lost",
        "playout",
        "            events.extend(turn.marks)",
        "            pass",
        "plain",
    ),
    mutant(
        "the playhead is what came",
        "playout",
        "self._turns[0].heard * TICKS // self.rate if self.turn else 0",
        "(self._turns[0].heard + self._turns[0].waiting) * TICKS // self.rate if self.turn else 0",
        "plain",
    ),
    mutant("a long way to rest", "resting", "EASE_S = 0.2 ", "EASE_S = 0.6 ", "plain"),
    mutant("seldom reported", "report", "EVERY_S = 0.2", "EVERY_S = 1.0", "plain"),
    mutant("reported all the time", "report", "EVERY_S = 0.2", "EVERY_S = 0.05", "plain"),
    mutant("a second cut fades anew", "playout", "if not self._fading:", "if True:", "stopped"),
    mutant("too low a threshold", "playout", "PRIME_S = 0.08", "PRIME_S = 0.06", "threshold"),
    mutant("a short reply waits", "playout", " or bool(turn.reason) or stalled", " or stalled", "threshold"),
    mutant("a stalled start waits on", "playout", "STALL_S = 0.25", "STALL_S = 0.5", "stall"),
    mutant("the threshold stays low", "playout", "self._prime * 3 // 2", "self._prime", "dry"),
    mutant("the threshold stays high", "playout", "self._prime * 9 // 10", "self._prime", "dry"),
    mutant("late words wait while it holds", "playout", "events.extend(self._marks(self._turns[0]))", "pass", "dry"),
    mutant("more asked for than is sent", "playout", "PRIME_MOST = 2 / 3", "PRIME_MOST = 1.0", "short_lead"),
    mutant("an interruption is not heeded", "playout", 'self.interrupt(message["turn"])', "pass", "interrupted"),
    mutant("words in the fade", "playout", "self._turns[0].marks.clear()", "pass", "interrupted"),
    mutant("cut without a fade", "playout", "round(FADE_S * self.rate)", "1", "interrupted"),
    mutant("the mouth stays open", "resting", "EASE_CUT_S = 0.1", "EASE_CUT_S = 0.5", "interrupted"),
    mutant(
        "a dropped turn is not reported",
        "playout",
        'self._later.append(Ended(gone.number, 0, True, "interrupted"))',
        "pass",
        "before_sound",
    ),
    mutant(
        "the fade waits for more",
        "playout",
        "if not (self._fading and turn.waiting):",
        "if not self._fading:",
        "cut_when_dry",
    ),
    mutant("not quiet enough", "playout", "DUCKED = 0.3", "DUCKED = 0.5", "overlap"),
    mutant("quiet too late", "playout", "RAMP_S = 0.02", "RAMP_S = 0.04", "overlap"),
    mutant(
        "loud after a hold",
        "playout",
        "self._gain = self._aim = DUCKED if self._ducked else 1.0",
        "self._gain = self._aim = 1.0",
        "overlap",
    ),
    mutant(
        "the next turn waits for a pull",
        "playout",
        "self._finish(events, cut=False)\n",
        "self._finish(events, cut=False)\n                air += bytes(2 * (samples - len(air) // 2))\n",
        "in_a_row",
    ),
    mutant("taken twice", "client", "(seq and seq <= self.seq)", "seq < 0", "resume"),
    mutant("silent after a resume", "report", "if self._resumed or (", "if (", "resume"),
    mutant(
        "a new session's turns are old",
        "playout",
        "self._dropped = self._fading = self._stalled = 0",
        "self._fading = self._stalled = 0",
        "new_session",
    ),
    mutant(
        "a new session begins ducked",
        "playout",
        "self._running = self._ducked = False",
        "self._running = False",
        "new_session",
    ),
    mutant(
        "old turns reported to a new session",
        "report",
        "case Ended() if event.reason != LOST:",
        "case Ended():",
        "new_session",
    ),
    mutant(
        "no face where none came",
        "playout",
        "            while turn.frames and",
        '            turn.row = b""\n            while turn.frames and',
        "shed",
    ),
    mutant(
        "a reply without media hangs",
        "playout",
        "bool(turn.reason) or stalled",
        "bool(turn.reason and turn.waiting) or stalled",
        "no_sound",
    ),
    mutant("always 24000", "playout", 'message["pts"] * self.rate // TICKS', 'message["pts"] // 2', "rate_8000_fps_30"),
    mutant(
        "always 60",
        "playout",
        "turn.shown * self.rate < turn.heard * self.fps",
        "turn.shown * self.rate < turn.heard * 60",
        "rate_16000_fps_25",
    ),
    mutant("frames by 60", "playout", '["face_pts"] * self.fps / TICKS', '["face_pts"] / 800', "rate_48000_fps_24"),
    mutant(
        "a frame for each two",
        "playout",
        "index >= turn.framed",
        "index >= turn.framed and index % 2 == 0",
        "rate_24000_fps_120",
    ),
    mutant("a viewer hears silence first", "playout", "if not turn.placed:", "if turn.number < 0:", "viewer"),
    mutant("gaps are skipped", "playout", "bytes(2 * max(0, at - due))", 'b""', "gaps"),
    mutant("repeats are heard", "playout", "[2 * max(0, due - at) :]", "[0:]", "gaps"),
    mutant("old life after a turn", "resting", "        self._idle.clear()\n", "", "idle"),
    mutant("a blink is held", "resting", "GONE_S = 0.25", "GONE_S = 9.0", "idle"),
    mutant("silent while the output stands", "report", "(turn and now", "(turn and events and now", "device"),
    mutant(
        "words in the order of arrival",
        "playout",
        'bisect_right(turn.marks, mark.pts, key=attrgetter("pts"))',
        "len(turn.marks)",
        "marks",
    ),
    mutant(
        "a word early",
        "playout",
        "turn.marks[0].pts * self.rate < turn.heard",
        "turn.marks[0].pts * self.rate <= turn.heard",
        "marks",
    ),
)


def test_the_reference_client_plays_every_trace() -> None:
    lines = [line for path in sorted(FOLDER.glob("*.json")) for line in observe(path)]
    assert judged(lines) == []


def module(mistake: Mutant, file: str, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """A module of the client by itself, with the mistake if it is of this file."""
    made = ModuleType(f"mutant_{file}")
    monkeypatch.setitem(sys.modules, made.__name__, made)  # dataclasses look their module up
    source = mistake.source(TALK) if mistake.file == f"{file}.py" else (TALK / f"{file}.py").read_text(encoding="utf-8")
    exec(compile(source, mistake.file, "exec"), made.__dict__)
    return made


@pytest.mark.parametrize("mistake", MUTANTS, ids=name)
def test_the_traces_catch(mistake: Mutant, monkeypatch: pytest.MonkeyPatch) -> None:
    playout = module(mistake, "playout", monkeypatch)
    playout.__dict__["Resting"] = module(mistake, "resting", monkeypatch).Resting
    report, client = (module(mistake, file, monkeypatch) for file in ("report", "client"))
    parts = Parts(client.Admission, playout.Playout, report.Reporter)
    assert judged(list(observe(FOLDER / f"{mistake.caught_by}.json", parts)), whole=False)


def test_every_trace_catches_a_mistake() -> None:
    assert {make.__name__ for make in SCENARIOS} == {mistake.caught_by for mistake in MUTANTS}
