"""What cannot be handed over whole goes another way: sockets under TLS, clients of another machine."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from bridge.fleet.abroad import Abroad
from bridge.fleet.place import Places
from bridge.server.server import Server
from bridge.session.companion import Companion
from bridge.setup.config import Config
from bridge.setup.sections import AuthSection, ServerSection
from testkit.scripted.engines import ScriptedTts
from tests.bridge.fleet.fleets import fleet
from tests.bridge.fleet.test_fleet import has, landing, resume
from tests.bridge.peers import JSON, MSGPACK, SECRET, peer, run, token
from tests.bridge.scenario import LONG, MOODS, NOON, Cast, replies

PCM = ScriptedTts(ms_per_word=200).pcm(LONG)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is not installed")
    folder = tmp_path_factory.mktemp("tls")
    cert, key = folder / "cert.pem", folder / "key.pem"
    make = [openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    name = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-days", "2"]
    subprocess.run([*make, "-keyout", str(key), "-out", str(cert), *name], check=True, capture_output=True)
    return cert, key


def test_under_tls_the_wrong_worker_passes_the_bytes_on_and_a_restart_asks_clients_back(
    certificate: tuple[Path, Path],
) -> None:
    cert, key = certificate
    context = ssl.create_default_context(cafile=str(cert))

    async def body() -> None:
        async with fleet(2, server={"tls_cert": str(cert), "tls_key": str(key)}) as own:
            options: dict[str, Any] = {"uri": f"wss://127.0.0.1:{own.port}/", "ssl": context}
            async with peer(own, **options) as lost:
                welcome = await lost.hello()
                await lost.send("text", text="count")
                for _ in range(3):
                    await lost.until("media")
                lost.socket.transport.abort()
            home = has(own, welcome["session"])
            async with landing(own, home, **options) as again:
                again.records = True
                assert (await again.hello(resume=resume(welcome, lost)))["resumed"] is True
                await again.until("state", state="idle")
                assert has(own, welcome["session"]) is home
                whole = lost.pcm(1) + again.pcm(1)
                assert await own.front.replace()
                assert (await again.closed())[0] in (1006, 1012)
            async with peer(own, **options) as back:
                assert (await back.hello(resume=resume(welcome, again)))["resumed"] is True
                back.records = True
                await back.send("text", text="go on")
                assert "answer two" in (await back.until("reply_end"))["text"]
            assert len(whole) > 0

    run(body)


@asynccontextmanager
async def place(name: str) -> AsyncIterator[tuple[Server, Abroad]]:
    """One bridge of several machines."""
    abroad = Abroad(Places(name, b"secret of all bridges"), "")
    config = Config(server=ServerSection(port=0), auth=AuthSection(secret=SECRET, required=True))
    companion = Companion(Cast(replies(LONG)).engines(), "Mira", emotions=MOODS)
    async with Server(config, companion, clock=lambda: NOON, neighbours=abroad) as server:
        yield server, abroad


@pytest.mark.parametrize("protocol", [MSGPACK, JSON])
def test_a_balancer_that_is_not_sticky_costs_nothing_but_a_way(protocol: str) -> None:
    async def body() -> None:
        async with place("one") as (one, _), place("two") as (two, abroad):
            abroad._peers = f"ws://127.0.0.1:{one.port}/?{{place}}"
            async with peer(one, protocol) as lost:
                welcome = await lost.hello(token=token())
                assert ".one." in welcome["session"]
                await lost.send("text", text="count")
                for _ in range(3):
                    await lost.until("media")
                lost.socket.transport.abort()
            headers = {"Authorization": f"Bearer {token()}"}
            async with peer(two, protocol, additional_headers=headers) as again:
                again.records = True
                assert (await again.hello(resume=resume(welcome, lost)))["resumed"] is True
                await again.until("reply_end")
                assert lost.pcm(1) + again.pcm(1) == PCM
                assert len(two.sessions) == 0
                await again.send("bye")
                assert await again.closed() == (1000, "bye")

    run(body)


def test_a_bridge_that_does_not_answer_means_a_new_session() -> None:
    async def body() -> None:
        async with place("two") as (two, abroad):
            gone = Places("one", b"secret of all bridges").name(bytes(6))
            abroad._peers = "ws://127.0.0.1:1/?{place}"
            async with peer(two) as client:
                wish = {"session": gone, "token": "t", "seq": 0}
                back = await client.hello(token=token(), resume=wish)
                assert (back["resumed"], back["reason"]) == (False, "session_expired")
                assert ".two." in back["session"]

    run(body)


def test_bridges_do_not_pass_a_client_round() -> None:
    async def body() -> None:
        async with place("one") as (one, first), place("two") as (two, second):
            first._peers, second._peers = (f"ws://127.0.0.1:{other.port}/?{{place}}" for other in (two, one))
            third = Places("three", b"secret of all bridges").name(bytes(6))
            async with peer(one) as client:
                back = await client.hello(token=token(), resume={"session": third, "token": "t", "seq": 0})
                assert back["resumed"] is False
                assert (len(one.sessions), len(two.sessions)) == (0, 1)

    run(body)
