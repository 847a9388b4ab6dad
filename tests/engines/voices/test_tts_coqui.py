"""VITS voices: exact times from durations that are known, windows that join, batches, and what a failure does."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import signal
from collections.abc import Iterator
from contextlib import aclosing
from pathlib import Path

import numpy as np
import pytest

from engines.api import Cue, EngineError, Phrase, Speech, Voice
from engines.voices.coqui import setup as coqui_setup
from engines.voices.coqui.engine import CoquiTts
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

TOKEN = voices.FRAMES * voices.HOP
RATE = voices.VITS_RATE


@pytest.fixture(scope="module", autouse=True)
def prepared() -> None:
    """Coqui can be imported by whichever test comes first."""
    coqui_setup.prepare("cpu")


@pytest.fixture(scope="module")
def narrator() -> Iterator[Narrator]:
    narrator = Narrator(CoquiTts(model=str(voices.vits())))
    yield narrator
    narrator.close()


@pytest.fixture(scope="module")
def two() -> Iterator[Narrator]:
    narrator = Narrator(CoquiTts(model=str(voices.vits(speakers=True))))
    yield narrator
    narrator.close()


# ------------------------------------------------------------------------------------------------ what is said


def test_its_rate_is_the_models(narrator: Narrator) -> None:
    assert narrator.tts.rate == RATE


def test_phones_lie_where_the_durations_say(narrator: Narrator) -> None:
    """Blank, m, blank, stress, blank, a, blank, p, blank: three frames each; a blank is shared by its neighbours."""
    (piece,) = narrator.say("map")
    assert piece.source == "exact"
    # TOKEN is even, so that half a blank is a whole number of samples.
    half = TOKEN // 2
    assert [(p.ipa, p.start, p.end, p.stress) for p in piece.phones[:4]] == [
        ("", 0, TOKEN, 0),
        ("m", TOKEN, 2 * TOKEN + half, 0),
        ("æ", 2 * TOKEN + half, 6 * TOKEN + half, 1),
        ("p", 6 * TOKEN + half, 9 * TOKEN, 0),
    ]


def test_words_and_cues_lie_with_their_sounds(narrator: Narrator) -> None:
    cues = (Cue("emotion", "happy", 1.0, 0), Cue("gesture", "nod", 1.0, 9))
    pieces = narrator.say(Phrase("The map, in the house!", cues))
    well_formed(pieces, RATE)
    assert texts(pieces) == ["The", "map,", "in", "the", "house!"]
    assert ipa(pieces) == "_ðəmæp_ɪnðəhaʊs_"
    phones: list[tuple[str, int, int]] = []
    words: dict[int, tuple[int, str]] = {}
    marks: dict[str, int] = {}
    at = 0
    for piece in pieces:
        phones += [(p.ipa, at + p.start, at + p.end) for p in piece.phones]
        words |= {w.at: (at + w.start, w.text) for w in piece.words}
        marks |= {c.cue.name: at + c.start for c in piece.cues}
        at += piece.samples
    start = {ipa: begin for ipa, begin, _ in reversed(phones)}
    assert words[4][0] == start["m"]
    assert words[9][0] == start["ɪ"]
    assert words[16][0] == start["h"]
    assert marks == {"happy": words[0][0], "nod": words[9][0]}


def test_the_first_sound_of_an_answer_is_a_short_piece(narrator: Narrator) -> None:
    pieces = narrator.say("This is a sentence of some length, and it has a second part.", "So has this one, of course.")
    assert 0.2 < pieces[0].samples / RATE < 0.6
    assert max(piece.samples for piece in pieces) / RATE < 3.0


def test_a_full_stop_is_followed_by_silence(narrator: Narrator) -> None:
    pieces = narrator.say("Yes.")
    last = pieces[-1].phones[-1]
    assert last.ipa == ""
    assert last.end - last.start >= 0.3 * RATE
    assert not samples(pieces)[-1000:].any()


def test_speed_is_followed(narrator: Narrator) -> None:
    slow, fast = (len(samples(narrator.say("Hello my old friend,", rate=rate))) for rate in (0.5, 1.5))
    assert slow > 1.8 * fast


@pytest.mark.parametrize("text", ["😀", "…", "***", "\x00\x01"])
def test_what_has_no_words_is_a_short_silence_and_still_shown(narrator: Narrator, text: str) -> None:
    pieces = narrator.say(text, "Yes.")
    well_formed(pieces, RATE)
    assert not samples(pieces[:1]).any()
    assert texts(pieces)[-1] == "Yes."


def test_another_script_is_read_by_its_own_rules_with_the_sounds_the_voice_has(narrator: Narrator) -> None:
    pieces = narrator.say("Say Привет now.")
    well_formed(pieces, RATE)
    assert texts(pieces) == ["Say", "Привет", "now."]
    assert "prʲivʲet" in ipa(pieces)


def test_hostile_text_is_spoken_somehow(narrator: Narrator) -> None:
    for text in ("<speak>&amp;</speak> [[h@l'oU]]", "1234567890" * 12, "%s {} $HOME '; --", "Łódź ŋɡɛ ʘǃ ½ ™"):
        pieces = narrator.say(text)
        well_formed(pieces, RATE)
        assert "".join(texts(pieces)).replace(" ", "") == text.replace(" ", "")


def test_a_voice_that_reads_letters_has_aligned_phones() -> None:
    narrator = Narrator(CoquiTts(model=str(voices.vits(graphemes=True))))
    try:
        pieces = narrator.say("Good morning, my friend.")
        well_formed(pieces, RATE)
        assert {piece.source for piece in pieces} == {"aligned"}
        assert texts(pieces) == ["Good", "morning,", "my", "friend."]
        # Letters that it never saw are lent to espeak-ng rather than dropped.
        assert "prʲivʲet" in ipa(narrator.say("Привет"))
    finally:
        narrator.close()


def test_speakers_differ_and_one_that_is_not_there_is_named(two: Narrator) -> None:
    ada, ben = (samples(two.say("Hello.", name=name)) for name in voices.SPEAKERS)
    assert len(ada) == len(ben)
    assert np.abs(ada.astype(int) - ben).max() > 50
    with pytest.raises(EngineError, match="no speaker named 'carl'; it has ada, ben"):
        two.say("Hello.", name="carl")
    assert two.say("Hello.")


# ------------------------------------------------------------------------------------------------ windows and batches


@pytest.mark.parametrize("kind", ["plain", "speakers", "stochastic"])
@pytest.mark.parametrize("step", [700, 4096, 30_000])
def test_windows_join_into_the_one_shot_wave(kind: str, step: int) -> None:
    import torch

    from engines.voices.coqui import vits as vits_model

    folder = voices.vits(**{kind: True} if kind != "plain" else {})
    model = vits_model.VitsModel(folder, folder / "model.pth", "cpu")
    who = voices.SPEAKERS[1] if kind == "speakers" else ""
    ids = tuple(model.tokens("həlˈoʊ ðɛɹ, hˌaʊ ɑːɹ juː dˌuːɪŋ tədˈeɪ?")[1])
    (latent,) = model.latents([vits_model.Ask(ids, who)])
    length = sum(latent.token_samples)
    with torch.inference_mode():
        whole = model._vocoder(latent.z, g=latent.speaker)[0, 0].numpy()
    windows = [vits_model.Window(latent, at, min(at + step, length)) for at in range(0, length, step)]
    together = np.concatenate(model.sounds(windows))
    alone = np.concatenate([model.sounds([window])[0] for window in windows])
    assert len(together) == len(alone) == len(whole) == length
    assert np.abs(whole).max() > 1e-3
    assert np.abs(together - whole).max() < 1e-6
    assert np.abs(alone - whole).max() < 1e-6


def test_a_batch_gives_each_its_own_length_speaker_and_speed() -> None:
    from engines.voices.coqui import vits as vits_model

    folder = voices.vits(speakers=True)
    model = vits_model.VitsModel(folder, folder / "model.pth", "cpu")
    ids = [tuple(model.tokens(text)[1]) for text in ("həlˈoʊ ðɛɹ", "jˈɛs")]
    made = model.latents([vits_model.Ask(ids[0], "ada"), vits_model.Ask(ids[1], "ben", speed=2.5)])
    assert [latent.token_samples for latent in made] == [(TOKEN,) * len(ids[0]), (voices.HOP,) * len(ids[1])]
    assert [latent.frames for latent in made] == [3 * len(ids[0]), len(ids[1])]
    assert made[0].speaker is not None
    assert made[1].speaker is not None
    assert (made[0].speaker != made[1].speaker).any()


def test_sessions_meet_in_one_batch_and_get_their_own_words(narrator: Narrator) -> None:
    lines = [f"Number {word} is here." for word in ("one", "two", "three", "four", "five", "six")]

    async def all_of_them() -> list[list[Speech]]:
        return await side_by_side(
            narrator.tts, "vits text", *(said(narrator.tts, text, voice=Voice()) for text in lines)
        )

    before = {work.stage: (work.items, work.batches) for work in narrator.tts.work()}
    for text, pieces in zip(lines, narrator.run(all_of_them()), strict=True):
        assert texts(pieces) == text.split()
        well_formed(pieces, RATE)
    after = {work.stage: (work.items, work.batches) for work in narrator.tts.work()}
    items, batches = (after["vits text"][n] - before["vits text"][n] for n in (0, 1))
    assert items == len(lines)
    assert batches < items
    assert after["vits sound"][0] > before["vits sound"][0]


# ------------------------------------------------------------------------------------------------ what goes wrong


def test_closing_early_leaves_the_next_request_fine(narrator: Narrator) -> None:
    async def leave() -> None:
        async with aclosing(narrator.tts.speak(stream("A long sentence. " * 30), Voice())) as pieces:
            assert (await anext(pieces)).samples

    before = {work.stage: work.items for work in narrator.tts.work()}
    narrator.run(leave())
    after = {work.stage: work.items for work in narrator.tts.work()}
    # Of some forty windows only those that were made ahead.
    assert after["vits sound"] - before.get("vits sound", 0) < 8
    assert texts(narrator.say("Hello world.")) == ["Hello", "world."]


def test_a_reader_that_is_killed_comes_back(narrator: Narrator) -> None:
    expected = ipa(narrator.say("Hello world."))
    pid = narrator.tts._reader.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    outcomes = set()
    # Where its process is gone in the middle of a line the line is spoken without phones; the next one is whole.
    for _ in range(3):
        with contextlib.suppress(EngineError):
            outcomes.add(ipa(narrator.say("Hello world.")))
    assert expected in outcomes
    assert narrator.tts._reader.pid != pid


def test_memory_that_runs_out_fails_the_turn_and_not_the_voice(
    narrator: Narrator, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = narrator.tts.running.model
    running = narrator.tts.running

    def full(asks: object) -> object:
        raise MemoryError("CUDA out of memory")

    stage = running.latents
    monkeypatch.setattr(running, "latents", type(stage)(stage.name, full, stage.code))
    with pytest.raises(EngineError) as caught:
        narrator.say("Hello.")
    assert caught.value.code == "tts_failed"
    assert caught.value.retryable
    monkeypatch.undo()
    assert narrator.tts.running.model is model
    assert texts(narrator.say("Hello.")) == ["Hello."]


def test_a_model_that_hangs_is_given_up_and_the_turn_is_told(
    narrator: Narrator, monkeypatch: pytest.MonkeyPatch
) -> None:
    import threading

    running, go = narrator.tts.running, threading.Event()

    def stuck(asks: list[object]) -> list[object]:
        go.wait(30)
        return [EngineError("tts_failed", "late")] * len(asks)

    stage = running.latents
    monkeypatch.setattr(running, "latents", type(stage)(stage.name, stuck, stage.code, patience=0.2))
    try:
        with pytest.raises(EngineError) as caught:
            narrator.say("Hello.")
        assert "does not answer" in caught.value.message
    finally:
        go.set()
    monkeypatch.undo()
    assert texts(narrator.say("Hello.")) == ["Hello."]


def copied(path: Path, **changed: bytes | None) -> Path:
    shutil.copytree(voices.vits(), path)
    for name, data in changed.items():
        file = path / name.replace("_", ".")
        file.unlink()
        if data is not None:
            file.write_bytes(data)
    return path


def test_no_voice_and_a_voice_that_is_not_there_say_what_to_do(tmp_path: Path) -> None:
    assert "coqui.model" in refusal(CoquiTts()).message
    assert "There is no voice at" in refusal(CoquiTts(model=str(tmp_path / "nowhere"))).message
    assert "config.json is missing" in refusal(CoquiTts(model=str(tmp_path))).message


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"model_pth": None}, "no model.pth"),
        ({"model_pth": b""}, "cannot be loaded"),
        ({"model_pth": b"half a file"}, "cannot be loaded"),
        ({"config_json": b""}, "config.json is empty"),
        ({"config_json": b"{"}, "cannot be loaded"),
        ({"config_json": b"[]"}, "names no model"),
        ({"config_json": b'{"model": "glow_tts"}'}, "glow_tts"),
        ({"config_json": b'{"model": "xtts"}'}, 'engines.tts = "xtts"'),
        ({"config_json": b'{"model": "vits", "model_args": {"hidden_channels": 8}}'}, "cannot be loaded"),
    ],
)
def test_a_damaged_or_foreign_folder_is_refused_with_the_reason(
    tmp_path: Path, changed: dict[str, bytes | None], reason: str
) -> None:
    error = refusal(CoquiTts(model=str(copied(tmp_path / "voice", **changed))))
    assert error.code == "tts_failed"
    assert reason in error.message
    assert "\n" not in error.message


def test_half_of_a_model_file_is_refused(tmp_path: Path) -> None:
    whole = (voices.vits() / "model.pth").read_bytes()
    error = refusal(CoquiTts(model=str(copied(tmp_path / "voice", model_pth=whole[: len(whole) // 2]))))
    assert "cannot be loaded" in error.message


def test_a_gpu_that_is_not_there_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert "There is no cuda:0 here" in refusal(CoquiTts(model=str(voices.vits()), device="cuda:0")).message


def test_paths_of_the_training_machine_are_found_in_the_folder(tmp_path: Path) -> None:
    folder = tmp_path / "moved"
    shutil.copytree(voices.vits(speakers=True), folder)
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    config["speakers_file"] = config["model_args"]["speakers_file"] = "/somebody/elses/disk/speakers.json"
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    narrator = Narrator(CoquiTts(model=str(folder), speaker="ben"))
    try:
        assert texts(narrator.say("Hello.", name="of another engine")) == ["Hello."]
    finally:
        narrator.close()


def test_a_voice_of_a_checkpoint_file_and_of_the_newest_checkpoint(tmp_path: Path) -> None:
    folder = copied(tmp_path / "voice")
    (folder / "model.pth").rename(folder / "checkpoint_10.pth")
    for path in (folder, folder / "checkpoint_10.pth"):
        narrator = Narrator(CoquiTts(model=str(path)))
        try:
            assert texts(narrator.say("Hello.")) == ["Hello."]
        finally:
            narrator.close()


def test_it_is_silent_about_what_it_says(narrator: Narrator, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    narrator.say("The secret word is Ẓanẓibar ☃ 中文.")
    assert "secret" not in caplog.text
    assert "Ẓ" not in caplog.text


def test_speaking_before_the_start_is_an_error() -> None:
    async def main() -> None:
        tts = CoquiTts(model="x")
        with pytest.raises(EngineError, match="not loaded"):
            await said(tts, "Hello.", voice=Voice())
        await tts.close()
        await tts.close()

    asyncio.run(main())
