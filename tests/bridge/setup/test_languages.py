"""Languages: which there are, what is said about those that are none, and what the chosen engines do not know."""

from __future__ import annotations

import pytest

from bridge.errors import ConfigError
from bridge.setup import casting
from bridge.setup.config import Config, load
from bridge.setup.languages import NAMES, OWN, agreed, check, gaps, guessed, named, primary
from engines.catalogue import table as catalogue

MUTE = ("engines.stt=none", "engines.dialogue=openai")


def configured(*settings: str) -> Config:
    return load(None, {}, settings)


def jobs(config: Config, language: str) -> list[str]:
    return [gap.job for gap in gaps(config, language)]


def test_every_language_of_the_catalogue_has_a_name() -> None:
    spoken = {code for listing in catalogue.ENGINES for code in (*listing.languages, *listing.weak)}
    assert spoken <= set(NAMES)
    assert set(OWN.values()) <= set(NAMES)


@pytest.mark.parametrize("tag", ["en", "en-us", "EN_gb", "zh-Hant-TW", "cmn", "de-1996"])
def test_a_tag_of_a_known_language_is_fine(tag: str) -> None:
    check(tag)
    assert primary(tag) in NAMES
    assert guessed(tag) == tag.lower().replace("_", "-")


@pytest.mark.parametrize(
    ("tag", "meant"),
    [
        ("german", "de (German)"),
        ("enlgish", "en (English)"),
        ("deutsch", "de (German)"),
        ("chinese", "zh (Chinese)"),
        ("eng", "en (English)"),
        ("deu", "de (German)"),
        ("frr", "fr (French)"),
        ("Japaneze", "ja (Japanese)"),
    ],
)
def test_an_unknown_language_is_refused_with_the_nearest(tag: str, meant: str) -> None:
    with pytest.raises(ConfigError) as caught:
        check(tag)
    assert caught.value.code == "unknown_language"
    assert meant in caught.value.message
    assert "identity.language" in caught.value.message


@pytest.mark.parametrize("tag", ["", " ", "-", "e", "x" * 100_000, "en us", "../en", "12", "\0", "en-", "日本"])
def test_what_is_no_tag_is_refused_in_a_short_sentence(tag: str) -> None:
    with pytest.raises(ConfigError) as caught:
        check(tag)
    assert len(caught.value.message) < 300


@pytest.mark.parametrize(
    ("word", "code"),
    [("German", "de"), (" deutsch ", "de"), ("中文", "zh"), ("english", "en"), ("pt-BR", "pt-br"), ("klingonish", "")],
)
def test_people_may_name_a_language_as_they_like(word: str, code: str) -> None:
    assert guessed(word) == code


def test_english_has_no_gaps_with_the_default_engines() -> None:
    assert gaps(Config(), "en-us") == ()
    assert named("en-GB") == "English"
    assert named("tlh") == "tlh"


@pytest.mark.parametrize(
    ("settings", "language", "lacking"),
    [
        ((), "cy", ["stt", "dialogue"]),
        ((), "xx", ["stt", "dialogue", "tts"]),
        (("engines.stt=none",), "cy", ["dialogue"]),
        (("engines.stt=whisper", "whisper.model=small"), "cy", ["dialogue"]),
        (("engines.stt=whisper", "whisper.model=small.en@v1"), "cy", ["stt", "dialogue"]),
        (("engines.stt=whisper", "whisper.model=/models/tiny.en"), "cy", ["stt", "dialogue"]),
        (("engines.stt=whisper", "whisper.language=de"), "cy", ["stt", "dialogue"]),
        (("engines.stt=whisper", "whisper.language=auto"), "cy", ["dialogue"]),
        (MUTE, "cy", []),
        (MUTE, "ja", ["tts"]),
        ((*MUTE, "engines.tts=kokoro"), "ja-JP", ["tts"]),
        ((*MUTE, "engines.tts=kokoro"), "de", ["tts"]),
        ((*MUTE, "engines.tts=xtts"), "cy", ["tts"]),
        ((*MUTE, "engines.tts=piper", "piper.model=de_DE-a-low"), "de", []),
        ((*MUTE, "engines.tts=piper", "piper.model=de_DE-a-low"), "fr", ["tts"]),
        ((*MUTE, "engines.tts=piper", "piper.model=/v/de_DE-a-low.onnx"), "fr", ["tts"]),
        ((*MUTE, "engines.tts=piper", "piper.model=me/mine"), "fr", []),
    ],
)
@pytest.mark.usefixtures("no_kanji")
def test_what_each_engine_does_not_know_is_told(settings: tuple[str, ...], language: str, lacking: list[str]) -> None:
    config = configured(*settings)
    assert jobs(config, language) == lacking
    for gap in gaps(config, language):
        assert gap.told.endswith(".")
        assert f"engines.{gap.job}" in gap.mend or ".model" in gap.mend


def test_a_card_that_is_written_in_other_languages_is_told() -> None:
    (gap,) = gaps(configured("engines.stt=none"), "de-at", ("en", "zh"))
    assert gap.job == "dialogue"
    assert "The card is in English: German has" in gap.told
    assert "translation" in gap.mend
    assert gaps(configured("engines.stt=none"), "zh-TW", ("en", "zh")) == ()
    assert gaps(configured(*MUTE), "de", ("en",)) == ()
    (welsh,) = gaps(configured("engines.stt=none"), "cy", ("en",))
    assert "The script has no Welsh" in welsh.told
    told = casting.companion(configured("identity.language=zh"))
    assert "Chinese is not understood when it is spoken" in told.notice
    assert "The card is in" not in told.notice


def test_the_mend_names_an_engine_that_may_know_it() -> None:
    heard, answered = gaps(configured(), "cy")
    assert heard.mend == "set engines.stt = whisper"
    assert "transformers or openai" in answered.mend


@pytest.fixture
def no_kanji(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bridge.setup.languages.find_spec", lambda package: None)


@pytest.mark.usefixtures("no_kanji")
def test_that_kanji_cannot_be_read_is_told_until_their_readings_are_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    (spoken,) = gaps(configured(*MUTE), "ja")
    assert "kanji" in spoken.told
    assert spoken.mend.startswith("pip install 'companion-bridge[japanese]'")
    monkeypatch.setattr("bridge.setup.languages.find_spec", lambda package: package)
    assert gaps(configured(*MUTE), "ja") == ()


def test_the_chosen_language_goes_before_the_identitys_and_is_told_to_players() -> None:
    own = casting.companion(configured())
    welsh = casting.companion(configured("identity.language=cy_GB"))
    assert (own.language, own.engines.voice.language) == ("en-us", "en-us")
    assert (welsh.language, welsh.engines.voice.language) == ("cy-GB", "cy-GB")
    assert "Welsh is not understood when it is spoken" in welsh.notice
    assert "Welsh" not in own.notice
    away = casting.companion(configured("identity.language=cy", "engines.dialogue=openai"))
    assert "Welsh is not understood" in away.notice
    assert "Welsh is not understood" in away.away_notice


@pytest.mark.parametrize(
    ("tts", "language", "name"),
    [
        ("espeak", "zh", "f3"), ("espeak", "zh-CN", "f3"), ("espeak", "cmn", "f3"), ("espeak", "zh-Hant-TW", "f3"),
        ("espeak", "en", "f3"), ("espeak", "EN_us", "f3"), ("espeak", "de", "f3"), ("espeak", "cy-GB", "f3"),
        ("kokoro", "zh-CN", "zf_xiaoxiao"), ("kokoro", "en-GB", "af_heart"), ("kokoro", "ja", ""),
    ],
)  # fmt: skip
def test_the_voice_is_kept_where_it_speaks_the_language(
    tts: str, language: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(casting, "engine", lambda config, job, person: None)
    made = casting.companion(configured(f"engines.tts={tts}", f"identity.language={language}"))
    assert made.engines.voice.name == name
    assert made.engines.voice.language == language.replace("_", "-")


@pytest.mark.parametrize("tag", ["en us", "../en", "12", "日本", "en_US.UTF-8", "-", "e", "x" * 35, "\0"])
def test_what_a_client_says_that_is_no_tag_is_refused_in_a_sentence(tag: str) -> None:
    with pytest.raises(ValueError, match="no BCP-47 tag") as caught:
        agreed(tag, configured(), "en-us")
    assert len(str(caught.value)) < 200


def test_what_is_noted_on_a_clients_language() -> None:
    config = configured()
    assert agreed("", config, "en-us") == ("", "")
    assert agreed("en_GB", config, "en-us") == ("en-GB", "")
    assert agreed("cmn", config, "zh-CN") == ("cmn", "")
    assert agreed("ja", configured(*MUTE), "en-us") == ("ja", "")
    used, note = agreed("ja", config, "en-us")
    assert used == "ja"
    assert note.startswith("Japanese is not understood when it is spoken")
    assert agreed("xq", config, "de") == ("", "There is no language 'xq' here. German is spoken instead.")


def test_a_companion_in_a_language_that_there_is_not_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"did you mean de \(German\)"):
        casting.companion(configured("identity.language=german"))


def test_a_language_that_the_identity_is_translated_into_makes_it_that_person() -> None:
    chinese = casting.companion(configured("identity.language=zh-CN"))
    assert chinese.name == "诺拉"
    assert (chinese.engines.voice.language, chinese.engines.voice.name) == ("zh-CN", "f3")
    assert chinese.sorry == "抱歉，我的思路断了。"
    assert "The card is in" not in chinese.notice
    assert "The card is in English" in casting.companion(configured("identity.language=de")).notice
