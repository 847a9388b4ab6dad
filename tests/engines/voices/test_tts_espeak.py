"""The embedded synthesizer, for real: what it says, in whose voice, and when each sound, word and cue is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from engines.api import Cue, EngineError, Phrase, Voice
from tests.engines.voices.speaker import RATE, Speaker, ipa, said, samples, texts, well_formed


@pytest.fixture(scope="module")
def speaker() -> Iterator[Speaker]:
    speaker = Speaker()
    yield speaker
    speaker.run(speaker.tts.close())
    speaker.runner.close()


# ------------------------------------------------------------------------------------------------ what is said


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("Hello world.", "en-us", "_ h ə l oʊ w ɜː l d _"),
        ("papa, mama, baby", "en-us", "p ɑː p ə _ m ɑː m ɐ _ b eɪ b i _"),
        ("Guten Tag.", "de", "ɡ uː t ə n t ɑː k _"),
        ("Bonjour.", "fr", "b ɔ̃ ʒ u ʁ _"),
        ("Buenos días.", "es", "b w e n o s ð i a s _"),
        ("Привет.", "ru", "p rʲ i vʲ e t _"),
    ],
)
def test_the_phones_of_known_sentences(speaker: Speaker, text: str, language: str, expected: str) -> None:
    pieces = speaker.say(text, language=language)
    assert len(pieces) == 1
    assert " ".join(ipa(pieces)) == expected


def test_stress_is_a_number_beside_the_phone(speaker: Speaker) -> None:
    (piece,) = speaker.say("university")
    assert [(phone.ipa, phone.stress) for phone in piece.phones if phone.stress] == [("uː", 2), ("ɜː", 1)]


def test_every_language_of_a_long_list_speaks(speaker: Speaker) -> None:
    greetings = {
        "en-us": "Good morning.", "en-GB": "Good morning.", "de": "Guten Morgen.", "fr-FR": "Bonjour à tous.",
        "es": "Buenos días.", "es-MX": "Buenos días.", "it": "Buongiorno.", "pt-BR": "Bom dia.", "nl": "Goedemorgen.",
        "pl": "Dzień dobry.", "ru": "Доброе утро.", "uk_UA": "Доброго ранку.", "cs": "Dobré ráno.", "tr": "Günaydın.",
        "ar": "صباح الخير", "fa": "صبح بخیر", "he": "בוקר טוב", "hi": "सुप्रभात", "ta": "காலை வணக்கம்",
        "ko": "좋은 아침입니다.", "ja": "おはようございます。", "zh": "早上好。", "zh-Hans-CN": "早上好。",
        "yue": "早晨。", "vi": "Chào buổi sáng.",
        "th": "สวัสดีตอนเช้า", "el": "Καλημέρα.", "hu": "Jó reggelt.", "fi": "Hyvää huomenta.", "sv": "God morgon.",
        "no": "God morgen.", "ka": "დილა მშვიდობისა.", "sw": "Habari ya asubuhi.", "id": "Selamat pagi.",
    }  # fmt: skip
    for language, text in greetings.items():
        pieces = speaker.say(text, language=language)
        for piece in pieces:
            well_formed(piece)
            assert np.abs(samples(piece).astype(int)).max() > 2000, language
        assert "".join(texts(pieces)).replace(" ", "") == text.replace(" ", "")
        assert 0.4 < sum(piece.samples for piece in pieces) / RATE < 3.0, language


def test_another_script_is_read_in_its_own_language(speaker: Speaker) -> None:
    pieces = speaker.say("The word «Привет» means 你好, my friend.")
    assert " ".join(ipa(pieces)).count("p rʲ i vʲ e t") == 1
    assert " ".join(ipa(pieces)).count("n i χ ɑu") == 1
    assert " ".join(texts(pieces)) == "The word «Привет» means 你好, my friend."


def test_variant_rate_and_pitch_change_the_voice(speaker: Speaker) -> None:
    def length(**voice: Any) -> int:
        return sum(piece.samples for piece in speaker.say("One two three four five six seven.", **voice))

    def pitch(**voice: Any) -> float:
        (piece,) = speaker.say("Aaah", **voice)
        sound = samples(piece).astype(float)[4000:8800]
        spectrum = np.fft.irfft(np.abs(np.fft.rfft(sound, 16_384)) ** 2)
        shortest = RATE // 400
        return RATE / float(shortest + np.argmax(spectrum[shortest : RATE // 60]))

    normal = length()
    assert 1.7 < normal / length(rate=2.0) < 2.3
    assert 0.4 < normal / length(rate=0.5) < 0.6
    assert length(rate=0.01) < 3 * normal
    assert pitch(pitch=1.6) > pitch() * 1.15
    assert pitch(name="f3") > pitch(name="m3") * 1.2


@pytest.mark.parametrize(
    ("voice", "named"),
    [
        (Voice("tlh-x-old"), "tlh-x-old"),
        (Voice("../../etc"), "../../etc"),
        (Voice(""), "''"),
        (Voice("de", "p225"), "p225"),
    ],
)
def test_a_voice_there_is_not_is_an_error_that_names_it(speaker: Speaker, voice: Voice, named: str) -> None:
    with pytest.raises(EngineError, match=re.escape(named)) as caught:
        speaker.run(said(speaker.tts, "Hello.", voice=voice))
    assert caught.value.code == "tts_failed"
    assert not caught.value.retryable
    assert ipa(speaker.say("Hello."))


# ------------------------------------------------------------------------------------------------ when


def test_phones_cover_each_piece_exactly(speaker: Speaker) -> None:
    text = "Stop the big dog, get a cup of tea! Did Bob take a kite, a puppy, and a judge's church? " * 4
    pieces = speaker.say(text)
    assert len(pieces) > 2
    for piece in pieces:
        well_formed(piece)


def test_closures_are_quiet_where_the_phone_says(speaker: Speaker) -> None:
    (piece,) = speaker.say("papa, mama, baby")
    sound = np.abs(samples(piece).astype(int))
    loudest = int(sound.max())
    for phone in piece.phones:
        begin = sound[phone.start : phone.start + RATE * 30 // 1000]
        if phone.ipa == "p":
            assert begin.max() <= loudest * 0.01
        elif phone.ipa in ("b", "m"):
            assert begin.max() < loudest * 0.35
    vowels = [sound[p.start : p.end].max() for p in piece.phones if p.ipa in ("ɑː", "eɪ")]
    assert min(vowels) > loudest * 0.5


def test_a_stop_begins_with_its_closure_not_with_its_burst(speaker: Speaker) -> None:
    pieces = speaker.say("a cup of tea, a kite, a packet, a church")
    voiceless = [(piece, phone) for piece in pieces for phone in piece.phones if phone.ipa in ("p", "t", "k", "tʃ")]
    assert len(voiceless) >= 8
    for piece, phone in voiceless:
        loud = np.flatnonzero(np.abs(samples(piece)[phone.start + 12 : phone.end].astype(int)) > 60)
        assert loud[0] / RATE > 0.015, phone


def test_the_first_sound_comes_early_and_the_pause_fits_the_end(speaker: Speaker) -> None:
    tails = {}
    for text in ("and then, ", "and then.", "and then", "Peter,"):
        (piece,) = speaker.say(text)
        loud = np.flatnonzero(np.abs(samples(piece).astype(int)) > 30)
        assert 0.028 <= loud[0] / RATE <= 0.06
        tails[text] = (piece.samples - loud[-1]) / RATE
    assert 0.02 < tails["and then"] < 0.1 < tails["and then, "] < 0.2 < tails["and then."] < 0.4


def test_words_stand_as_they_are_written_and_where(speaker: Speaker) -> None:
    text = 'In 1984 we  won "$5.50" — well-known, isn\'t it? (Yes) 😀 of the best!'
    pieces = speaker.say(text)
    words = [word for piece in pieces for word in piece.words]
    assert [word.text for word in words] == [
        "In", "1984", "we", "won", '"$5.50" —', "well-known,", "isn't", "it?", "(Yes) 😀", "of", "the", "best!",
    ]  # fmt: skip
    for word in words:
        assert text[word.at : word.at + len(word.text)] == word.text
        assert word.end - word.start > RATE // 100
    number = words[1]
    inside = [phone.ipa for phone in pieces[0].phones if number.start <= phone.start < number.end]
    assert " ".join(inside) == "n aɪ n t iː n eɪ ɾ i f ɔːɹ"


def test_words_begin_and_end_with_their_phones(speaker: Speaker) -> None:
    (piece,) = speaker.say("Peter, buy the book.")
    edges = {phone.start for phone in piece.phones} | {phone.end for phone in piece.phones}
    for word in piece.words:
        assert {word.start, word.end} <= edges
    peter, buy = piece.words[:2]
    between = [phone for phone in piece.phones if peter.end <= phone.start < buy.start]
    assert [phone.ipa for phone in between] == [""]


def test_scripts_without_blanks_have_words_too(speaker: Speaker) -> None:
    (piece,) = speaker.say("你好，我是老师。", language="zh")
    assert [(word.text, word.at) for word in piece.words] == [
        ("你好，", 0),
        ("我", 3),
        ("是", 4),
        ("老", 5),
        ("师。", 6),
    ]


def test_cues_come_with_the_word_they_stand_before(speaker: Speaker) -> None:
    text = "Hello, my dear friend."

    def cue(at: int) -> Cue:
        return Cue("gesture", f"at{at}", 1.0, at)

    (piece,) = speaker.say(Phrase(text, tuple(cue(at) for at in (22, 0, 6, 7, 10))))
    words = {word.text: word for word in piece.words}
    assert {timed.cue.name: timed.start for timed in piece.cues} == {
        "at0": words["Hello,"].start,
        "at6": words["my"].start,
        "at7": words["my"].start,
        "at10": words["dear"].start,
        "at22": words["friend."].end,
    }


def test_cues_of_a_long_phrase_come_once_and_in_their_piece(speaker: Speaker) -> None:
    text = "This is a sentence of some length. " * 12
    at = [match.start() for match in re.finditer("sentence", text)]
    pieces = speaker.say(Phrase(text, tuple(Cue("emotion", str(a), 1.0, a) for a in at)))
    assert len(pieces) > 2
    assert [int(timed.cue.name) for piece in pieces for timed in piece.cues] == at
    for piece in pieces:
        begins = {word.at: word.start for word in piece.words}
        assert all(timed.start == begins[timed.cue.at] for timed in piece.cues)


@pytest.mark.parametrize("name", ["", "f3", "m3"])
def test_a_voice_with_an_echo_closes_its_lips_as_early_as_one_without(speaker: Speaker, name: str) -> None:
    pieces = speaker.say("Peter Piper picked a peck of pickled peppers.", name=name)
    closures = [phone.end - phone.start for piece in pieces for phone in piece.phones if phone.ipa == "p"]
    assert len(closures) == 8
    assert sorted(closures)[4] > 0.06 * RATE


@pytest.mark.parametrize(
    ("voice", "name"),
    [
        (Voice("zh"), "f3"), (Voice("cmn"), "f3"), (Voice("zh-CN"), "f3"), (Voice("zh-Hant-TW"), "f3"),
        (Voice("zh", "m2"), "m2"), (Voice("en"), ""), (Voice("ja"), ""), (Voice("yue"), ""), (Voice(""), ""),
    ],
)  # fmt: skip
def test_mandarin_without_a_name_has_the_voice_that_is_understood_best(
    speaker: Speaker, voice: Voice, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    request = speaker.tts.child.request

    def noted(op: str, **fields: Any) -> Any:
        asked.append(fields["name"])
        return request(op, **fields)

    monkeypatch.setattr(speaker.tts.child, "request", noted)
    if voice.language:
        assert speaker.say("你好。", language=voice.language, name=voice.name)
    else:
        with pytest.raises(EngineError):
            speaker.say("你好。", language="")
    assert asked == [name]
