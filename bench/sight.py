"""Measures the reader of faces: how long a picture takes, what 15 a second cost, and what it sees of known weights.

`python -m bench.sight` draws a head, sends it at 15 pictures a second as a client would, and tells the time from
picture to face (p50, p95) and the CPU of the process. With `--shapes` it draws the head in each of ARKit's shapes at
0.8 and has it read: the channel of that name at rest and then, what arrives of it in a `seen` message, and the largest
change of another. It needs the extras `sight` and `head`.
"""

from __future__ import annotations

import argparse
import asyncio
import io
import time
from contextlib import aclosing
from pathlib import Path

import psutil
from PIL import Image

from bench.stats import quantile, table
from engines.api import Picture, Seen, Stream
from engines.face.rigs import NAMES
from engines.identity.attributes import Attributes
from engines.sight.landmarks.engine import MediapipeSight
from protocol import messages as m
from protocol.codec import MSGPACK
from studio.head.model import Sculpture
from studio.head.plan import plan
from studio.head.sculpt import sculpt
from studio.render.picture import Shown, View, draw
from testkit.real.packages import FACE_LANDMARKER, folder

SIZE = (480, 640)
FPS = 15
WEIGHT = 0.8
STILL = 4  # pictures of one moment: the model smooths over several


def drawn(made: Sculpture, weights: dict[str, float]) -> bytes:
    """Return a JPEG of a head with these weights."""
    _, height, depth = next(bone.at for bone in made.bones if bone.name == "leftEye")
    view = View((0.0, height - 0.035, depth - 0.05), 0.5)
    file = io.BytesIO()
    Image.fromarray(draw(made, view, Shown(weights), size=SIZE, fine=1)[..., :3]).save(file, "JPEG", quality=85)
    return file.getvalue()


async def film(pictures: list[bytes], fps: float) -> Stream[Picture]:
    loop = asyncio.get_running_loop()
    due = loop.time()
    for data in pictures:
        await asyncio.sleep(max(0.0, due - loop.time()))
        due += 1 / fps
        yield Picture(data)


async def paced(engine: MediapipeSight, picture: bytes, count: int) -> dict[str, float]:
    """Return how long a picture takes at 15 a second, ms, and what share of a core the process takes."""
    sent: list[float] = []
    took: list[float] = []

    async def told() -> Stream[Picture]:
        async with aclosing(film([picture] * count, FPS)) as pictures:
            async for each in pictures:
                sent.append(time.perf_counter())
                yield each

    child = psutil.Process(engine._child.pid)
    before, began = sum(child.cpu_times()[:2]), time.perf_counter()
    async with aclosing(engine.watch(told())) as seen:
        async for each in seen:
            assert isinstance(each, Seen)
            assert each.faces
            took.append((time.perf_counter() - sent[len(took)]) * 1000)
    lasted = time.perf_counter() - began
    late = took[FPS:]
    return {
        "pictures": count,
        "p50_ms": round(quantile(late, 0.5), 1),
        "p95_ms": round(quantile(late, 0.95), 1),
        "share_of_a_core": round((sum(child.cpu_times()[:2]) - before) / lasted, 3),
        "MiB": round(child.memory_info().rss / 2**20),
        "bytes_a_picture": len(picture),
    }


async def read(engine: MediapipeSight, picture: bytes) -> dict[str, float]:
    last = Seen()
    async with aclosing(engine.watch(film([picture] * STILL, 1000.0))) as seen:
        async for each in seen:
            assert isinstance(each, Seen)
            last = each
    return dict(last.faces[0].weights) if last.faces else {}


def travelled(weights: dict[str, float]) -> dict[str, float]:
    """Return the weights as they arrive: as the bytes of a `seen` message, encoded and decoded."""
    names = tuple(sorted(weights))
    face = m.SeenFace(id=1, weights=bytes(round(255 * weights[name]) for name in names))
    told = MSGPACK.decode_client(MSGPACK.encode(m.Seen(faces=(face,))))
    assert isinstance(told, m.Seen)
    return {name: byte / 255 for name, byte in zip(names, told.faces[0].weights, strict=True)}


async def shapes(engine: MediapipeSight, made: Sculpture) -> str:
    """Return a table: of each shape how much is seen in its own channel, what arrives of it, and where else most is."""
    rest = await read(engine, drawn(made, {}))
    rows = []
    right = own_first = 0
    for name in NAMES:
        found = await read(engine, drawn(made, {name: WEIGHT}))
        if not found:
            rows.append((name, "no face", "", ""))
            continue
        arrived = travelled(found)
        change = {channel: found.get(channel, 0.0) - rest[channel] for channel in rest}
        other = max((channel for channel in rest if channel != name), key=lambda channel: abs(change[channel]))
        own = change.get(name, 0.0)
        right += own > 0.1
        own_first += own > abs(change[other])
        here = f"{rest[name]:.2f} → {found[name]:.2f}" if name in rest else "the model has none"
        rows.append((name, here, f"{arrived[name]:.3f}" if name in arrived else "", f"{other} {change[other]:+.2f}"))
    heads = ("told at 0.8", "read in its own channel", "arrives", "most else")
    seen = f"{right} of {len(NAMES)} are seen in their own channel by more than 0.1, {own_first} there most of all."
    return f"{table(heads, rows)}\n\n{seen}"


async def measure(options: argparse.Namespace) -> None:
    made = sculpt(plan(Attributes(), 103))
    model = options.model or folder(FACE_LANDMARKER) / "face_landmarker.task"
    engine = MediapipeSight(str(model), faces=options.faces)
    await engine.start()
    try:
        told = await paced(engine, drawn(made, {"mouthSmileLeft": 0.5}), options.count)
        names = {"p50_ms": "a picture to its faces, p50, ms", "p95_ms": "p95, ms", "share_of_a_core": "share of a core"}
        rows = [(names.get(name, name), str(value)) for name, value in {"faces": options.faces, **told}.items()]
        print(table((f"{FPS} pictures a second, {SIZE[0]} by {SIZE[1]}", ""), rows))
        if options.shapes:
            print(f"\n{await shapes(engine, made)}")
    finally:
        await engine.close()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path)
    parser.add_argument("--count", type=int, default=150)
    parser.add_argument("--faces", type=int, default=2)
    parser.add_argument("--shapes", action="store_true")
    asyncio.run(measure(parser.parse_args()))


if __name__ == "__main__":
    main()
