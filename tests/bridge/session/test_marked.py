"""The mark in a live reply: it is there, face and words are as without it, and silence is passed through."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from datetime import UTC, datetime

import numpy as np

from bridge.core.timeline import MediaPiece, Stamped
from bridge.session.patience import Limits
from bridge.session.reply import Progress, reply
from bridge.setup.config import Config
from bridge.setup.marking import marking
from engines.api import FaceStyle, Request, ToolResult
from engines.face.engine import ArticulationFace
from engines.identity import load_identity, shipped
from engines.jobs import Engines
from engines.provenance.audio.detect import detect
from engines.provenance.marking import payload_of
from engines.voices.espeak.engine import EspeakTts
from testkit.judge import troubles
from testkit.scripted.engines import ScriptedDialogue
from tests.bridge.scenario import Cast, Scenario, perform, replies

LINE = "A prism splits white light, because glass bends blue light more than red light. Newton saw that in a dark room."


async def spoken(*, marked: bool) -> list[Stamped]:
    async def no_tools(name: str, arguments: object) -> ToolResult:
        raise AssertionError(name)

    face, tts = ArticulationFace(), EspeakTts()
    engines = Engines(vad=None, stt=None, dialogue=ScriptedDialogue([LINE]), tts=tts, face=face)
    person = load_identity(shipped()["teacher"])
    making = marking(Config(), person) if marked else None
    request = Request("s", "user", (), "", "en-us", datetime(2026, 1, 1, tzinfo=UTC), {}, (), no_tools)
    rig = face.rig("arkit52", 60)
    made: list[Stamped] = []
    await tts.start()
    try:
        stream = reply(
            engines,
            request,
            style=FaceStyle("arkit52", 60),
            rate=24_000,
            channels=len(rig.names),
            emotions=frozenset(),
            limits=Limits(),
            progress=Progress(),
            mark=making(24_000).mark if making else None,
        )
        async with aclosing(stream):
            async for stamped in stream:
                made += stamped
    finally:
        await tts.close()
    return made


def test_a_reply_is_marked_and_all_else_of_it_is_the_same() -> None:
    plain, marked = (asyncio.run(spoken(marked=each)) for each in (False, True))
    assert len(plain) == len(marked)
    for one, other in zip(plain, marked, strict=True):
        if isinstance(one, MediaPiece) and isinstance(other, MediaPiece):
            assert (one.face, one.face_pts, one.pts, one.end, one.source) == (
                other.face, other.face_pts, other.pts, other.end, other.source,
            )  # fmt: skip
            assert len(one.pcm) == len(other.pcm)
        else:
            assert one == other
    sounds = [
        np.frombuffer(b"".join(item.pcm for item in made if isinstance(item, MediaPiece)), "<i2").astype(float)
        for made in (plain, marked)
    ]
    assert not detect(sounds[0], 24_000).marked
    found = detect(sounds[1], 24_000)
    assert (found.marked, found.payload) == (True, payload_of(load_identity(shipped()["teacher"]).id))
    difference = sounds[1] - sounds[0]
    assert 10 * np.log10((sounds[0] ** 2).sum() / (difference**2).sum()) > 28


class Turned:
    """Turns every sample over, and notes how long each part was."""

    def __init__(self) -> None:
        self.parts: list[int] = []

    def mark(self, pcm: bytes) -> bytes:
        self.parts.append(len(pcm) // 2)
        return (-np.frombuffer(pcm, "<i2")).astype("<i2").tobytes()


def test_a_session_marks_what_leaves_a_piece_at_a_time() -> None:
    made: list[Turned] = []

    def marking(rate: int) -> Turned:
        assert rate == 24_000
        made.append(Turned())
        return made[-1]

    async def typed(scenario: Scenario) -> None:
        await scenario.at(1.0)
        scenario.type("tell me")
        await scenario.at(9.0)

    plain = perform(typed, Cast(replies("One two three four. Five six."))).avatar
    avatar = perform(typed, Cast(replies("One two three four. Five six."), marking=marking)).avatar
    assert troubles(avatar) == []
    sound = np.frombuffer(bytes(plain.turns[1].pcm), "<i2")
    assert bytes(avatar.turns[1].pcm) == (-sound).astype("<i2").tobytes()
    assert avatar.turns[1].faces == plain.turns[1].faces
    (only,) = made
    assert sum(only.parts) == len(sound)
    assert max(only.parts) <= 2400  # a tenth of a second
