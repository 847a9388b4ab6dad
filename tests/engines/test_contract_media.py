"""One contract for every engine, scripted and real: what is spoken and shown."""

from __future__ import annotations

import asyncio
import math
from contextlib import aclosing
from itertools import pairwise

import pytest

from engines.api import Cue, EngineError, FaceStyle, Phone, Phrase, Speech, Voice
from engines.jobs import Face, Tts
from tests.engines.makers import FACES, TTSS, Maker, Source, collect, use

# ------------------------------------------------------------------------------------------------ tts

PHRASES = (
    Phrase("Good morning, my friend.", (Cue("emotion", "happy", 0.8, 0), Cue("gesture", "wave", 1.0, 14))),
    Phrase("Bob's map fell by the river!"),
    Phrase("Shall we go?", (Cue("gesture", "nod", 1.0, 12),)),
)


def check_piece(piece: Speech, rate: int) -> None:
    assert piece.rate == rate
    assert len(piece.pcm) % 2 == 0
    if piece.source == "audio":
        assert piece.phones == ()
    elif piece.samples:
        assert piece.phones[0].start == 0
        assert piece.phones[-1].end == piece.samples
        for before, after in pairwise(piece.phones):
            assert before.end == after.start
        assert all(phone.start < phone.end and phone.stress in (0, 1, 2) for phone in piece.phones)
    assert all(0 <= word.start <= word.end <= piece.samples for word in piece.words)
    assert [word.start for word in piece.words] == sorted(word.start for word in piece.words)
    assert all(0 <= timed.start <= piece.samples for timed in piece.cues)


@pytest.mark.parametrize("maker", TTSS, ids=str)
def test_tts_says_every_word_and_cue_in_order_with_their_times(maker: Maker) -> None:
    async def body(tts: Tts) -> None:
        source = Source()
        pieces = await collect(tts.speak(source.of(PHRASES), Voice()))
        assert source.closed
        for piece in pieces:
            check_piece(piece, tts.rate)
        assert 0.3 < sum(piece.samples for piece in pieces) / tts.rate < 15
        words = [word for piece in pieces for word in piece.words]
        assert [word.text for word in words] == " ".join(phrase.text for phrase in PHRASES).split()
        texts = [phrase.text for phrase in PHRASES for _ in phrase.text.split()]
        assert all(text[word.at :].startswith(word.text) for text, word in zip(texts, words, strict=True))
        cues = [timed.cue.name for piece in pieces for timed in piece.cues]
        assert cues == ["happy", "wave", "nod"]

    use(maker, body)


@pytest.mark.parametrize("maker", TTSS, ids=str)
def test_tts_has_nothing_to_say_to_nothing(maker: Maker) -> None:
    async def body(tts: Tts) -> None:
        assert await collect(tts.speak(Source().of([]), Voice())) == []
        pieces = await collect(tts.speak(Source().of([Phrase(""), Phrase("…"), Phrase("Yes.")]), Voice()))
        assert [word.text for piece in pieces for word in piece.words if any(c.isalpha() for c in word.text)] == [
            "Yes."
        ]

    use(maker, body)


@pytest.mark.parametrize("maker", TTSS, ids=str)
def test_tts_speaks_a_phrase_before_the_next_is_known(maker: Maker) -> None:
    async def body(tts: Tts) -> None:
        gate = asyncio.Event()
        spoken = []
        async with aclosing(tts.speak(Source().of(PHRASES[:2], then=gate), Voice())) as speech:
            async for piece in speech:
                spoken += [word.text for word in piece.words]
                if spoken == PHRASES[0].text.split():
                    gate.set()
        assert len(spoken) == sum(len(phrase.text.split()) for phrase in PHRASES[:2])

    use(maker, body)


@pytest.mark.parametrize("maker", TTSS, ids=str)
def test_tts_closes_when_cancelled_and_speaks_again(maker: Maker) -> None:
    async def body(tts: Tts) -> None:
        source, begun = Source(), asyncio.Event()

        async def listen() -> None:
            async with aclosing(tts.speak(source.of(PHRASES, then=asyncio.Event()), Voice())) as speech:
                async for _ in speech:
                    begun.set()

        task = asyncio.ensure_future(listen())
        await begun.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert source.closed
        assert await collect(tts.speak(Source().of(PHRASES[2:]), Voice()))

    use(maker, body)


@pytest.mark.parametrize("maker", TTSS, ids=str)
def test_tts_serves_two_at_once(maker: Maker) -> None:
    async def body(tts: Tts) -> None:
        heard = await asyncio.gather(*(collect(tts.speak(Source().of([phrase]), Voice())) for phrase in PHRASES[:2]))
        for phrase, pieces in zip(PHRASES, heard, strict=False):
            assert [word.text for piece in pieces for word in piece.words] == phrase.text.split()

    use(maker, body)


# ------------------------------------------------------------------------------------------------ face


def speech_of(*lengths: int, rate: int = 24_000) -> list[Speech]:
    ipas = ("m", "ɑ", "p", "", "f", "iː")
    made = []
    for number, length in enumerate(lengths):
        cut = length // 2
        phones = (Phone(ipas[number % 6], 0, cut), Phone(ipas[(number + 1) % 6], cut, length)) if length else ()
        made.append(Speech(bytes(2 * length), rate, phones if cut else (), (), (), "exact" if cut else "audio"))
    return made


@pytest.mark.parametrize("maker", FACES, ids=str)
@pytest.mark.parametrize("profile", ["arkit52", "oculus15", "vrm", "none"])
@pytest.mark.parametrize("fps", [30, 60])
@pytest.mark.parametrize(("rate", "lengths"), [(24_000, (2400,) * 5), (22_050, (1, 7001, 0, 399)), (16_000, (16_001,))])
def test_face_passes_speech_through_behind_the_frames_that_begin_in_it(
    maker: Maker, profile: str, fps: int, rate: int, lengths: tuple[int, ...]
) -> None:
    async def body(face: Face) -> None:
        rig = face.rig(profile, fps)
        assert len(rig.names) == len(rig.ranges) == len(set(rig.names))
        assert all(low < high for low, high in rig.ranges)
        pieces, source = speech_of(*lengths, rate=rate), Source()
        items = await collect(face.animate(source.of(pieces), FaceStyle(profile=profile, fps=fps)))
        assert source.closed
        assert [item for item in items if isinstance(item, Speech)] == pieces
        if not rig.names:
            assert len(items) == len(pieces)
            return
        frames = samples = 0
        for item in items:
            if isinstance(item, Speech):
                samples += item.samples
                assert frames == math.ceil(samples * fps / rate)
            else:
                assert item.first == frames
                assert item.source in ("exact", "aligned", "audio")
                assert len(item.weights) % len(rig.names) == 0
                frames += len(item.weights) // len(rig.names)

    use(maker, body)


@pytest.mark.parametrize("maker", FACES, ids=str)
def test_face_is_idle_purely_and_however_it_is_cut(maker: Maker) -> None:
    async def body(face: Face) -> None:
        style = FaceStyle(seed=7)
        width = len(face.rig("arkit52", 60).names)
        whole = face.idle(style, 100, 30)
        assert (whole.first, len(whole.weights)) == (100, 30 * width)
        parts = [face.idle(style, first, 6).weights for first in range(100, 130, 6)]
        assert b"".join(parts) == whole.weights

    use(maker, body)


@pytest.mark.parametrize("maker", FACES, ids=str)
def test_face_closes_when_cut_short_and_refuses_what_it_cannot_draw(maker: Maker) -> None:
    async def body(face: Face) -> None:
        source = Source()
        async with aclosing(face.animate(source.of(speech_of(2400, 2400)), FaceStyle())) as media:
            async for _ in media:
                break
        assert source.closed
        for profile, fps in (("clown", 60), ("arkit52", 7)):
            with pytest.raises(EngineError) as caught:
                face.rig(profile, fps)
            assert caught.value.code == "face_failed"

    use(maker, body)
