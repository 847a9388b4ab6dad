"""Plain HTTP at the server's door: headers that come twice, methods, bodies."""

from __future__ import annotations

import logging

import pytest

from testkit.frames import UPGRADE
from tests.bridge.peers import SECRET, peer, run, serving, token
from tests.bridge.server.wire import ask, lines_of

TWICE = [
    ("Host: 127.0.0.1",),
    ("Authorization: Bearer a", "Authorization: Bearer b"),
    ("Origin: http://localhost", "Origin: http://localhost"),
    ("Origin: http://localhost", "Origin: http://evil.example"),
    ("Content-Length: 0", "content-length: 0"),
    ("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", *UPGRADE),
    ("Sec-WebSocket-Version: 13", *UPGRADE),
]


@pytest.mark.parametrize("headers", TWICE, ids=lambda headers: headers[-1].partition(":")[0])
def test_a_header_that_comes_twice_is_a_bad_request_and_one_line_in_the_log(
    headers: tuple[str, ...], caplog: pytest.LogCaptureFixture
) -> None:
    async def body() -> None:
        async with serving(auth={"secret": SECRET, "required": True}) as server:
            for path in ("/", "/metrics", "/healthz", "/no/such/page"):
                for upgrade in ((), UPGRADE):
                    if upgrade and headers[-1] in UPGRADE:
                        continue
                    caplog.clear()
                    status, _, text = await ask(server, *lines_of(*headers, *upgrade, path=path))
                    assert status == 400
                    assert text.startswith(b"the header ")
                    assert [record.name for record in caplog.records] == ["bridge.server.front"]

    caplog.set_level(logging.INFO, "bridge")
    run(body)


def test_lists_may_come_in_several_lines() -> None:
    async def body() -> None:
        async with serving() as server:
            _, headers, page = await ask(server, *lines_of("Accept-Encoding: br", "Accept-Encoding: gzip"))
            assert headers["Content-Encoding"] == "gzip"
            again = await ask(
                server, *lines_of('If-None-Match: "x"', f"If-None-Match: {headers['ETag']}", "Accept-Encoding: gzip")
            )
            assert (again[0], again[2]) == (304, b"")
            assert page
            status, _, _ = await ask(server, *lines_of("Upgrade: h2c", *UPGRADE))
            assert status == 200  # not a WebSocket request: the page

    run(body)


@pytest.mark.parametrize("path", ["/", "/healthz", "/metrics", "/no/such/page", "/page/main.js"])
def test_head_is_answered_like_get_but_without_a_body(path: str) -> None:
    async def body() -> None:
        async with serving() as server:
            get = await ask(server, *lines_of(path=path))
            head = await ask(server, *lines_of(path=path, method="HEAD"))
            assert (head[0], head[2]) == (get[0], b"")
            if path != "/metrics":  # which grows
                assert head[1] == get[1]

    run(body)


@pytest.mark.parametrize("method", ["OPTIONS", "POST", "PUT", "DELETE", "TRACE", "CONNECT", "get", "PRI", "X" * 4000])
@pytest.mark.parametrize("headers", [(), UPGRADE], ids=["page", "websocket"])
def test_other_methods_are_not_allowed(method: str, headers: tuple[str, ...]) -> None:
    async def body() -> None:
        async with serving() as server:
            status, answer, _ = await ask(server, *lines_of(*headers, method=method))
            assert (status, answer["Allow"]) == (405, "GET, HEAD")

    run(body)


def test_a_foreign_origin_is_quoted_in_part() -> None:
    async def body() -> None:
        async with serving() as server:
            status, _, text = await ask(server, *lines_of(f"Origin: http://{'x' * 5000}", *UPGRADE))
            assert status == 403
            assert len(text) < 200

    run(body)


@pytest.mark.parametrize(
    "lines",
    [
        ["GET / HTTP/1.1", "Host: 127.0.0.1", "Content-Length: 5"],
        ["GET / HTTP/1.1", "Host: 127.0.0.1", "Transfer-Encoding: chunked"],
        ["GET / HTTP/1.1", "Host: 127.0.0.1", *[f"X-{i}: 1" for i in range(200)]],
        ["GET / HTTP/1.1", "Host: 127.0.0.1", f"X: {'x' * 9000}"],
        [f"GET /{'x' * 9000} HTTP/1.1", "Host: 127.0.0.1"],
        ["GET / HTTP/1.1", "Host : 127.0.0.1"],
        ["GET / HTTP/1.1", "Host: 127.0.0.1", " folded: x"],
        ["GET / HTTP/2.0", "Host: 127.0.0.1"],
        ["\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"],
        ["GET / HTTP/1.1", "Host: 127.0.0.1\x00"],
        ["GET / HTTP/1.1", "Host: "],
        ["GET / HTTP/1.1"],
    ],
    ids=lambda lines: ascii(lines[-1][:30]),
)
def test_a_malformed_request_is_refused_without_a_trace(lines: list[str], caplog: pytest.LogCaptureFixture) -> None:
    async def body() -> None:
        async with serving() as server:
            try:
                status, _, _ = await ask(server, *lines)
                assert 400 <= status < 600
            except (IndexError, ValueError):
                pass  # it was hung up on
            async with peer(server) as client:
                await client.hello()

    run(body)
    assert not [record for record in caplog.records if record.levelno > logging.INFO]


def test_the_token_of_a_header_is_still_read() -> None:
    async def body() -> None:
        async with (
            serving(auth={"secret": SECRET, "required": True}) as server,
            peer(server, additional_headers={"Authorization": f"Bearer {token()}"}) as client,
        ):
            await client.hello()

    run(body)
