"""The C# client's recording of a conversation is the reference client's, byte for byte."""

from __future__ import annotations

import asyncio
import struct
from pathlib import Path
from typing import Any

import pytest

from talk.client import Companion
from talk.heard import Began, Ended, Heard, Shown, Sound
from talk.playout import Playout
from talk.record import Recording
from testkit.patience import PATIENCE
from testkit.unity.player import playing
from testkit.unity.toolchain import run

TICK = 240  # samples of the output between two looks at the network
MESSAGE, READ = 0, 1
STORY_PTS = 48_000  # of the story: a second of it is heard before it is interrupted


class Reference:
    """The Python client's playout and recording, fed by hand."""

    def __init__(self, welcome: dict[str, Any]) -> None:
        face = welcome["face"]
        self.rate = welcome["audio"]["rate"]
        lead = welcome["lead_ms"] / 1000
        self.playout = Playout(rate=self.rate, fps=face["fps"], ranges=face["ranges"], lead=lead)
        self.recording = Recording(self.rate, face["fps"], face["names"])
        self.ended: list[int] = []

    def read(self, samples: int) -> None:
        for event in self.playout.read(samples)[1]:
            self._take(event)

    def _take(self, event: Heard) -> None:
        match event:
            case Began():
                self.recording.turn(event.turn)
            case Sound():
                self.recording.speech(event.pcm)
            case Shown() if event.turn:
                self.recording.frames([event.weights], source=event.source)
            case Ended():
                self.ended.append(event.turn)
                if event.pts:
                    self.recording.end(cut=event.cut, reason=event.reason)
            case _:
                pass


def _sound(file: Path) -> bytes:
    """The format and the samples: only the reference client labels its files as made by a machine."""
    data = file.read_bytes()
    at = data.find(b"data")
    if at < 0:
        return data
    return data[8 : at + 8 + int.from_bytes(data[at + 4 : at + 8], "little")]


def _same(ours: Path, theirs: Path) -> None:
    assert _sound(ours / "reply.wav") == _sound(theirs / "reply.wav")
    assert (ours / "face.csv").read_bytes() == (theirs / "face.csv").read_bytes()


async def _converse(port: int) -> list[tuple[int, bytes]]:
    """A conversation with an interruption and an underrun, as the wire carried it, with reads of the output between."""
    import websockets.asyncio.client as client

    stream: list[tuple[int, bytes]] = []
    async with Companion.connect(f"ws://127.0.0.1:{port}") as companion:
        socket: client.ClientConnection = companion._socket
        receive = socket.recv

        async def tapped(*args: Any, **kwargs: Any) -> Any:
            data = await receive(*args, **kwargs)
            stream.append((MESSAGE, data))
            return data

        welcome = companion.welcome
        stream.append((MESSAGE, companion._encode(welcome)))  # type: ignore[arg-type]  # bytes of this subprotocol
        socket.recv = tapped  # type: ignore[method-assign]  # to see the bytes before they are decoded
        reference = Reference(welcome)
        news = asyncio.Event()  # after every read of the output
        heard = asyncio.create_task(_read(companion, reference, stream, news))
        lines = ("Good morning, dear friend.", "Tell me a story.", "Pop music is my favourite.")
        for number, line in enumerate(lines, 1):
            await companion.text(line)
            async with asyncio.timeout(PATIENCE):
                # The story is interrupted in its course, the others are heard to their end.
                while not (
                    reference.playout.pts > STORY_PTS
                    if "story" in line
                    else number in reference.ended and reference.playout.quiet
                ):
                    news.clear()
                    await news.wait()
        heard.cancel()
    return stream


async def _read(
    companion: Companion, reference: Reference, stream: list[tuple[int, bytes]], news: asyncio.Event
) -> None:
    """Take messages, and play ten times as fast as life: the server cannot keep up, so that it also runs dry."""

    async def play() -> None:
        while True:
            reference.read(TICK)
            news.set()
            stream.append((READ, struct.pack("<i", TICK)))
            if reference.playout.turn:
                await companion.playhead(reference.playout.turn, reference.playout.pts)
            elif reference.ended:
                await companion.playhead(reference.ended[-1], 0)
            await asyncio.sleep(0.002)

    playing_task = asyncio.create_task(play())
    try:
        async for message in companion:
            if message["type"] != "welcome":
                reference.playout.push(message)
    finally:
        playing_task.cancel()


def test_the_same_stream_on_the_same_schedule(built: None, bridge: tuple[int, int], tmp_path: Path) -> None:
    stream = asyncio.run(_converse(bridge[0]))
    recorded = tmp_path / "stream"
    with recorded.open("wb") as file:
        for kind, data in stream:
            body = b"" if kind == READ else data
            count = struct.unpack("<i", data)[0] if kind == READ else len(data)
            file.write(struct.pack("<Bi", kind, count) + body)
    decoder = Companion("", {}, "companion.v1.msgpack")
    decoded = [(kind, decoder._decode(data) if kind == MESSAGE else data) for kind, data in stream]
    welcome = decoded[0][1]
    assert isinstance(welcome, dict)
    reference = Reference(welcome)
    for kind, item in decoded[1:]:
        if kind == READ:
            reference.read(struct.unpack("<i", item)[0])  # type: ignore[arg-type]  # bytes for this kind
        else:
            reference.playout.push(item)  # type: ignore[arg-type]  # a message for this kind
    reference.recording.save(tmp_path / "theirs")
    done = run("Replay.exe", str(recorded), str(tmp_path / "ours"))
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(reference.ended) == 3
    assert reference.recording.seconds > 3
    _same(tmp_path / "ours", tmp_path / "theirs")


async def _watch(port: int, watch: dict[str, Any], directory: Path, watches: asyncio.Event, over: asyncio.Event) -> int:
    """See a session as a viewer, with the reference client, from `watches` until `over`."""
    async with Companion.connect(f"ws://127.0.0.1:{port}", role="viewer", watch=watch) as viewer:
        reference = Reference(viewer.welcome)
        watches.set()
        news = asyncio.Event()

        async def play() -> None:
            while True:
                reference.read(TICK)
                news.set()
                await asyncio.sleep(TICK / reference.rate)

        async def receive() -> None:
            async for message in viewer:
                if message["type"] != "welcome":
                    reference.playout.push(message)

        tasks = [asyncio.create_task(play()), asyncio.create_task(receive())]
        await over.wait()
        while not reference.playout.quiet:
            news.clear()
            await news.wait()
        for task in tasks:
            task.cancel()
        reference.recording.save(directory)
        return len(reference.ended)


def test_a_live_conversation_is_recorded_alike_by_both_clients(
    built: None, bridge: tuple[int, int], tmp_path: Path
) -> None:
    """The C# client speaks, the Python client watches the same session."""

    async def converse() -> int:
        with playing(f"ws://127.0.0.1:{bridge[0]}", "--record") as player:
            welcome = await asyncio.to_thread(player.expect, "welcome")
            watch = {"session": welcome["session"], "token": welcome["watch"], "seq": 0}
            watches, over = asyncio.Event(), asyncio.Event()
            watching = asyncio.create_task(_watch(bridge[0], watch, tmp_path / "theirs", watches, over))
            await asyncio.wait_for(watches.wait(), PATIENCE)
            player.tell("say Peter baked five big pies for Mary.")
            await asyncio.to_thread(player.expect, "ended")
            await asyncio.sleep(0.5)
            player.tell(f"save {tmp_path / 'ours'}")
            await asyncio.to_thread(player.expect, "saved")
            over.set()
            return await asyncio.wait_for(watching, PATIENCE)

    assert asyncio.run(converse()) == 1
    assert (tmp_path / "ours" / "face.csv").stat().st_size > 10_000
    _same(tmp_path / "ours", tmp_path / "theirs")


@pytest.mark.parametrize("name", ["reply.wav", "face.csv"])
def test_the_comparison_can_fail(tmp_path: Path, name: str) -> None:
    for folder in ("ours", "theirs"):
        (tmp_path / folder).mkdir()
        for each in ("reply.wav", "face.csv"):
            (tmp_path / folder / each).write_bytes(b"same")
    (tmp_path / "ours" / name).write_bytes(b"other")
    with pytest.raises(AssertionError):
        _same(tmp_path / "ours", tmp_path / "theirs")
