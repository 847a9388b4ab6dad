"""Who may come in: tokens, browser origins, plain HTTP."""

from __future__ import annotations

from typing import Any

import pytest
from websockets.exceptions import InvalidStatus

from tests.bridge.peers import SECRET, http, peer, run, serving, token

UPGRADE = (
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
)


def refused(hello: dict[str, object], *, header: str | None = None, **auth: object) -> tuple[int, str]:
    """How a hello is refused; (0, "") if it is welcome."""

    async def body() -> tuple[int, str]:
        headers = {} if header is None else {"Authorization": header}
        async with (
            serving(auth={"secret": SECRET, "required": True, **auth}) as server,
            peer(server, additional_headers=headers) as client,
        ):
            await client.send("hello", **hello)
            first = await client.next()
            if first["type"] == "welcome":
                return 0, ""
            return await client.closed()

    return run(body)


def test_a_good_token_is_welcome_in_hello_or_header() -> None:
    assert refused({"token": token()}) == (0, "")
    assert refused({}, header=f"Bearer {token()}") == (0, "")
    assert refused({}, header=f"bearer  {token()} ") == (0, "")
    assert refused({"token": token()}, header="Bearer rubbish") == (0, "")


@pytest.mark.parametrize(
    ("hello", "header", "close", "code"),
    [
        ({}, None, 4010, "unauthorized"),
        ({"token": "rubbish"}, None, 4010, "unauthorized"),
        ({"token": "ä.ö.ü"}, None, 4010, "unauthorized"),
        ({}, "Basic YTpi", 4010, "unauthorized"),
        ({"token": token(secret="another secret that is long enough")}, None, 4010, "unauthorized"),
        ({"token": token(lifetime=-5.0)}, None, 4011, "token_expired"),
        ({"token": token(rights=("view",))}, None, 4012, "forbidden"),
        ({"role": "viewer", "token": token()}, None, 4012, "forbidden"),
    ],
)
def test_any_other_is_refused(hello: dict[str, object], header: str | None, close: int, code: str) -> None:
    assert refused(hello, header=header) == (close, code)


def test_on_loopback_no_token_is_asked_for_but_one_that_is_given_must_be_valid() -> None:
    assert refused({}, required=False) == (0, "")
    assert refused({"token": token(lifetime=-5.0)}, required=False) == (4011, "token_expired")


def test_a_session_is_only_given_back_to_its_user() -> None:
    async def body() -> None:
        async with serving(auth={"secret": SECRET, "required": True}) as server:
            async with peer(server) as client:
                welcome = await client.hello(token=token("ada"))
                await client.send("text", text="hi")
                await client.until("reply_start")
            resume = {"session": welcome["session"], "token": welcome["token"], "seq": 1}
            async with peer(server) as eve:
                other = await eve.hello(token=token("eve"), resume=resume)
                assert (other["resumed"], other["reason"]) == (False, "bad_token")
            async with peer(server) as ada:
                again = await ada.hello(token=token("ada"), resume=resume)
                assert again["resumed"] is True
                assert again["session"] == welcome["session"]

    run(body)


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [
        ("http://localhost:3000", True),
        ("http://127.0.0.1:8080", True),
        ("http://[::1]:8080", True),
        ("https://example.org", True),
        ("https://example.org.evil.com", False),
        ("http://example.org", False),
        ("http://evil.com", False),
        ("null", False),
        ("http://localhost.evil.com", False),
        ("file://", False),
        ("http://[", False),
        ("", False),
    ],
)
def test_browser_pages_connect_only_from_where_they_may(origin: str, allowed: bool) -> None:
    async def body() -> None:
        async with serving(server={"origins": ("https://example.org",)}) as server:
            options: dict[str, Any] = {"additional_headers": {"Origin": origin}}
            if allowed:
                async with peer(server, **options) as client:
                    await client.hello()
                return
            with pytest.raises(InvalidStatus) as refusal:
                async with peer(server, **options):
                    pass
            assert refusal.value.response.status_code == 403

    run(body)


def test_a_page_that_rebinds_its_name_to_this_machine_is_refused() -> None:
    async def body() -> None:
        async with serving() as server:
            host = f"evil.com:{server.port}"
            status, _ = await http(server, "GET / HTTP/1.1", f"Host: {host}", f"Origin: http://{host}", *UPGRADE)
            assert status == 421
            status, _ = await http(server, "GET /metrics HTTP/1.1", f"Host: {host}")
            assert status == 421

    run(body)


def test_health_metrics_and_pages() -> None:
    async def body() -> None:
        async with serving() as server:
            assert await http(server, "GET /healthz HTTP/1.1") == (200, "ok\n")
            status, text = await http(server, "GET /metrics HTTP/1.1")
            assert status == 200
            assert "companion_sessions 0.0" in text
            assert (await http(server, "GET / HTTP/1.1"))[0] == 200
            assert (await http(server, "GET /no/such/page HTTP/1.1"))[0] == 404

    run(body)


def test_metrics_ask_for_a_token_where_one_is_required() -> None:
    async def body() -> None:
        async with serving(auth={"secret": SECRET, "required": True}) as server:
            status, _ = await http(server, "GET /metrics HTTP/1.1")
            assert status == 401
            bearer = f"Authorization: Bearer {token(rights=('view',))}"
            status, text = await http(server, "GET /metrics HTTP/1.1", bearer)
            assert status == 200
            assert "companion_sessions" in text
            assert (await http(server, "GET /healthz HTTP/1.1"))[0] == 200

    run(body)


@pytest.mark.parametrize("line", ["GET //[ HTTP/1.1", "POST / HTTP/1.1", "GET /healthz?x=1 HTTP/1.1", "rubbish"])
def test_odd_http_harms_nobody(line: str) -> None:
    async def body() -> None:
        async with serving() as server:
            try:
                status, _ = await http(server, line)
                assert 200 <= status < 500
            except (IndexError, ConnectionError):
                pass  # it was hung up on
            async with peer(server) as client:
                await client.hello()

    run(body)
