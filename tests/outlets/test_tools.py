"""Tools that are driven over a socket, against programs that behave as they do; and the datagrams of the others."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engines.face.rigs import HEAD, NAMES
from outlets import vtube_studio
from outlets.address import Address, BadAddress, parse
from outlets.cast import Cast, Tokens, opened
from outlets.datagrams import Datagrams
from outlets.frame import REST, Frame
from outlets.obs import Obs, proof
from outlets.standing import Standing
from outlets.vmc import Performer
from testkit.broadcast import Broadcast
from testkit.live2d import Live2d
from testkit.patience import PATIENCE

OPEN = Frame(tuple(float(name == "jawOpen") for name in NAMES), 0.2)


def run(main: Callable[[], Coroutine[Any, Any, None]]) -> None:
    async def bounded() -> None:
        async with asyncio.timeout(PATIENCE):
            await main()

    asyncio.run(bounded())


def now() -> float:
    return asyncio.get_running_loop().time()


async def until(done: Callable[[], bool]) -> None:
    """Let the others work until something is so."""
    while not done():  # noqa: ASYNC110 - another program's doing
        await asyncio.sleep(0.002)


async def shown(cast: Cast, done: Callable[[], bool]) -> None:
    """Show a face until the program has it."""
    while not done():
        cast.show(OPEN, now())
        await asyncio.sleep(0.002)


@asynccontextmanager
async def driving(
    program: Live2d | Broadcast, options: str = "", *, tokens: Tokens | None = None
) -> AsyncIterator[Cast]:
    async with await program.listen() as server:
        port = next(iter(server.sockets)).getsockname()[1]
        secret = f":{program.password}@".replace(" ", "%20") if isinstance(program, Broadcast) else ""
        tool = "obs" if isinstance(program, Broadcast) else "vts"
        address = parse(f"{tool}://{secret}127.0.0.1:{port}{options}")
        async with opened([address], "Mira", {str(address): tokens} if tokens else {}) as cast:
            yield cast


# ------------------------------------------------------------------------------------------------ VTube Studio


def test_a_streamer_is_asked_once_and_the_model_opens_its_mouth() -> None:
    program, kept = Live2d(), list[str]()

    async def main() -> None:
        async with driving(program, tokens=Tokens("", kept.append)) as cast:
            await shown(cast, lambda: bool(program.values))
            cast.cue("happy", now())
            await until(lambda: program.triggered == ["h-1"])

    run(main)
    assert kept == ["token-0"]
    assert program.asked == 1
    assert program.errors == []
    first = program.values[0]
    assert (first["CBJawOpen"], first["MouthOpen"]) == (1.0, 1.0)
    assert first["FaceAngleX"] == pytest.approx(11.459, abs=0.001)
    assert first["EyeOpenLeft"] == 1.0
    assert "MouthX" not in first  # this version has none
    assert program.created["CBJawOpen"]["max"] == 1


@pytest.mark.parametrize(("token", "asked"), [("token-9", 0), ("forgotten", 1)])
def test_a_token_that_was_kept_asks_nobody_and_one_that_was_taken_back_asks_again(token: str, asked: int) -> None:
    program = Live2d(tokens={"token-9"})

    async def main() -> None:
        async with driving(program, tokens=Tokens(token, lambda _: None)) as cast:
            await shown(cast, lambda: bool(program.values))

    run(main)
    assert program.asked == asked


def test_a_streamer_who_says_no_is_asked_no_more() -> None:
    program = Live2d(allows=False)

    async def main() -> None:
        async with driving(program) as cast:
            await until(lambda: program.asked == 1)
            await until(lambda: all(line.state.name == "CLOSED" for line in program.lines))
            cast.show(OPEN, now())

    run(main)
    assert program.asked == 1
    assert program.values == []


def test_a_parameter_of_another_plugin_is_looked_at_again() -> None:
    program = Live2d(busy=frozenset({"MouthOpen"}))

    async def main() -> None:
        async with driving(program) as cast:
            await shown(cast, lambda: 454 in program.errors)
            program.busy = frozenset()
            await shown(cast, lambda: bool(program.values))

    run(main)


def test_a_program_that_goes_and_comes_back_is_found_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("outlets.sockets.FIRST_WAIT", 0.01)
    program = Live2d()

    async def main() -> None:
        async with driving(program) as cast:
            await shown(cast, lambda: bool(program.values))
            await program.lines[0].close()
            program.values.clear()
            await shown(cast, lambda: bool(program.values) and len(program.lines) == 2)

    run(main)
    assert program.asked == 1


def test_a_face_is_sent_at_its_rate_and_again_each_second() -> None:
    session = vtube_studio.VtubeStudio("t", fps=30)
    session.receive(json.dumps({"messageType": "AuthenticationResponse", "data": {"authenticated": True}}))
    listed = {"defaultParameters": [{"name": "MouthOpen"}], "customParameters": []}
    session.receive(json.dumps({"messageType": "InputParameterListResponse", "data": listed}))
    assert sum(session.face(OPEN, tick / 60) is not None for tick in range(60)) == 30
    # What is not sent for a second is dropped by the program, however little it changed.
    assert session.face(OPEN, 9.0) is not None


KINDS = ("APIError", "AuthenticationTokenResponse", "AuthenticationResponse", "HotkeysInCurrentModelResponse")
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9) | st.sampled_from(KINDS),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["messageType", "data", "errorID", "name", "authenticationToken", "availableHotkeys", "op", "d"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=8,
)


@given(st.text(max_size=200) | VALUES.map(json.dumps))
def test_any_answer_is_understood_or_skipped(text: str) -> None:
    session = vtube_studio.VtubeStudio()
    session.begin()
    session.receive(text)
    Obs().receive(text)


# --------------------------------------------------------------------------------------------------------- OBS


DO = "?text=Subtitles&do=happy:scene:Smile&do=wave:show:Main/Hand&do=lost:show:Main/Nothing"


@pytest.mark.parametrize("password", ["", "pass word"])
def test_subtitles_scenes_and_sources_follow_the_reply(password: str) -> None:
    program = Broadcast(password=password)

    async def main() -> None:
        async with driving(program, DO) as cast:
            await until(lambda: program.texts["Subtitles"] == [""])
            cast.begin()
            for word in ("Good", "morning."):
                cast.word(word, " ", now())
            for cue in ("Happy", "lost", "wave", "unknown"):
                cast.cue(cue, now())
            await until(lambda: bool(program.shown))
            cast.silence(now())
            await until(lambda: program.texts["Subtitles"][-1] == "")

    run(main)
    assert program.texts["Subtitles"] == ["", "Good", "Good morning.", ""]
    assert program.scene == "Smile"
    assert program.shown == [("Main", 7, True)]
    assert program.marks == ["Happy", "lost", "wave"]


def test_a_wrong_password_is_tried_again_later_and_harms_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("outlets.sockets.FIRST_WAIT", 0.01)
    monkeypatch.setattr("outlets.sockets.LONGEST_WAIT", 0.01)
    program = Broadcast(password="right")

    async def main() -> None:
        async with driving(program, "?text=Subtitles") as cast:
            await until(lambda: program.texts["Subtitles"] == [""])
            program.password = "changed"
            await program.lines[0].close()
            await until(lambda: len(program.lines) >= 3)
            cast.word("lost", " ", now())
            program.password = "right"
            await until(lambda: program.texts["Subtitles"] == ["", ""])

    run(main)


def test_the_proof_is_that_of_the_documentation() -> None:
    salt, challenge = "lM1GncleQOaCu9lT1yeUZhFYnqhsLLP1G5lAGo3ixaI=", "+IxH4CnCiqpX1rM9scsNynZzbOe4KhDeYcTNS3PDaeY="
    assert proof("supersecretpassword", salt, challenge) == "1Ct943GAT+6YQUUX47Ia/ncufilbe6+oD6lY+5kaCu4="


# --------------------------------------------------------------------------------------------------- datagrams


def ear() -> tuple[socket.socket, int]:
    listening = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    listening.bind(("127.0.0.1", 0))
    listening.settimeout(PATIENCE)
    return listening, listening.getsockname()[1]


def test_frames_arrive_at_their_rate_and_the_last_is_at_rest() -> None:
    listening, port = ear()
    with listening:
        outlet = Datagrams(parse(f"vmc://127.0.0.1:{port}?fps=30"), "Mira")
        performer, frames, read = Performer(), list[Frame](), 0
        for tick in range(61):
            outlet.face(OPEN, tick / 60) if tick < 60 else outlet.close(1.0)
            while read < outlet.sent:  # before the system's buffer is full
                frames += performer.take(listening.recv(2000))
                read += 1
    assert [frame["jawOpen"] for frame in frames] == [1.0] * 30 + [0.0]


@pytest.mark.parametrize("tool", ["livelink", "vmc", "ifacialmocap", "vrchat"])
def test_nobody_there_is_no_trouble(tool: str) -> None:
    listening, port = ear()
    listening.close()
    outlet = Datagrams(parse(f"{tool}://127.0.0.1:{port}"), "Mira")
    for tick in range(100):
        outlet.face(OPEN, tick / 60)
        outlet.words("word", tick / 60)
        outlet.cue("happy", tick / 60)
    outlet.close(2.0)
    assert outlet.sent + outlet.lost >= 100


def test_the_chat_box_is_not_flooded() -> None:
    listening, port = ear()
    with listening:
        outlet = Datagrams(parse(f"vrchat://127.0.0.1:{port}"), "Mira")
        for tick in range(300):
            outlet.words("word " * tick, tick / 60)
        assert outlet.sent == 4  # in five seconds
        outlet.close(5.0)


def test_an_unknown_host_is_looked_for_again_and_the_others_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("outlets.datagrams.FIRST_WAIT", 0.001)
    listening, port = ear()
    known = False

    async def main() -> None:
        nonlocal known
        loop = asyncio.get_running_loop()
        look = loop.getaddrinfo

        async def looking(host: str, *rest: Any, **more: Any) -> Any:
            if not known:
                raise socket.gaierror(-2, "Name or service not known")
            return await look("127.0.0.1", *rest, **more)

        monkeypatch.setattr(loop, "getaddrinfo", looking)
        addresses = [Address("vmc", "no-such-host.invalid", port), parse(f"vmc://127.0.0.1:{port}")]
        async with opened(addresses, "Mira", {}) as cast:
            far, near = cast.outlets
            await shown(cast, lambda: near.sent > 0 and "not found" in far.standing.why)
            assert [each.state for each in cast.standings()] == ["away", "works"]
            assert far.sent == 0
            known = True
            await shown(cast, lambda: far.sent > 0)
            assert [each.state for each in cast.standings()] == ["works", "works"]

    with listening:
        run(main)


def test_a_network_that_is_down_is_told_and_forgotten_when_it_is_back(monkeypatch: pytest.MonkeyPatch) -> None:
    listening, port = ear()
    with listening:
        outlet = Datagrams(parse(f"vmc://127.0.0.1:{port}?bones=no&clips=no"), "Mira")
        there = outlet._to
        outlet._to = ("255.255.255.255", 9)  # may not be sent to without asking the system for it
        outlet.face(OPEN, 0.0)
        assert outlet.standing.state == "away"
        assert "cannot be reached" in outlet.standing.why
        outlet._to = there
        outlet.face(OPEN, 1.0)
        assert outlet.standing == Standing("vmc", "works")
        outlet.close(2.0)


def test_how_a_tool_stands_is_told_while_it_waits_refuses_and_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("outlets.sockets.FIRST_WAIT", 0.01)

    async def main() -> None:
        async with driving(Live2d(allows=False)) as cast:
            await until(lambda: cast.standings()[0].state == "refused")
            assert "allow the plugin" in cast.standings()[0].why
        program = Broadcast(password="open sesame")
        async with await program.listen() as server:
            port = next(iter(server.sockets)).getsockname()[1]
            async with opened([parse(f"obs://:wrong@127.0.0.1:{port}")], "Mira", {}) as cast:
                await until(lambda: cast.standings()[0].state == "refused")
                assert "password" in cast.standings()[0].why
                assert "wrong" not in cast.standings()[0].why
            async with opened([parse(f"obs://:open%20sesame@127.0.0.1:{port}")], "Mira", {}) as cast:
                await until(lambda: cast.standings()[0].state == "works")
                server.close()
                await until(lambda: cast.standings()[0].state == "away")
                assert cast.standings()[0].why
                cast.word("Hello", "", now())

    run(main)


def test_a_tool_with_a_socket_is_not_sent_datagrams() -> None:
    with pytest.raises(BadAddress, match="UDP"):
        Datagrams(parse("obs://"), "Mira")


# ---------------------------------------------------------------------------------------------------- together


def test_all_of_them_show_the_same_face() -> None:
    listening, port = ear()
    sent = []

    async def main() -> None:
        addresses = [parse(f"vmc://127.0.0.1:{port}?clips=no&bones=no"), parse("vts://127.0.0.1:9")]
        async with opened(addresses, "Mira", {}) as cast:
            cast.wears([*NAMES, *HEAD])
            cast.face([*OPEN.weights, 0.2, 0.0, 0.0], now())
            with pytest.raises(ValueError, match="arkit52"):
                cast.wears(["aa"])
            cast.rest(now() + 1)
        sent.append(cast.outlets[0].sent)

    with listening:
        run(main)
        performer = Performer()
        frames = [frame for _ in range(sent[0]) for frame in performer.take(listening.recv(2000))]
    assert [frame["jawOpen"] for frame in frames] == [1.0, 0.0, 0.0]


def test_without_channels_nothing_is_shown() -> None:
    Cast([]).face([1.0], 0.0)
    assert REST["jawOpen"] == 0.0
