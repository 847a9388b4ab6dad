"""What the output side asks: rates, a device that stands still, words and cues by their places, idle life."""

from __future__ import annotations

from protocol.playout.script import Script


def _rates(name: str, rate: int, fps: int) -> Script:
    s = Script(name, f"{rate} samples and {fps} frames a second: the same clock.", rate=rate, fps=fps)
    s.start(0, 1)
    s.word(0, 1, "Tick", 125)
    s.speech(0, 1, 0, 300)
    s.word(200, 1, "tock", 375)
    s.speech(200, 1, 300, 500)
    s.end(210, 1, 500)
    s.pulls(0, 900, samples=rate // 40)
    return s


def rate_8000_fps_30() -> Script:
    return _rates("rate_8000_fps_30", 8000, 30)


def rate_16000_fps_25() -> Script:
    return _rates("rate_16000_fps_25", 16_000, 25)


def rate_48000_fps_24() -> Script:
    return _rates("rate_48000_fps_24", 48_000, 24)


def rate_24000_fps_120() -> Script:
    return _rates("rate_24000_fps_120", 24_000, 120)


def device() -> Script:
    s = Script("device", "The output stands still, then pulls in bursts and odd sizes: samples are the only clock.")
    s.start(0, 1)
    s.word(0, 1, "Stand", 100)
    s.word(0, 1, "still", 300)
    s.speech(0, 1, 0, 300)
    s.pulls(0, 150, samples=128)
    s.ticks(150, 800)
    s.speech(400, 1, 300, 700)
    s.end(450, 1, 700)
    for at in (800, 850, 900, 950):
        s.pulls(at, at + 4, samples=300, every=1)
    s.pulls(1000, 1500, samples=1024, every=50)
    s.ticks(1500, 1700)
    return s


def marks() -> Script:
    s = Script("marks", "Words and cues are shown by their places, in whichever order they came.")
    s.start(0, 1)
    s.word(0, 1, "second", 200)
    s.cue(0, 1, "first", 40)
    s.word(0, 1, "fourth", 280)
    s.word(0, 1, "third", 200)
    s.cue(0, 1, "on_a_pull", 80)  # where a pull begins: with it, not with the one before
    s.speech(0, 1, 0, 300)
    s.take(50, "x_new", numbered=False, turn=1, text="unknown")
    s.end(60, 1, 300)
    s.word(70, 1, "after", 290)
    s.pulls(0, 500)
    return s


def idle() -> Script:
    s = Script("idle", "Idle life between turns, in order however it comes, gone when a turn plays and when it stops.")
    for index in range(14):
        s.idle(100 * index + (70 if index % 3 == 1 else 0), 6 * index)
    s.start(1400, 1)
    s.idle(1401, 84, 12)  # still waits when the turn begins
    s.speech(1402, 1, 0, 300)
    s.speech(1500, 1, 300, 500)
    s.end(1510, 1, 500)
    for index in range(25, 38):
        s.idle(100 * index, 6 * index)
    s.pulls(0, 5100)
    return s
