"""Piper and Kokoro in their processes: exact times where the model tells them, aligned ones where it does not."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engines.api import Cue, EngineError, Phrase
from engines.voices.kokoro.engine import KokoroTts
from engines.voices.piper.engine import PiperTts
from tests.engines.makers import KOKORO, PIPER
from tests.engines.tiny import voices
from tests.engines.voices.narrator import Narrator, ipa, needs, refusal, samples, texts, well_formed

needs("piper", *PIPER)
needs("kokoro", *KOKORO)

pytestmark = pytest.mark.models

TEXT = "The map, in the house!"


def kept(make: Callable[[], Any]) -> Iterator[Narrator]:
    narrator = Narrator(make())
    yield narrator
    narrator.close()


@pytest.fixture(scope="module")
def piper() -> Iterator[Narrator]:
    yield from kept(lambda: PiperTts(model=str(voices.piper())))


@pytest.fixture(scope="module")
def kokoro() -> Iterator[Narrator]:
    yield from kept(lambda: KokoroTts(**voices.kokoro_files()))


@pytest.fixture(params=["piper", "kokoro"])
def light(request: pytest.FixtureRequest) -> Narrator:
    narrator: Narrator = request.getfixturevalue(request.param)
    return narrator


def test_how_much_it_spoke_and_how_fast_stands_in_its_measures(light: Narrator) -> None:
    def told() -> tuple[int, float]:
        (work,) = (work for work in light.tts.work() if work.stage == f"{light.tts.name} speak")
        return work.items, work.audio

    items, audio = told()
    pieces = light.say("map")
    more, longer = told()
    assert more == items + 1
    assert 0 < longer - audio <= sum(piece.samples for piece in pieces) / light.tts.rate + 1e-6
    assert {work.stage for work in light.tts.work()} >= {"espeak-ng speak"}
    assert all(work.real_time_factor > 0 for work in light.tts.work() if work.audio)


# ------------------------------------------------------------------------------------------------ what is said


def test_pipers_phones_lie_where_its_durations_say(piper: Narrator) -> None:
    """^ _ m _ ˈ _ æ _ p _ $: three frames each; a blank is shared by the sounds beside it."""
    token = voices.FRAMES * voices.HOP
    (piece,) = piper.say("map")
    half = token // 2
    assert piece.source == "exact"
    assert [(p.ipa, p.start, p.end, p.stress) for p in piece.phones[:4]] == [
        ("", 0, token, 0),
        ("m", token, 3 * token + half, 0),
        ("æ", 3 * token + half, 7 * token + half, 1),
        ("p", 7 * token + half, 10 * token, 0),
    ]


def test_kokoros_phones_lie_where_its_durations_say(kokoro: Narrator) -> None:
    pieces = kokoro.say("map")
    assert {piece.source for piece in pieces} == {"exact"}
    spans = [(p.ipa, p.end - p.start) for piece in pieces for p in piece.phones if p.ipa]
    frame = voices.KOKORO_FRAME
    assert spans == [("m", frame), ("æ", 2 * frame), ("p", frame)]


def test_words_and_cues_lie_with_their_sounds(light: Narrator) -> None:
    cues = (Cue("emotion", "happy", 1.0, 0), Cue("gesture", "nod", 1.0, 9), Cue("gesture", "bow", 1.0, len(TEXT)))
    pieces = light.say(Phrase(TEXT, cues))
    well_formed(pieces, light.tts.rate)
    assert texts(pieces) == TEXT.split()
    assert ipa(pieces).replace("_", "") == "ðəmæpɪnðəhaʊs"
    assert [c.cue.name for piece in pieces for c in piece.cues] == ["happy", "nod", "bow"]
    assert samples(pieces).any()


def test_a_voice_without_times_is_aligned() -> None:
    for tts in (PiperTts(model=str(voices.piper(times=False))), KokoroTts(**voices.kokoro_files(times=False))):
        narrator = Narrator(tts)
        try:
            pieces = narrator.say(TEXT)
            well_formed(pieces, narrator.tts.rate)
            assert {piece.source for piece in pieces} == {"aligned"}
            assert texts(pieces) == TEXT.split()
        finally:
            narrator.close()


def test_speed_is_followed(light: Narrator) -> None:
    slow, fast = (len(samples(light.say("Hello my old friend,", rate=rate))) for rate in (0.5, 2.0))
    assert slow > 2 * fast


@pytest.mark.parametrize("text", ["😀", "…", "!!!", "\x00"])
def test_what_has_no_words_is_a_short_silence_and_still_shown(light: Narrator, text: str) -> None:
    pieces = light.say(text, "Yes.")
    well_formed(pieces, light.tts.rate)
    assert not samples(pieces[:1]).any()
    assert texts(pieces)[-1] == "Yes."


def test_another_script_is_read_by_its_own_rules(light: Narrator) -> None:
    pieces = light.say("Say Привет now.")
    well_formed(pieces, light.tts.rate)
    assert texts(pieces) == ["Say", "Привет", "now."]
    assert "prʲivʲ" in ipa(pieces)


def test_hostile_text_is_spoken_somehow(light: Narrator) -> None:
    for text in ("<speak>&amp;</speak> [[h@l'oU]]", "1234567890" * 12, "%s {} $HOME '; --", "Łódź ŋɡɛ ʘǃ ½ ™"):
        pieces = light.say(text)
        well_formed(pieces, light.tts.rate)
        assert "".join(texts(pieces)).replace(" ", "") == text.replace(" ", "")


def test_speakers_and_voices_that_are_not_there_are_named(kokoro: Narrator) -> None:
    with pytest.raises(EngineError, match="no voice named 'f3'; it has af_heart, bm_george, ff_siwis"):
        kokoro.say("Hello.", name="f3")
    narrator = Narrator(PiperTts(model=str(voices.piper(speakers=True)), speaker="ben"))
    try:
        assert texts(narrator.say("Hello.", name="of another engine")) == ["Hello."]
        narrator.tts._speaker = ""
        with pytest.raises(EngineError, match="no speaker named 'carl'; it has ada, ben"):
            narrator.say("Hello.", name="carl")
    finally:
        narrator.close()


def test_kokoro_picks_a_voice_of_the_language(kokoro: Narrator) -> None:
    from engines.api import Voice

    tags = ("en-us", "en-gb", "fr", "fr-ca", "de", "en")
    chosen = [kokoro.tts._who(Voice(tag)) for tag in tags]
    assert chosen == ["af_heart", "bm_george", "ff_siwis", "ff_siwis", "af_heart", "af_heart"]


# ------------------------------------------------------------------------------------------------ what goes wrong


def test_a_process_that_is_killed_comes_back(light: Narrator) -> None:
    expected = ipa(light.say(TEXT))
    pid = light.tts.running.child.pid
    os.kill(pid, signal.SIGKILL)
    outcomes = set()
    for _ in range(3):
        with contextlib.suppress(EngineError):  # the line that was on its way
            outcomes.add(ipa(light.say(TEXT)))
    assert outcomes == {expected}
    assert light.tts.running.child.pid != pid


@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="a process cannot be stopped here")
def test_a_process_that_hangs_is_replaced() -> None:
    narrator = Narrator(PiperTts(model=str(voices.piper())))
    try:
        process = narrator.tts.running.child._process
        process._patience = 0.3  # it has loaded: from here on it answers soon
        process._watch.cancel()
        process._watch = None
        os.kill(process.pid, signal.SIGSTOP)
        with pytest.raises(EngineError, match="did not answer"):
            narrator.say("Hello.")
        assert texts(narrator.say("Hello.")) == ["Hello."]
    finally:
        narrator.close()


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda path: path.unlink(), "There is no file"),
        (lambda path: path.write_bytes(b""), "is empty"),
        (lambda path: path.write_bytes(b"half a model"), "cannot be loaded"),
        (lambda path: path.write_bytes(voices.piper().read_bytes()[:200]), "cannot be loaded"),
        (lambda path: Path(f"{path}.json").unlink(), "is missing beside"),
        (lambda path: Path(f"{path}.json").write_bytes(b"{"), "no configuration of a Piper voice"),
        (lambda path: Path(f"{path}.json").write_bytes(b"{}"), "no configuration of a Piper voice"),
    ],
)
def test_a_damaged_piper_voice_is_refused_with_the_reason(
    tmp_path: Path, change: Callable[[Path], object], reason: str
) -> None:
    path = tmp_path / "voice.onnx"
    shutil.copy(voices.piper(), path)
    shutil.copy(f"{voices.piper()}.json", f"{path}.json")
    change(path)
    error = refusal(PiperTts(model=str(path)))
    assert error.code == "tts_failed"
    assert reason in error.message


def test_damaged_or_foreign_kokoro_files_are_refused_with_the_reason(tmp_path: Path) -> None:
    files = voices.kokoro_files()
    bad = tmp_path / "bad.bin"
    bad.write_bytes(b"not voices")
    none = tmp_path / "none.bin"
    with none.open("wb") as file:
        np.savez(file)
    assert "holds no voices" in refusal(KokoroTts(model=files["model"], voices=str(bad))).message
    assert "holds no voices" in refusal(KokoroTts(model=files["model"], voices=str(none))).message
    assert "cannot be loaded" in refusal(KokoroTts(model=str(bad), voices=files["voices"])).message
    assert "is no Kokoro model" in refusal(KokoroTts(model=str(voices.piper()), voices=files["voices"])).message
    assert "kokoro.voices" in refusal(KokoroTts(model=files["model"])).message
    assert "kokoro.model" in refusal(KokoroTts()).message


def test_nothing_gpl_is_loaded_into_the_server() -> None:
    """piper-tts, phonemizer and espeak-ng are GPL-3.0-or-later; they live in processes of their own."""
    import subprocess
    import sys

    code = (
        "import asyncio, sys\n"
        "from engines.voices.piper.engine import PiperTts\n"
        "from engines.voices.kokoro.engine import KokoroTts\n"
        "async def main():\n"
        "    for tts in (PiperTts(model=sys.argv[1]), KokoroTts(model=sys.argv[2], voices=sys.argv[3])):\n"
        "        await tts.start()\n"
        "        print(*[m for m in ('piper', 'kokoro_onnx', 'phonemizer', 'espeakng_loader') if m in sys.modules])\n"
        "        await tts.close()\n"
        "asyncio.run(main())\n"
    )
    model, several = voices.kokoro()
    arguments = [sys.executable, "-c", code, str(voices.piper()), str(model), str(several)]
    done = subprocess.run(arguments, capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
