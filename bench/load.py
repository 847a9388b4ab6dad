"""Many voices at once, in a process of their own: `python -m bench.load PORT DIALECT SESSIONS TURNS [CORE [silent]]`.

Each session sends a microphone frame every 20 ms for the whole run, speaks for 0.8 s of every 4.5 s, reports its
playhead, and checks that every reply arrives whole. Sessions are evenly phased; the first turn of each is not counted.
With `silent` nobody speaks: microphones are open for as long, and no turn is counted.
Prints "begin" and "end" around the measured time, then one JSON object. It knows the server only by its port.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import sys
from dataclasses import asdict, dataclass, field
from time import perf_counter

from bench.dialects import Companion, Dialect, Floor, Heard
from bench.machine import runner, settle
from bench.script import CHANNELS, CYCLE_FRAMES, FRAME_S, LOUD, PERIOD_S, QUIET, REPLY_FRAMES, REPLY_PCM, SPEECH_FRAMES
from bench.wire import Wire, connect

PLAYHEAD_S = 0.2
TICKS = 48_000


@dataclass(slots=True)
class Turn:
    """One reply as it arrived; times by `perf_counter`, sizes in bytes."""

    spoke_at: float  # when the last frame of speech left
    id: int = 0
    first_at: float = 0.0  # when the first message with both sound and face came
    last_at: float = 0.0
    pcm: int = 0
    face: int = 0
    complete: bool = False
    gaps: int = 0


@dataclass(slots=True)
class Result:
    """What all sessions saw; `first_ms` from the last frame of speech to the first sound with a face."""

    sessions: int
    served: int
    refused: dict[str, int]
    measured_s: float = 0.0
    turns: int = 0
    unanswered: int = 0
    incomplete: int = 0
    gaps: int = 0
    strays: int = 0
    errors: dict[str, int] = field(default_factory=dict)
    closed: int = 0
    first_ms: list[float] = field(default_factory=list)
    sent_ms: list[float] = field(default_factory=list)  # from first to last media of a reply
    late_ms: list[float] = field(default_factory=list)  # how late this client's own frames left, every 50th
    pcm: int = 0
    face: int = 0
    bytes_in: int = 0
    bytes_out: int = 0


class Voice:
    """One session."""

    def __init__(self, dialect: Dialect, result: Result) -> None:
        self.admitted: asyncio.Future[str] = asyncio.get_running_loop().create_future()  # "" or why not
        self.turns: list[Turn] = []
        self.wire: Wire | None = None
        self.pcm = 0  # bytes received
        self.face = 0
        self._dialect, self._result = dialect, result
        self._loop = asyncio.get_running_loop()
        self._start, self._begun, self._frame, self._frames = 0.0, 0.0, 0, 0
        self._seq, self._expected, self._end = 0, 0, 0
        self._speech = SPEECH_FRAMES  # of each cycle
        self._playing: Turn | None = None

    async def open(self, port: int) -> str:
        """Connect and say hello; "" or the reason of a refusal."""
        self.wire = await connect(port, self._receive, subprotocol=self._dialect.subprotocol)
        hello = self._dialect.hello()
        if hello is None:
            return ""
        self.wire.send(hello)
        self.wire.closed.add_done_callback(lambda done: self._admit(f"close {done.result()[0]}"))
        async with asyncio.timeout(20):
            return await self.admitted

    def speak(self, at: float, turns: int, *, silent: bool = False) -> None:
        """Send frames from `at` on, `turns` times the cycle."""
        self._speech = 0 if silent else SPEECH_FRAMES
        self._start, self._frames = at, turns * CYCLE_FRAMES
        self._begun = perf_counter() + at - self._loop.time()
        self._loop.call_at(at, self._tick)

    def _tick(self) -> None:
        assert self.wire
        number, place = self._frame, self._frame % CYCLE_FRAMES
        now = perf_counter()
        if place == 0 and self._speech:
            self.turns.append(Turn(0.0))
            self._expected = 0
        self.wire.send(self._dialect.mic(number * 320, LOUD if place < self._speech else QUIET))
        if place == self._speech - 1:
            self.turns[-1].spoke_at = now
        if number % 50 == 0:
            self._result.late_ms.append((now - self._begun - number * FRAME_S) * 1000)
        self._frame += 1
        if self._frame < self._frames:
            self._loop.call_at(self._start + self._frame * FRAME_S, self._tick)

    def _receive(self, payload: bytes) -> None:
        heard = self._dialect.read(payload)
        self._seq = max(self._seq, heard.seq)
        match heard.kind:
            case "welcome":
                self._admit("")
            case "refused":
                self._admit(heard.note)
            case "media" if heard.turn:
                self._media(heard, perf_counter())
            case "end" if self.turns and heard.turn == self.turns[-1].id:
                self.turns[-1].complete = heard.note == "complete" and heard.pts == self._expected
                self._end = heard.pts
            case "other" if heard.note.startswith("error"):
                self._result.errors[heard.note] = self._result.errors.get(heard.note, 0) + 1

    def _media(self, heard: Heard, now: float) -> None:
        self.pcm, self.face = self.pcm + heard.pcm, self.face + heard.face
        turn = self.turns[-1] if self.turns else Turn(0.0)
        if turn.id == 0:
            turn.id, self._end = heard.turn, 0
        if heard.turn != turn.id:
            self._result.strays += 1
            return
        turn.gaps += heard.pts != self._expected
        self._expected = heard.pts + heard.pcm  # two bytes and two ticks a sample
        turn.pcm, turn.face, turn.last_at = turn.pcm + heard.pcm, turn.face + heard.face, now
        if not turn.first_at and heard.pcm and heard.face:
            turn.first_at, self._playing = now, turn
            self._loop.call_later(PLAYHEAD_S, self._report, turn)

    def _report(self, turn: Turn) -> None:
        pts = min(self._expected, round((perf_counter() - turn.first_at) * TICKS))
        message = self._dialect.playhead(turn.id, pts, self._seq)
        if message is None or turn is not self._playing or not self.wire:
            return
        self.wire.send(message)
        if not (turn.complete and pts == self._end):
            self._loop.call_later(PLAYHEAD_S, self._report, turn)

    def _admit(self, reason: str) -> None:
        if not self.admitted.done():
            self.admitted.set_result(reason)


async def load(
    port: int, dialect: type[Companion | Floor], sessions: int, turns: int, *, silent: bool = False
) -> Result:
    """Run `turns` turns of each of `sessions` voices against the server on `port`."""
    loop = asyncio.get_running_loop()
    result = Result(sessions, 0, {})
    voices: list[Voice] = []
    opened: list[Wire] = []
    for _ in range(sessions):
        voice = Voice(dialect(), result)
        reason = await voice.open(port)
        if voice.wire:
            opened.append(voice.wire)
        if reason:
            result.refused[reason] = result.refused.get(reason, 0) + 1
        else:
            voices.append(voice)
    result.served = len(voices)
    gc.collect()
    gc.freeze()
    gc.disable()
    start = loop.time() + 0.2
    for index, voice in enumerate(voices):
        voice.speak(start + index * PERIOD_S / len(voices), turns, silent=silent)
    await asyncio.sleep(start + PERIOD_S - loop.time())
    before = _traffic(voices)
    print("begin", flush=True)
    begun = loop.time()
    await asyncio.sleep(start + turns * PERIOD_S - loop.time())
    result.measured_s = loop.time() - begun
    result.bytes_in, result.bytes_out, result.pcm, result.face = (
        now - then for now, then in zip(_traffic(voices), before, strict=True)
    )
    print("end", flush=True)
    await asyncio.sleep(PERIOD_S + 0.5)
    _collect(voices, result)
    for wire in opened:
        wire.close()
    await asyncio.sleep(0.2)
    return result


def _traffic(voices: list[Voice]) -> tuple[int, int, int, int]:
    wires = [voice.wire for voice in voices if voice.wire]
    sound, face = sum(voice.pcm for voice in voices), sum(voice.face for voice in voices)
    return sum(wire.bytes_in for wire in wires), sum(wire.bytes_out for wire in wires), sound, face


def _collect(voices: list[Voice], result: Result) -> None:
    for voice in voices:
        result.closed += bool(voice.wire and voice.wire.closed.done())
        for turn in voice.turns[1:]:
            result.turns += 1
            result.gaps += turn.gaps
            if not turn.first_at:
                result.unanswered += 1
                continue
            whole = turn.complete and turn.pcm == REPLY_PCM and turn.face == REPLY_FRAMES * CHANNELS
            result.incomplete += not whole
            result.first_ms.append((turn.first_at - turn.spoke_at) * 1000)
            result.sent_ms.append((turn.last_at - turn.first_at) * 1000)


def main() -> None:
    """Run the process that `bench.turn` starts."""
    port, dialect, sessions, turns = int(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    settle(int(sys.argv[5]) if len(sys.argv) > 5 else 1)
    speaks = Companion if dialect == "companion" else Floor
    with runner() as loop:
        result = loop.run(load(port, speaks, sessions, turns, silent=sys.argv[6:] == ["silent"]))
    # Under PYTHONUNBUFFERED a print that is longer than what a pipe holds may be written in part.
    with os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8") as out:
        out.write(f"{json.dumps(asdict(result))}\n")


if __name__ == "__main__":
    main()
