"""The real Face Landmarker on heads that are drawn with known weights: what is told is read, as far as the dialogue.

A head is drawn once for each moment, in the process of the test; pictures go the way of a client's camera.
"""

from __future__ import annotations

import asyncio
import contextlib
import io
from collections.abc import Mapping
from contextlib import aclosing
from functools import cache
from importlib.util import find_spec
from typing import TYPE_CHECKING

import pytest
from websockets.exceptions import ConnectionClosed

from bridge.core.attention import Attention, told
from bridge.server.server import Server
from bridge.session.watching import STATE
from bridge.setup import casting, lifecycle
from bridge.setup.config import load
from engines.api import EngineError, Picture, Seen, SeenFace, Stream, Unreadable
from engines.sight.landmarks.engine import MediapipeSight
from protocol import messages as m
from protocol.codec import MSGPACK
from testkit.real.packages import FACE_LANDMARKER, folder
from tests.bridge.peers import peer, run
from tests.bridge.scenario import Cast, Scenario, perform, replies
from tests.real.conftest import or_skip

if TYPE_CHECKING:
    from studio.head.model import Sculpture

pytestmark = pytest.mark.real

SIZE = (360, 480)
# A movement of the drawn head, and the channel in which the model must see most of it.
MOVEMENTS: Mapping[str, tuple[str, ...]] = {
    "jawOpen": ("jawOpen",),
    "eyeBlinkLeft": ("eyeBlinkLeft",),
    "mouthSmileLeft": ("mouthSmileLeft", "mouthSmileRight"),
    "browInnerUp": ("browInnerUp", "browOuterUpLeft", "browOuterUpRight"),
    "eyeLookOutLeft": ("eyeLookOutLeft", "eyeLookInRight"),
}


@cache
def model() -> str:
    for package in ("mediapipe", "PIL", "numba", "scipy"):
        if find_spec(package) is None:
            pytest.skip(f"{package} is not installed")
    return str(or_skip(lambda: folder(FACE_LANDMARKER)) / "face_landmarker.task")


@cache
def drawn(shapes: tuple[str, ...] = (), *, yaw: float = 0.0, pitch: float = 0.0, kind: str = "JPEG") -> bytes:
    """A picture of one person with these shapes at 0.8; `yaw` and `pitch` are how far the camera goes around them."""
    from PIL import Image

    from studio.render.picture import Shown, View, draw

    made = _person()
    _, height, depth = next(bone.at for bone in made.bones if bone.name == "leftEye")
    view = View((0.0, height - 0.035, depth - 0.05), 0.5, yaw=yaw, pitch=pitch)
    pixels = draw(made, view, Shown(dict.fromkeys(shapes, 0.8)), size=SIZE, fine=1)[..., :3]
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, kind, quality=85)
    return file.getvalue()


@cache
def _person() -> Sculpture:
    from engines.identity.attributes import Attributes
    from studio.head.plan import plan
    from studio.head.sculpt import sculpt

    return sculpt(plan(Attributes(), 103))


async def read(engine: MediapipeSight, *pictures: Picture) -> list[Seen | Unreadable]:
    async def film() -> Stream[Picture]:
        for picture in pictures:
            yield picture

    async with aclosing(engine.watch(film())) as seen:
        return [each async for each in seen]


def seen(*pictures: Picture, faces: int = 1) -> list[Seen | Unreadable]:
    async def main() -> list[Seen | Unreadable]:
        engine = MediapipeSight(model(), faces=faces)
        await engine.start()
        try:
            return await read(engine, *pictures)
        finally:
            await engine.close()

    return asyncio.run(main())


def face(*pictures: Picture) -> SeenFace:
    last = seen(*pictures)[-1]
    assert isinstance(last, Seen)
    (only,) = last.faces
    return only


def still(data: bytes, kind: str = "jpeg") -> list[Picture]:
    return [Picture(data, kind)] * 3


def test_each_movement_is_read_in_its_own_channel_and_on_its_own_side() -> None:
    rest = face(*still(drawn()))
    for name, shapes in MOVEMENTS.items():
        moved = face(*still(drawn(shapes)))
        changes = {channel: moved.weights[channel] - rest.weights[channel] for channel in moved.weights}
        assert changes[name] >= 0.2, f"{name} changes by {changes[name]:.2f}"
        other = name.replace("Left", "Right")
        if name == "eyeBlinkLeft":
            assert changes[other] < changes[name] / 2
    assert len(rest.weights) == 51, "all of ARKit's but the tongue"


def test_the_heads_turn_and_place_are_told_as_its_own() -> None:
    ahead = face(*still(drawn()))
    assert ahead.place is not None
    assert max(map(abs, ahead.place)) < 0.15
    assert 0.2 < ahead.size < 0.6
    turned, raised = face(*still(drawn(yaw=20.0))), face(*still(drawn(pitch=-15.0)))
    assert abs(abs(turned.yaw - ahead.yaw) - 20.0) < 4.0
    assert abs(turned.pitch - ahead.pitch) < 4.0
    assert 8.0 < raised.pitch - ahead.pitch < 20.0


def test_a_smile_becomes_words_for_the_dialogue() -> None:
    attention = Attention()
    for number, each in enumerate(seen(*[Picture(drawn(MOVEMENTS["mouthSmileLeft"]))] * 12)):
        assert isinstance(each, Seen)
        attention.see(each, number / 15)
    assert attention.view is not None
    assert told(attention.view) == "smiles and looks at you"


def test_a_smile_that_was_read_travels_as_a_message_and_reaches_the_dialogue() -> None:
    read_ = face(*still(drawn(MOVEMENTS["mouthSmileLeft"])))
    names = tuple(sorted(read_.weights))
    told_ = m.Seen(
        faces=(
            m.SeenFace(
                id=1,
                weights=bytes(round(255 * read_.weights[name]) for name in names),
                pose=(read_.yaw, read_.pitch, read_.roll),
                place=read_.place,
                size=read_.size,
            ),
        )
    )
    travelled = MSGPACK.decode_client(MSGPACK.encode(told_))
    assert isinstance(travelled, m.Seen)

    async def play(scenario: Scenario) -> None:
        while scenario.now < 2.0:
            scenario.say(travelled)
            await asyncio.sleep(1 / 15)
        scenario.type("how do I look")
        await scenario.at(5.0)

    hello = m.Hello(seen=m.HelloSeen(names=names))
    scenario = perform(play, Cast(dialogue=replies("You smile.")), hello=hello)
    assert scenario.avatar.errors() == []
    assert scenario.cast.dialogue.requests[-1].scene == {STATE: "smiles and looks at you"}


def test_a_face_is_followed_and_its_absence_told() -> None:
    import numpy as np
    from PIL import Image

    file = io.BytesIO()
    Image.fromarray(np.full((240, 320, 3), 128, np.uint8)).save(file, "WEBP")
    nobody = Picture(file.getvalue(), "webp")
    there = Picture(drawn(kind="PNG"), "png")
    found = seen(there, there, nobody, there)
    assert [len(each.faces) for each in found if isinstance(each, Seen)] == [1, 1, 0, 1]


def test_what_is_no_picture_is_told_and_the_camera_goes_on() -> None:
    import numpy as np
    from PIL import Image

    wide = io.BytesIO()
    Image.fromarray(np.zeros((8, 5000, 3), np.uint8)).save(wide, "PNG")
    jpeg = drawn()
    bad = [
        Picture(b"", "jpeg"), Picture(b"\xff\xd8\xff" + bytes(100), "jpeg"), Picture(jpeg, "png"),
        Picture(wide.getvalue(), "png"), Picture(jpeg[: len(jpeg) // 2], "jpeg"),
    ]  # fmt: skip
    found = seen(*bad, Picture(jpeg))
    assert [type(each).__name__ for each in found] == ["Unreadable"] * 5 + ["Seen"]
    assert "too large" in found[3].why  # type: ignore[union-attr]


def test_a_model_that_is_none_and_too_many_cameras_are_told() -> None:
    async def start(path: str) -> str:
        engine = MediapipeSight(path)
        try:
            await engine.start()
        except EngineError as error:
            return error.message
        finally:
            await engine.close()
        return ""

    model()
    assert "there is no Face Landmarker model" in asyncio.run(start("/nowhere/face_landmarker.task"))
    assert "is no Face Landmarker model" in asyncio.run(start(__file__))

    picture = Picture(drawn())  # drawn before anybody waits for an answer: it takes its time on a busy machine

    async def crowd() -> str:
        engine = MediapipeSight(model(), cameras=1)
        await engine.start()
        try:
            gate = asyncio.Event()

            async def waiting() -> Stream[Picture]:
                yield picture
                await gate.wait()

            async with aclosing(engine.watch(waiting())) as first:
                await anext(first)
                with pytest.raises(EngineError) as refused:
                    await read(engine, picture)
                gate.set()
            assert refused.value.retryable
            return refused.value.message
        finally:
            await engine.close()

    assert "1 cameras are watched already" in asyncio.run(crowd())


def crowd(people: int) -> bytes:
    """A picture of so many heads, four in a row."""
    from PIL import Image

    whole = Image.open(io.BytesIO(drawn()))
    wide, high = whole.size
    head = whole.crop((wide // 5, high // 8, wide * 4 // 5, high * 7 // 9)).resize((256, 300))
    picture = Image.new("RGB", (256 * 4, 300 * ((people + 3) // 4)), (128, 128, 128))
    for number in range(people):
        picture.paste(head, (256 * (number % 4), 300 * (number // 4)))
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=90)
    return file.getvalue()


def test_of_ten_people_as_many_are_followed_as_may_be() -> None:
    found = seen(*[Picture(crowd(10))] * 4, faces=4)[-1]
    assert isinstance(found, Seen)
    assert len({each.id for each in found.faces}) == len(found.faces) == 4


def test_whatever_a_camera_sends_the_conversation_goes_on_and_each_kind_is_told_once() -> None:
    from PIL import Image

    nobody = io.BytesIO()
    Image.new("RGB", (320, 240), (128, 128, 128)).save(nobody, "JPEG")
    jpeg, ten = drawn(), crowd(10)
    settings = ("engines.stt=none", "server.port=0", "engines.sight=mediapipe", f"mediapipe.model={model()}")
    config = load(None, {}, [*settings, "mediapipe.faces=4", "sight.greet=false"])
    companion = casting.cast(config, casting.identity(config.identity.path), casting.engine)

    async def body() -> None:
        async with lifecycle.started(companion.engines), Server(config, companion) as server, peer(server) as one:
            welcome = await one.hello(face={"profile": "none"})
            # No pictures; then two hundred in a second; then nobody, and ten.
            for data in (b"", b"GIF89a", b"\xff\xd8\xff" + bytes(2000), jpeg[:900]):
                await one.send("camera", data=data)
                await one.send("ping", stamp=1.0)
                await one.until("pong")
            for _ in range(200):
                await one.send("camera", data=jpeg)
            for data in (nobody.getvalue(), ten):
                await one.send("camera", data=data)
            one.records = True
            await one.send("text", text="What is your name?")
            assert "Nora" in (await one.until("reply_end"))["text"]
            told_ = [each["code"] for each in one.seen if each["type"] == "error"]
            assert sorted(set(told_)) == ["bad_camera", "rate_limited"]
            assert max(map(told_.count, told_)) <= 2, "once a turn"
            # What is larger than a message may be ends the connection, not the conversation.
            with contextlib.suppress(ConnectionClosed):
                await one.send("camera", data=bytes(400_000))
            assert (await one.closed())[0] == 1009
            last = max(each.get("seq", 0) for each in one.seen)
            again = {"session": welcome["session"], "token": welcome["token"], "seq": last}
            async with peer(server) as other:
                assert (await other.hello(resume=again, face={"profile": "none"}))["resumed"] is True
                other.records = True
                await other.send("text", text="Are you a person?")
                assert (await other.until("reply_end", turn=2))["text"]

    run(body)
