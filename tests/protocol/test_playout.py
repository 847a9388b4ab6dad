"""The playout traces are what the reference model says, and their judge sees what is wrong."""

from __future__ import annotations

import base64
import json
from array import array
from collections.abc import Callable
from typing import Any

import pytest

from protocol.playout.judge import Judge, judged
from protocol.playout.material import face, pcm, row, sample, weights
from protocol.playout.model import Listener
from protocol.playout.scenarios import SCENARIOS
from protocol.playout.scenarios.turns import in_a_row
from protocol.playout.traces import FOLDER, expected, joined

Seen = list[dict[str, Any]]


def perfect(trace: dict[str, Any]) -> Seen:
    """What a client without a fault observes: made from what the trace expects."""
    seen: Seen = []
    seq, last, interrupts = 0, -1000.0, []
    shown: tuple[float, ...] = (0.0, 0.0, 0.0)
    for step in trace["steps"]:
        if message := step.get("take"):
            seq = (
                0 if message.get("resumed") is False else max(seq, message.get("seq", 0) * (message["type"] != "x_new"))
            )
            continue
        if "stop" in step:
            interrupts.append(step["interrupt"])
            continue
        reports = [[turn, pts, seq] for turn, pts in step.get("finals", [])]
        if (step["playhead"][0] and step["at"] - last >= 200) or "at_once" in step:
            reports.append([*step["playhead"], seq])
            last = step["at"]
        if "face" in step:
            turn, frame, share = step["face"]
            pairs = zip(row(turn, frame), row(turn, frame + 1), strict=True)
            shown = weights(tuple(one + (other - one) * share for one, other in pairs))
        elif "idle" in step:
            shown = weights(row(0, step["idle"][1]))
        elif "rest" in step:
            shown = (0.0, 0.0, 0.0)
        seen.append(
            {
                "air": base64.b64encode(air(step.get("air", []))).decode(),
                "words": step.get("words", []),
                "cues": step.get("cues", []),
                "face": shown,
                "reports": reports,
                "interrupts": interrupts,
            }
        )
        interrupts = []
    return seen


def air(stretches: list[list[Any]]) -> bytes:
    heard = array("h")
    for turn, first, count, *gains in stretches:
        before, after = gains or (1, 1)
        for k in range(1, count + 1):
            gain = before + (after - before) * k / count
            heard.append(round(sample(turn, first + k - 1) * gain) if turn else 0)
    return heard.tobytes()


def trace(name: str) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return read


def test_the_files_are_what_the_model_says() -> None:
    found = {path.name: path.read_bytes() for path in FOLDER.glob("*.json")}
    assert found == expected(), "python -m protocol.playout --write, if the traces were meant to change"


def test_the_material_tells_where_it_belongs() -> None:
    heard = array("h", pcm(2, 100, 50))
    assert list(heard) == [sample(2, number) for number in range(100, 150)]
    for number in range(20_000):
        assert abs(sample(1, number + 1) - sample(1, number)) > 1000, "a sample early or late is seen"
        assert len({sample(turn, number) for turn in range(6)}) == 6
    assert face(1, 3, 2) == bytes([*row(1, 3), *row(1, 4)])
    assert weights((255, 0, 128)) == pytest.approx((1.0, 0.0, 0.0))


@pytest.mark.parametrize("name", [make.__name__ for make in SCENARIOS])
def test_the_judge_finds_nothing_wrong_with_what_is_expected(name: str) -> None:
    assert Judge(trace(name), blends=True).faults(perfect(trace(name))) == []


@pytest.mark.parametrize("name", [make.__name__ for make in SCENARIOS])
def test_every_pull_is_filled_and_nothing_plays_twice(name: str) -> None:
    heard: dict[int, int] = {}
    for step in trace(name)["steps"]:
        if "pull" in step:
            assert sum(stretch[2] for stretch in step["air"]) == step["pull"]
        if step.get("take", {}).get("resumed") is False:
            heard.clear()
        for turn, first, count, *_ in step.get("air", []):
            assert turn == 0 or heard.get(turn, first) == first, "a turn goes on where it was"
            heard[turn] = first + count


def change(index: int, **fields: Any) -> Callable[[Seen], None]:
    return lambda seen: seen[index].update(fields)


def louder(seen: Seen) -> None:
    heard = array("h", base64.b64decode(seen[5]["air"]))
    heard[100] ^= 1
    seen[5]["air"] = base64.b64encode(heard.tobytes()).decode()


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (louder, "sample 100 of the pull"),
        (change(5, air=base64.b64encode(bytes(200)).decode()), "100 samples instead of 480"),
        (change(0, air=base64.b64encode(b"\1\0" * 480).decode()), "not silence"),
        (change(3, words=["Hello,"]), "words"),
        (change(2, cues=[]), "cues"),
        (change(10, face=[0.5, 0.5, 0.0]), "of frame"),
        (change(0, face=[0.5, 0.0, 0.0]), "of rest"),
        (change(10, face=[]), "channels"),
        (change(5, reports=[[1, 4800, 99]]), "acknowledges 99"),
        (change(5, reports=[[1, 48_000, 8]]), "is told at 48000"),
        (change(5, reports=[[7, 0, 8]]), "of turn 7"),
        (change(2, reports=[[1, 1920, 8]]), "after the last"),
        (change(32, reports=[]), "no playhead says so"),
        (change(40, reports=[[1, 30_576, 13]]), "which is over"),
    ],
)
def test_the_judge_sees(spoil: Callable[[Seen], None], told: str) -> None:
    seen = perfect(trace("plain"))
    spoil(seen)
    faults = Judge(trace("plain"), blends=True).faults(seen)
    assert any(told in fault for fault in faults), faults


def test_the_judge_sees_that_a_stop_is_not_told() -> None:
    seen = perfect(trace("stopped"))
    for each in seen:
        each["interrupts"] = []
    faults = Judge(trace("stopped"), blends=True).faults(seen)
    assert len([fault for fault in faults if "interrupt is sent" in fault]) == 2


def test_the_judge_wants_every_step_of_every_trace() -> None:
    plain = trace("plain")
    lines = [json.dumps({"trace": "plain"}), *map(json.dumps, perfect(plain)[1:])]
    assert judged(lines, whole=False) == [f"plain: {len(lines) - 1} observations of {len(lines)} steps"]
    assert sum("was not run" in fault for fault in judged(lines)) == len(SCENARIOS) - 1


def test_a_remainder_may_die_away_where_the_sound_breaks_off() -> None:
    dry = trace("dry")
    seen = perfect(dry)
    held = next(index for index, step in enumerate(step for step in dry["steps"] if "take" not in step) if index == 5)
    last = array("h", base64.b64decode(seen[held - 1]["air"]))[-1]
    dying = array("h", (round(last * 0.96**k) if k < 200 else 0 for k in range(1, 481)))
    seen[held]["air"] = base64.b64encode(dying.tobytes()).decode()
    assert Judge(dry, blends=True).faults(seen) == []
    for wrong in (array("h", (round(last * 0.99**k) for k in range(1, 481))), array("h", (-value for value in dying))):
        seen[held]["air"] = base64.b64encode(wrong.tobytes()).decode()
        assert Judge(dry, blends=True).faults(seen)


@pytest.mark.parametrize("block", [1, 128, 479, 4096])
def test_how_much_is_pulled_at_once_changes_nothing_that_is_heard(block: int) -> None:
    heard = []
    for size in (480, block):
        listener = Listener(rate=24_000, fps=60, lead_ms=300)
        for step in in_a_row().schedule():
            if "take" in step:
                listener.take(step["take"], 0)
        pulls = [listener.pull(min(size, 9600 - at)) for at in range(0, 9600, size)]
        heard.append(
            (
                joined([run for pull in pulls for run in pull.air]),
                [word for pull in pulls for word in pull.words],
                [final for pull in pulls for final in pull.finals],
            )
        )
    assert heard[0] == heard[1]
