"""Outlets of the command line: what they are given is read, refused with a reason, and kept safe."""

from __future__ import annotations

import asyncio
import json
import socket
import stat
from pathlib import Path

import pytest

from bridge.command import outlets
from bridge.command.serving import opened
from bridge.errors import ConfigError
from bridge.setup.config import load
from bridge.setup.sections import OutletsSection
from outlets.vmc import Performer
from talk.client import Companion
from testkit.patience import PATIENCE


def test_a_mistake_in_an_address_is_told_with_its_code() -> None:
    with pytest.raises(ConfigError, match="no outlet") as caught:
        outlets.addresses(OutletsSection(to=("smell://",)))
    assert caught.value.code == "bad_outlet"
    with pytest.raises(ConfigError, match="abroad"):
        outlets.addresses(OutletsSection(to=("vmc://10.0.0.1",)))
    assert len(outlets.addresses(OutletsSection(to=("vmc://10.0.0.1", "livelink://"), abroad=True))) == 2


def test_tokens_are_kept_for_each_address_where_only_their_owner_reads_them(tmp_path: Path) -> None:
    file = tmp_path / "kept" / "tokens.json"
    assert outlets._token(file, "vts://a") == ""
    outlets._keep(file, "vts://a", "one")
    outlets._keep(file, "vts://b", "two")
    assert (outlets._token(file, "vts://a"), outlets._token(file, "vts://b")) == ("one", "two")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    for broken in ("", "[]", json.dumps({"vts://a": 5}), "\0"):
        file.write_text(broken)
        assert outlets._token(file, "vts://a") == ""
    outlets._keep(file, "vts://a", "three")
    assert outlets._token(file, "vts://a") == "three"


def test_a_reply_of_the_real_server_moves_a_face_in_another_program() -> None:
    async def main() -> list[float]:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listening:
            listening.bind(("127.0.0.1", 0))
            listening.setblocking(False)
            port = listening.getsockname()[1]
            config = load(None, {}, ["server.port=0", f"outlets.to=vmc://127.0.0.1:{port}?clips=no&bones=no"])
            performer, loop = Performer(), asyncio.get_running_loop()
            opening: list[float] = []
            async with (
                asyncio.timeout(PATIENCE),
                opened(config) as server,
                Companion.connect(f"ws://127.0.0.1:{server.port}") as companion,
            ):
                await companion.text("Who are you?")
                talking = loop.create_task(_listen(companion))
                while not (max(opening, default=0) > 0.15 and opening[-1] < 0.05):
                    packet = await loop.sock_recv(listening, 2000)
                    opening += [frame["jawOpen"] for frame in performer.take(packet)]
                talking.cancel()
                await asyncio.gather(talking, return_exceptions=True)
            return opening

    opening = asyncio.run(main())
    assert max(opening) > 0.15


async def _listen(companion: Companion) -> None:
    async for _ in companion:
        pass
