"""A lost socket is mended without a word lost or repeated; an end that is meant is an end."""

from __future__ import annotations

import asyncio

import pytest

from protocol import messages as wire
from talk.client import JSON, MSGPACK, Companion, CompanionError
from tests.talk.asking import Messages, ask, heard, seen, talking, until
from tests.talk.clock import run
from tests.talk.fake import Fake, face, sound


@pytest.mark.parametrize("subprotocol", [MSGPACK, JSON])
@pytest.mark.parametrize("after", [1, 2, 5, 13, 20])
def test_a_cut_socket_costs_no_sample_and_repeats_none(after: int, subprotocol: str) -> None:
    fake = Fake(sever_after=after)
    messages = run(ask(fake, subprotocol=subprotocol))
    assert fake.connections == 2
    assert heard(messages) == sound(1, 24_000)
    assert seen(messages) == face(1, 24_000)
    assert [message["resumed"] for message in messages if message["type"] == "welcome"] == [False, True]
    numbers = [message["seq"] for message in messages if message.get("seq") and message["type"] != "welcome"]
    assert numbers == sorted(set(numbers))
    resume = fake.of(wire.Hello)[1].resume
    assert (resume.session, resume.token) == ("s1", "secret")


def test_a_message_that_is_sent_twice_is_taken_once() -> None:
    async def main() -> Messages:
        fake = Fake()
        async with talking(fake) as companion:
            await companion.text("hello")
            first = await until(companion, "reply_end")
            for message in fake.outbox:
                assert fake.socket is not None
                await fake.socket.send(fake.encode(message))
            await companion.ping(1)
            return first + await until(companion, "pong")

    assert heard(run(main())) == sound(1, 24_000)


def test_what_is_said_while_the_socket_is_down_arrives_afterwards() -> None:
    async def main() -> list[str]:
        fake = Fake()
        async with talking(fake) as companion:
            await until(companion, "welcome")
            companion.sever()
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(companion.text("still here"))
                tasks.create_task(until(companion, "reply_end"))
        return [message.text for message in fake.of(wire.UserText)]

    assert run(main()) == ["still here"]


def test_a_lost_session_begins_afresh_and_says_so() -> None:
    async def main() -> tuple[Messages, int]:
        fake = Fake(forgets=True)
        async with talking(fake) as companion:
            await companion.text("one")
            await until(companion, "reply_end")
            fake.sever()
            again = await until(companion, "welcome")
            await companion.text("two")
            return again + await until(companion, "reply_end"), fake.sessions

    messages, sessions = run(main())
    assert (messages[0]["resumed"], messages[0]["reason"], sessions) == (False, "session_expired", 2)
    assert heard(messages) == sound(1, 24_000), "turns and seq count from 1 again"


def test_it_gives_up_when_the_session_is_gone_for_sure() -> None:
    async def main() -> tuple[str, float]:
        loop = asyncio.get_running_loop()
        fake = Fake(resume_s=20.0)
        async with fake.serving(), Companion.connect(fake.url) as companion:
            await until(companion, "welcome")
            lost = loop.time()
            fake.sever()
            fake.server.close()
            with pytest.raises(CompanionError) as caught:
                await until(companion, "pong")
            await companion.text("nobody hears this, and it does not hang")
            return caught.value.code, loop.time() - lost

    code, seconds = run(main())
    assert code == "connection_lost"
    assert 14.0 < seconds <= 20.0


def test_a_polite_farewell_says_when_to_come_back() -> None:
    async def main() -> CompanionError:
        fake = Fake()
        async with talking(fake) as companion:
            await until(companion, "welcome")
            await fake.send(wire.Error(code="going_away", message="we restart", retry_after_s=5.0))
            assert fake.socket is not None
            await fake.socket.close(1001, "going_away")
            assert (await until(companion, "error"))[-1]["code"] == "going_away"
            with pytest.raises(CompanionError) as caught:
                await until(companion, "pong")
            return caught.value

    error = run(main())
    assert (error.code, error.message, error.retry_after_s) == ("going_away", "we restart", 5.0)


@pytest.mark.parametrize(
    ("close", "code"),
    [((4032, "session_taken"), "session_taken"), ((4030, ""), "4030"), ((4090, "internal"), "internal")],
)
def test_a_close_with_a_verdict_is_final(close: tuple[int, str], code: str) -> None:
    async def main() -> tuple[str, int]:
        fake = Fake()
        async with talking(fake) as companion:
            await until(companion, "welcome")
            assert fake.socket is not None
            await fake.socket.close(*close)
            with pytest.raises(CompanionError) as caught:
                await until(companion, "pong")
        return caught.value.code, fake.connections

    assert run(main()) == (code, 1)


@pytest.mark.parametrize("close", [(4031, "slow_client"), (1009, ""), (1001, ""), (4999, "")])
def test_a_close_that_keeps_the_session_is_mended(close: tuple[int, str]) -> None:
    async def main() -> list[wire.Hello]:
        fake = Fake()
        async with talking(fake) as companion:
            await until(companion, "welcome")
            if close[1]:
                await fake.send(wire.Error(code=close[1], message="closed for a trial", fatal=True))
            assert fake.socket is not None
            await fake.socket.close(*close)
            assert (await until(companion, "welcome"))[-1]["resumed"]
        return fake.of(wire.Hello)

    hellos = run(main())
    assert [hello.resume is not None for hello in hellos] == [False, True]


def test_a_viewer_comes_back_as_a_viewer() -> None:
    async def main() -> list[wire.Hello]:
        fake = Fake(sessions=1)
        watch = {"session": "s1", "token": "secret", "seq": 0}
        async with talking(fake, role="viewer", watch=watch) as companion:
            await fake.speak()
            await until(companion, "reply_end")
            companion.sever()
            await until(companion, "welcome")
        return fake.of(wire.Hello)

    hellos = run(main())
    assert [hello.role for hello in hellos] == ["viewer", "viewer"]
    assert hellos[1].watch
    assert hellos[0].watch
    assert hellos[1].watch.seq > hellos[0].watch.seq == 0
    assert hellos[1].resume is None
