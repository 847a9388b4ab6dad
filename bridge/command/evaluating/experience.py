"""Keeps what one person of a scenario experienced, reply by reply. Pure: time is an argument."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

TICKS: Final = 48_000


@dataclass(slots=True)
class Reply:
    """One reply as it came; instants in seconds, `bare` is the longest stretch of sound without a face, in ms."""

    turn: int
    companion: str
    begun: float
    first_sound: float | None = None
    text: str = ""
    reason: str = ""  # of its end, "" while it runs
    bare: float = 0.0
    _bare_since: int | None = None
    _heard: int = 0

    @property
    def over(self) -> bool:
        """Return whether it has ended."""
        return bool(self.reason)


@dataclass(slots=True)
class Experience:
    """What came to one person; `names` are what companions are called, by their place on the wire."""

    names: dict[str, tuple[str, ...]] = field(default_factory=dict)
    replies: list[Reply] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    minutes: str = ""
    state: str = "idle"
    faces: bool = False
    rate: int = 24_000
    overlaps: list[str] = field(default_factory=list)  # replies that began while another was heard

    def take(self, message: Mapping[str, Any], now: float) -> None:
        """Take a message of the server's, as the client yields it."""
        match message["type"]:
            case "welcome":
                identity = message["identity"]
                self.names["main"] = (identity["id"], identity["name"])
                self.faces, self.rate = bool(message["face"]["names"]), message["audio"]["rate"]
            case "room":
                for each in message["companions"]:
                    self.names[each["companion"]] = (each["identity"].get("id", ""), each["identity"]["name"])
                self.minutes = message["minutes"] or self.minutes
            case "reply_start":
                if self.replies and not self.replies[-1].over:
                    self.overlaps.append(f"turn {message['turn']} began in turn {self.replies[-1].turn}")
                self.replies.append(Reply(message["turn"], message["companion"], now))
            case "media" if message["turn"] and (reply := self._reply(message["turn"])):
                self._media(reply, message, now)
            case "reply_end" if reply := self._reply(message["turn"]):
                reply.text, reply.reason = message["text"], message["reason"]
                self._face(reply, reply._heard, shown=True)
            case "interrupted" if reply := self._reply(message["turn"]):
                reply.reason = "interrupted"
            case "text" if reply := self._reply(message["turn"]):
                reply.text += message["gap"] + message["text"]
            case "state":
                self.state = message["state"]
            case "error":
                self.errors.append(message["code"])
            case _:
                pass

    def called(self, companion: str, name: str) -> bool:
        """Return whether a companion of the wire goes by this name."""
        return name.casefold() in {companion, *(each.casefold() for each in self.names.get(companion, ()))}

    def _reply(self, turn: int) -> Reply | None:
        return next((reply for reply in reversed(self.replies) if reply.turn == turn), None)

    def _media(self, reply: Reply, message: Mapping[str, Any], now: float) -> None:
        if message["pcm"]:
            reply.first_sound = now if reply.first_sound is None else reply.first_sound
            reply._heard = message["pts"] + len(message["pcm"]) // 2 * TICKS // self.rate
        if self.faces:
            self._face(reply, message["pts"], shown=bool(message["face"]))
            if not message["face"]:
                self._face(reply, reply._heard, shown=False)

    @staticmethod
    def _face(reply: Reply, pts: int, *, shown: bool) -> None:
        if reply._bare_since is not None:
            reply.bare = max(reply.bare, 1000 * (pts - reply._bare_since) / TICKS)
        if shown:
            reply._bare_since = None
        elif reply._bare_since is None:
            reply._bare_since = pts
