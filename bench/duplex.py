"""What does the bridge add to a duplex model? `python -m bench.duplex [--rounds 20] [--sentences 8]`.

**Times.** A scripted Realtime server in a process of its own (it begins an answer 100 ms after it was asked, takes a
turn as over after 0.3 s of silence, and says its answer at once) is talked to directly, and through a bridge in a third
process, by a client with a microphone of 20 ms frames. From a typed line, and from the last frame of speech, to the
first sound; from the first frame of speech over an answer to its end: the server's own `speech_started` there, which is
when it knows, `interrupted` here.

**Lips.** On a virtual clock a session with the real face hears a scripted server that says our own sentences (the set
`REPORTED` of `bench.lips`) in flite's voice awb, whose sounds have known times; the reader is espeak-ng. The server
gives its sound in pieces of 80 ms: all at once, or no faster than life behind a beginning of so many seconds; its words
before their sound, along with it, or none. The frames that the client is shown are scored as `bench.lips` scores them,
from the answer's beginning on; r and the lag are those of the openness of the mouth. `aligned` is the share of the
frames whose source says so.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import json
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from statistics import median
from time import perf_counter
from typing import Any, Final, Literal, Protocol, TypeAlias

import numpy as np
from websockets.asyncio.client import ClientConnection
from websockets.asyncio.client import connect as dial

from bench.dialects import Companion
from bench.lips import score
from bench.lips.corpus import REPORTED
from bench.lips.methods import FPS, Shown
from bench.machine import runner, settle
from bench.process import CLIENT_CORE, serving
from bench.script import FRAME_S, LOUD, QUIET, SPEECH_FRAMES
from bench.stats import summarize, table
from bench.wire import Wire, connect
from bridge.metrics import Metrics
from bridge.session.companion import Companion as Person
from bridge.session.companion import Rules
from bridge.session.opening import Opening, Shared
from bridge.session.session import Session
from engines.api import MIC_RATE, Phrase, Speech, Stream, Voice
from engines.duplex.realtime.engine import RealtimeDuplex
from engines.face.engine import ArticulationFace
from engines.face.rigs import HEAD, NAMES
from engines.identity import load_identity, shipped
from engines.jobs import Engines
from engines.sound.audio import resample
from protocol import messages as m
from testkit.avatar import Avatar
from testkit.link import AvatarLink
from testkit.scripted.duplex import RATE, ScriptedServer
from testkit.scripted.engines import ScriptedDialogue
from testkit.virtual_time import run
from training.lips import espeak_voice, flite_voice
from training.lips.metrics import lips
from training.lips.takes import Take

REST_S: Final = 0.5
Words: TypeAlias = Literal["along", "before", "none"]
OVER_AFTER_S: Final = 0.8  # of an answer, before it is talked over
PATIENCE_S: Final = 15.0
PIECE_S: Final = 0.08  # of a model's sound
TYPED, SPOKEN, OVER = "typed line to first sound", "end of speech to first sound", "speech over an answer to its end"
VOICE: Final = "awb"
NOON: Final = datetime(2030, 1, 1, 12, tzinfo=UTC)


# -------------------------------------------------------------------------------------------------------- the times


class Line(Protocol):
    """A conversation, with the model or with the bridge."""

    def type(self) -> None:
        """Type a line that is to be answered."""
        ...

    def frame(self, number: int, *, loud: bool) -> None:
        """Send a frame of the microphone."""
        ...


@dataclass(slots=True)
class Heard:
    """What came: the instants of the first sound of an answer and of the end of one, and the times in ms."""

    sounds: asyncio.Event = field(default_factory=asyncio.Event)
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    at: float = 0.0
    times: dict[str, list[float]] = field(default_factory=dict)

    def sound(self) -> None:
        """Note that sound came."""
        if not self.sounds.is_set():
            self.at = perf_counter()
            self.sounds.set()

    def end(self) -> None:
        """Note that the answer is over."""
        if not self.ended.is_set():
            self.at = perf_counter()
            self.ended.set()


class Direct:
    """The model's own server."""

    def __init__(self, socket: ClientConnection, heard: Heard) -> None:
        self._socket, self._heard = socket, heard
        self._tasks: set[asyncio.Task[None]] = set()

    async def receive(self) -> None:
        """Take what comes."""
        async for data in self._socket:
            match json.loads(data)["type"]:
                case "response.output_audio.delta":
                    self._heard.sound()
                case "input_audio_buffer.speech_started":
                    self._heard.end()

    def type(self) -> None:
        """Type a line."""
        content = [{"type": "input_text", "text": "Go on."}]
        item = {"type": "message", "role": "user", "content": content}
        self._send({"type": "conversation.item.create", "event_id": "a", "item": item})
        self._send({"type": "response.create", "event_id": "b"})

    def frame(self, number: int, *, loud: bool) -> None:
        """Send a frame, at the model's rate."""
        pcm = resample(LOUD if loud else QUIET, MIC_RATE, RATE)
        audio = base64.b64encode(pcm).decode()
        self._send({"type": "input_audio_buffer.append", "event_id": "c", "audio": audio})

    def _send(self, event: dict[str, Any]) -> None:
        task = asyncio.create_task(self._socket.send(json.dumps(event)))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


class Bridged:
    """The bridge before it."""

    def __init__(self, heard: Heard) -> None:
        self._heard, self._dialect = heard, Companion()
        self._turn = 0
        self.wire: Wire | None = None

    def receive(self, payload: bytes) -> None:
        """Take what comes; sound of a turn that has gone by is none."""
        heard = self._dialect.read(payload)
        if heard.kind == "media" and heard.turn > self._turn and heard.pcm:
            self._turn = heard.turn
            self._heard.sound()
        elif heard.kind in ("interrupted", "end"):
            self._heard.end()

    def type(self) -> None:
        """Type a line."""
        assert self.wire is not None
        self.wire.send(self._dialect.text("Go on."))

    def frame(self, number: int, *, loud: bool) -> None:
        """Send a frame."""
        assert self.wire is not None
        self.wire.send(self._dialect.mic(number * len(LOUD) // 2, LOUD if loud else QUIET))


class Talker:
    """Somebody with a microphone who types, speaks, and talks over an answer, again and again."""

    def __init__(self, line: Line, heard: Heard) -> None:
        self._line, self._heard = line, heard
        self._loud = 0
        self._quiet_at = self._loud_at = 0.0

    async def microphone(self) -> None:
        """Send frames as they come."""
        loop = asyncio.get_running_loop()
        start, number = loop.time(), 0
        while True:
            await asyncio.sleep(max(0.0, start + number * FRAME_S - loop.time()))
            loud = self._loud > 0
            self._line.frame(number, loud=loud)
            number += 1
            self._loud -= loud
            if loud:
                self._quiet_at = perf_counter()
                self._loud_at = self._loud_at or self._quiet_at

    async def round(self) -> None:
        """Go through all three."""
        begun = perf_counter()
        self._listen()
        self._line.type()
        await self._until(self._heard.sounds)
        self._took(TYPED, begun)
        await asyncio.sleep(OVER_AFTER_S)
        self._listen()
        self._loud, self._loud_at = SPEECH_FRAMES, 0.0
        await self._until(self._heard.ended)
        self._took(OVER, self._loud_at)
        await self._until(self._heard.sounds)
        self._took(SPOKEN, self._quiet_at)
        await asyncio.sleep(OVER_AFTER_S)
        # So that the next round finds nobody speaking.
        self._listen()
        self._loud, self._loud_at = SPEECH_FRAMES, 0.0
        await self._until(self._heard.sounds)
        await asyncio.sleep(REST_S)

    def _listen(self) -> None:
        self._heard.sounds.clear()
        self._heard.ended.clear()

    def _took(self, what: str, since: float) -> None:
        self._heard.times.setdefault(what, []).append(1000 * (self._heard.at - since))

    async def _until(self, event: asyncio.Event) -> None:
        async with asyncio.timeout(PATIENCE_S):
            await event.wait()


async def talk(line: Line, heard: Heard, rounds: int) -> dict[str, list[float]]:
    """Talk for so many rounds; the first does not count."""
    talker = Talker(line, heard)
    await asyncio.sleep(REST_S)
    async with asyncio.TaskGroup() as tasks:
        ears = tasks.create_task(talker.microphone())
        for number in range(rounds + 1):
            await talker.round()
            if not number:
                heard.times.clear()
        ears.cancel()
    return heard.times


async def direct(port: int, rounds: int) -> dict[str, list[float]]:
    """Talk to the model's own server."""
    heard = Heard()
    async with dial(f"ws://127.0.0.1:{port}", compression=None) as socket:
        line = Direct(socket, heard)
        reading = asyncio.create_task(line.receive())
        try:
            return await talk(line, heard, rounds)
        finally:
            reading.cancel()


async def bridged(port: int, rounds: int) -> dict[str, list[float]]:
    """Talk to the bridge before it."""
    heard = Heard()
    line = Bridged(heard)
    line.wire = await connect(port, line.receive, subprotocol=Companion.subprotocol)
    line.wire.send(Companion().hello())
    try:
        return await talk(line, heard, rounds)
    finally:
        line.wire.close()


def timed(rounds: int) -> tuple[dict[str, list[float]], dict[str, list[float]]]:
    """Measure both."""
    with serving("peer") as peer, serving("duplex", BENCH_PEER=f"ws://127.0.0.1:{peer.port}") as bridge:
        settle(CLIENT_CORE)
        with runner() as loop:
            return loop.run(direct(peer.port, rounds)), loop.run(bridged(bridge.port, rounds))


# --------------------------------------------------------------------------------------------------------- the lips


class Recorded:
    """A take as a voice that says it word by word, in pieces."""

    def __init__(self, take: Take) -> None:
        pcm = resample(take.speech.pcm, take.speech.rate, RATE)
        starts = [word.start * RATE // take.speech.rate for word in take.speech.words]
        starts[0] = 0
        self._words = [pcm[2 * a : 2 * b] for a, b in zip(starts, [*starts[1:], len(pcm) // 2], strict=True)]

    def say(self, phrase: Phrase, at: int) -> Iterator[Speech]:
        """Yield word number `at`."""
        pcm, size = self._words[at], 2 * round(PIECE_S * RATE)
        for begin in range(0, len(pcm), size):
            yield Speech(pcm[begin : begin + size], RATE)


class Reader:
    """Reads phrases by espeak-ng, whose process knows no virtual clock: that stands still meanwhile."""

    name, rate = "reader", espeak_voice.RATE

    async def start(self) -> None:
        """Do nothing: it is ready."""

    async def close(self) -> None:
        """Do nothing."""

    async def speak(self, phrases: Stream[Phrase], voice: Voice) -> Stream[Speech]:
        """Yield a piece for each phrase."""
        async with aclosing(phrases):
            async for phrase in phrases:
                yield _reading(phrase.text)


@cache
def _reading(text: str) -> Speech:
    with ThreadPoolExecutor(1) as aside:
        (speech,) = aside.submit(espeak_voice.speeches, [text], "en-us").result()
    return speech


@dataclass(frozen=True, slots=True)
class Peer:
    """How a model gives its sound: seconds for each second of it, behind a beginning, and when its words come."""

    name: str
    pace: float
    lead: float
    words: Words = "before"


PEERS: Final = (
    Peer("all at once, words before", 0.0, 0.0),
    Peer("all at once, words along", 0.0, 0.0, "along"),
    Peer("life and 1 s, words before", 1.0, 1.0),
    Peer("life and 0.5 s, words before", 1.0, 0.5),
    Peer("life and 0.3 s, words before", 1.0, 0.3),
    Peer("life, words before", 1.0, 0.0),
    Peer("life and 1 s, words along", 1.0, 1.0, "along"),
    Peer("life, words along", 1.0, 0.0, "along"),
    Peer("life and 1 s, no words", 1.0, 1.0, "none"),
)


@dataclass(frozen=True, slots=True)
class Seen:
    """What a client was shown of one take: frames, how many of them were aligned, and how long sound was kept."""

    shown: Shown
    aligned: float
    kept: float


def seen(take: Take, peer: Peer) -> Seen:
    """Have a model say a take, and look at the client."""

    async def inline(work: Callable[..., Any], *arguments: Any) -> Any:
        return work(*arguments)

    async def main() -> tuple[Avatar, ScriptedServer]:
        server = ScriptedServer(take.text, words=peer.words, pace=peer.pace, lead=peer.lead, voice=Recorded(take))
        identity = load_identity(shipped()["teacher"])
        face = ArticulationFace()
        duplex = RealtimeDuplex(identity=identity, url="ws://model", dial=server.dial)
        engines = Engines(None, None, ScriptedDialogue(("no",)), Reader(), face, duplex=duplex)
        avatar = Avatar()
        rig = face.rig("arkit52", FPS)
        hello = m.Hello(audio=m.HelloAudio(aec=True))
        shared = Shared(Person(engines, "bench"), Rules(), Metrics(), clock=lambda: NOON, away=inline)
        session = Session(shared, Opening("s", "t", "w", "u", hello, rig, 1))
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(session.run())
            await session.started.wait()
            session.attach(AvatarLink(avatar, session.receive, delay=lambda: 0.0))
            await asyncio.sleep(1.0)
            session.receive(m.UserText(text="Go on."))
            await asyncio.sleep(take.seconds + 4.0)
            session.end(None)
        return avatar, server

    avatar, server = run(main())
    turn = avatar.turns[1]
    width = len(NAMES) + len(HEAD)
    rows = np.frombuffer(b"".join(turn.faces[n][1] for n in sorted(turn.faces)), np.uint8)
    frames = rows.reshape(-1, width)[:, : len(NAMES)] / 255.0
    media = [(at, message) for at, message in avatar.messages if isinstance(message, m.Media) and message.turn == 1]
    labelled = [message for _, message in media if message.face]
    laid = sum(len(each.face) for each in labelled if each.source == "aligned")
    # Sample n cannot be heard before it has come, nor before the samples before it.
    kept = max((at - server.came(each.pts / m.MEDIA_RATE) for at, each in media if each.pcm), default=0.0)
    return Seen(Shown(lips(frames, NAMES)), laid / max(1, sum(len(each.face) for each in labelled)), kept)


def looked(sentences: int) -> list[tuple[object, ...]]:
    """Return a row for each way of giving sound."""
    takes = [flite_voice.say(VOICE, text) for text in REPORTED[:sentences]]
    rows: list[tuple[object, ...]] = []
    for peer in PEERS:
        found = [seen(take, peer) for take in takes]
        scores = score.score(takes, [each.shown for each in found], FPS)
        aligned = f"{100 * float(np.mean([each.aligned for each in found])):.0f} %"
        kept = f"{1000 * max(each.kept for each in found):.0f}"
        rows.append(
            (
                peer.name,
                aligned,
                f"{scores.closures.f1:.3f}",
                f"{scores.correlation:.3f}",
                f"{scores.lag_ms:.1f}",
                kept,
            )
        )
    return rows


# ----------------------------------------------------------------------------------------------------------- to run


def report(floor: dict[str, list[float]], ours: dict[str, list[float]], rows: Sequence[tuple[object, ...]]) -> str:
    """Return the result as Markdown."""
    times = []
    for what, values in floor.items():
        there, here = summarize(values), summarize(ours[what])
        times.append((what, there.n, there.p50, there.worst, here.p50, here.worst, median(ours[what]) - median(values)))
    head = ("from ... to", "n", "model p50", "model max", "bridge p50", "bridge max", "added")
    lips_head = ("the model speaks", "aligned", "closures F1", "r", "lag ms", "kept ms")
    return (
        "ms; one conversation with the model itself, one through the bridge:\n\n"
        + table(head, times)
        + "\n\nLips (`kept` is the longest that sound which had come was kept before it went out, ms):\n\n"
        + table(lips_head, rows)
    )


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--sentences", type=int, default=8)
    arguments = parser.parse_args()
    rows = looked(arguments.sentences)
    floor, ours = timed(arguments.rounds)
    print(report(floor, ours, rows))


if __name__ == "__main__":
    main()
