"""Looks at the lips of a session that a duplex model speaks for, by how that gives its sound."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any, Final, Literal, TypeAlias

import numpy as np

from bench.lips import score
from bench.lips.corpus import REPORTED
from bench.lips.methods import FPS, Shown
from bridge.metrics import Metrics
from bridge.session.companion import Companion as Person
from bridge.session.companion import Rules
from bridge.session.opening import Opening, Shared
from bridge.session.session import Session
from engines.api import Phrase, Speech, Stream, Voice
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

Words: TypeAlias = Literal["along", "before", "none"]
PIECE_S: Final = 0.08  # of a model's sound
VOICE: Final = "awb"
NOON: Final = datetime(2030, 1, 1, 12, tzinfo=UTC)


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
