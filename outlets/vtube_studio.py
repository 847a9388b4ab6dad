"""VTube Studio's plugin API as a conversation, without the socket: what to send at first, on answers, and for a face.

A token is asked for once, which the streamer allows in a window; with it the plugin says who it is on each connection.
Its own parameters are created, the default ones are used where the program has them; values that are set must be sent
again each second, and a request with an unknown parameter fails as a whole.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import degrees
from typing import Final, Literal, TypeAlias

from engines.face.rigs import NAMES
from outlets.frame import Frame
from outlets.names import PERFECT_SYNC

PORT: Final = 8_001
PLUGIN: Final = {"pluginName": "Companion Bridge", "pluginDeveloper": "The Companion Bridge authors"}
DENIED: Final = 50
ANSWER_CHARS: Final = 1_000_000

Stage: TypeAlias = Literal["token", "session", "parameters", "ready", "refused"]
Json: TypeAlias = dict[str, object]


def _clamped(low: float, value: float, high: float) -> float:
    return min(high, max(low, value))


def _open(side: str) -> Callable[[Frame], float]:
    return lambda frame: _clamped(0.0, 1 - 1.1 * frame[f"eyeBlink{side}"] + 0.2 * frame[f"eyeWide{side}"], 1.0)


def _brow(side: str) -> Callable[[Frame], float]:
    return lambda frame: _clamped(0.0, 0.5 + 0.5 * (frame[f"browOuterUp{side}"] - frame[f"browDown{side}"]), 1.0)


def _mouth_open(frame: Frame) -> float:
    rolled = 0.2 * (frame["mouthRollUpper"] + frame["mouthRollLower"])
    return _clamped(0.0, frame["jawOpen"] - frame["mouthClose"] - rolled + 0.2 * frame["mouthFunnel"], 1.0)


def _smile(frame: Frame) -> float:
    corners = sum(frame[f"mouth{name}{side}"] * sign for name, sign in (("Smile", 1), ("Frown", -1)) for side in _SIDES)
    return _clamped(0.0, (2 + corners - frame["mouthPucker"]) / 4, 1.0)


_SIDES: Final = ("Left", "Right")
# What VTube Studio has by itself, in its units: degrees to the viewer's right, and so on.
DEFAULTS: Final[Mapping[str, Callable[[Frame], float]]] = {
    "FaceAngleX": lambda frame: _clamped(-30.0, degrees(frame.yaw), 30.0),
    "FaceAngleY": lambda frame: _clamped(-30.0, degrees(frame.pitch), 30.0),
    "FaceAngleZ": lambda frame: _clamped(-30.0, degrees(frame.roll), 30.0),
    "MouthOpen": _mouth_open,
    "MouthSmile": _smile,
    "MouthX": lambda frame: _clamped(-1.0, frame["mouthLeft"] - frame["mouthRight"], 1.0),
    "EyeOpenLeft": _open("Left"),
    "EyeOpenRight": _open("Right"),
    "EyeLeftX": lambda frame: _clamped(-1.0, 2 * frame.eye("Left")[0], 1.0),
    "EyeRightX": lambda frame: _clamped(-1.0, 2 * frame.eye("Right")[0], 1.0),
    "EyeLeftY": lambda frame: _clamped(-1.0, 2 * frame.eye("Left")[1], 1.0),
    "EyeRightY": lambda frame: _clamped(-1.0, 2 * frame.eye("Right")[1], 1.0),
    "BrowLeftY": _brow("Left"),
    "BrowRightY": _brow("Right"),
    "Brows": lambda frame: (_brow("Left")(frame) + _brow("Right")(frame)) / 2,
    "CheekPuff": lambda frame: frame["cheekPuff"],
    "TongueOut": lambda frame: frame["tongueOut"],
}
OWN: Final[Mapping[str, str]] = {name: f"CB{PERFECT_SYNC[name]}" for name in NAMES}


@dataclass(frozen=True, slots=True)
class Token:
    """A token that VTube Studio gave, to be kept for the next time."""

    token: str


@dataclass(frozen=True, slots=True)
class Refused:
    """VTube Studio does not want to be driven; `message` says why, for people."""

    message: str


News: TypeAlias = Token | Refused


class VtubeStudio:
    """One connection, without its socket; `token` is what was kept, `fps` how often a face may be sent."""

    def __init__(self, token: str = "", *, fps: int = 30, own: bool = True) -> None:
        self.stage: Stage = "session" if token else "token"
        self._token = token
        self._own = own
        self._every = 1 / fps
        self._due = 0.0
        self._known: frozenset[str] = frozenset()
        self._hotkeys: dict[str, str] = {}
        self._creating = 0
        self._number = 0

    def begin(self) -> list[str]:
        """Return what to send when the socket is open."""
        if self.stage == "token":
            return [self._request("AuthenticationTokenRequest", PLUGIN)]
        return [self._request("AuthenticationRequest", PLUGIN | {"authenticationToken": self._token})]

    def receive(self, text: str) -> tuple[list[str], list[News]]:
        """Return what to send next, and what the owner should know; what is not understood is skipped."""
        kind, data = _answer(text)
        match kind:
            case "AuthenticationTokenResponse" if isinstance(token := data.get("authenticationToken"), str) and token:
                self._token, self.stage = token[:64], "session"
                return self.begin(), [Token(self._token)]
            case "AuthenticationResponse" if data.get("authenticated") is True:
                self.stage = "parameters"
                return self._prepare(), []
            case "AuthenticationResponse" if self.stage == "session":
                # The token was taken back: ask anew.
                self._token, self.stage = "", "token"
                return self.begin(), []
            case "ParameterCreationResponse":
                return self._created(), []
            case "InputParameterListResponse":
                self._known = frozenset(_names(data, "defaultParameters") + _names(data, "customParameters"))
                self.stage = "ready"
                return [], []
            case "HotkeysInCurrentModelResponse":
                self._hotkeys = _hotkeys(data)
                return [], []
            case "APIError":
                return self._failed(data)
            case _:
                return [], []

    def face(self, frame: Frame, now: float) -> str | None:
        """Return what sets the face, at most `fps` times a second; None while it is not due or cannot be done."""
        if self.stage != "ready" or now < self._due:
            return None
        self._due = (self._due if now - self._due < self._every else now) + self._every
        values = {name: value(frame) for name, value in DEFAULTS.items()}
        values |= {OWN[name]: weight for name, weight in zip(NAMES, frame.weights, strict=True)}
        found = [{"id": name, "value": round(value, 4)} for name, value in values.items() if name in self._known]
        if not found:
            return None
        return self._request("InjectParameterDataRequest", {"faceFound": True, "mode": "set", "parameterValues": found})

    def cue(self, name: str) -> str | None:
        """Return what triggers the model's hotkey that is called like an emotion or a gesture, None without one."""
        hotkey = self._hotkeys.get(name.casefold())
        if self.stage != "ready" or hotkey is None:
            return None
        return self._request("HotkeyTriggerRequest", {"hotkeyID": hotkey})

    def _prepare(self) -> list[str]:
        hotkeys = self._request("HotkeysInCurrentModelRequest", {})
        if not self._own:
            return [hotkeys, self._request("InputParameterListRequest", {})]
        self._creating = len(OWN)
        return [
            hotkeys,
            *(
                self._request(
                    "ParameterCreationRequest",
                    {
                        "parameterName": own,
                        "explanation": f"ARKit's {name}, by Companion Bridge",
                        "min": 0,
                        "max": 1,
                        "defaultValue": 0,
                    },
                )
                for name, own in OWN.items()
            ),
        ]

    def _created(self) -> list[str]:
        self._creating -= 1
        return [] if self._creating else [self._request("InputParameterListRequest", {})]

    def _failed(self, data: Json) -> tuple[list[str], list[News]]:
        if data.get("errorID") == DENIED or self.stage == "token":
            self.stage = "refused"
            return [], [
                Refused("VTube Studio was not allowed to be driven: allow the plugin in its window, and start again")
            ]
        if self.stage == "parameters" and self._creating:
            return self._created(), []
        if self.stage == "ready":
            # Somebody else sets one of them, or the model changed: look again at what there is.
            self.stage = "parameters"
            return [self._request("InputParameterListRequest", {})], []
        return [], []

    def _request(self, kind: str, data: Mapping[str, object]) -> str:
        self._number += 1
        return json.dumps(
            {
                "apiName": "VTubeStudioPublicAPI",
                "apiVersion": "1.0",
                "requestID": f"cb{self._number}",
                "messageType": kind,
                "data": data,
            }
        )


def _answer(text: str) -> tuple[str, Json]:
    try:
        message = json.loads(text) if len(text) <= ANSWER_CHARS else None
    except (ValueError, RecursionError):
        return "", {}
    if not isinstance(message, dict):
        return "", {}
    kind, data = message.get("messageType"), message.get("data")
    return (kind if isinstance(kind, str) else ""), (data if isinstance(data, dict) else {})


def _names(data: Json, key: str) -> list[str]:
    found = data.get(key)
    listed = found if isinstance(found, list) else []
    return [name for each in listed if isinstance(each, dict) and isinstance(name := each.get("name"), str)]


def _hotkeys(data: Json) -> dict[str, str]:
    found = data.get("availableHotkeys")
    listed = [each for each in (found if isinstance(found, list) else []) if isinstance(each, dict)]
    return {
        name.casefold(): key
        for each in listed
        if isinstance(name := each.get("name"), str) and isinstance(key := each.get("hotkeyID"), str)
    }
