"""How good is the Realtime endpoint for a stock client? `python -m bench.realtime [--sessions 10] [--rounds 6]`.

The `openai` package, as it is, talks over real sockets to a server in a process of its own with the scripted engines
of `bench.script`, in whose voice 140 ms of silence stand before the first word. Each session streams a microphone of
24 kHz all along. A round of a session: a typed line, `response.create`, the whole reply; a spoken line, the whole
reply; a reply that is talked over after a second and truncated; the answer to that, cancelled. Then, one session at a
time and in each format of sound, a reply with its face.

The face's offset: every frame of the scripted face holds its number n, and belongs to the sound n/60 s into the reply.
Where that sound is in what the client received is found by comparing the received samples around each change of word
with those that the voice made, at every shift; the offset is where the frame's `pts` puts it minus that. "Early" is how
long a frame was there before its sound would have been heard by a client that plays from the first `delta` on.

Every event is kept as it came, and validated afterwards, strictly, against the types of the package.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import json
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from openai import AsyncOpenAI
from openai.resources.realtime.realtime import AsyncRealtimeConnection

from bench.machine import runner, settle
from bench.process import CLIENT_CORE, serving
from bench.script import BARGE_IN_S, FPS, FRAME_S, IDEAL_S, LEAD_MS, MS_PER_WORD, REPLY, SPEECH_FRAMES, STOP_S
from bench.stats import Summary, summarize, table
from bridge.realtime.sound import expanded
from engines.sound.audio import resample
from testkit.schema import OURS, faults
from testkit.scripted.engines import ScriptedTts

RATE: Final = 24_000
TICKS: Final = 48_000
LOUD: Final = (8000 * np.sin(2 * np.pi * 250 * np.arange(RATE * FRAME_S) / RATE)).astype("<i2").tobytes()
QUIET: Final = bytes(len(LOUD))
FORMATS: Final = ("audio/pcm", "audio/pcmu", "audio/pcma")
OVER_AFTER_S: Final = 1.0  # of a reply, before it is talked over
REST_S: Final = 0.3  # to see what still comes
HALF_S, REACH_S = 0.040, 0.060  # around a change of words: what is compared, and how far it is moved
TALK_S: Final = 0.6  # of speech over a reply
PATIENCE_S: Final = 20.0

Shorts = npt.NDArray[np.int16]


@dataclass(slots=True)
class Findings:
    """What was measured: times in ms by what was timed, offsets and earliness by format, and the events."""

    times: dict[str, list[float]] = field(default_factory=dict)
    offsets: dict[str, list[float]] = field(default_factory=dict)
    early: dict[str, list[float]] = field(default_factory=dict)
    strays: int = 0  # sound or face of a response after its end
    log: list[bytes] = field(default_factory=list)

    def took(self, what: str, seconds: float) -> None:
        """Note a time."""
        self.times.setdefault(what, []).append(1000 * seconds)


class Client:
    """One connection of the stock package, read all the time."""

    def __init__(self, connection: AsyncRealtimeConnection, findings: Findings) -> None:
        self.connection = connection
        self.events: list[tuple[float, dict[str, Any]]] = []  # as they came, and when
        self.loud = 0  # frames of speech that are still to be sent
        self.silent_at = self.loud_at = 0.0  # when the last frame of speech was sent, and the first
        self._findings = findings
        self._came = asyncio.Event()
        self._read = 0
        self._done: set[str] = set()  # responses

    async def receive(self) -> None:
        """Take in whatever comes."""
        while True:
            data = await self.connection.recv_bytes()
            now = perf_counter()
            self._findings.log.append(data)
            event: dict[str, Any] = json.loads(data)
            kind = event["type"]
            if kind == "response.done":
                self._done.add(event["response"]["id"])
            elif kind.endswith(".delta") and event.get("response_id") in self._done:
                self._findings.strays += 1
            self.events.append((now, event))
            self._came.set()

    async def speak(self) -> None:
        """Send the microphone, 50 times a second."""
        loop = asyncio.get_running_loop()
        start, number, was = loop.time(), 0, False
        quiet, loud = (base64.b64encode(frame).decode() for frame in (QUIET, LOUD))
        while True:
            await asyncio.sleep(max(0.0, start + number * FRAME_S - loop.time()))
            number += 1
            await self.connection.input_audio_buffer.append(audio=loud if self.loud else quiet)
            if self.loud:
                self.silent_at = perf_counter()
                self.loud_at = self.loud_at if was else self.silent_at
            was = bool(self.loud)
            self.loud = max(0, self.loud - 1)

    async def until(self, kind: str) -> tuple[float, dict[str, Any]]:
        """Return the next event of this type, and when it came; skip what comes before."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                while self._read < len(self.events):
                    at, event = self.events[self._read]
                    self._read += 1
                    if event["type"] == kind:
                        return at, event
                self._came.clear()
                await self._came.wait()

    async def ask(self) -> float:
        """Type a line and ask for a response; return when."""
        content = [{"type": "input_text", "text": "Go on."}]
        item: Any = {"type": "message", "role": "user", "content": content}
        await self.connection.conversation.item.create(item=item)
        asked = perf_counter()
        await self.connection.response.create()
        return asked


@asynccontextmanager
async def connected(port: int, findings: Findings, form: str = "audio/pcm", *, face: bool) -> AsyncIterator[Client]:
    """Connect, and agree on a format of the companion's sound."""
    openai = AsyncOpenAI(api_key="none", base_url=f"http://127.0.0.1:{port}/v1", max_retries=0)
    query = {"companion_face": "arkit52"} if face else {}
    async with openai, openai.realtime.connect(model="gpt-realtime", extra_query=query) as connection:
        client = Client(connection, findings)
        reading = asyncio.create_task(client.receive())
        speaking = asyncio.create_task(client.speak())
        try:
            await client.until("session.created")
            output = {"format": {"type": form, "rate": RATE} if form == "audio/pcm" else {"type": form}}
            session: Any = {"type": "realtime", "audio": {"output": output}}
            await connection.session.update(session=session)
            await client.until("session.updated")
            yield client
        finally:
            reading.cancel()
            speaking.cancel()
            await asyncio.gather(reading, speaking, return_exceptions=True)


# -------------------------------------------------------------------------------------------------- what is timed


async def talk(port: int, rounds: int, delay: float, findings: Findings) -> None:
    """Hold one session."""
    await asyncio.sleep(delay)
    async with connected(port, findings, face=True) as client:
        for _ in range(rounds):
            await _round(client, findings)


async def _round(client: Client, findings: Findings) -> None:
    asked = await client.ask()
    at, _ = await client.until("response.output_audio.delta")
    findings.took("`response.create` to the first sound", at - asked)
    await client.until("response.done")
    await asyncio.sleep(REST_S)
    client.loud = SPEECH_FRAMES
    at, _ = await client.until("response.output_audio.delta")
    findings.took("end of speech to the first sound", at - client.silent_at)
    await client.until("response.done")
    await asyncio.sleep(REST_S)
    # It is talked over, and then truncated to what was heard.
    await client.ask()
    begun, delta = await client.until("response.output_audio.delta")
    await asyncio.sleep(OVER_AFTER_S)
    client.loud = round(TALK_S / FRAME_S)
    at, done = await client.until("response.done")
    assert done["response"]["status"] == "cancelled", "it was talked over"
    findings.took("speech over a response to its end", at - client.loud_at)
    heard = round(1000 * min(at - begun, OVER_AFTER_S))
    sent = perf_counter()
    await client.connection.conversation.item.truncate(item_id=delta["item_id"], content_index=0, audio_end_ms=heard)
    at, _ = await client.until("conversation.item.truncated")
    findings.took("`truncate` to `truncated`", at - sent)
    # The user is answered, and thinks better of it.
    await client.until("response.output_audio.delta")
    await asyncio.sleep(REST_S)
    sent = perf_counter()
    await client.connection.response.cancel()
    at, _ = await client.until("response.done")
    findings.took("`response.cancel` to `response.done`", at - sent)
    await asyncio.sleep(REST_S)


# ------------------------------------------------------------------------------------------------------- the face


async def look(port: int, form: str, findings: Findings) -> None:
    """Hear and see one reply in this format."""
    async with connected(port, findings, form, face=True) as client:
        (face,) = [e["session"]["companion_face"] for _, e in client.events if e["type"] == "session.updated"]
        since = len(client.events)
        await client.ask()
        await client.until("response.done")
        judge(client.events[since:], face["names"], form, findings)


def judge(events: Sequence[tuple[float, dict[str, Any]]], names: Sequence[str], form: str, findings: Findings) -> None:
    """Compare the clock of every frame with where its sound is."""
    low, high = names.index("jawOpen"), names.index("mouthClose")
    heard, shown, begun = b"", [], 0.0
    for at, event in events:
        match event["type"]:
            case "response.output_audio.delta":
                begun = begun or at
                heard += base64.b64decode(event["delta"])
            case "response.companion_face.delta":
                rows = np.frombuffer(base64.b64decode(event["delta"]), np.uint8).reshape(-1, len(names))
                numbers = rows[:, low] + 256 * rows[:, high].astype(int)
                shown += [(at, event["pts"] / TICKS + k / FPS, int(n)) for k, n in enumerate(numbers)]
    shifts = moved(_plain(heard, form), made())
    places = np.array(sorted(shifts))
    for at, due, number in shown:
        belongs = number / FPS
        nearest = float(places[np.abs(places - belongs).argmin()])
        findings.offsets.setdefault(form, []).append(1000 * (due - belongs - shifts[nearest]))
        findings.early.setdefault(form, []).append(1000 * (begun + due - at))


def made() -> Shorts:
    """Return the reply as the voice makes it."""
    return np.frombuffer(ScriptedTts(ms_per_word=MS_PER_WORD, lead_ms=LEAD_MS).pcm(REPLY), "<i2")


def _plain(heard: bytes, form: str) -> Shorts:
    if form == "audio/pcm":
        return np.frombuffer(heard, "<i2")
    eight = expanded(heard, "g711_ulaw" if form == "audio/pcmu" else "g711_alaw")
    return np.frombuffer(resample(eight, 8000, RATE), "<i2")


def moved(heard: Shorts, said: Shorts) -> dict[float, float]:
    """Return how much later than it was said each change of words is heard, in seconds, by where it was said."""
    half, reach = round(HALF_S * RATE), round(REACH_S * RATE)
    step, first = MS_PER_WORD * RATE // 1000, LEAD_MS * RATE // 1000
    found = {}
    padded = np.pad(heard.astype(float), (reach, reach + half))
    for change in range(first, len(said) - half, step):
        part = said[max(0, change - half) : change + half].astype(float)
        at = max(0, change - half)
        window = padded[at : at + len(part) + 2 * reach]
        if len(window) < len(part):
            break
        # The shift at which the squares of the differences are least.
        sums = np.concatenate(([0.0], np.cumsum(window**2)))
        differ = sums[len(part) :] - sums[: -len(part)] - 2 * np.correlate(window, part, "valid")
        found[change / RATE] = (int(differ.argmin()) - reach) / RATE
    return found


# ---------------------------------------------------------------------------------------------------------- to run


def measure(sessions: int, rounds: int) -> Findings:
    """Run the server and the sessions."""
    findings = Findings()

    async def all_of_them(port: int) -> None:
        async with asyncio.TaskGroup() as tasks:
            for index in range(sessions):
                tasks.create_task(talk(port, rounds, 1.5 * index / sessions, findings))
        for form in FORMATS:
            await look(port, form, findings)

    with serving("breathing") as server:
        settle(CLIENT_CORE)
        with runner() as loop:
            loop.run(all_of_them(server.port))
    return findings


def judged(log: Sequence[bytes]) -> tuple[Counter[str], Counter[str]]:
    """Return how many events there were of each type, and what is wrong with them by the published schema."""
    kinds: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    for data in log:
        event = json.loads(data)
        kinds[event["type"]] += 1
        wrong.update(_faults(event))
    return kinds, wrong


def _faults(event: dict[str, Any]) -> Iterator[str]:
    from pydantic import ValidationError

    try:
        yield from faults(event)
    except ValidationError as error:
        yield f"{event['type']}: {error.errors()[0]['msg']}"


def report(sessions: int, findings: Findings) -> str:
    """Return the result as Markdown."""
    times = [(what, *_row(summarize(values))) for what, values in findings.times.items()]
    faces = []
    for form, offsets in findings.offsets.items():
        spread = summarize(abs(offset) for offset in offsets)
        early = findings.early[form]
        late = sum(1 for each in early if each < 0)
        faces.append(
            (form, spread.n, f"{spread.p50:.3f}", f"{spread.p99:.3f}", f"{spread.worst:.3f}", min(early), late)
        )
    kinds, wrong = judged(findings.log)
    ours = sum(count for kind, count in kinds.items() if kind in OURS)
    said = "; ".join(f"{what} ({count})" for what, count in wrong.most_common(5))
    return (
        f"{sessions} sessions of the stock client; ms. The engines would let a server that costs nothing sound "
        f"{1000 * (IDEAL_S - STOP_S):.0f} ms after `response.create` and {1000 * IDEAL_S:.0f} ms after speech, and end "
        f"a response {1000 * BARGE_IN_S:.0f} ms after speech over it was found.\n\n"
        + table(("from ... to", "n", "p50", "p95", "p99", "max"), times)
        + f"\n\n{findings.strays} events of a response came after its end.\n\n"
        "The face's clock against the sound that it belongs to, one reply in each format (size of the offset, ms; a "
        f"frame takes {1000 / FPS:.1f}):\n\n"
        + table(("sound", "frames", "p50", "p99", "max", "least early", "late"), faces)
        + f"\n\nThe log: {sum(kinds.values())} events of {len(kinds)} types, {ours} of them the face's; "
        + (f"against the published schema: {said}." if said else "nothing is wrong by the published schema.")
    )


def _row(spread: Summary) -> tuple[object, ...]:
    return (spread.n, spread.p50, spread.p95, spread.p99, spread.worst)


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sessions", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=6)
    arguments = parser.parse_args()
    print(report(arguments.sessions, measure(arguments.sessions, arguments.rounds)))


if __name__ == "__main__":
    main()
