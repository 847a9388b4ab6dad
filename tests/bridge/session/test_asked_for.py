"""What only clients get that ask for it in `hello.features`: phones with the media, and how long a reply took."""

from __future__ import annotations

from itertools import pairwise

import pytest

from protocol import messages as m
from testkit.avatar import Avatar
from tests.bridge.scenario import AEC, Cast, Scenario, perform, replies


def conversation(*features: str) -> list[m.ServerMessage]:
    async def play(scenario: Scenario) -> None:
        scenario.type("hello")
        await scenario.at(5.0)

    hello = m.Hello(audio=AEC, features=features)
    cast = Cast(replies("One two three four.", first=0.25))
    scenario = perform(play, cast, hello=hello, avatar=Avatar())
    return [message for _, message in scenario.avatar.messages]


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


@pytest.mark.parametrize(("asked", "lead_ms"), [(None, 300), (100, 100), (1500, 1500)])
def test_media_runs_as_far_ahead_as_was_asked_for(asked: int | None, lead_ms: int) -> None:
    async def play(scenario: Scenario) -> None:
        scenario.type("hello")
        await scenario.at(6.0)

    hello = m.Hello(audio=m.HelloAudio(aec=True, lead_ms=asked))
    scenario = perform(play, Cast(replies("One two three four five six seven eight.")), hello=hello, avatar=Avatar())
    assert scenario.avatar.welcome is not None
    assert scenario.avatar.welcome.lead_ms == lead_ms
    media = [(at, message) for at, message in scenario.avatar.messages if isinstance(message, m.Media) and message.turn]
    first = media[0][0]
    ahead = [message.pts / 48 - 1000 * (at - first) for at, message in media if at > first]
    assert lead_ms - 50 <= max(ahead) <= lead_ms + 150
