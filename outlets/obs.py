"""OBS by obs-websocket 5 as a conversation, without the socket: subtitles, scenes, sources and marks in a recording.

Messages are maps with an `op`: 0 hello, 1 identify, 2 identified, 6 request, 7 its answer. A password is proved by two
SHA-256 over its salt and the connection's challenge.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Final, Literal, TypeAlias

PORT: Final = 4_455
RPC: Final = 1
TEXT: Final = 500  # characters of a subtitle
ANSWER_CHARS: Final = 1_000_000
UNAUTHENTICATED: Final = 4_009  # the code with which it closes on a wrong password
WAITING: Final = 64  # requests for a source's number that may be unanswered

Json: TypeAlias = dict[str, object]


@dataclass(frozen=True, slots=True)
class Scene:
    """A cue changes to a scene."""

    scene: str


@dataclass(frozen=True, slots=True)
class Source:
    """A cue shows or hides a source of a scene."""

    scene: str
    source: str
    shown: bool


Deed: TypeAlias = Scene | Source


def proof(password: str, salt: str, challenge: str) -> str:
    """Return what proves the password."""
    secret = b64encode(sha256((password + salt).encode()).digest()).decode()
    return b64encode(sha256((secret + challenge).encode()).digest()).decode()


class Obs:
    """One connection, without its socket; `text` is the text source for subtitles, `deeds` what a cue's name does."""

    def __init__(self, *, password: str = "", text: str = "", deeds: Mapping[str, Deed] | None = None) -> None:
        self.stage: Literal["hello", "ready", "refused"] = "hello"
        self._password = password
        self._text = text
        self._deeds = {name.casefold(): deed for name, deed in (deeds or {}).items()}
        self._number = 0
        self._asked: dict[str, Source] = {}
        self._shown: str | None = None

    def receive(self, text: str) -> list[str]:
        """Return what to send next; what is not understood is skipped."""
        op, data = _answer(text)
        match op:
            case 0:
                identify: Json = {"rpcVersion": RPC, "eventSubscriptions": 0}
                match data.get("authentication"):
                    case {"challenge": str(challenge), "salt": str(salt)}:
                        identify["authentication"] = proof(self._password, salt, challenge)
                    case _:
                        pass
                return [json.dumps({"op": 1, "d": identify})]
            case 2:
                self.stage, self._shown = "ready", None
                return self.subtitle("")
            case 7:
                return self._found(data)
            case _:
                return []

    def subtitle(self, text: str) -> list[str]:
        """Show what is said now; its end where it is too long."""
        shown = text[-TEXT:]
        if self.stage != "ready" or not self._text or shown == self._shown:
            return []
        self._shown = shown
        return [self._request("SetInputSettings", {"inputName": self._text, "inputSettings": {"text": shown}})]

    def cue(self, name: str) -> list[str]:
        """Do what a cue of this name is meant to."""
        match self._deeds.get(name.casefold()) if self.stage == "ready" else None:
            case Scene(scene):
                return [self._request("SetCurrentProgramScene", {"sceneName": scene})]
            case Source() as deed if len(self._asked) < WAITING:
                request = self._request("GetSceneItemId", {"sceneName": deed.scene, "sourceName": deed.source})
                self._asked[str(self._number)] = deed
                return [request]
            case _:
                return []

    def mark(self, name: str) -> list[str]:
        """Set a chapter mark in the recording that runs, if one does."""
        return [self._request("CreateRecordChapter", {"chapterName": name[:100]})] if self.stage == "ready" else []

    def _found(self, data: Json) -> list[str]:
        deed = self._asked.pop(str(data.get("requestId")), None)
        answer = data.get("responseData")
        number = answer.get("sceneItemId") if isinstance(answer, dict) else None
        if deed is None or not isinstance(number, int):
            return []
        return [
            self._request(
                "SetSceneItemEnabled",
                {"sceneName": deed.scene, "sceneItemId": number, "sceneItemEnabled": deed.shown},
            )
        ]

    def _request(self, kind: str, data: Mapping[str, object]) -> str:
        self._number += 1
        return json.dumps({"op": 6, "d": {"requestType": kind, "requestId": str(self._number), "requestData": data}})


def _answer(text: str) -> tuple[int, Json]:
    try:
        message = json.loads(text) if len(text) <= ANSWER_CHARS else None
    except (ValueError, RecursionError):
        return -1, {}
    if not isinstance(message, dict):
        return -1, {}
    op, data = message.get("op"), message.get("d")
    return (op if isinstance(op, int) else -1), (data if isinstance(data, dict) else {})
