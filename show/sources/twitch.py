"""Twitch chat, read without an account: IRC over a WebSocket, with the tags that say who writes and what they give.

Twitch's documentation of IRC (dev.twitch.tv/docs/chat/irc) describes the messages.
"""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field
from typing import Final

from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

from show.lines import Line, Role, line
from show.sources.mending import Trouble

URL: Final = "wss://irc-ws.chat.twitch.tv:443"
BITS: Final = 0.01  # of a currency's unit that a bit is worth
_CHANNEL: Final = re.compile(r"[a-z0-9_]{2,25}")
_UNESCAPED: Final = {":": ";", "s": " ", "\\": "\\", "r": "\r", "n": "\n"}
# Of `USERNOTICE`: what is given, in the same units.
_GIFTS: Final = {"sub": 5.0, "resub": 5.0, "subgift": 5.0, "submysterygift": 5.0, "giftpaidupgrade": 5.0}


@dataclass(frozen=True, slots=True)
class Message:
    """One IRC message; `text` is its last parameter."""

    command: str
    parameters: tuple[str, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)
    nick: str = ""

    @property
    def text(self) -> str:
        """Return what was written."""
        return self.parameters[-1] if self.parameters else ""


def parse(raw: str) -> Message | None:
    """Read one line of IRC; None for what is none."""
    rest, tags, nick = raw.strip("\r\n"), {}, ""
    if rest.startswith("@"):
        written, _, rest = rest[1:].partition(" ")
        tags = {name: _unescape(value) for name, _, value in (pair.partition("=") for pair in written.split(";"))}
    rest = rest.lstrip(" ")
    if rest.startswith(":"):
        prefix, _, rest = rest[1:].partition(" ")
        nick = prefix.partition("!")[0]
    middle, colon, trailing = rest.partition(" :")
    command, *parameters = middle.split()[:16] or [""]
    if not command.isalnum():
        return None
    return Message(command.upper(), (*parameters, *([trailing] if colon else [])), tags, nick)


def _unescape(value: str) -> str:
    return re.sub(r"\\(.?)", lambda found: _UNESCAPED.get(found[1], found[1]), value)


def line_of(message: Message) -> Line | None:
    """Return the line of chat in a message, None where there is none."""
    tags = message.tags
    name = tags.get("display-name") or tags.get("login") or message.nick
    user = tags.get("user-id") or message.nick
    match message.command:
        case "PRIVMSG" if len(message.parameters) >= 2:
            text = message.text.removeprefix("\x01ACTION ").removesuffix("\x01")
            bits = tags.get("bits", "")
            gift = BITS * int(bits[:9]) if bits.isascii() and bits.isdecimal() else 0.0
            return line(
                "twitch", user, name, _without_emotes(text, tags.get("emotes", "")), role=_role(tags), gift=gift,
                first=tags.get("first-msg") == "1", id=tags.get("id", ""),
            )  # fmt: skip
        case "USERNOTICE" if tags.get("msg-id") in _GIFTS:
            written = message.text if len(message.parameters) >= 2 else ""
            gift = _GIFTS[tags["msg-id"]]
            return line("twitch", user, name, written, role=_role(tags), gift=gift, id=tags.get("id", ""))
        case _:
            return None


def _role(tags: Mapping[str, str]) -> Role:
    badges = {badge.partition("/")[0] for badge in tags.get("badges", "").split(",")}
    if "broadcaster" in badges:
        return "owner"
    if "moderator" in badges or tags.get("mod") == "1":
        return "moderator"
    return "member" if badges & {"subscriber", "founder", "vip"} or tags.get("subscriber") == "1" else "viewer"


def _without_emotes(text: str, emotes: str) -> str:
    """Take out what is shown as pictures: `emotes` is "id:first-last,first-last/id:...", in characters."""
    letters = list(text)
    for first, last in re.findall(r"(\d{1,4})-(\d{1,4})", emotes)[:100]:
        for place in range(int(first), min(int(last) + 1, len(letters))):
            letters[place] = ""
    return "".join(letters)


async def chat(channel: str, *, url: str = URL) -> AsyncGenerator[Line, None]:
    """Yield what is written in a channel; Trouble when the connection breaks or the channel is none."""
    name = channel.lstrip("#@").lower()
    if not _CHANNEL.fullmatch(name):
        raise Trouble("bad_channel", f"{channel[:40]!r} is no channel of Twitch", final=True)
    try:
        async with connect(url, compression=None, max_size=1 << 16) as socket:
            for command in (
                "CAP REQ :twitch.tv/tags twitch.tv/commands", "PASS SCHMOOPIIE", "NICK justinfan73126", f"JOIN #{name}",
            ):  # fmt: skip
                await socket.send(command)
            async for packet in socket:
                for raw in (packet if isinstance(packet, str) else packet.decode(errors="replace")).split("\r\n"):
                    message = parse(raw)
                    match message:
                        case None:
                            continue
                        case Message("PING"):
                            await socket.send(f"PONG :{message.text}")
                        case Message("RECONNECT"):
                            raise Trouble("source_moves", "Twitch asks to connect anew")
                        case Message("NOTICE", tags={"msg-id": "msg_channel_suspended"}):
                            raise Trouble("bad_channel", f"there is no channel {name} on Twitch", final=True)
                        case _ if (found := line_of(message)) is not None:
                            yield found
    except WebSocketException as error:
        raise Trouble("source_lost", f"Twitch has closed the connection: {error}") from error
