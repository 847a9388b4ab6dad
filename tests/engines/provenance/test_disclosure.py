"""That it is an AI: said in every language, noticed when asked for in any, and not where something else is asked."""

from __future__ import annotations

import pytest

from engines.provenance.disclosure import LANGUAGES, asked, disclosure
from testkit.effort import effort

ASKED = [
    ("en", "Are you a human?"), ("en", "are you real"), ("en", "Are you a robot or a person?"),
    ("en", "Wait... am I talking to a real person?"), ("en", "Is this a recording?"), ("en", "Are you really an AI"),
    ("en", "You\u2019re not a real person, are you?"), ("en", "Tell me: are you\n human?"),
    ("de", "Bist du ein echter Mensch?"), ("de", "Spreche ich gerade mit einem Menschen?"),
    ("fr", "Es-tu un humain ?"), ("fr", "Êtes-vous une vraie personne ?"), ("es", "¿Eres una persona real?"),
    ("it", "Sei un robot?"), ("it", "sei un'intelligenza artificiale?"), ("pt", "Você é uma pessoa de verdade?"),
    ("nl", "Ben je een echt mens?"), ("sv", "Är du en människa?"), ("da", "Er du et menneske?"),
    ("pl", "Czy jesteś człowiekiem?"), ("cs", "Jste robot?"), ("ru", "Вы робот?"), ("uk", "Ти людина?"),
    ("tr", "Sen insan mısın?"), ("el", "Είσαι άνθρωπος;"), ("he", "אתה בן אדם?"), ("ar", "هل أنت إنسان؟"),
    ("hi", "क्या आप इंसान हैं?"), ("zh", "你是真人吗？"), ("zh", "你是不是机器人"), ("zh", "我是在和真人说话吗"),
    ("ja", "あなたは人間ですか？"), ("ja", "AIなの？"), ("ko", "너 사람이야?"), ("ko", "당신은 AI인가요?"),
    ("vi", "Bạn có phải là người thật không?"), ("id", "Apakah kamu manusia?"),
]  # fmt: skip
OTHERS = [
    ("en", "are you the teacher"), ("en", "Is a robot a machine?"), ("en", "Are you a machine operator?"),
    ("en", "Are you a real teacher?"), ("en", "Do you know a person or two"), ("en", "Are you a person of faith"),
    ("en", ""),
    ("zh", "你是人类学家吗"), ("zh", "你是老师吗"), ("ja", "日本人ですか？"), ("ja", "ロボットは機械ですか"),
    ("ko", "그 사람이야?"), ("de", "Ist der Mensch ein Tier?"), ("fr", "Es-tu professeur ?"),
]  # fmt: skip


def test_every_language_says_it_with_the_name() -> None:
    assert len(LANGUAGES) >= 20
    for code in LANGUAGES:
        notice = disclosure("Ada", code)
        assert notice.locale == code
        assert "Ada" in notice.told
        assert notice.spoken
        assert notice.draft
    assert len({disclosure("Ada", code).told for code in LANGUAGES}) == len(LANGUAGES)


@pytest.mark.parametrize(
    ("languages", "code"),
    [
        (("de-AT", "en"), "de"),
        (("xx", "zh-Hant"), "zh"),
        (("yue",), "zh"),
        (("", ""), "en"),
        (("tlh", "x-y"), "en"),
        ((), "en"),
        (("pt_BR",), "pt"),
    ],
)
def test_the_first_language_that_is_known_counts(languages: tuple[str, ...], code: str) -> None:
    assert disclosure("Ada", *languages).locale == code


def test_a_name_without_end_does_not_push_the_sentence_out_of_sight() -> None:
    assert len(disclosure("x" * 5000, "en").told) < 100
    assert "{name}" in disclosure("{name}", "en").told


@pytest.mark.parametrize(("language", "text"), ASKED)
def test_the_question_is_noticed(language: str, text: str) -> None:
    assert asked(text, language) == language
    assert asked(f"Hm, hello! {text}" if language == "en" else text, f"{language}-x") == language
    assert asked(text, "tlh")
    assert asked(text)


@pytest.mark.parametrize(("language", "text"), OTHERS)
def test_another_question_is_not_taken_for_it(language: str, text: str) -> None:
    assert not asked(text, language)


def test_english_is_noticed_whatever_is_spoken() -> None:
    assert asked("are you human?", "ja") == "en"


@pytest.mark.parametrize("text", ["are you a real " * 5000, "你是" * 20_000, "are you " + "really " * 9000 + "x"])
def test_long_lines_take_no_time(text: str) -> None:
    assert effort(lambda: asked(text), enough=100) <= 100
