"""XTTS: cloning with consent, clips that are refused, sessions in turns, and sound that joins."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import aclosing
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engines.api import Consent, EngineError, Reference, Speech, Voice
from engines.tts_xtts import XttsTts, spoken
from tests.engines.makers import COQUI
from tests.engines.narrator import Narrator, ipa, needs, refusal, said, samples, stream, texts, well_formed
from tests.engines.tiny import voices

needs("tts", *COQUI)

RATE = voices.XTTS_RATE
CONSENT = Consent("Ada Example", "2026-11-01", "My voice may be cloned for this companion.")


def cloned(*clips: bytes, consent: Consent | None = CONSENT, language: str = "en") -> Voice:
    return Voice(language, reference=Reference(clips, consent))


@pytest.fixture(scope="module")
def narrator() -> Iterator[Narrator]:
    narrator = Narrator(XttsTts(model=str(voices.xtts()), voice=cloned(voices.clip())))
    yield narrator
    narrator.close()


def say(narrator: Narrator, text: str, voice: Voice) -> list[Speech]:
    return narrator.run(said(narrator.tts, text, voice=voice))


# ------------------------------------------------------------------------------------------------ voices


def test_a_cloned_voice_speaks_with_aligned_phones(narrator: Narrator) -> None:
    pieces = say(narrator, "Good morning, my friend.", cloned(voices.clip()))
    well_formed(pieces, RATE)
    assert {piece.source for piece in pieces} == {"aligned"}
    assert texts(pieces) == ["Good", "morning,", "my", "friend."]
    assert "ɡʊd" in ipa(pieces)
    assert samples(pieces).any()


def test_a_clip_is_listened_to_once(narrator: Narrator, monkeypatch: pytest.MonkeyPatch) -> None:
    model, heard = narrator.tts._running.model, []
    clone = model.clone
    monkeypatch.setattr(model, "clone", lambda *a: heard.append(1) or clone(*a))
    other = cloned(voices.clip(5.0))
    for _ in range(2):
        say(narrator, "Hello.", other)
    assert heard == [1]


def test_without_consent_nothing_is_cloned(narrator: Narrator) -> None:
    # The same clip was used with consent before: that does not carry over.
    with pytest.raises(EngineError, match=r"no consent.*voice\.json"):
        say(narrator, "Hello.", cloned(voices.clip(), consent=None))
    assert "consent" in refusal(XttsTts(model=str(voices.xtts()), voice=cloned(voices.clip(), consent=None))).message


@pytest.mark.parametrize(
    ("clip", "reason"),
    [
        (lambda: voices.clip(4.0, level=0.0), "silent"),
        (lambda: voices.clip(1.0), r"too short: 1\.0 s"),
        (lambda: b"", "no sound file"),
        (lambda: b"RIFF\x00\x00\x00\x00WAVEjunk", "no sound file"),
        (lambda: b"\x00" * 1000, "no sound file"),
    ],
)
def test_a_clip_without_a_voice_is_refused_with_the_reason(narrator: Narrator, clip: Any, reason: str) -> None:
    with pytest.raises(EngineError, match=reason) as caught:
        say(narrator, "Hello.", cloned(voices.clip(), clip()))
    assert "Reference clip 2" in caught.value.message
    assert caught.value.code == "tts_failed"


def test_silence_around_a_voice_does_not_count(narrator: Narrator) -> None:
    import io

    import soundfile

    from engines import reference_clip

    sound, rate = soundfile.read(io.BytesIO(voices.clip(4.0)), dtype="float32")
    quiet = np.zeros(2 * rate, np.float32)
    file = io.BytesIO()
    soundfile.write(file, np.stack([np.concatenate([quiet, sound, quiet])] * 2, axis=1), rate, format="FLAC")
    (kept,) = reference_clip.clips(Reference((file.getvalue(),), CONSENT))
    assert abs(len(kept) - 4.0 * reference_clip.RATE) < reference_clip.RATE / 10


def test_the_models_own_speakers_need_no_clip() -> None:
    narrator = Narrator(XttsTts(model=str(voices.xtts()), speaker=voices.XTTS_SPEAKER))
    try:
        assert texts(narrator.say("Hello.")) == ["Hello."]
    finally:
        narrator.close()


def test_no_voice_or_one_that_is_not_there_is_said(narrator: Narrator) -> None:
    with pytest.raises(EngineError, match=f"XTTS needs a voice.*{voices.XTTS_SPEAKER}"):
        narrator.say("Hello.")
    with pytest.raises(EngineError, match="no speaker named 'Zoe'"):
        narrator.say("Hello.", name="Zoe")


# ------------------------------------------------------------------------------------------------ text


def test_each_language_has_its_name() -> None:
    names = ("en", "es", "zh-cn", "pt", "ja")
    asked = ("en-us", "en-GB", "zh", "cmn", "zh-TW", "pt-br", "ja", "th")
    assert [spoken(names, tag) for tag in asked] == ["en", "en", "zh-cn", "zh-cn", "zh-cn", "pt", "ja", ""]


def test_another_script_is_spoken_in_its_language_or_lent_to_espeak(narrator: Narrator) -> None:
    pieces = say(narrator, "Say Привет now.", cloned(voices.clip()))
    assert texts(pieces) == ["Say", "Привет", "now."]
    assert {piece.source for piece in pieces} == {"aligned"}
    thai = say(narrator, "สวัสดี", cloned(voices.clip()))
    assert texts(thai) == ["สวัสดี"]
    assert {piece.source for piece in thai} == {"exact"}
    assert samples(thai).any()


@pytest.mark.parametrize("text", ["😀", "…", "!!!"])
def test_what_has_no_words_is_a_short_silence(narrator: Narrator, text: str) -> None:
    pieces = say(narrator, text, cloned(voices.clip()))
    well_formed(pieces, RATE)
    assert not samples(pieces).any()


def test_a_voice_that_does_not_stop_is_stopped(narrator: Narrator, monkeypatch: pytest.MonkeyPatch) -> None:
    from engines import tts_xtts

    monkeypatch.setattr(tts_xtts, "RUNAWAY", (0.0, 0.5))
    short = samples(say(narrator, "Hello there.", cloned(voices.clip())))
    monkeypatch.undo()
    assert len(short) < len(samples(say(narrator, "Hello there.", cloned(voices.clip()))))


def test_early_speech_leaves_as_it_is_made_with_its_words() -> None:
    narrator = Narrator(XttsTts(model=str(voices.xtts()), speaker=voices.XTTS_SPEAKER, early=True))
    try:
        pieces = narrator.say("Good morning, my friend.", "And more of it.")
        well_formed(pieces, RATE)
        assert texts(pieces) == ["Good", "morning,", "my", "friend.", "And", "more", "of", "it."]
        sources = [piece.source for piece in pieces]
        assert sources[0] == "audio"
        assert sources[-1] == "aligned"
        assert sources.count("audio") > 1
        assert all(word.start <= piece.samples for piece in pieces for word in piece.words)
    finally:
        narrator.close()


# ------------------------------------------------------------------------------------------------ sound


@pytest.fixture
def greedy(narrator: Narrator) -> Iterator[Any]:
    """The model, choosing the likeliest code, so that it says the same twice."""
    model = narrator.tts._running.model
    before = model._config.top_k
    model._config.top_k = 1
    yield model
    model._config.top_k = before


def spoken_alone(model: Any, order: Any) -> tuple[np.ndarray[Any, Any], Any]:
    utterance = model.begin(order)
    parts = []
    while not utterance.ended:
        parts.append(model.step(utterance))
    return np.concatenate(parts), utterance


def orders(model: Any) -> list[Any]:
    from engines.xtts_model import Order

    likeness = model.speaker(voices.XTTS_SPEAKER)
    return [
        Order("Hello there.", "en", likeness, 1.0, 5.0),
        Order("A much longer line than the other.", "en", likeness, 1.3, 5.0),
        Order("Guten Morgen", "de", likeness, 0.8, 5.0),
    ]


def test_sound_in_steps_is_that_of_one_run(greedy: Any) -> None:
    import torch

    for order in orders(greedy):
        wave, utterance = spoken_alone(greedy, order)
        with torch.inference_mode():
            latents = torch.cat(utterance.latents)[None].transpose(1, 2)
            if order.speed != 1.0:
                latents = torch.nn.functional.interpolate(latents, scale_factor=1 / order.speed, mode="linear")
            z, whom = greedy._model.hifigan_decoder(latents.transpose(1, 2), g=utterance.likeness.embedding)
            whole = greedy._vocoder(z.reshape(1, *z.shape[-2:]), g=whom)[0, 0].numpy()
        assert len(wave) == len(whole)
        assert np.abs(whole).max() > 1e-3
        assert np.abs(wave - whole).max() < 1e-6


def test_utterances_that_take_turns_say_what_they_say_alone(greedy: Any) -> None:
    alone = [spoken_alone(greedy, order)[0] for order in orders(greedy)]
    utterances = [greedy.begin(order) for order in orders(greedy)]
    parts: list[list[Any]] = [[] for _ in utterances]
    while not all(utterance.ended for utterance in utterances):
        for utterance, mine in zip(utterances, parts, strict=True):
            if not utterance.ended:
                mine.append(greedy.step(utterance))
    for mine, wave in zip(parts, alone, strict=True):
        assert np.abs(np.concatenate(mine) - wave).max() < 1e-6


# ------------------------------------------------------------------------------------------------ what goes wrong


def test_closing_early_stops_within_a_step_and_the_next_is_fine(narrator: Narrator) -> None:
    async def leave() -> None:
        async with aclosing(narrator.tts.speak(stream("A long sentence. " * 40), cloned(voices.clip()))) as pieces:
            assert (await anext(pieces)).samples

    def steps() -> int:
        return sum(work.items for work in narrator.tts.work() if work.stage == "xtts sound")

    before = steps()
    narrator.run(leave())
    assert steps() - before < 20  # the whole has some sixty
    assert texts(say(narrator, "Hello world.", cloned(voices.clip()))) == ["Hello", "world."]


def test_two_sessions_are_served_at_once(narrator: Narrator) -> None:
    async def both() -> list[list[Speech]]:
        lines = ("This is one.", "That is two.")
        return await asyncio.gather(*(said(narrator.tts, text, voice=cloned(voices.clip())) for text in lines))

    assert [texts(pieces) for pieces in narrator.run(both())] == [["This", "is", "one."], ["That", "is", "two."]]


@pytest.mark.parametrize(
    ("file", "data", "reason"),
    [
        ("vocab.json", None, "vocab.json is missing"),
        ("model.pth", b"", "model.pth is empty"),
        ("model.pth", b"half a model", "cannot be loaded"),
        ("config.json", b'{"model": "vits"}', "cannot be loaded"),
        ("vocab.json", b"{}", "cannot be loaded"),
    ],
)
def test_a_damaged_folder_is_refused_with_the_reason(
    tmp_path: Path, file: str, data: bytes | None, reason: str
) -> None:
    for each in voices.xtts().iterdir():
        (tmp_path / each.name).symlink_to(each)
    (tmp_path / file).unlink()
    if data is not None:
        (tmp_path / file).write_bytes(data)
    error = refusal(XttsTts(model=str(tmp_path)))
    assert error.code == "tts_failed"
    assert reason in error.message
