"""Scripted engines keep to their script: words, times, tones, frame numbers and faults."""

from __future__ import annotations

import asyncio
import math
from array import array
from collections.abc import Iterable, Mapping
from contextlib import aclosing
from datetime import UTC, datetime
from itertools import pairwise
from typing import TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engines.api import (
    Cue,
    EngineError,
    FaceBlock,
    FaceStyle,
    Message,
    Phrase,
    Request,
    Speech,
    Stream,
    Tool,
    ToolResult,
    Voice,
)
from testkit.scripted.engines import (
    Fault,
    ScriptedDialogue,
    ScriptedFace,
    ScriptedStt,
    ScriptedTts,
    ScriptedVad,
    ToolUse,
    scripted_engines,
)
from testkit.scripted.media import TONES
from testkit.virtual_time import Stuck, run

T = TypeVar("T")
TEXT = "Hello there. This is, as they say, a test!"


async def stream(items: Iterable[T]) -> Stream[T]:
    for item in items:
        yield item


async def timed(items: Stream[T]) -> list[tuple[float, T]]:
    loop = asyncio.get_running_loop()
    async with aclosing(items):
        return [(round(loop.time(), 6), item) async for item in items]


async def collect(items: Stream[T]) -> list[T]:
    return [item for _, item in await timed(items)]


def request(tools: tuple[Tool, ...] = ()) -> Request:
    async def call(name: str, arguments: Mapping[str, object]) -> ToolResult:
        await asyncio.sleep(1)
        return ToolResult("ok", f"{name} {dict(arguments)}")

    return Request(
        session="s",
        occasion="user",
        history=(Message("user", "hi"),),
        user="",
        language="en",
        now=datetime(2025, 1, 1, tzinfo=UTC),
        scene={},
        tools=tools,
        call=call,
    )


def speak(tts: ScriptedTts, *phrases: Phrase | str) -> list[Speech]:
    made = [Phrase(p) if isinstance(p, str) else p for p in phrases]
    return run(collect(tts.speak(stream(made), Voice())))


# ------------------------------------------------------------------------------------------------ ears


def test_vad_hears_what_is_loud() -> None:
    ears = ScriptedVad(threshold=0.1).open()
    loud = array("h", (round(8000 * math.sin(i / 5)) for i in range(320))).tobytes()
    quiet = array("h", (round(800 * math.sin(i / 5)) for i in range(320))).tobytes()
    assert [ears.probability(w) for w in (quiet, loud, bytes(640))] == [0.0, 1.0, 0.0]


@given(st.floats(0, 1), st.binary(min_size=2, max_size=640).filter(lambda data: len(data) % 2 == 0))
def test_vad_compares_every_fifth_sample(threshold: float, window: bytes) -> None:
    loudest = max(abs(sample) for sample in array("h", window)[::5])
    assert ScriptedVad(threshold=threshold).open().probability(window) == (loudest > round(threshold * 32767))


def test_vad_follows_its_script_first_and_anew_for_each_microphone() -> None:
    vad = ScriptedVad(script=(0.3, 0.9))
    for _ in range(2):
        ears = vad.open()
        assert [ears.probability(bytes(640)) for _ in range(3)] == [0.3, 0.9, 0.0]


def test_stt_shows_partials_by_audio_and_the_final_after_its_delay() -> None:
    stt = ScriptedStt(("one two three",), delay=0.4, partial_s=0.5)
    heard = run(timed(stt.transcribe(stream([bytes(16_000)] * 3), "en")))
    assert [(at, t.text, t.final) for at, t in heard] == [
        (0, "one", False),
        (0, "one two", False),
        (0, "one two three", False),
        (0.4, "one two three", True),
    ]
    assert list(stt.heard) == [24_000]


def test_stt_goes_round_its_texts_or_asks() -> None:
    round_robin, asked = ScriptedStt(("a", "b")), ScriptedStt(lambda n: f"number {n}")
    for stt, texts in ((round_robin, ["a", "b", "a"]), (asked, ["number 0", "number 1", "number 2"])):
        assert [run(collect(stt.transcribe(stream([b"\0\0"]), "en")))[-1].text for _ in range(3)] == texts


# ------------------------------------------------------------------------------------------------ mind


def test_words_come_at_absolute_deadlines_however_late_the_consumer_is() -> None:
    async def main() -> list[float]:
        loop, times = asyncio.get_running_loop(), []
        async with aclosing(ScriptedDialogue(("a b c d e",), first=0.1, every=0.01).reply(request())) as words:
            async for word in words:
                times.append(round(loop.time(), 6))
                if word == "a":
                    await asyncio.sleep(0.025)
        return times

    assert run(main()) == [0.1, 0.125, 0.125, 0.13, 0.14]


def test_the_words_join_to_the_reply_with_its_tags() -> None:
    text = "[happy] Well,  hello!\n[gesture:wave 0.5] Bye."
    assert "".join(run(collect(ScriptedDialogue((text,)).reply(request())))) == text


def test_a_callable_sees_the_request_and_requests_are_kept() -> None:
    dialogue = ScriptedDialogue(lambda r: f"You said {r.history[-1].text}.")
    assert "".join(run(collect(dialogue.reply(request())))) == "You said hi."
    assert dialogue.requests[0].occasion == "user"
    dialogue.forget("s")
    assert list(dialogue.forgotten) == ["s"]


def test_a_tool_is_called_before_its_word_and_its_answer_said() -> None:
    dialogue = ScriptedDialogue(("Look: done.",), tools=(ToolUse(1, "open", {"door": 2}),))
    assert run(timed(dialogue.reply(request()))) == [(0, "Look:"), (1, " open {'door': 2} "), (1, " done.")]


# ------------------------------------------------------------------------------------------------ voice


def test_length_is_exact_per_word_and_per_character() -> None:
    assert sum(p.samples for p in speak(ScriptedTts(ms_per_word=100), "one two", "three.")) == 3 * 2400
    assert sum(p.samples for p in speak(ScriptedTts(ms_per_char=20, rate=16_000), "one two")) == 8 * 320


@pytest.mark.parametrize(
    "cuts", [[TEXT], TEXT.replace(" ", " |").split("|"), ["Hello there. This ", "is, as they say, a test!"]]
)
@pytest.mark.parametrize("piece_words", [0, 1, 2])
def test_cutting_the_text_never_changes_the_sound(cuts: list[str], piece_words: int) -> None:
    tts = ScriptedTts(piece_words=piece_words)
    assert b"".join(p.pcm for p in speak(tts, *cuts)) == tts.pcm(TEXT)


@pytest.mark.parametrize("rate", [8_000, 16_000, 22_050, 24_000, 44_100, 48_000])
def test_each_word_is_its_own_tone_and_the_sound_has_no_clicks(rate: int) -> None:
    tts = ScriptedTts(rate=rate, ms_per_word=200)
    sound = array("h", tts.pcm("a b c d"))
    length = rate // 5
    assert len(sound) == 4 * length
    for word in range(4):
        part = sound[word * length : (word + 1) * length]
        rising = sum(a < 0 <= b for a, b in pairwise(part))
        assert abs(rising * 5 - TONES[word]) <= 5
    steepest = 9830 * 2 * math.pi * TONES[3] / rate
    assert max(abs(a - b) for a, b in pairwise(sound)) <= steepest + 1


def test_words_phones_and_cues_are_timed() -> None:
    wave, end = Cue("gesture", "wave", 1.0, 4), Cue("emotion", "happy", 0.5, 8)
    (piece,) = speak(ScriptedTts(ms_per_word=100), Phrase("Map me.", (wave, end)))
    assert [(w.text, w.start, w.end, w.at) for w in piece.words] == [("Map", 0, 2400, 0), ("me.", 2400, 4800, 4)]
    assert [p.ipa for p in piece.phones] == ["m", "ɑ", "p", "m", "ɛ"]
    assert [(p.start, p.end) for p in piece.phones] == [(0, 800), (800, 1600), (1600, 2400), (2400, 3600), (3600, 4800)]
    assert [(t.cue.name, t.start) for t in piece.cues] == [("wave", 2400), ("happy", 4800)]


def test_a_phrase_of_cues_alone_still_brings_them() -> None:
    (piece,) = speak(ScriptedTts(), Phrase("", (Cue("emotion", "sad", 1.0, 0),)))
    assert (piece.samples, [t.cue.name for t in piece.cues]) == (0, ["sad"])
    assert speak(ScriptedTts(), " -- ") == []


def test_speech_takes_the_time_that_the_script_says() -> None:
    tts = ScriptedTts(ms_per_word=1000, delay=0.2, pace=0.5, piece_words=1)
    assert [at for at, _ in run(timed(tts.speak(stream([Phrase("a b"), Phrase("c")]), Voice())))] == [0.7, 1.2, 1.9]


def test_durations_that_would_click_are_refused() -> None:
    with pytest.raises(ValueError, match="20 ms"):
        ScriptedTts(ms_per_word=110)


# ------------------------------------------------------------------------------------------------ face


def test_frames_carry_their_numbers() -> None:
    face = ScriptedFace()
    rig = face.rig("arkit52", 60)
    jaw, high = rig.names.index("jawOpen"), rig.names.index("mouthClose")
    assert len(rig.names) == len(set(rig.names)) == len(rig.ranges) == 55
    items = run(collect(face.animate(stream(speak(ScriptedTts(ms_per_word=1020), "a b c d e")), FaceStyle())))
    weights = b"".join(i.weights for i in items if isinstance(i, FaceBlock))
    rows = [weights[i : i + 55] for i in range(0, len(weights), 55)]
    assert [row[jaw] + 256 * row[high] for row in rows] == list(range(306))
    idle = face.idle(FaceStyle(), 1000, 2).weights
    assert [idle[jaw], idle[high], idle[55 + jaw]] == [1000 & 255, 3, 1001 & 255]


def test_the_profile_none_has_no_channels_and_unknown_ones_are_refused() -> None:
    face = ScriptedFace()
    assert face.rig("none", 60).names == ()
    assert face.idle(FaceStyle(profile="none"), 0, 10).weights == b""
    with pytest.raises(EngineError, match="clown"):
        face.rig("clown", 60)


# ------------------------------------------------------------------------------------------------ faults


@pytest.mark.parametrize(
    ("kind", "error", "retryable"),
    [("fail", EngineError, False), ("die", EngineError, True), ("crash", RuntimeError, None)],
)
def test_a_fault_strikes_at_its_item_and_only_as_often_as_told(
    kind: str, error: type[Exception], *, retryable: bool | None
) -> None:
    dialogue = ScriptedDialogue(("a b c",), fault=Fault(kind, at=1))  # type: ignore[arg-type]  # a parameter is a str
    said: list[str] = []

    async def main() -> None:
        async with aclosing(dialogue.reply(request())) as words:
            async for word in words:
                said.append(word)  # noqa: PERF401 -- what was said before the fault counts

    with pytest.raises(error) as caught:
        run(main())
    assert said == ["a"]
    if isinstance(caught.value, EngineError):
        assert (caught.value.code, caught.value.retryable) == ("dialogue_failed", retryable)
    assert "".join(run(collect(dialogue.reply(request())))) == "a b c"


def test_every_engine_can_fail() -> None:
    fault = Fault("fail", at=1)
    speech = speak(ScriptedTts(), "a", "b")
    for code, made in (
        ("stt_failed", lambda: collect(ScriptedStt(fault=fault).transcribe(stream([b"\0\0"] * 3), "en"))),
        ("tts_failed", lambda: collect(ScriptedTts(fault=fault).speak(stream([Phrase("a"), Phrase("b")]), Voice()))),
        ("face_failed", lambda: collect(ScriptedFace(fault=fault).animate(stream(speech), FaceStyle()))),
    ):
        with pytest.raises(EngineError) as caught:
            run(made())
        assert caught.value.code == code


def test_a_hang_waits_for_ever() -> None:
    with pytest.raises(Stuck):
        run(collect(ScriptedTts(fault=Fault("hang")).speak(stream([Phrase("a")]), Voice())))


def test_a_whole_companion() -> None:
    engines = scripted_engines(replies=("One two.",), heard=("hi",))
    assert engines.vad
    assert engines.stt
    assert engines.face
    assert {e.name for e in (engines.vad, engines.stt, engines.dialogue, engines.tts, engines.face)} == {"scripted"}
