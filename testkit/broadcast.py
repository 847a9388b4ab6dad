"""A program that behaves as OBS does to a remote control: password, text sources, scenes and their items."""

from __future__ import annotations

import hashlib
import json
from base64 import b64encode
from dataclasses import dataclass, field
from typing import Any

from websockets.asyncio.server import Server, ServerConnection, serve

UNAUTHENTICATED = 4009


@dataclass
class Broadcast:
    """`items` are the sources of each scene with their numbers."""

    password: str = ""
    texts: dict[str, list[str]] = field(default_factory=lambda: {"Subtitles": []})
    scenes: tuple[str, ...] = ("Main", "Smile")
    items: dict[tuple[str, str], int] = field(default_factory=lambda: {("Main", "Hand"): 7})
    shown: list[tuple[str, int, bool]] = field(default_factory=list)
    scene: str = "Main"
    marks: list[str] = field(default_factory=list)
    lines: list[ServerConnection] = field(default_factory=list)

    async def listen(self) -> Server:
        """Listen on a free port of this machine."""
        return await serve(self._serve, "127.0.0.1", 0)

    async def _serve(self, line: ServerConnection) -> None:
        self.lines.append(line)
        hello: dict[str, Any] = {"obsWebSocketVersion": "5.5.0", "rpcVersion": 1}
        if self.password:
            hello["authentication"] = {"challenge": "a+challenge=", "salt": "some/salt="}
        await line.send(json.dumps({"op": 0, "d": hello}))
        identify = json.loads(await line.recv())
        assert identify["op"] == 1
        if self.password and identify["d"].get("authentication") != self._proof():
            await line.close(UNAUTHENTICATED, "Authentication failed.")
            return
        await line.send(json.dumps({"op": 2, "d": {"negotiatedRpcVersion": 1}}))
        async for text in line:
            request = json.loads(text)["d"]
            done, data = self._do(request["requestType"], request.get("requestData", {}))
            status = {"result": done, "code": 100 if done else 600}
            answer = {"requestType": request["requestType"], "requestId": request["requestId"], "requestStatus": status}
            await line.send(json.dumps({"op": 7, "d": answer | ({"responseData": data} if data else {})}))

    def _proof(self) -> str:
        secret = b64encode(hashlib.sha256(f"{self.password}some/salt=".encode()).digest())
        return b64encode(hashlib.sha256(secret + b"a+challenge=").digest()).decode()

    def _do(self, kind: str, data: dict[str, Any]) -> tuple[bool, dict[str, Any]]:
        match kind:
            case "SetInputSettings" if data["inputName"] in self.texts:
                self.texts[data["inputName"]].append(data["inputSettings"]["text"])
            case "SetCurrentProgramScene" if data["sceneName"] in self.scenes:
                self.scene = data["sceneName"]
            case "GetSceneItemId" if (data["sceneName"], data["sourceName"]) in self.items:
                return True, {"sceneItemId": self.items[data["sceneName"], data["sourceName"]]}
            case "SetSceneItemEnabled":
                self.shown.append((data["sceneName"], data["sceneItemId"], data["sceneItemEnabled"]))
            case "CreateRecordChapter":
                self.marks.append(data["chapterName"])
            case _:
                return False, {}
        return True, {}
