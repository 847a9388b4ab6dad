"""A face by address draws what it draws here, frame for frame, and no more speech waits there than may."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import Any

import pytest

from engines.api import EngineError, FaceBlock, FaceStyle, Failure, Phone, Rig, Speech, Stream
from engines.face.engine import ArticulationFace
from engines.face.remote import AHEAD_S, RemoteFace
from tests.engines.remote.test_remote import lent, run

RATE = 16_000
STYLE = FaceStyle(seed=3, origin=77, emotion="happy", intensity=0.5)


def spoken(count: int, *, phones: bool = True, samples: int = 4000) -> list[Speech]:
    made = (Phone("m", 0, samples // 2), Phone("ɑ", samples // 2, samples)) if phones else ()
    return [Speech(bytes(2 * samples), RATE, made, (), (), "exact" if phones else "audio") for _ in range(count)]


async def stream(pieces: list[Speech], taken: list[int] | None = None) -> Stream[Speech]:
    for piece in pieces:
        if taken is not None:
            taken.append(1)
        yield piece


async def shown(face: Any, pieces: list[Speech]) -> list[Speech | FaceBlock]:
    async with aclosing(face.animate(stream(pieces), STYLE)) as media:
        return [item async for item in media]


def far(address: str) -> RemoteFace:
    return RemoteFace(address=address, api_key="key")


@pytest.mark.parametrize("phones", [True, False])
def test_it_draws_what_it_draws_here(phones: bool) -> None:
    async def body() -> None:
        here = ArticulationFace()
        pieces = spoken(6, phones=phones)
        async with lent(face=here) as address:
            there = far(address)
            await there.start()
            assert there.name == "remote articulation"
            assert await shown(there, pieces) == await shown(here, pieces)
            assert there.idle(STYLE, 100, 9) == here.idle(STYLE, 100, 9)
            await there.close()

    run(body)


def test_speech_is_taken_as_it_is_shown_and_not_all_at_once() -> None:
    async def body() -> None:
        async with lent(face=ArticulationFace()) as address:
            there, taken = far(address), list[int]()
            count = int(AHEAD_S * RATE / 4000) * 4
            async with aclosing(there.animate(stream(spoken(count), taken), STYLE)) as media:
                await anext(media)
                for _ in range(200):
                    await asyncio.sleep(0)
                assert len(taken) <= count / 2
            await there.close()

    run(body)


def test_a_voice_that_fails_says_so_and_another_face_is_refused() -> None:
    async def failing() -> Stream[Speech]:
        for piece in spoken(2):
            yield piece
        raise EngineError("tts_failed", "the voice is gone")

    async def body() -> None:
        async with lent(face=ArticulationFace()) as address:
            there = far(address)
            with pytest.raises(EngineError) as caught:
                [item async for item in there.animate(failing(), STYLE)]
            assert caught.value.code == "tts_failed"
            await there.close()
        async with lent(face=Other()) as address:
            with pytest.raises(EngineError) as caught:
                await far(address).start()
            assert (caught.value.code, caught.value.kind) == ("face_failed", Failure.FOREIGN)

    run(body)


class Other:
    """A face with channels of its own."""

    name = "other"

    def rig(self, profile: str, fps: int) -> Rig:
        return Rig(profile, ("nose",), ((0.0, 1.0),))


class Careless:
    """A face that leaves speech out, or passes on what it was not given."""

    name = "careless"

    def __init__(self, extra: int) -> None:
        self.extra = extra

    async def animate(self, speech: Stream[Speech], style: FaceStyle) -> Stream[Speech | FaceBlock]:
        pieces = [piece async for piece in speech]
        for piece in pieces[: len(pieces) + min(0, self.extra)] + pieces[:1] * self.extra:
            yield piece


@pytest.mark.parametrize("extra", [-1, 1])
def test_a_face_that_does_not_keep_the_order_fails_the_turn(extra: int) -> None:
    async def body() -> None:
        async with lent(face=Careless(extra)) as address:
            there = far(address)
            with pytest.raises(EngineError) as caught:
                await shown(there, spoken(3))
            assert (caught.value.code, caught.value.kind) == ("face_failed", Failure.BROKEN)
            await there.close()

    run(body)
