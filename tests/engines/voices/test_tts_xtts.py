"""XTTS: cloning with consent, clips that are refused, sessions in one batch, and sound that joins."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Iterator
from contextlib import aclosing
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engines.api import Consent, EngineError, Reference, Speech, Voice
from engines.device.loop import Priority
from engines.voices.coqui.xtts import XttsTts, spoken
from tests.engines.makers import COQUI
from tests.engines.tiny import voices
from tests.engines.voices.narrator import (
    Narrator,
    ipa,
    needs,
    refusal,
    said,
    samples,
    side_by_side,
    stream,
    texts,
    well_formed,
)

needs("tts", *COQUI)

pytestmark = pytest.mark.models

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
    model, heard = narrator.tts.running.model, list[int]()
    clone = model.clone

    def noted(*given: Any) -> Any:
        heard.append(1)
        return clone(*given)

    monkeypatch.setattr(model, "clone", noted)
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

    from engines.voices.coqui import clip as reference_clip

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
    from engines.voices.coqui import xtts as tts_xtts

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
def model(narrator: Narrator) -> Any:
    return narrator.tts.running.model


@pytest.fixture
def greedy(model: Any) -> Iterator[Any]:
    """The model, choosing the likeliest code, so that it says what Coqui's own code says."""
    before = model.codes.sampling
    model.codes.sampling = dataclasses.replace(before, top_k=1)
    yield model
    model.codes.sampling = before


TEXTS = ("Hello there.", "A much longer line than the other.", "Guten Morgen", "No.", "And so we went on for a while.")


def orders(model: Any) -> list[Any]:
    """Lines of several lengths, voices, speeds and limits."""
    from engines.voices.coqui.xtts_model import Likeness, Order

    ada = model.speaker(voices.XTTS_SPEAKER)
    ben = Likeness(ada.latent.flip(1), -ada.embedding)
    return [
        Order(text, "de" if text.startswith("Guten") else "en", whom, speed, longest, seed)
        for seed, (text, whom, speed, longest) in enumerate(
            zip(TEXTS, (ada, ada, ben, ben, ada), (1.0, 1.3, 0.8, 1.0, 1.0), (5.0, 5.0, 5.0, 0.5, 0.8), strict=True)
        )
    ]


def spoken_alone(model: Any, order: Any) -> tuple[np.ndarray[Any, Any], Any]:
    (utterance,) = model.begin([order])
    parts = []
    while not utterance.ended:
        parts += model.step([utterance])
    return np.concatenate(parts), utterance


def together(model: Any, orders: list[Any], *, each: int) -> list[np.ndarray[Any, Any]]:
    """What is said when a line joins with every step and at most `each` share one, whoever has waited for longest."""
    utterances: list[Any] = []
    parts: list[list[Any]] = [[] for _ in orders]
    waiting: list[int] = []
    while len(utterances) < len(orders) or waiting:
        if len(utterances) < len(orders):
            waiting.append(len(utterances))
            utterances += model.begin([orders[len(utterances)]])
        chosen, waiting = waiting[:each], waiting[each:]
        for number, sound in zip(chosen, model.step([utterances[n] for n in chosen]), strict=True):
            parts[number].append(sound)
        waiting += [number for number in chosen if not utterances[number].ended]
    return [np.concatenate(mine) for mine in parts]


def alike(one: list[np.ndarray[Any, Any]], other: list[np.ndarray[Any, Any]]) -> None:
    for a, b in zip(one, other, strict=True):
        assert len(a) == len(b)
        assert np.abs(a).max() > 1e-3
        assert np.abs(a - b).max() < 1e-5


def test_sound_in_steps_is_that_of_one_run(model: Any) -> None:
    import torch

    for order in orders(model):
        wave, utterance = spoken_alone(model, order)
        with torch.inference_mode():
            latents = torch.cat(utterance.draft.latents)[None].transpose(1, 2)
            if order.speed != 1.0:
                latents = torch.nn.functional.interpolate(latents, scale_factor=1 / order.speed, mode="linear")
            z, whom = model._model.hifigan_decoder(latents.transpose(1, 2), g=utterance.likeness.embedding)
            whole = model._vocoder(z.reshape(1, *z.shape[-2:]), g=whom)[0, 0].numpy()
        assert len(wave) == len(whole)
        assert np.abs(whole).max() > 1e-3
        assert np.abs(wave - whole).max() < 1e-6


@pytest.mark.parametrize("stops", [False, True])
def test_codes_and_latents_are_those_of_coquis_own_generator(
    greedy: Any, stops: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch

    gpt, config = greedy._model.gpt, greedy._config
    bias = gpt.mel_head.bias.detach().clone()
    bias[gpt.stop_audio_token] = 0.5 if stops else -1e4
    monkeypatch.setattr(gpt.mel_head.bias, "data", bias)
    for order in orders(greedy)[:3]:
        _, utterance = spoken_alone(greedy, order)
        ids = torch.tensor([greedy.ids(order.text, order.language)], dtype=torch.int32)
        with torch.inference_mode():
            stream = gpt.get_generator(
                fake_inputs=gpt.compute_embeddings(order.likeness.latent, ids),
                do_sample=True,
                top_k=1,
                top_p=config.top_p,
                temperature=config.temperature,
                repetition_penalty=float(config.repetition_penalty),
                num_beams=1,
                output_hidden_states=True,
                return_dict_in_generate=True,
            )
            theirs = [(int(code), latent) for code, latent in stream]
        assert utterance.draft.codes == [code for code, _ in theirs]
        assert len(set(utterance.draft.codes)) > 3
        assert (utterance.draft.codes[-1] == gpt.stop_audio_token) is stops
        for mine, (_, latent) in zip(utterance.draft.latents, theirs, strict=True):
            assert torch.allclose(mine, latent, atol=1e-5)


@pytest.mark.parametrize("each", [1, 2, 5])
def test_lines_that_join_and_leave_a_batch_say_what_they_say_alone(model: Any, each: int) -> None:
    alone = [spoken_alone(model, order)[0] for order in orders(model)]
    alike(together(model, orders(model), each=each), alone)


def test_sixteen_lines_in_one_batch_say_what_they_say_alone(model: Any) -> None:
    many = [dataclasses.replace(orders(model)[n % 5], seed=n) for n in range(16)]
    alone = [spoken_alone(model, order)[0] for order in many]
    utterances = model.begin(many)
    parts: list[list[Any]] = [[] for _ in many]
    while going := [n for n, utterance in enumerate(utterances) if not utterance.ended]:
        for number, sound in zip(going, model.step([utterances[n] for n in going]), strict=True):
            parts[number].append(sound)
    alike([np.concatenate(mine) for mine in parts], alone)
    assert len({wave.tobytes() for wave in alone}) == 16


def test_a_seed_decides_how_a_line_is_said(model: Any) -> None:
    order = orders(model)[0]
    first, again, other = (spoken_alone(model, dataclasses.replace(order, seed=seed))[0] for seed in (7, 7, 8))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_a_line_that_is_given_up_leaves_the_others_as_they_are(model: Any) -> None:
    alone = [spoken_alone(model, order)[0] for order in orders(model)[:3]]
    utterances = model.begin(orders(model)[:3])
    parts = [[sound] for sound in model.step(utterances)]
    del utterances[0], parts[0]
    while not all(utterance.ended for utterance in utterances):
        going = [n for n, utterance in enumerate(utterances) if not utterance.ended]
        for number, sound in zip(going, model.step([utterances[n] for n in going]), strict=True):
            parts[number].append(sound)
    alike([np.concatenate(mine) for mine in parts], alone[1:])


def test_windows_of_several_lines_are_decoded_in_one_batch(model: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    decoded: list[int] = []
    vocoder = model._vocoder

    def counted(z: Any, g: Any) -> Any:
        decoded.append(len(z))
        return vocoder(z, g=g)

    monkeypatch.setattr(model, "_vocoder", counted)
    model.step(model.begin([orders(model)[0]] * 4))
    assert decoded == [4]


@pytest.mark.parametrize("where", ["codes", "sound"])
def test_memory_that_runs_out_makes_batches_smaller_and_loses_nothing(
    where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    narrator = Narrator(XttsTts(model=str(voices.xtts()), speaker=voices.XTTS_SPEAKER))
    running = narrator.tts.running
    model = running.model
    lines = [dataclasses.replace(orders(model)[0], seed=seed) for seed in range(4)]
    alone = [spoken_alone(model, order)[0] for order in lines]
    sizes: list[int] = []

    def tight(inner: Any, size: Any) -> Any:
        def run(*given: Any, **options: Any) -> Any:
            sizes.append(size(*given))
            if sizes[-1] > 2:
                raise RuntimeError("CUDA out of memory (not really)")
            return inner(*given, **options)

        return run

    if where == "codes":
        passes = model.codes._pass
        writing = tight(passes, lambda rows, embedded, *_: len(embedded) if embedded.shape[1] == 1 else 0)
        monkeypatch.setattr(model.codes, "_pass", writing)
    else:
        monkeypatch.setattr(model, "_vocoder", tight(model._vocoder, len))

    async def all_of_them() -> list[np.ndarray[Any, Any]]:
        async def one(order: Any) -> np.ndarray[Any, Any]:
            async with aclosing(running.sounds(order, Priority.NEXT)) as sounds:
                return np.concatenate([sound async for sound in sounds])

        return await asyncio.gather(*(one(order) for order in lines))

    try:
        alike(narrator.run(all_of_them()), alone)
        assert max(sizes) > 2
        assert running.loop._waiting.limit(running._step) == 2
    finally:
        narrator.close()


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
        return await side_by_side(
            narrator.tts, "xtts text", *(said(narrator.tts, text, voice=cloned(voices.clip())) for text in lines)
        )

    def steps() -> tuple[int, int]:
        work = {work.stage: work for work in narrator.tts.work()}["xtts sound"]
        return work.items, work.batches

    items, batches = steps()
    assert [texts(pieces) for pieces in narrator.run(both())] == [["This", "is", "one."], ["That", "is", "two."]]
    items, batches = steps()[0] - items, steps()[1] - batches
    assert batches < items, "the lines of both are made in one batch"


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


def test_another_person_speaks_by_the_same_model(narrator: Narrator) -> None:
    tts = narrator.tts
    assert isinstance(tts, XttsTts)
    other = tts.for_person(voice=cloned(voices.clip()))
    narrator.run(other.start())
    assert other.running is tts.running
    assert other.work() == ()
    narrator.run(other.close())
    assert say(narrator, "Hello.", cloned(voices.clip()))
