"""Connections that never say hello, on real sockets: good clients come in beside them."""

from __future__ import annotations

import asyncio
import resource
import shutil
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager, suppress
from pathlib import Path

import pytest

from testkit.frames import BINARY, frame, message
from tests.bridge.peers import SECRET, peer, run, serving, token
from tests.bridge.server.wire import raw

FEW = {"handshakes": 12, "handshakes_per_address": 8}
HALF_A_REQUEST = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: "


@contextmanager
def descriptors(most: int) -> Iterator[None]:
    """At most so many files for this process."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(soft, most), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_who_waits_longest_without_a_hello_makes_room() -> None:
    async def body() -> None:
        async with serving(limits=FEW) as server, AsyncExitStack() as stack:
            crowd = [await stack.enter_async_context(raw(server)) for _ in range(20)]
            for silent in crowd[:12]:
                assert await silent.gone() == b""
            async with peer(server) as client:
                await client.hello()
            # One more has gone for the good client's sake; the rest still wait.
            await crowd[-1].upgrade()
            assert b'companion_refused_total{code="crowded"} 13.0' in server.metrics.text()

    run(body)


@pytest.mark.parametrize("said", [b"", b"G", HALF_A_REQUEST], ids=["silent", "a byte", "half a request"])
def test_good_clients_come_in_beside_a_crowd_that_says_nothing(said: bytes) -> None:
    async def body() -> None:
        async with serving(limits=FEW) as server, AsyncExitStack() as stack:
            for _ in range(40):
                silent = await stack.enter_async_context(raw(server))
                with suppress(ConnectionError):
                    await silent.send(said)
            for _ in range(5):
                async with peer(server) as client:
                    await client.hello()
                    await client.send("bye")

    run(body)


def test_sessions_take_no_place_in_the_lobby() -> None:
    async def body() -> None:
        async with serving(limits=FEW) as server, AsyncExitStack() as stack:
            for _ in range(20):
                client = await stack.enter_async_context(peer(server))
                await client.hello()
            for _ in range(20):
                await stack.enter_async_context(raw(server))
            await client.send("ping", stamp=1.0)
            await client.until("pong")

    run(body)


def test_a_viewer_and_who_was_refused_leave_the_lobby_too() -> None:
    async def body() -> None:
        async with serving(limits=FEW) as server, peer(server) as client:
            welcome = await client.hello()
            watch = {"session": welcome["session"], "token": welcome["watch"], "seq": 0}
            async with peer(server) as viewer, peer(server) as stranger:
                await viewer.hello(role="viewer", watch=watch)
                await stranger.send("hello", version=9)
                await stranger.closed()
                while len(server._lobby):
                    await client.send("ping", stamp=1.0)
                    await client.until("pong")

    run(body)


def test_slow_handshakes_end(monkeypatch: pytest.MonkeyPatch) -> None:
    async def body() -> None:
        async with serving(limits={"hello_s": 0.2}) as server, raw(server) as silent, raw(server) as half:
            await half.upgrade()
            await half.send(frame(BINARY, message("hello"))[:-1])
            assert (await half.closed())[0] == 4003
            assert await silent.gone() == b""

    monkeypatch.setattr("bridge.server.server.HANDSHAKE_PATIENCE", 0.2)
    run(body)


def test_more_connections_than_the_system_allows_are_survived() -> None:
    """Clients are processes of their own in life; here their sockets count against the same limit as the server's."""

    async def body() -> None:
        async with serving(limits={"handshakes": 20, "handshakes_per_address": 20}) as server:
            async with AsyncExitStack() as stack, peer(server) as good:
                await good.hello()

                async def crowd() -> None:
                    while True:
                        await stack.enter_async_context(raw(server))

                with pytest.raises(OSError, match="Too many open files"):
                    await crowd()
                await good.send("ping", stamp=1.0)
                await good.until("pong")
            async with peer(server) as again:
                await again.hello()

    with descriptors(256):
        run(body)


# --------------------------------------------------------------------------------------------------------- TLS


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate for localhost and its key."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("there is no openssl to make a certificate with")
    folder = tmp_path_factory.mktemp("tls")
    cert, key = folder / "cert.pem", folder / "key.pem"
    make = [openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    name = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-days", "2"]
    subprocess.run([*make, "-keyout", str(key), "-out", str(cert), *name], check=True, capture_output=True)
    return cert, key


def trusting(cert: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(cert))


def test_over_tls_everything_works_as_without(certificate: tuple[Path, Path]) -> None:
    cert, key = certificate

    async def body() -> None:
        async with serving(server={"tls_cert": str(cert), "tls_key": str(key)}) as server:
            uri = f"wss://127.0.0.1:{server.port}/"
            async with peer(server, uri=uri, ssl=trusting(cert)) as client:
                await client.hello()
                client.records = True
                await client.send("text", text="hi")
                await client.until("reply_end")
                await client.send("camera", data=bytes(200_000))
                await client.until("error", code="unsupported")
                await client.send("bye")
                assert await client.closed() == (1000, "bye")

    run(body)


def test_good_clients_come_in_beside_tls_handshakes_that_hang(certificate: tuple[Path, Path]) -> None:
    cert, key = certificate

    async def body() -> None:
        files = {"tls_cert": str(cert), "tls_key": str(key)}
        async with serving(server=files, limits=FEW) as server, AsyncExitStack() as stack:
            for said in (b"", b"\x16\x03\x01\x02\x00\x01", b"GET / HTTP/1.1\r\n\r\n", bytes(5000)):
                for _ in range(20):
                    hanging = await stack.enter_async_context(raw(server))
                    with suppress(ConnectionError):
                        await hanging.send(said)
            uri = f"wss://127.0.0.1:{server.port}/"
            async with peer(server, uri=uri, ssl=trusting(cert)) as client:
                await client.hello()
                await client.send("bye")
                assert await client.closed() == (1000, "bye")
            assert len(server._lobby) <= 8

    run(body)


def test_a_tls_handshake_that_hangs_is_given_up(
    certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    cert, key = certificate
    monkeypatch.setattr("bridge.server.intake.TLS_PATIENCE", 0.2)

    async def body() -> None:
        async with serving(server={"tls_cert": str(cert), "tls_key": str(key)}) as server, raw(server) as hanging:
            await hanging.send(b"\x16\x03\x01\x02\x00\x01")
            assert await hanging.gone() == b""
            await asyncio.sleep(0)
            assert len(server._lobby) == 0

    run(body)
    assert not [record for record in caplog.records if record.levelno > 20]


# -------------------------------------------------------------------------------------------------------- hello


def test_a_user_who_connects_too_often_is_told_when_to_come_back() -> None:
    async def body() -> None:
        async with serving(auth={"secret": SECRET}, limits={"turns_per_s": 0.1}) as server:
            refused = 0
            for _ in range(8):
                async with peer(server) as client:
                    await client.send("hello", token=token("eve"))
                    first = await client.next()
                    if first["type"] == "welcome":
                        await client.send("bye")
                        continue
                    assert (first["code"], first["fatal"]) == ("rate_limited", True)
                    assert first["retry_after_s"] > 0
                    assert await client.closed() == (4004, "rate_limited")
                    refused += 1
            assert refused in (3, 4)  # a tenth of a second gives none back
            async with peer(server) as other:
                await other.hello(token=token("ada"))

    run(body)
