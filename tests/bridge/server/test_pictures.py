"""The companion's pictures over plain HTTP: who gets them, what they carry, and that a path leads nowhere else."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from bridge.session.companion import Companion, Served
from tests.bridge.peers import SECRET, peer, run, serving, token
from tests.bridge.scenario import NOON
from tests.bridge.server.wire import ask, lines_of

PNG = b"\x89PNG\r\n\x1a\n" + bytes(5000)
PATH = f"/pictures/{hashlib.sha256(PNG).hexdigest()[:16]}.png"


def shown(companion: Companion) -> Companion:
    return replace(companion, id="ada", portrait=PATH, pictures={PATH: Served("image/png", PNG)})


def test_a_picture_is_kept_for_good_and_asked_for_by_its_tag() -> None:
    async def body() -> None:
        async with serving(dress=shown) as server:
            status, headers, data = await ask(server, *lines_of(path=PATH))
            assert (status, data) == (200, PNG)
            assert headers["Content-Type"] == "image/png"
            assert headers["X-Content-Type-Options"] == "nosniff"
            assert "immutable" in headers["Cache-Control"]
            assert "private" in headers["Cache-Control"]
            again, kept, nothing = await ask(server, *lines_of(f"If-None-Match: {headers['ETag']}", path=PATH))
            assert (again, nothing) == (304, b"")
            assert kept["ETag"] == headers["ETag"]
            head = await ask(server, *lines_of(path=PATH, method="HEAD"))
            assert (head[0], head[2], head[1]["Content-Length"]) == (200, b"", str(len(PNG)))

    run(body)


@pytest.mark.parametrize(
    "path",
    [
        "/pictures/",
        "/pictures/../page/page.js",
        "/pictures/..%2f..%2fetc/passwd",
        "/pictures/0000000000000000.png",
        f"/x{PATH}",
        f"{PATH}/",
        PATH.upper(),
        f"/pictures/.{PATH}",
    ],
)
def test_no_other_path_leads_to_a_file(path: str) -> None:
    async def body() -> None:
        async with serving(dress=shown) as server:
            status, _, data = await ask(server, *lines_of(path=path))
            assert (status, PNG in data) == (404, False)

    run(body)


def test_a_token_is_asked_for_as_elsewhere() -> None:
    async def body() -> None:
        async with serving(dress=shown, auth={"secret": SECRET, "required": True}) as server:
            for line, expected in (
                ((), 401),
                (("Authorization: Bearer nonsense",), 401),
                ((f"Authorization: Bearer {token(rights=('view',))}",), 200),
                ((f"Authorization: Bearer {token()}",), 200),
            ):
                status, _, data = await ask(server, *lines_of(*line, path=PATH))
                assert (status, data == PNG) == (expected, expected == 200)

    run(body)


def test_pages_of_an_allowed_origin_may_read_it_and_others_not() -> None:
    async def body() -> None:
        async with serving(dress=shown, server={"origins": ["https://game.example"]}) as server:
            status, headers, _ = await ask(server, *lines_of("Origin: https://game.example", path=PATH))
            assert (status, headers["Access-Control-Allow-Origin"]) == (200, "https://game.example")
            assert headers["Cross-Origin-Resource-Policy"] == "cross-origin"
            assert (await ask(server, *lines_of("Origin: https://evil.example", path=PATH)))[0] == 403
            own, plain, _ = await ask(server, *lines_of(path=PATH))
            assert (own, plain["Cross-Origin-Resource-Policy"]) == (200, "same-origin")
            asked = ("Origin: https://game.example", "Access-Control-Request-Method: GET")
            status, headers, _ = await ask(server, *lines_of(*asked, path=PATH, method="OPTIONS"))
            assert (status, headers["Access-Control-Allow-Headers"]) == (200, "Authorization")
            foreign = await ask(server, *lines_of("Origin: https://evil.example", path=PATH, method="OPTIONS"))
            assert foreign[0] == 403

    run(body)


def test_the_first_message_says_who_it_is_and_that_it_is_an_ai() -> None:
    async def body() -> None:
        async with serving(dress=shown) as server:
            async with peer(server) as client:
                welcome = await client.hello(language="de-at")
                identity = welcome["identity"]
                assert (identity["id"], identity["portrait"]) == ("ada", PATH)
                assert identity["locale"] == "de"
                assert "eine KI, kein Mensch" in identity["disclosure"]
                assert identity["draft"] is True
                assert [who["id"] for who in welcome["identities"]] == ["ada"]
            async with peer(server) as client:
                welcome = await client.hello(language="xx", identity="ada")
                assert welcome["identity"]["locale"] == "en"
            async with peer(server) as client:
                welcome = await client.hello(language="zh-TW")
                assert welcome["identity"]["locale"] == "zh"
                assert " " not in welcome["identity"]["disclosure"]

    run(body)


def test_somebody_who_is_not_served_is_refused() -> None:
    async def body() -> None:
        async with serving(dress=shown) as server, peer(server) as client:
            await client.send("hello", identity="nobody")
            assert await client.closed() == (4007, "unknown_identity")
            assert client.errors() == ["unknown_identity"]

    run(body)


def test_a_consent_that_is_over_opens_no_session() -> None:
    async def body() -> None:
        for ends, opens in ((NOON.date(), False), (NOON.date() + timedelta(days=1), True)):
            late = partial(replace, ends=ends)
            async with serving(dress=late) as server, peer(server) as client:
                if opens:
                    await client.hello()
                    continue
                await client.send("hello")
                assert await client.closed() == (4007, "unknown_identity")

    run(body)
