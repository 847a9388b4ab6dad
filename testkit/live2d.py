"""A program that behaves as VTube Studio does to a plugin: tokens that somebody allows, errors, parameters, hotkeys."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from websockets.asyncio.server import Server, ServerConnection, serve

DEFAULTS = ("FaceAngleX", "FaceAngleY", "FaceAngleZ", "MouthOpen", "MouthSmile", "EyeOpenLeft", "EyeOpenRight")


@dataclass
class Live2d:
    """`allows` is what the streamer clicks; `busy` are parameters that another plugin sets."""

    allows: bool = True
    busy: frozenset[str] = frozenset()
    tokens: set[str] = field(default_factory=set)
    created: dict[str, dict[str, Any]] = field(default_factory=dict)
    values: list[dict[str, float]] = field(default_factory=list)  # what each request set
    hotkeys: dict[str, str] = field(default_factory=lambda: {"Happy": "h-1"})
    triggered: list[str] = field(default_factory=list)
    errors: list[int] = field(default_factory=list)
    asked: int = 0  # how often the streamer was asked
    lines: list[ServerConnection] = field(default_factory=list)

    async def listen(self) -> Server:
        """Listen on a free port of this machine."""
        return await serve(self._serve, "127.0.0.1", 0)

    async def _serve(self, line: ServerConnection) -> None:
        self.lines.append(line)
        known = False
        async for text in line:
            asked = json.loads(text)
            kind, data = asked["messageType"], asked["data"]
            assert asked["apiName"] == "VTubeStudioPublicAPI"
            assert 1 <= len(asked["requestID"]) <= 64
            if kind == "AuthenticationTokenRequest":
                assert 3 <= len(data["pluginName"]) <= 32
                assert 3 <= len(data["pluginDeveloper"]) <= 32
                self.asked += 1
                if not self.allows:
                    await self._fail(line, asked, 50)
                    continue
                token = f"token-{len(self.tokens)}"
                self.tokens.add(token)
                await self._answer(line, asked, {"authenticationToken": token})
            elif kind == "AuthenticationRequest":
                known = data["authenticationToken"] in self.tokens
                await self._answer(line, asked, {"authenticated": known, "reason": ""})
            elif not known:
                await self._fail(line, asked, 8)
            else:
                await self._serve_known(line, asked, kind, data)

    async def _serve_known(self, line: ServerConnection, asked: Any, kind: str, data: Any) -> None:
        match kind:
            case "ParameterCreationRequest":
                assert 4 <= len(data["parameterName"]) <= 32
                assert data["parameterName"].isalnum()
                assert len(data["explanation"]) < 256
                self.created[data["parameterName"]] = data
                await self._answer(line, asked, {"parameterName": data["parameterName"]})
            case "InputParameterListRequest":
                lists = {"defaultParameters": DEFAULTS, "customParameters": self.created}
                await self._answer(
                    line, asked, {key: [{"name": name} for name in names] for key, names in lists.items()}
                )
            case "HotkeysInCurrentModelRequest":
                found = [{"name": name, "hotkeyID": key} for name, key in self.hotkeys.items()]
                await self._answer(line, asked, {"modelLoaded": True, "availableHotkeys": found})
            case "InjectParameterDataRequest":
                names = {each["id"] for each in data["parameterValues"]}
                if names - self.created.keys() - set(DEFAULTS):
                    await self._fail(line, asked, 453)
                elif names & self.busy:
                    await self._fail(line, asked, 454)
                else:
                    self.values.append({each["id"]: each["value"] for each in data["parameterValues"]})
                    await self._answer(line, asked, {})
            case "HotkeyTriggerRequest":
                self.triggered.append(data["hotkeyID"])
                await self._answer(line, asked, {"hotkeyID": data["hotkeyID"]})
            case _:
                await self._fail(line, asked, 1)

    async def _answer(self, line: ServerConnection, asked: Any, data: Any) -> None:
        kind = asked["messageType"].replace("Request", "Response")
        await line.send(json.dumps({**asked, "messageType": kind, "timestamp": 0, "data": data}))

    async def _fail(self, line: ServerConnection, asked: Any, number: int) -> None:
        self.errors.append(number)
        data = {"errorID": number, "message": "no"}
        await line.send(json.dumps({**asked, "messageType": "APIError", "timestamp": 0, "data": data}))
