"""What the bridge does when voices overlap: `python -m bench.overlap [--rounds 6] [--voice]`, on a virtual clock.

In the style of Full-Duplex-Bench (Lin et al. 2025): the user pauses in the middle of a phone number, ends a question,
interrupts a reply, says "mm-hm" over it, talks to somebody else, or a noise falls on the microphone. The sound is real
(flite, where it is installed; `bench.spoken`), and so are the voice detection (Silero), the judge of the words, with
`--voice` that of intonation (Smart Turn), and every decision. The recogniser is told the words as they are said: its
partials come every 0.3 s and lag 0.25 s, its final comes 0.12 s after the end. The dialogue's first word comes after
0.2 s. The client has echo cancellation, so the companion's own voice is not heard.

A takeover is a reply that is begun. What is right: none in the pause, one after the end; the reply stops for an
interruption and is answered, and goes on over a backchannel, side talk and noise. Nothing here tells voices apart:
side talk is expected to be taken for the user.
"""

from __future__ import annotations

import argparse
import asyncio
import random
from collections.abc import Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

import numpy as np

from bench.spoken import Take, by_flite
from bench.stats import table
from bridge.metrics import Metrics
from bridge.session.companion import Companion, Rules
from bridge.session.opening import Opening, Shared
from bridge.session.session import Session
from engines.api import MIC_RATE, Stream, Transcript
from engines.hearing.endings.engine import WordsEnding
from engines.hearing.silero import SileroVad
from engines.hearing.smart_turn.features import features
from engines.jobs import Engines, Intonation
from protocol.messages import Hello, HelloAudio, Interrupted, Mic, ReplyStart, UserText
from testkit.avatar import Avatar
from testkit.link import AvatarLink
from testkit.real.packages import SMART_TURN, folder
from testkit.scripted.engines import ScriptedDialogue, ScriptedFace, ScriptedStt, ScriptedTts
from testkit.scripted.script import Script
from testkit.virtual_time import run

Sound = np.ndarray[Any, np.dtype[np.float32]]

FRAME: Final = MIC_RATE // 50
FLOOR: Final = 0.001  # of full scale: the noise of a quiet room
REPLY: Final = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen."
QUESTIONS: Final = (
    "what time does the museum close",
    "who painted the picture with the boats",
    "can you tell me about the comet",
    "how far away is the moon",
    "where is the way to the garden",
    "do you like to travel",
)
NUMBERS: Final = (
    ("my number is five five five", "one two three four"),
    ("call me at zero seven nine", "four four one two two"),
    ("it is six one two", "nine eight zero three"),
)
INTERRUPTIONS: Final = ("no wait I meant the other one", "stop please that is enough", "sorry can I ask something else")
MURMURS: Final = ("mm-hm", "yeah", "right", "okay")
ASIDES: Final = (
    "did you feed the cat this morning",
    "the keys are on the kitchen table",
    "I will be there in a minute",
)


@dataclass(slots=True)
class Track:
    """What falls on the microphone, and the words of it with begin and end in seconds."""

    seconds: float
    sound: Sound = field(init=False)
    words: list[tuple[str, float, float]] = field(default_factory=list)

    def __post_init__(self) -> None:
        dice = np.random.default_rng(1)
        self.sound = (FLOOR * dice.standard_normal(round(self.seconds * MIC_RATE))).astype(np.float32)

    def say(self, take: Take, at: float, *, gain: float = 1.0) -> float:
        """Lay `take` over the track at `at` seconds; when it ends."""
        start = round(at * MIC_RATE)
        self.sound[start : start + take.sound.size] += gain * take.sound
        begin = at
        for word, end in zip(take.text.split(), take.ends, strict=False):
            self.words.append((word, begin, at + end / MIC_RATE))
            begin = at + end / MIC_RATE
        return at + take.sound.size / MIC_RATE

    def noise(self, at: float, seconds: float, *, gain: float, seed: int) -> None:
        """Lay a burst of noise over it: struck, and dying away."""
        count = round(seconds * MIC_RATE)
        shape = np.exp(-np.arange(count) / (0.3 * count)).astype(np.float32)
        burst = np.random.default_rng(seed).standard_normal(count).astype(np.float32)
        start = round(at * MIC_RATE)
        self.sound[start : start + count] += gain * shape * burst

    def frames(self) -> list[bytes]:
        """The microphone's frames."""
        pcm: bytes = (np.clip(self.sound, -1, 1) * 32767).astype("<i2").tobytes()
        return [pcm[n : n + 2 * FRAME] for n in range(0, len(pcm) - 2 * FRAME + 1, 2 * FRAME)]


class Ear(ScriptedStt):
    """Is told the words of the track as they are said."""

    def __init__(self, track: Track) -> None:
        super().__init__()
        self._track = track

    async def transcribe(self, audio: Stream[bytes], language: str, names: Sequence[str] = ()) -> Stream[Transcript]:
        """Partials every 0.3 s that lag 0.25 s, and the final 0.12 s after the end."""
        loop = asyncio.get_running_loop()
        begin, due, shown = loop.time() - 0.4, loop.time() + 0.3, ""
        async with aclosing(audio):
            async for _ in audio:
                if loop.time() < due:
                    continue
                due += 0.3
                text = self._between(begin, loop.time() - 0.25)
                if text != shown:
                    shown = text
                    yield Transcript(text, final=False)
        end = loop.time()
        await asyncio.sleep(0.12)
        yield Transcript(self._between(begin, end), final=True)

    def _between(self, begin: float, end: float) -> str:
        return " ".join(word for word, start, stop in self._track.words if start >= begin and stop <= end + 0.05)


class Tone(Script):
    """Smart Turn, run where it is asked, since a virtual clock knows no threads; it takes 15 ms."""

    def __init__(self) -> None:
        super().__init__("stt_failed", None)
        import onnxruntime

        model = folder(SMART_TURN) / "smart-turn-v3.2-cpu.onnx"
        self._session = onnxruntime.InferenceSession(str(model), providers=["CPUExecutionProvider"])

    async def finished(self, sound: bytes) -> float:
        """Judge the sound."""
        await asyncio.sleep(0.015)
        return float(self._session.run(None, {"input_features": features(sound)[None]})[0][0, 0])


@dataclass(frozen=True, slots=True)
class Seen:
    """What came of one track: instants of replies begun and cut, and of first sounds."""

    begun: tuple[float, ...]
    cut: tuple[float, ...]
    sounded: tuple[float, ...]
    faults: tuple[str, ...]


def play(track: Track, vad: SileroVad, tone: Intonation | None, *, asks: bool) -> Seen:
    """Play a track to a session; with `asks` the companion is made to speak first, by a typed question."""
    avatar = Avatar()

    async def main() -> None:
        engines = Engines(
            vad,
            Ear(track),
            ScriptedDialogue((REPLY,), first=0.2, every=0.02),
            ScriptedTts(ms_per_word=400, delay=0.08),
            ScriptedFace(),
            ending=WordsEnding(),
            intonation=tone,
        )
        rig = ScriptedFace().rig("arkit52", 60)
        hello = Hello(audio=HelloAudio(aec=True))
        shared = Shared(Companion(engines, "bench"), Rules(), Metrics(), lambda: datetime(2030, 1, 1, tzinfo=UTC))
        session = Session(shared, Opening(name="s", token="t", watch="w", user="u", hello=hello, rig=rig, seed=1))
        loop = asyncio.get_running_loop()
        async with asyncio.TaskGroup() as group:
            group.create_task(session.run())
            await session.started.wait()
            session.attach(AvatarLink(avatar, session.receive, delay=lambda: 0.0))
            if asks:
                session.receive(UserText(text="go on"))
            for number, frame in enumerate(track.frames()):
                await asyncio.sleep((number + 1) * FRAME / MIC_RATE - loop.time())
                session.receive(Mic(pts=number * FRAME, data=frame))
            session.end(None)

    run(main())
    messages = avatar.messages
    own = 1 if asks else 0  # the reply that was asked for by typing
    return Seen(
        tuple(at for at, x in messages if isinstance(x, ReplyStart) and x.turn > own),
        tuple(at for at, x in messages if isinstance(x, Interrupted)),
        tuple(turn.sound_at for turn in avatar.turns.values() if turn.id > own and turn.sound_at is not None),
        tuple(avatar.faults),
    )


@dataclass(slots=True)
class Tally:
    """One scenario: how often it went as it should, and the seconds that matter in it."""

    rounds: int = 0
    right: int = 0
    seconds: list[float] = field(default_factory=list)

    def count(self, right: bool, seconds: float | None = None) -> None:
        """Count one round."""
        self.rounds += 1
        self.right += right
        if seconds is not None:
            self.seconds.append(seconds)


def measure(rounds: int, *, voice: bool) -> dict[str, Tally]:
    """Every scenario, `rounds` times."""
    vad = SileroVad()
    asyncio.run(vad.start())
    tone = Tone() if voice else None
    said: dict[tuple[str, str], Take] = {}

    def take(voice: str, text: str) -> Take:
        return said.setdefault((voice, text), by_flite(voice, text))

    scenarios: dict[str, Callable[[int, Tally], None]] = {
        "pause in a phone number": lambda n, tally: _pause(n, tally, take, vad, tone),
        "end of a question": lambda n, tally: _question(n, tally, take, vad, tone),
        "interruption": lambda n, tally: _interruption(n, tally, take, vad, tone),
        "backchannel": lambda n, tally: _murmur(n, tally, take, vad, tone),
        "side talk, 12 dB below": lambda n, tally: _aside(n, tally, take, vad, tone),
        "noise": lambda n, tally: _noise(n, tally, vad, tone),
    }
    found = {name: Tally() for name in scenarios}
    for number in range(rounds):
        for name, scenario in scenarios.items():
            scenario(number, found[name])
    return found


Speak = Callable[[str, str], Take]
VOICES: Final = ("slt", "rms", "awb")


def _pause(number: int, tally: Tally, take: Speak, vad: SileroVad, tone: Intonation | None) -> None:
    voice, (first, second) = VOICES[number % 3], NUMBERS[number % len(NUMBERS)]
    track = Track(11.0)
    paused = track.say(take(voice, first), 1.0)
    end = track.say(take(voice, second), paused + random.Random(number).uniform(0.4, 0.9))
    seen = play(track, vad, tone, asks=False)
    early = any(at < end for at in seen.sounded)
    after = [at for at in seen.sounded if at >= end]
    tally.count(not early and bool(after), after[0] - end if after else None)


def _question(number: int, tally: Tally, take: Speak, vad: SileroVad, tone: Intonation | None) -> None:
    track = Track(7.0)
    end = track.say(take(VOICES[number % 3], QUESTIONS[number % len(QUESTIONS)]), 1.0)
    after = [at for at in play(track, vad, tone, asks=False).sounded if at >= end]
    tally.count(len(after) == 1, after[0] - end if after else None)


def _interruption(number: int, tally: Tally, take: Speak, vad: SileroVad, tone: Intonation | None) -> None:
    track, begin = Track(9.0), 2.5
    track.say(take(VOICES[number % 3], INTERRUPTIONS[number % len(INTERRUPTIONS)]), begin)
    seen = play(track, vad, tone, asks=True)
    cut = [at for at in seen.cut if at >= begin]
    tally.count(bool(cut) and len(seen.sounded) == 1, cut[0] - begin if cut else None)


def _murmur(number: int, tally: Tally, take: Speak, vad: SileroVad, tone: Intonation | None) -> None:
    track = Track(7.0)
    track.say(take(VOICES[number % 3], MURMURS[number % len(MURMURS)]), 2.5)
    tally.count(not play(track, vad, tone, asks=True).cut)


def _aside(number: int, tally: Tally, take: Speak, vad: SileroVad, tone: Intonation | None) -> None:
    track = Track(8.0)
    track.say(take(VOICES[(number + 1) % 3], ASIDES[number % len(ASIDES)]), 2.5, gain=0.25)
    tally.count(not play(track, vad, tone, asks=True).cut)


def _noise(number: int, tally: Tally, vad: SileroVad, tone: Intonation | None) -> None:
    track = Track(8.0)
    track.noise(2.5, (0.05, 0.4, 1.2)[number % 3], gain=(0.5, 0.2, 0.1)[number % 3], seed=number)
    seen = play(track, vad, tone, asks=True)
    tally.count(not seen.cut and not seen.begun)


def report(found: dict[str, dict[str, Tally]]) -> str:
    """The tallies as Markdown, a pair of columns for each way of judging."""
    head = ["scenario", "rounds"] + [f"{what}, {way}" for way in found for what in ("right", "seconds")]
    rows: list[Sequence[object]] = []
    for name in next(iter(found.values())):
        cells: list[object] = [name, next(iter(found.values()))[name].rounds]
        for tallies in found.values():
            tally = tallies[name]
            middle = sorted(tally.seconds)[len(tally.seconds) // 2] if tally.seconds else None
            cells += [f"{100 * tally.right / max(1, tally.rounds):.0f} %", "" if middle is None else f"{middle:.2f}"]
        rows.append(cells)
    return table(tuple(head), rows)


def main() -> None:
    """Play and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=6, help="rounds of each scenario (default: %(default)s)")
    parser.add_argument("--voice", action="store_true", help="with the judge of the voice beside that of the words")
    args = parser.parse_args()
    found = {"words": measure(args.rounds, voice=False)}
    if args.voice:
        found["words and voice"] = measure(args.rounds, voice=True)
    print(report(found))


if __name__ == "__main__":
    main()
