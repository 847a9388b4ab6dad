"""What only clients get that ask for it in `hello.features`: phones with the media, and how long a reply took."""

from __future__ import annotations

from itertools import pairwise

import pytest

from protocol import messages as m
from tests.avatar import Avatar
from tests.bridge.stage import AEC, Cast, Stage, perform, replies


def conversation(*features: str) -> list[m.ServerMessage]:
    async def play(stage: Stage) -> None:
        stage.type("hello")
        await stage.at(5.0)

    hello = m.Hello(audio=AEC, features=features)
    cast = Cast(replies("One two three four.", first=0.25))
    stage = perform(play, cast, hello=hello, avatar=Avatar())
    return [message for _, message in stage.avatar.messages]


def test_nothing_of_it_comes_unasked() -> None:
    told = conversation()
    assert all(not message.phones for message in told if isinstance(message, m.Media))
    assert all(message.timings is None for message in told if isinstance(message, m.StateChange))


def test_phones_cover_the_speech_and_begin_in_the_media_they_come_with() -> None:
    told = conversation("phones")
    media = [message for message in told if isinstance(message, m.Media) and message.turn]
    phones = [phone for message in media for phone in message.phones]
    assert len(phones) > 8
    assert all(a.end <= b.pts for a, b in pairwise(phones))
    assert all(phone.pts < phone.end for phone in phones)
    for message in media:
        end = message.pts + len(message.pcm)  # at 24000 Hz a byte is a tick
        assert all(message.pts <= phone.pts < end for phone in message.phones)
    words = [message for message in told if isinstance(message, m.WordText)]
    assert phones[0].pts == words[0].pts


def test_timings_come_once_a_turn_with_the_state() -> None:
    told = conversation("timings")
    timed = [message for message in told if isinstance(message, m.StateChange) and message.timings]
    assert [(message.state, message.turn) for message in timed] == [("speaking", 1)]
    timings = timed[0].timings
    assert timings is not None
    assert timings.first_token == pytest.approx(250.0, abs=1.0)
    assert timings.first_token <= timings.first_speech <= timings.first_media
