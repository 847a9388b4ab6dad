"""What is won by looking ahead, and what it costs: `python -m bench.ahead [--turns 400]`, on a virtual clock.

The same spoken turns are played against a real session: without looking ahead, with a judge of how finished the words
sound, with answers begun ahead, with both, and with a judge of the voice beside them, also one that is trusted as it
is. "Patient" leaves the floor to the user for 0.4 s instead of 0.25 s when nothing tells whether they have finished;
"brisk" does too, and 0.15 s of silence end an utterance instead of 0.3 s; "quick" leaves 0.5 s, and 0.1 s of silence
end an utterance. "Told" is the floor: two judges who know whether the user has finished. Everything around the session
is simulated, by dice that fall the same in each run: words of 0.28 s on average; in two turns of five a pause of 0.2 to
0.9 s in the middle; a recogniser whose partials come every 0.3 s, lag 0.25 s, have a wrong last word in one of five and
a different word in the final in one of twelve, and whose final comes 0.12 s after the audio's end; a language model
whose first word comes after 0.18 s (log-normal, sigma 0.35) and then one each 20 ms; a synthesizer that takes 0.08 s
for a phrase. The judge of the voice takes 15 ms; what it says follows the error rates that `bench.intonation` measured
with Smart Turn on synthetic voices (`bench/data/intonation.json`), one throw for each pause, by how long that has
lasted.

The wait is from the end of the user's last word to the first sound with its face. A turn counts as cut into when a
reply was begun before the user had said all of it, and as talked over when something of it was heard before. Decisions
are measured, and simulated engines; not speed.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Literal, assert_never

from bench.script import LOUD, QUIET
from bench.stats import summarize, table
from bridge.core.segmenter import Hysteresis
from bridge.core.turn_policy import Policy
from bridge.metrics import Metrics
from bridge.session.companion import Companion, Rules
from bridge.session.opening import Opening, Shared
from bridge.session.session import Session
from engines.api import Request, Stream, Transcript
from engines.hearing.endings.engine import WordsEnding
from engines.jobs import Ending, Engines, Intonation
from protocol.messages import Hello, HelloAudio, Mic, ReplyStart
from testkit.avatar import Avatar
from testkit.link import AvatarLink
from testkit.scripted.engines import ScriptedDialogue, ScriptedFace, ScriptedStt, ScriptedTts, ScriptedVad
from testkit.scripted.script import Script
from testkit.virtual_time import run

FRAME_S = 0.02
PLAIN = Policy(close_after=0.0, tries=0)
SHIPS = Policy()
QUICK = replace(SHIPS, endpoint_after=0.5, stable_after=0.05)
Judges = Literal["none", "words", "words and voice", "told"]
# The brisk and the quick are for a recogniser whose finals are quick.
MODES: dict[str, tuple[Rules, Judges]] = {
    "no": (Rules(policy=PLAIN), "none"),
    "how finished": (Rules(policy=replace(SHIPS, tries=0)), "words"),
    "begun ahead": (Rules(policy=replace(SHIPS, close_after=0.0)), "none"),
    "both (default)": (Rules(), "words"),
    "and the voice": (Rules(), "words and voice"),
    "voice, trusted": (Rules(policy=replace(SHIPS, voice_trust=1.0)), "words and voice"),
    "voice, patient": (Rules(policy=replace(SHIPS, endpoint_after=0.4)), "words and voice"),
    "both, patient": (Rules(policy=replace(SHIPS, endpoint_after=0.4)), "words"),
    "no, brisk": (
        Rules(policy=replace(PLAIN, endpoint_after=0.4), hysteresis=Hysteresis(stop_after=0.15)),
        "none",
    ),
    "both, brisk": (
        Rules(policy=replace(SHIPS, endpoint_after=0.4), hysteresis=Hysteresis(stop_after=0.15)),
        "words",
    ),
    "both, quick": (Rules(policy=QUICK, hysteresis=Hysteresis(stop_after=0.1)), "words"),
    "told (floor)": (Rules(policy=replace(SHIPS, voice_trust=1.0)), "told"),
}
DICE = Path(__file__).parent / "data" / "intonation.json"
SENTENCES = (
    "how far away is the moon",
    "show me the statue of the dancer",
    "I have never been to Paris",
    "could we take a break",
    "what happens when water freezes",
    "I forgot my keys at home and I need to call my sister",
    "is there a cafe nearby",
    "I would like to know who painted the picture with the boats",
    "please close the window because it is cold",
    "tell me about the oldest thing in this room",
    "my sister is a doctor and she lives in Rome",
    "read it to me again please",
    "the second one on the left looks broken",
    "how do magnets work",
    "can I touch it",
    "when I was young we went to the sea every summer",
    "I am looking for the way to the garden",
    "does it snow here in winter",
    "he told me that the museum closes at six",
    "let us talk about music",
    "what would you do if you had more time",
    "I think we should start with the easy part",
    "nobody knows where it came from",
    "what does this button do",
)


@dataclass(frozen=True, slots=True)
class Spoken:
    """One turn of the user: words with their begin and end in seconds, and what the recogniser makes of the last."""

    words: tuple[tuple[str, float, float], ...]
    misheard: str  # what the final has instead of the last word, "" if it is right
    slips: int  # which partials have a wrong last word: every `slips`th

    @property
    def end(self) -> float:
        """When the last word ends."""
        return self.words[-1][2]

    def loud(self, at: float) -> bool:
        """Return whether there is speech."""
        return any(begin <= at < end for _, begin, end in self.words)


def spoken(number: int) -> Spoken:
    """Turn `number`, the same in every run."""
    dice = random.Random(number)
    text = SENTENCES[number % len(SENTENCES)].split()
    pause_after = dice.randrange(1, len(text)) if dice.random() < 0.4 and len(text) > 3 else 0
    words, at = [], 1.0
    for n, word in enumerate(text):
        if n and n == pause_after:
            at += dice.uniform(0.2, 0.9)
        length = max(0.12, dice.gauss(0.28, 0.07))
        words.append((word, at, at + length))
        at += length
    return Spoken(tuple(words), "something" if dice.random() < 1 / 12 else "", dice.choice((5, 5, 5, 3, 9)))


class Ear(ScriptedStt):
    """Hears the words of the turn as time passes."""

    def __init__(self, turn: Spoken) -> None:
        super().__init__()
        self._turn = turn
        self._partials = 0

    async def transcribe(self, audio: Stream[bytes], language: str, names: Sequence[str] = ()) -> Stream[Transcript]:
        """Yield partials every 0.3 s that lag 0.25 s, and a final 0.12 s after the audio's end."""
        loop = asyncio.get_running_loop()
        begin = loop.time() - 0.4  # the pre-roll
        due, shown = loop.time() + 0.3, ""
        async with aclosing(audio):
            async for _ in audio:
                if loop.time() < due:
                    continue
                due += 0.3
                text = self._between(begin, loop.time() - 0.25, last=True)
                self._partials += 1
                if text and self._partials % self._turn.slips == 0:
                    text = f"{text} thing"
                if text != shown:
                    shown = text
                    yield Transcript(text, final=False)
        end = loop.time()
        await asyncio.sleep(0.12)
        yield Transcript(self._final(begin, end), final=True)

    def _between(self, begin: float, end: float, *, last: bool = False) -> str:
        return " ".join(
            word for word, start, stop in self._turn.words if start >= begin and (stop if last else start) <= end
        )

    def _final(self, begin: float, end: float) -> str:
        text = self._between(begin, end)
        whole = text.endswith(self._turn.words[-1][0])
        return f"{text} {self._turn.misheard}".strip() if whole and self._turn.misheard else text


class Voice(Script):
    """Hears whether the turn is over, as often rightly as Smart Turn did."""

    def __init__(self, turn: Spoken) -> None:
        super().__init__("stt_failed", None)
        self._turn = turn
        tables = json.loads(DICE.read_text(encoding="utf-8"))
        self._tables = {float(pause): quantiles for pause, quantiles in tables.items()}

    async def finished(self, sound: bytes) -> float:
        """Throw the dice of this pause."""
        now = asyncio.get_running_loop().time()
        await asyncio.sleep(0.015)
        said = [end for _, _, end in self._turn.words if end <= now]
        pause = now - said[-1] if said else 0.0
        nearest = min(self._tables, key=lambda length: abs(length - pause))
        quantiles = self._tables[nearest]["end" if len(said) == len(self._turn.words) else "cut"]
        thrown = random.Random(len(said) * 1009 + round(self._turn.end * 1e6)).random() * (len(quantiles) - 1)
        below = int(thrown)
        low, high = quantiles[below], quantiles[min(below + 1, len(quantiles) - 1)]
        return float(low + (high - low) * (thrown - below))


class Told(Script):
    """Knows whether the user has finished, by words and by voice."""

    def __init__(self, turn: Spoken) -> None:
        super().__init__("stt_failed", None)
        self._turn = turn

    async def likely(self, text: str, language: str) -> float:
        """Return 1.0 for the last words of the turn."""
        last = self._turn.words[-1][0]
        return float(text.endswith((last, self._turn.misheard or last)))

    async def finished(self, sound: bytes) -> float:
        """Return 1.0 once the last word was said."""
        return float(asyncio.get_running_loop().time() >= self._turn.end)


@dataclass(slots=True)
class Found:
    """What one way of listening came to."""

    waits: list[float] = field(default_factory=list)
    paused: list[float] = field(default_factory=list)  # those of turns with a pause
    cut_into: int = 0
    talked_over: int = 0
    outcomes: dict[str, int] = field(default_factory=dict)
    wasted: float = 0.0


def play(number: int, rules: Rules, judges: Judges, found: Found) -> None:
    """Play one turn, from silence to the first sound of its answer."""
    turn, dice = spoken(number), random.Random(-number - 1)
    ending, intonation = _judges(turn, judges)

    def first(_: Request) -> str:
        return "Well, that is a good question. Let me think about it."

    async def main() -> None:
        latency = dice.lognormvariate(-1.715, 0.35)  # median 0.18 s
        engines = Engines(
            ScriptedVad(),
            Ear(turn),
            ScriptedDialogue(first, first=latency, every=0.02),
            ScriptedTts(ms_per_word=200, delay=0.08),
            ScriptedFace(),
            ending=ending,
            intonation=intonation,
        )
        avatar, metrics = Avatar(), Metrics()
        rig = ScriptedFace().rig("arkit52", 60)
        session = Session(
            Shared(Companion(engines, "bench"), rules, metrics, lambda: datetime(2030, 1, 1, tzinfo=UTC)),
            Opening(name="s", token="t", watch="w", user="u", hello=Hello(audio=HelloAudio(aec=True)), rig=rig, seed=1),
        )
        loop = asyncio.get_running_loop()
        async with asyncio.TaskGroup() as group:
            group.create_task(session.run())
            await session.started.wait()
            session.attach(AvatarLink(avatar, session.receive, delay=lambda: 0.0))
            frames = round((turn.end + 4.0) / FRAME_S)
            for frame in range(frames):
                await asyncio.sleep((frame + 1) * FRAME_S - loop.time())
                loud = turn.loud(loop.time() - FRAME_S / 2)
                session.receive(Mic(pts=frame * len(LOUD) // 2, data=LOUD if loud else QUIET))
            session.end(None)
        _count(found, turn, avatar, metrics)

    run(main())


def _judges(turn: Spoken, judges: Judges) -> tuple[Ending | None, Intonation | None]:
    match judges:
        case "none":
            return None, None
        case "words":
            return WordsEnding(), None
        case "words and voice":
            return WordsEnding(), Voice(turn)
        case "told":
            return Told(turn), Told(turn)
        case _:
            assert_never(judges)


def _count(found: Found, turn: Spoken, avatar: Avatar, metrics: Metrics) -> None:
    begun = [at for at, message in avatar.messages if isinstance(message, ReplyStart)]
    sounded = [t.sound_at for t in avatar.turns.values() if t.sound_at is not None and t.sound_at >= turn.end]
    found.cut_into += any(at < turn.end for at in begun)
    found.talked_over += any(t.sound_at is not None and t.sound_at < turn.end for t in avatar.turns.values())
    if sounded:
        found.waits.append(sounded[0] - turn.end)
        if any(after - before > 0.1 for (_, _, before), (_, after, _) in pairwise(turn.words)):
            found.paused.append(sounded[0] - turn.end)
    for line in metrics.text().decode().splitlines():
        if line.startswith("companion_speculations_total"):
            outcome = line.split('"')[1]
            found.outcomes[outcome] = found.outcomes.get(outcome, 0) + int(float(line.split()[-1]))
        elif line.startswith("companion_speculation_wasted_seconds_total"):
            found.wasted += float(line.split()[-1])


def measure(turns: int) -> dict[str, Found]:
    """Measure every mode over the same turns."""
    results = {name: Found() for name in MODES}
    for number in range(turns):
        for name, (rules, judges) in MODES.items():
            play(number, rules, judges, results[name])
    return results


def report(results: dict[str, Found], turns: int) -> str:
    """Return the results as Markdown."""
    head = (
        "looks ahead",
        "p50 ms",
        "p95 ms",
        "p99 ms",
        "cut into",
        "talked over",
        "begun",
        "used",
        "withdrawn",
        "wasted s/turn",
    )
    rows: list[Sequence[object]] = []
    for name, found in results.items():
        spread, outcomes = summarize(ms * 1000 for ms in found.waits), found.outcomes
        begun, used = sum(outcomes.values()), outcomes.get("used", 0)
        waits = (f"{spread.p50:.0f}", f"{spread.p95:.0f}", f"{spread.p99:.0f}")
        shares = (f"{100 * share / turns:.1f} %" for share in (found.cut_into, found.talked_over))
        rows.append((name, *waits, *shares, begun, used, begun - used, found.wasted / turns))
    intro = f"{turns} spoken turns on a virtual clock; the wait is from the end of the last word to the first sound."
    return f"{intro}\n\n{table(head, rows)}"


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--turns", type=int, default=400, help="spoken turns (default: %(default)s)")
    turns = parser.parse_args().turns
    print(report(measure(turns), turns))


if __name__ == "__main__":
    main()
