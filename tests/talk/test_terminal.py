"""`companion talk` end to end against a scripted server, on a clock that jumps."""

from __future__ import annotations

import asyncio
import io
import wave
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest

from protocol import messages as wire
from tests.talk.fake import Fake, face, sound
from tests.talk.holding import Terminal, bare, hold, saved

pytestmark = pytest.mark.usefixtures("bare")
__all__ = ["bare"]


@pytest.mark.parametrize("subprotocol", [[], ["--json"]])
def test_a_line_is_said_answered_and_recorded(tmp_path: Path, subprotocol: list[str]) -> None:
    fake = Fake(notice="no language model is loaded")
    code, printed = hold(fake, "--text", "Hello!", "--user", "Bo", "--record", str(tmp_path), *subprotocol)
    assert code == 0
    assert printed[0] == "(no language model is loaded)"
    assert printed[1:3] == ["you: Hello!", "Ada: (smiles) Hello there, it is good to see you."]
    hello = fake.of(wire.Hello)[0]
    assert (hello.user, hello.greet, hello.client) == ("Bo", False, "companion talk")
    pcm, faces, transcript = saved(tmp_path)
    assert pcm == sound(1, 24_000)
    assert [round(row[0] * 255) for row in faces["frames"]] == list(face(1, 24_000)[::3])
    asked, answered = transcript["turns"]
    assert (asked["who"], asked["text"]) == ("user", "Hello!")
    assert answered["text"] == "Hello there, it is good to see you."
    assert [word["start_s"] for word in answered["words"]] == [index * 0.125 for index in range(8)]
    assert 0 < answered["latency_s"] < 0.1
    assert transcript["companion"] == "Ada"


def test_the_server_learns_what_is_heard() -> None:
    fake = Fake()
    hold(fake, "--text", "Hello!")
    heads = fake.of(wire.Playhead)
    assert heads[0].pts == 0
    assert heads[-1].pts == 48_000
    assert [head.pts for head in heads] == sorted(head.pts for head in heads)
    gaps = np.diff([head.pts for head in heads]) / 48_000
    assert gaps.max() <= 0.25
    assert len(heads) < 10
    assert heads[-1].seq == fake.outbox[-1].seq


def test_lines_wait_for_their_answers(tmp_path: Path) -> None:
    fake = Fake(samples=6000)
    code, printed = hold(fake, "--text", "one", "--text", "two", "--record", str(tmp_path), "--quiet")
    assert code == 0
    said = "Ada: Hello there, it is good to see you."
    assert printed == ["you: one", said, "you: two", said]
    pcm = saved(tmp_path)[0]
    assert pcm[:12_000] == sound(1, 6000)
    assert pcm[-12_000:] == sound(2, 6000)
    assert len(pcm) == 2 * (6000 + 7200 + 6000), "0.3 s between them"


def test_words_appear_in_time_with_the_sound() -> None:
    class Stamped(io.StringIO):
        def write(self, text: str) -> int:
            if text.strip():
                times.append((text.strip(), asyncio.get_running_loop().time()))
            return super().write(text)

    times: list[tuple[str, float]] = []
    hold(Fake(), "--text", "Hello!", "--quiet", out=Stamped())
    start = dict(times)["Hello"]
    spoken = times[[text for text, _ in times].index("Hello") :][:8]
    assert [text for text, _ in spoken] == ["Hello", "there,", "it", "is", "good", "to", "see", "you."]
    for index, (_, at) in enumerate(spoken):
        assert at - start == pytest.approx(index * 0.125, abs=0.03)


def test_a_recording_speaks_as_the_microphone(tmp_path: Path) -> None:
    question = tmp_path / "question.wav"
    with wave.open(str(question), "wb") as file:
        file.setparams((2, 2, 44_100, 0, "NONE", ""))
        tone = (9000 * np.sin(np.arange(44_100) / 9)).astype("<i2")
        file.writeframes(np.stack([tone, tone], axis=1).tobytes())
    fake = Fake()
    code, printed = hold(fake, "--wav", str(question), "--record", str(tmp_path / "out"))
    assert code == 0
    assert printed[:4] == [
        "   ... who",
        "   ... who ar",
        "you: who are you",
        "Ada: (smiles) Hello there, it is good to see you.",
    ]
    frames = fake.of(wire.Mic)
    assert [frame.pts for frame in frames] == [index * 320 for index in range(len(frames))]
    assert all(len(frame.data) == 640 for frame in frames)
    assert fake.of(wire.Hello)[0].audio.aec
    user = saved(tmp_path / "out")[2]["turns"][0]
    assert (user["text"], user["partials"], user["utterance"]) == ("who are you", 2, 1)
    assert user["at_s"] == pytest.approx(1.0, abs=0.05)


def test_push_to_talk_goes_around_the_recording(tmp_path: Path) -> None:
    question = tmp_path / "question.wav"
    with wave.open(str(question), "wb") as file:
        file.setparams((1, 2, 16_000, 0, "NONE", ""))
        file.writeframes(b"\1\1" * 8000)
    fake = Fake()
    assert hold(fake, "--wav", str(question), "--ptt")[0] == 0
    assert [(talk.on, talk.pts) for talk in fake.of(wire.Talk)] == [(True, 0), (False, 8000)]
    order = [type(message) for message in fake.got]
    assert order.index(wire.Talk) < order.index(wire.Mic)


def test_a_pipe_asks_line_by_line() -> None:
    async def lines() -> AsyncIterator[str]:
        for line in ("one", "", "/scene place=the hall", "two", "/nonsense", "/help"):
            yield line

    fake = Fake(samples=2400)
    code, printed = hold(fake, lines=lines)
    assert code == 0
    said = "Ada: (smiles) Hello there, it is good to see you."
    assert printed[0] == "(without sound: this machine has no sound; the words come in time all the same)"
    assert printed[1:5] == ["you: one", said, "you: two", said]
    assert "/nonsense is not understood" in printed[5]
    assert fake.of(wire.Context)[0].states == {"place": "the hall"}
    assert not fake.of(wire.Hello)[0].greet


def test_typing_over_the_companion_stops_it(tmp_path: Path) -> None:
    async def lines() -> AsyncIterator[str]:
        await asyncio.sleep(0.5)
        yield "wait"
        await asyncio.sleep(0.5)
        yield "/interrupt"
        await asyncio.sleep(0.5)
        yield "/event a dog barks"
        await asyncio.sleep(3)
        yield "/quit"

    fake = Fake(samples=48_000)
    out = Terminal()
    assert hold(fake, "--record", str(tmp_path), lines=lines, out=out)[0] == 0
    assert fake.of(wire.Hello)[0].greet, "a person at a terminal is greeted"
    assert fake.of(wire.Interrupt)[0].turn == 1
    assert fake.of(wire.Interrupt)[0].pts == pytest.approx(24_000, abs=4800)
    assert fake.of(wire.Context)[0].events == ("a dog barks",)
    pcm, _, transcript = saved(tmp_path)
    turns = [entry for entry in transcript["turns"] if entry["who"] == "companion"]
    assert [(turn["cut"], turn["reason"]) for turn in turns] == [
        (True, "interrupted"),
        (True, "interrupted"),
        (False, "complete"),
    ]
    assert turns[0]["end_s"] == pytest.approx(0.56, abs=0.1)
    first = round(turns[0]["end_s"] * 24_000) - round(0.06 * 24_000)
    assert pcm[: 2 * first] == sound(1, 48_000)[: 2 * first]
    heads = fake.of(wire.Playhead)
    stopped = max(head.pts for head in heads if head.turn == 1)
    assert stopped / 48_000 == pytest.approx(turns[0]["end_s"], abs=1e-3)
    assert [entry["text"] for entry in transcript["turns"] if entry["who"] == "user"] == ["wait"]


def test_a_cut_socket_is_mended_unheard(tmp_path: Path) -> None:
    fake = Fake(sever_after=9)
    code, printed = hold(fake, "--text", "Hello!", "--record", str(tmp_path))
    assert code == 0
    assert fake.connections == 2
    assert any("is mended" in line for line in printed)
    assert saved(tmp_path)[0] == sound(1, 24_000)
