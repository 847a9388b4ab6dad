"""A channel of Discord, by the gateway (version 10) and a bot's token, with the intent to read what is written."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Mapping
from typing import Any, Final

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, WebSocketException

from show.lines import Line, line
from show.sources.mending import Trouble

URL: Final = "wss://gateway.discord.gg/?v=10&encoding=json"
INTENTS: Final = (1 << 9) | (1 << 15)  # messages of servers, and what they say
# Closes after which another try is of no use, and what they mean.
_FINAL: Final = {
    4004: "the token is wrong",
    4010: "the shard is wrong",
    4011: "the bot is in too many servers",
    4013: "the intents are wrong",
    4014: "the bot may not read messages: switch on its message content intent",
}


def line_of(event: Mapping[str, Any], channel: str) -> Line | None:
    """Return the line of chat of a MESSAGE_CREATE in `channel`, None where there is none."""
    author = event.get("author")
    if event.get("channel_id") != channel or not isinstance(author, dict) or author.get("bot"):
        return None
    member = event.get("member")
    nick = member.get("nick") if isinstance(member, dict) else None
    name = nick or author.get("global_name") or author.get("username") or ""
    return line("discord", author.get("id") or "", name, event.get("content") or "", id=event.get("id") or "")


async def chat(channel: str, token: str, *, url: str = URL) -> AsyncGenerator[Line, None]:
    """Yield what is written in a channel; Trouble says why it is no more."""
    if not channel.isdecimal():
        raise Trouble("bad_channel", f"{channel[:40]!r} is no channel's number", final=True)
    if not token:
        raise Trouble("no_key", "Discord needs a bot's token: set COMPANION_DISCORD_TOKEN", final=True)
    try:
        async with connect(url, compression=None, max_size=1 << 20) as socket:
            async for each in _listen(socket, channel, token):
                yield each
    except ConnectionClosed as closed:
        code = closed.rcvd.code if closed.rcvd else 1006
        told = _FINAL.get(code, f"code {code}")
        raise Trouble("source_lost", f"Discord has closed the connection: {told}", final=code in _FINAL) from None
    except WebSocketException as error:
        raise Trouble("source_lost", f"Discord has closed the connection: {type(error).__name__}") from None


async def _listen(socket: ClientConnection, channel: str, token: str) -> AsyncGenerator[Line, None]:
    beating: asyncio.Task[None] | None = None
    seq: list[int | None] = [None]
    try:
        while True:
            event = _read(await socket.recv())
            body = event.get("d")
            if isinstance(number := event.get("s"), int):
                seq[0] = number
            match event.get("op"):
                case 10 if isinstance(body, dict) and beating is None:
                    beating = asyncio.get_running_loop().create_task(_beat(socket, body, seq))
                    properties = {"os": "linux", "browser": "companion-bridge", "device": "companion-bridge"}
                    await _send(socket, 2, {"token": token, "intents": INTENTS, "properties": properties})
                case 1:
                    await _send(socket, 1, seq[0])
                case 7 | 9:
                    raise Trouble("source_moves", "Discord asks to connect anew", wait=2.0)
                case 0 if event.get("t") == "MESSAGE_CREATE" and isinstance(body, dict):
                    if (found := line_of(body, channel)) is not None:
                        yield found
                case _:
                    pass
    finally:
        if beating is not None:
            beating.cancel()
            await asyncio.gather(beating, return_exceptions=True)


async def _beat(socket: ClientConnection, hello: Mapping[str, Any], seq: list[int | None]) -> None:
    """Tell Discord at its rate that somebody is there."""
    told = hello.get("heartbeat_interval")
    every = min(120.0, max(0.05, told / 1000 if isinstance(told, int | float) else 41.25))
    while True:
        await asyncio.sleep(every)
        try:
            await _send(socket, 1, seq[0])
        except ConnectionClosed:
            return


async def _send(socket: ClientConnection, op: int, body: object) -> None:
    await socket.send(json.dumps({"op": op, "d": body}))


def _read(packet: str | bytes) -> Mapping[str, Any]:
    try:
        event = json.loads(packet)
    except (ValueError, RecursionError) as error:
        raise Trouble("source_broken", "Discord sent what cannot be read") from error
    return event if isinstance(event, dict) else {}
