"""Chat from Twitch, YouTube, Discord and files, against services that behave as the real ones do."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import aclosing
from itertools import pairwise
from pathlib import Path
from typing import Any, TextIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from show.lines import Line
from show.sources import discord, feed, twitch, youtube
from show.sources.mending import Trouble, mended
from testkit import virtual_time
from testkit.patience import PATIENCE
from tests.show import fakes

TAGS = (
    "@badge-info=;badges={badges};bits={bits};display-name={name};emotes={emotes};first-msg=0;id=l-1;mod=0;user-id=42"
)
WRITTEN = ":ada!ada@ada.tmi.twitch.tv PRIVMSG #nora :{text}"


def privmsg(text: str, *, badges: str = "", bits: str = "", name: str = "Ada", emotes: str = "") -> str:
    return f"{TAGS.format(badges=badges, bits=bits, name=name, emotes=emotes)} {WRITTEN.format(text=text)}"


async def collect(lines: AsyncGenerator[Line, None]) -> list[Line]:
    async with asyncio.timeout(PATIENCE), aclosing(lines):
        return [each async for each in lines]


async def until_trouble(lines: AsyncGenerator[Line, None]) -> tuple[list[Line], Trouble]:
    found: list[Line] = []
    try:
        async with asyncio.timeout(PATIENCE), aclosing(lines):
            async for each in lines:
                found.append(each)  # noqa: PERF401 - what came before the trouble counts
    except Trouble as trouble:
        return found, trouble
    raise AssertionError("it ended without a word")


# ------------------------------------------------------------------------------------------------ Twitch


def test_twitch_is_read_with_who_wrote_and_what_they_gave() -> None:
    joined: list[str] = []
    sent = [
        privmsg("what is a wave?"), privmsg("for you", bits="500", badges="subscriber/12"),
        privmsg("hi Kappa you", emotes="25:3-7"),
        privmsg("\x01ACTION waves a lot\x01", badges="broadcaster/1"), privmsg("stop that", badges="moderator/1"),
        "@msg-id=resub;display-name=Zoe;login=zoe;user-id=7 :tmi.twitch.tv USERNOTICE #nora :one year!",
        "@msg-id=raid;login=zoe;user-id=7 :tmi.twitch.tv USERNOTICE #nora", ":ada!a@b JOIN #nora", "", "\x00garbage",
    ]  # fmt: skip

    async def main() -> tuple[list[Line], bool]:
        pong = asyncio.Event()
        async with fakes.socket_server(fakes.twitch(sent, joined, pong=pong)) as url:
            return await collect(twitch.chat("#Nora", url=url)), pong.is_set()

    lines, ponged = asyncio.run(main())
    assert ponged
    assert "JOIN #nora" in joined
    assert [(each.text, each.role, each.gift) for each in lines] == [
        ("what is a wave?", "viewer", 0.0), ("for you", "member", 5.0), ("hi you", "viewer", 0.0),
        ("waves a lot", "owner", 0.0), ("stop that", "moderator", 0.0), ("one year!", "viewer", 5.0),
    ]  # fmt: skip
    assert (lines[0].name, lines[0].user, lines[0].id) == ("Ada", "42", "l-1")


def test_a_channel_that_is_none_and_a_move_are_told() -> None:
    with pytest.raises(Trouble) as wrong:
        asyncio.run(collect(twitch.chat("no channel!")))
    assert wrong.value.final

    async def main(line: str) -> Trouble:
        async with fakes.socket_server(fakes.twitch([line], [])) as url:
            return (await until_trouble(twitch.chat("nora", url=url)))[1]

    assert not asyncio.run(main(":tmi.twitch.tv RECONNECT")).final
    assert asyncio.run(main("@msg-id=msg_channel_suspended :tmi.twitch.tv NOTICE #nora :gone")).final


@given(st.text())
def test_any_line_of_irc_is_read_or_left(raw: str) -> None:
    message = twitch.parse(raw)
    if message is not None:
        twitch.line_of(message)


def test_irc_tags_are_unescaped() -> None:
    message = twitch.parse(r"@system-msg=A\sB\:\\C\x PRIVMSG #a :b")
    assert message is not None
    assert message.tags["system-msg"] == "A B;\\Cx"


# ------------------------------------------------------------------------------------------------ YouTube


def item(kind: str, text: str = "", *, paid: dict[str, Any] | None = None, **author: object) -> dict[str, Any]:
    details = {"textMessageDetails": {"messageText": text}} if kind == "textMessageEvent" else {}
    snippet = {"type": kind, **details, **({"superChatDetails": paid, "superStickerDetails": paid} if paid else {})}
    return {"id": "m", "snippet": snippet, "authorDetails": {"channelId": "c", "displayName": "Ada", **author}}


VIDEO = {"items": [{"liveStreamingDetails": {"activeLiveChatId": "chat-1"}}]}


def test_youtube_is_asked_at_its_pace_and_what_was_before_the_show_is_left() -> None:
    asked: list[str] = []
    later = [
        item("textMessageEvent", "what is light?", isChatSponsor=True),
        item("superStickerEvent", paid={"amountMicros": "2000000"}),
        item("superChatEvent", paid={"amountMicros": "5000000", "userComment": "for you"},
             isChatModerator=True),
        item("newSponsorEvent"), item("messageDeletedEvent"),
        item("textMessageEvent", "mine", isChatOwner=True), {"id": 5},
    ]  # fmt: skip
    answers: list[tuple[int, dict[str, Any]]] = [
        (200, VIDEO),
        (200, {"items": [item("textMessageEvent", "before")], "nextPageToken": "p2", "pollingIntervalMillis": 1}),
        (200, {"items": later, "nextPageToken": "p3"}),
    ]
    with fakes.youtube(answers, asked) as url:
        lines, trouble = asyncio.run(until_trouble(youtube.chat("abcdefghijk", "KEY", url=url, least=0.0)))
    assert [(each.text, each.role, each.gift) for each in lines] == [
        ("what is light?", "member", 0.0), ("", "viewer", 2.0), ("for you", "moderator", 5.0), ("", "viewer", 5.0),
        ("mine", "owner", 0.0),
    ]  # fmt: skip
    assert "pageToken=p2" in asked[2]
    assert trouble.final
    assert "KEY" not in str(trouble)


@pytest.mark.parametrize(
    ("status", "body", "final", "wait"),
    [
        (403, {"error": {"errors": [{"reason": "quotaExceeded"}]}}, False, 600.0),
        (400, {"error": {"errors": [{"reason": "keyInvalid"}]}}, True, 0.0),
        (500, {}, False, 0.0),
        (200, {"items": []}, False, 30.0),
    ],
)
def test_what_youtube_refuses_is_told(status: int, body: dict[str, Any], final: bool, wait: float) -> None:
    with fakes.youtube([(status, body)], []) as url:
        _, trouble = asyncio.run(until_trouble(youtube.chat("abcdefghijk", "KEY", url=url)))
    assert (trouble.final, trouble.wait) == (final, wait)


def test_youtube_needs_a_video_and_a_key_and_a_network() -> None:
    for video, key in (("nope", "KEY"), ("abcdefghijk", "")):
        _, trouble = asyncio.run(until_trouble(youtube.chat(video, key)))
        assert trouble.final
    _, trouble = asyncio.run(until_trouble(youtube.chat("abcdefghijk", "KEY", url="http://127.0.0.1:1")))
    assert trouble.code == "source_unreachable"


# ------------------------------------------------------------------------------------------------ Discord


def wrote(text: str, channel: str = "5", **author: object) -> dict[str, Any]:
    return {"id": "m", "channel_id": channel, "content": text, "author": {"id": "9", "username": "ada", **author}}


def test_discord_is_told_who_asks_and_beats() -> None:
    told: list[dict[str, Any]] = []
    events = [
        wrote("what is a wave?", global_name="Ada L."), wrote("elsewhere", "6"), wrote("I am a bot", bot=True),
        wrote("nick", "5") | {"member": {"nick": "Countess"}}, {"channel_id": "5"},
    ]  # fmt: skip

    async def main() -> tuple[list[Line], Trouble | None]:
        async with fakes.socket_server(fakes.discord(events, told)) as url:
            try:
                return await collect(discord.chat("5", "TOKEN", url=url)), None
            except Trouble as trouble:
                return [], trouble

    async def read() -> list[Line]:
        async with fakes.socket_server(fakes.discord(events, told)) as url:
            lines, trouble = await until_trouble(discord.chat("5", "TOKEN", url=url))
            assert not trouble.final
            return lines

    lines = asyncio.run(read())
    assert [(each.name, each.text) for each in lines] == [("Ada L.", "what is a wave?"), ("Countess", "nick")]
    assert told[0]["d"]["token"] == "TOKEN"
    assert told[0]["d"]["intents"] == discord.INTENTS
    assert any(said["op"] == 1 and said["d"] == len(events) + 1 for said in told)


def test_discord_says_why_it_refuses() -> None:
    async def main(code: int) -> Trouble:
        async with fakes.socket_server(fakes.discord([], [], close=code)) as url:
            return (await until_trouble(discord.chat("5", "TOKEN", url=url)))[1]

    refused = asyncio.run(main(4014))
    assert refused.final
    assert "message content intent" in str(refused)
    for channel, token in (("general", "T"), ("5", "")):
        assert asyncio.run(until_trouble(discord.chat(channel, token)))[1].final


@pytest.mark.parametrize("packet", ['{"op": 7}', '{"op": 9, "d": false}', "not json"])
def test_discord_that_moves_or_breaks_is_opened_anew(packet: str) -> None:
    async def main() -> Trouble:
        async def serving(socket: Any) -> None:
            await socket.send(packet)
            await socket.wait_closed()

        async with fakes.socket_server(serving) as url:
            return (await until_trouble(discord.chat("5", "T", url=url)))[1]

    assert not asyncio.run(main()).final


# ------------------------------------------------------------------------------------------------ files


def test_a_file_is_read_and_what_is_no_line_is_left(tmp_path: Path) -> None:
    file = tmp_path / "chat.jsonl"
    rows: list[object] = [
        {"name": "Ada", "text": "what is a wave?", "role": "member"},
        {"user": "bob", "text": "hello all", "gift": 2},
        {"text": "nobody"}, [], "text", {"name": "x", "text": 5},
        {"name": "Eve", "text": "hm", "role": "king", "gift": True},
    ]  # fmt: skip
    file.write_text("\n".join(["not json", *map(json.dumps, rows)]), encoding="utf-8")
    lines = asyncio.run(collect(feed.chat(file, follow=False)))
    assert [(each.name, each.role, each.gift) for each in lines] == [
        ("Ada", "member", 0.0), ("bob", "viewer", 2.0), ("Eve", "viewer", 0.0)
    ]  # fmt: skip
    _, trouble = asyncio.run(until_trouble(feed.chat(tmp_path / "none")))
    assert trouble.final


def test_a_file_that_grows_is_followed(tmp_path: Path) -> None:
    file = tmp_path / "chat.jsonl"
    file.write_text("")

    def write(to: TextIO, text: str) -> None:
        to.write(text)
        to.flush()

    async def main() -> list[str]:
        found = []
        async with aclosing(feed.chat(file)) as lines:
            writing = file.open("a", encoding="utf-8")
            loop = asyncio.get_running_loop()
            later = (
                (0.5, '{"name": "Ada", "text'),
                (1.0, '": "what is it?"}\n'),
                (2.0, '{"name": "B", "text": "me too"}\n'),
            )
            for at, text in later:
                loop.call_later(at, write, writing, text)
            found.append((await anext(lines)).text)
            found.append((await anext(lines)).text)
            writing.close()
        return found

    assert virtual_time.run(main()) == ["what is it?", "me too"]


# ------------------------------------------------------------------------------------------------ mending


def test_a_source_that_breaks_is_opened_again_later_each_time_and_left_when_it_is_final() -> None:
    opened: list[float] = []
    told: list[str] = []

    async def source() -> AsyncGenerator[Line, None]:
        opened.append(asyncio.get_running_loop().time())
        if len(opened) == 1:
            yield Line("x", "a", "a", "one")
            return
        if len(opened) == 2:
            raise OSError(5, "no route")
        if len(opened) == 3:
            raise Trouble("busy", "wait", wait=50.0)
        raise Trouble("gone", "for good", final=True)

    async def main() -> list[Line]:
        async with aclosing(mended("X", source, told.append)) as lines:
            return [each async for each in lines]

    assert [each.text for each in virtual_time.run(main())] == ["one"]
    assert [round(after - before) for before, after in pairwise(opened)] == [1, 2, 50]
    assert told == ["X has ended the connection", "X cannot be reached: no route", "wait", "for good"]
