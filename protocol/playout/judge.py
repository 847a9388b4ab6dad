"""Judges what a client made of a trace: the air sample by sample, words, cues, faces and playheads."""

from __future__ import annotations

import base64
import json
from array import array
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from protocol.playout.material import RANGES, row, sample, weights
from protocol.playout.traces import FOLDER

SHAPE: Final = 2  # a ducked or faded sample may differ by so much
CLICK_S: Final = 0.01  # silence may begin with so much of a dying remainder of the last sample
BYTE: Final = 0.75  # a weight may differ by so much of its channel's step
REPORT_MS: Final = (100, 500)  # from one playhead to the next


def judged(lines: Sequence[str], *, whole: bool = True) -> list[str]:
    """Judge observations of several traces, each begun by a line with its name; what is wrong, a sentence each.

    With `whole`, a trace that was not run is wrong too.
    """
    runs: list[tuple[Mapping[str, Any], list[Mapping[str, Any]]]] = []
    for line in filter(None, map(str.strip, lines)):
        entry = json.loads(line)
        if "trace" in entry:
            runs.append((entry, []))
        else:
            runs[-1][1].append(entry)
    faults = []
    for head, observed in runs:
        trace = json.loads((FOLDER / f"{head['trace']}.json").read_text(encoding="utf-8"))
        judge = Judge(trace, blends=head.get("blends", True))
        faults += [f"{trace['name']}: {fault}" for fault in judge.faults(observed)]
    missing = {path.stem for path in FOLDER.glob("*.json")} - {head["trace"] for head, _ in runs}
    return faults + [f"{name}: was not run" for name in sorted(missing) if whole]


class Judge:
    """One trace. `blends`: faces are blended between frames, not shown frame by frame."""

    def __init__(self, trace: Mapping[str, Any], *, blends: bool) -> None:
        self.trace, self.blends, self.rate = trace, blends, trace["rate"]
        self.last = 0  # sample that was heard last
        self.tail: list[int] = []  # of the remainder after it, as far as it has been heard
        self.idle = 0.0  # frame of idle life that was shown last

    def faults(self, observed: Sequence[Mapping[str, Any]]) -> list[str]:
        """Judge one observation for each step that is a pull or a tick."""
        steps = [step for step in self.trace["steps"] if "pull" in step or "tick" in step]
        if len(steps) != len(observed):
            return [f"{len(observed)} observations of {len(steps)} steps"]
        faults: list[str] = []
        for step, seen in zip(steps, observed, strict=True):
            told = [*self.air(step, seen), *self.shown(step, seen), *self.face(step, seen)]
            faults += [f"at {step['at']} ms: {fault}" for fault in told]
        sent = [*self.reports(observed), *self.interrupts(observed)]
        return faults + [f"at {at} ms: {fault}" for at, fault in sent]

    # ------------------------------------------------------------------------------------------------------ sound

    def air(self, step: Mapping[str, Any], seen: Mapping[str, Any]) -> Iterator[str]:
        if "pull" not in step:
            return
        heard = array("h", base64.b64decode(seen["air"]))
        if len(heard) != step["pull"]:
            yield f"{len(heard)} samples instead of {step['pull']}"
            return
        at = 0
        for turn, first, count, *gains in step["air"]:
            part = heard[at : at + count]
            at += count
            wrong = self.silence(part) if turn == 0 else self.sound(part, turn, first, *gains)
            if wrong is not None:
                what = "silence" if turn == 0 else f"sample {first + wrong} of turn {turn}"
                yield f"sample {at - count + wrong} of the pull is {part[wrong]}, not {what}"
                return

    def sound(self, part: Sequence[int], turn: int, first: int, before: float = 1, after: float = 1) -> int | None:
        self.tail = []
        self.last = part[-1]
        for index, heard in enumerate(part):
            gain = before + (after - before) * (index + 1) / len(part)
            if abs(heard - sample(turn, first + index) * gain) > (0 if before == after == 1 else SHAPE):
                return index
        return None

    def silence(self, part: Sequence[int]) -> int | None:
        for index, heard in enumerate(part):
            most = abs(self.tail[-1] if self.tail else self.last)
            if heard and (len(self.tail) >= CLICK_S * self.rate or abs(heard) > most or heard * self.last < 0):
                return index
            self.tail.append(heard)
        return None

    # ------------------------------------------------------------------------------------------- words, cues, face

    def shown(self, step: Mapping[str, Any], seen: Mapping[str, Any]) -> Iterator[str]:
        for name in ("words", "cues"):
            if list(seen.get(name, [])) != step.get(name, []):
                yield f"{name} {list(seen.get(name, []))} instead of {step.get(name, [])}"

    def face(self, step: Mapping[str, Any], seen: Mapping[str, Any]) -> Iterator[str]:
        shown = seen.get("face", ())
        if "face" in step:
            turn, frame, share = step["face"]
            yield from self.weights(shown, self.between(turn, frame, share), f"frame {frame} of turn {turn}")
        elif "rest" in step:
            yield from self.weights(shown, (0.0,) * len(RANGES), "rest")
        elif "idle" in step:
            first, last = step["idle"]
            low, high = RANGES[0]
            frame = (shown[0] - low) / (high - low) * 255
            if not first - BYTE <= frame <= last + BYTE:
                yield f"idle frame {frame:.2f}, not {first} to {last}"
            elif frame < self.idle - BYTE:
                yield f"idle frame {frame:.2f} after {self.idle:.2f}"
            self.idle = frame

    def between(self, turn: int, frame: int, share: float) -> tuple[float, ...]:
        if not self.blends:
            return weights(row(turn, frame))
        pairs = zip(row(turn, frame), row(turn, frame + 1), strict=True)
        return weights(tuple(one + (other - one) * share for one, other in pairs))

    def weights(self, shown: Sequence[float], wanted: Sequence[float], what: str) -> Iterator[str]:
        if len(shown) != len(wanted):
            yield f"{len(shown)} channels instead of {len(wanted)}"
            return
        for channel, (low, high) in enumerate(RANGES):
            if abs(shown[channel] - wanted[channel]) > BYTE * (high - low) / 255:
                yield f"channel {channel} is {shown[channel]:.4f}, not {wanted[channel]:.4f} of {what}"
                return

    # ---------------------------------------------------------------------------------------- what the server is told

    def interrupts(self, observed: Sequence[Mapping[str, Any]]) -> Iterator[tuple[float, str]]:
        seen, due = iter(observed), []
        for step in self.trace["steps"]:
            if "interrupt" in step:
                due.append(step["interrupt"])
            elif "take" not in step:
                told = [list(each) for each in next(seen).get("interrupts", [])]
                if told != due:
                    yield step["at"], f"interrupt is sent at {told} instead of {due}"
                due = []

    def reports(self, observed: Sequence[Mapping[str, Any]]) -> Iterator[tuple[float, str]]:
        seen = iter(observed)
        seq, place, on_air = 0, [0, 0], False
        waiting: set[int] = set()  # turns of which something came and nothing was heard
        over: set[int] = set()
        owed: list[list[int]] = []
        last: dict[int, float] = {}  # turn -> when it was reported
        began: dict[int, float] = {}  # turn -> when it was on air first
        for step in self.trace["steps"]:
            at = step["at"]
            if message := step.get("take"):
                if message["type"] == "welcome" and not message["resumed"]:
                    seq, place = 0, [0, 0]
                    waiting, over, last, began, owed = set(), set(), {}, {}, []
                elif message["type"] != "x_new" and message.get("seq", 0) > seq:
                    seq = message["seq"]
                    waiting |= {message["turn"]} - over
                continue
            if "stop" in step:
                continue
            before, place = place, step["playhead"]
            finals = step.get("finals", [])
            owed += finals
            turns = [run[0] for run in step.get("air", [[place[0] if on_air else 0]])]
            fresh = any(turns) and not (on_air and all(turns))
            on_air = turns[-1] != 0
            told = next(seen).get("reports", [])
            for index, (turn, pts, number) in enumerate(told, 1):
                if number != seq:
                    yield at, f"a playhead acknowledges {number}, {seq} is the last that came"
                final = [turn, pts] in owed and [turn, pts, number] not in told[index:]
                if final:
                    owed.remove([turn, pts])
                    over.add(turn)
                elif turn in over:
                    yield at, f"another playhead of turn {turn}, which is over"
                elif not (within(turn, pts, before, step) or (turn in waiting and pts == 0)):
                    yield at, f"the playhead is told at {pts} of turn {turn}, it is at {place[1]} of turn {place[0]}"
                elif turn and turn in last and at - last[turn] < REPORT_MS[0] and not (fresh or "at_once" in step):
                    yield at, f"a playhead {at - last[turn]:g} ms after the last"
                last[turn] = at
            yield from ((at, f"turn {turn} ended at {pts}, and no playhead says so") for turn, pts in owed)
            owed = []
            waiting -= {place[0], *(turn for turn, _ in finals)}
            since = max(last.get(place[0], 0), began.setdefault(place[0], at))
            if place[0] and at - since > REPORT_MS[1]:
                yield at, f"no playhead for {at - since:g} ms"
            if "at_once" in step and not told:
                yield at, "no playhead after the session was resumed"


def within(turn: int, pts: int, before: Sequence[int], step: Mapping[str, Any]) -> bool:
    """Whether the playhead, which was at `before`, was there in the course of a step."""
    place = step["playhead"]
    if turn == 0:
        return bool(place[0] == 0 and pts == 0)
    if turn == place[0]:
        return bool((before[1] if before[0] == turn else 0) <= pts <= place[1])
    return any(number == turn and pts <= end for number, end in step.get("finals", []))
