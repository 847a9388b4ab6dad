"""The languages that ship: each says everything, hears what people say, and is answered in itself."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from engines.dialogue.card.engine import CardDialogue
from engines.dialogue.card.language import shipped_language
from engines.dialogue.card.person.english import first_person
from engines.dialogue.card.speech import fitted
from engines.dialogue.card.tables import has_tables
from engines.identity import load_identity, shipped
from engines.identity.tongue import tongue_of
from engines.words.grams import grams
from engines.words.numerals import numbers
from engines.words.text import fold, join, plain, sentences, tokens
from tests.engines.dialogue.screenplay import Scene, identity, scene

CODES = ("ar", "de", "en", "es", "fr", "hi", "it", "ja", "ko", "pt", "zh")
SLOT = re.compile(r"\{(\w+)\}")


# ------------------------------------------------------------------------------------------------ the tables


def test_these_ship() -> None:
    assert [code for code in CODES if not has_tables(code)] == []
    assert not has_tables("ru")
    assert shipped_language("cmn") is not shipped_language("en")
    assert shipped_language("zh-TW").code == "zh"


@pytest.mark.parametrize("code", CODES)
def test_a_language_says_all_that_english_says(code: str) -> None:
    language, english = shipped_language(code), shipped_language("en")
    assert set(english.says) <= set(language.says)
    assert all(language.says.values())
    names = {intent.name for intent in language.intents}
    assert {intent.name for intent in english.intents} - names <= {"louder"}
    silent = {intent.name for intent in english.intents if not intent.say}
    assert {intent.name for intent in language.intents if not intent.say} <= silent
    assert set(language.traits) == set(english.traits)
    assert set(language.names) == set(CODES)


@pytest.mark.parametrize("code", CODES)
def test_phrases_have_no_slots_that_nobody_fills(code: str) -> None:
    language, english = shipped_language(code), shipped_language("en")
    for key, forms in language.says.items():
        known = set(SLOT.findall(" ".join(english.says[key]).lower())) | {"instead"}
        assert set(SLOT.findall(" ".join(forms).lower())) <= known, key


@pytest.mark.parametrize("code", ["zh", "ja"])
def test_no_space_stands_between_a_tag_and_a_sign(code: str) -> None:
    language = shipped_language(code)
    every = [form for key, forms in language.says.items() if key != "place_states" for form in forms]
    every += [form for intent in language.intents for form in intent.say]
    assert [form for form in every if re.search(r"\] |[\u3040-\u9fff] [\u3040-\u9fff\[{]", form)] == []


HEARD = {
    "zh": (
        "greet:你好 who_are_you:你叫什么名字？ age:你几岁了 thanks:谢谢你 bye:再见 why:为什么 machine:你是机器人吗 "
        "lesson_start:开始上课 quiz:考考我 dont_know:我不知道 likes:你喜欢什么 time:现在几点了 origin:你住在哪里 "
        "joke:讲个笑话吧 feelings:你感觉怎么样 back:你回来了吗 "
    ),
    "ja": (
        "greet:こんにちは who_are_you:お名前は何ですか age:何歳ですか thanks:ありがとう bye:さようなら why:なぜですか "
        "machine:ロボットですか more:もっと教えて likes:趣味は何ですか yes:はい "
    ),
    "ko": "greet:안녕하세요 thanks:고마워요 why:왜요 yes:네 repeat:뭐라고요",
    "hi": "greet:नमस्ते thanks:धन्यवाद why:क्यों bye:अलविदा",
    "ar": "greet:مرحبا thanks:شكرا why:لماذا bye:وداعا",
    "de": "greet:Hallo thanks:Danke why:Warum bye:Tschüss",
    "fr": "greet:Bonjour thanks:Merci why:Pourquoi",
    "es": "greet:Hola thanks:Gracias bye:Adiós",
    "pt": "greet:Olá thanks:Obrigado bye:Tchau",
    "it": "greet:Ciao thanks:Grazie why:Perché bye:Arrivederci",
}


@pytest.mark.parametrize(
    "text", ["Is this Nora speaking?", "Is that Nora talking?", "Who is speaking?", "Who is there?"]
)
def test_who_asks_whether_it_is_the_right_one_is_told_who_it_is(text: str) -> None:
    assert "Nora" in scene("teacher", session=text).say(text)


@pytest.mark.parametrize("code", HEARD)
def test_what_people_say_is_heard(code: str) -> None:
    language = shipped_language(code)
    for item in HEARD[code].split():
        name, _, text = item.partition(":")
        heard = language.heard(language.tokens(text))
        assert heard is not None, text
        assert heard.intent.name == name, text


# ------------------------------------------------------------------------------------------------ which language


@pytest.mark.parametrize(
    ("text", "expected", "code"),
    [
        ("Wer bist du?", "en", "de"), ("¿Cómo estás?", "en", "es"), ("Obrigado", "en", "pt"), ("Grazie", "en", "it"),
        ("C'est quoi ?", "en", "fr"), ("who are you", "de", "en"), ("Кто ты?", "en", "ru"), ("یہ کیا ہے", "en", "ur"),
        ("Python是什么", "en", "zh"), ("東京", "ja", "ja"), ("東京", "en", "zh"), ("ひらがな", "zh", "ja"),
        ("안녕", "en", "ko"), ("नमस्ते", "en", "hi"), ("سلام", "ar", "ar"), ("Goedemorgen, hoe gaat het?", "en", "nl"),
        ("OK", "de", ""), ("Nora", "en", ""), ("no", "en", ""), ("refraction", "en", ""), ("🎉", "en", ""),
        ("", "en", ""),
        ("tell me about Die Hard", "en", "en"), ("la la land", "en", ""),
    ],
)  # fmt: skip
def test_a_language_is_told(text: str, expected: str, code: str) -> None:
    assert tongue_of(text, expected) == code


def test_a_language_that_it_has_is_answered_in() -> None:
    talk = scene("teacher")
    assert "天空是蓝色的" in talk.say("天空为什么是蓝色的？")
    assert "The sky is blue" in talk.say("Why is the sky blue?")
    assert talk.say("OK")


def test_a_language_that_it_lacks_is_refused_once_in_that_language() -> None:
    talk = scene("guide", session="lacking")
    refused = talk.say("Wer bist du?")
    assert tongue_of(refused, "en") == "de"
    assert "Englisch und Chinesisch" in refused
    assert "Edmund" in talk.say("wer bist du")
    assert talk.say("Кто ты?") == "Извините, я не говорю по-русски."
    assert "whale" in talk.say("Tell me about the whale").lower()


def test_a_lesson_goes_on_where_the_language_changes() -> None:
    talk = scene("teacher", session="changes")
    talk.say("start")
    assert "多普勒" not in talk.say("天空为什么是蓝色的？")
    reply = talk.say("振动")
    assert "就是振动" in reply


def test_a_lesson_in_chinese() -> None:
    chinese = load_identity(shipped()["teacher"]).speaking("zh")
    talk = Scene(CardDialogue(chinese))
    assert "诺拉" in talk.greet()
    assert "这样快的来回运动叫什么？" in talk.say("开始")
    assert "就是振动" in talk.say("振动")
    assert "提示" in talk.say("我不知道") or "排队" in talk.history[-1].text
    assert "走的是那一推" in talk.say("是那一推")
    for message in talk.history:
        assert not re.search("[\u4e00-\u9fff] [\u4e00-\u9fff]", message.text)


def test_names_are_kept_as_they_are_written(tmp_path: Path) -> None:
    talk = Scene(CardDialogue(load_identity(shipped()["guide"]).speaking("zh")))
    assert "小红" in talk.say("我叫小红")
    assert "小红" in talk.say("我叫什么名字？")
    (tmp_path / "x.json").write_text('{"name": "Greta", "first_mes": "Guten Tag, wer bist du und was willst du?"}')
    german = Scene(CardDialogue(load_identity(tmp_path / "x.json")))
    assert "Müller" in german.say("Ich heiße Müller")


# ------------------------------------------------------------------------------------------------ nothing to say


@pytest.mark.parametrize("event", ["...", "?", "🎉", "", "   ", "{}", "[]"])
def test_an_event_without_words_is_no_error(event: str) -> None:
    talk = scene("guide", session=f"event {event}", states={"?": "?", "!": "", "door": "…"})
    assert talk.event(event) == ""
    assert talk.say("what do you see")
    assert talk.say("where are we")
    assert talk.say("what happened")
    assert talk.say("is the door open?")
    for text in ("...", "?", "🎉"):
        assert talk.say(text)


# ------------------------------------------------------------------------------------------------ words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("灯塔AB建", ("灯", "塔", "ab", "建")), ("ライトは", ("ライト", "は")), ("안녕 하세요", ("안녕", "하세요")),
        ("नमस्ते दोस्त", ("नमस्ते", "दोस्त")), ("ＡＢＣ１２", ("abc", "12")), ("Öl für Übung", ("ol", "fur", "ubung")),
    ],
)  # fmt: skip
def test_words_of_every_script(text: str, words: tuple[str, ...]) -> None:
    assert tokens(text) == words


def test_hangul_kana_and_vowel_signs_stay_whole() -> None:
    assert fold("등대 がぎ किताब") == "등대 がぎ किताब"
    assert fold("مَدينة") == fold("مدينه")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("一九零二", [1902.0]),
        ("三百四十", [340.0]),
        ("两万", [20000.0]),
        ("十五", [15.0]),
        ("一亿五千万", [150_000_000.0]),
    ],
)
def test_han_numbers(text: str, found: list[float]) -> None:
    assert numbers(tokens(text), {}, {}, "点") == found


def test_pairs_of_signs() -> None:
    assert grams(("灯", "塔", "是", "建"), {"是"}) == ["灯塔", "建"]
    assert grams(("灯", "塔"), (), singles=True) == ["灯塔", "灯", "塔"]
    assert grams(("a", "the", "b"), {"the"}) == ["a", "b"]


def test_sentences_keep_their_closing_marks_and_join_as_their_script_does() -> None:
    text = 'The sign says "Keep out." Nobody knows why.'
    assert sentences(text) == ['The sign says "Keep out."', "Nobody knows why."]
    assert join(sentences(text)) == text
    assert join(sentences("他说：“走。”然后走了！好。")) == "他说：“走。”然后走了！好。"
    assert sentences("क्या हुआ? यह है। वह है।") == ["क्या हुआ?", "यह है।", "वह है।"]
    assert join(["很好。", "[happy]对。", "Yes.", "No."]) == "很好。[happy]对。 Yes. No."


def test_korean_particles_fit_the_word_before_them() -> None:
    assert fitted("하린(이)에요 보리(이)에요 커피은(는) 빵이(가)") == "하린이에요 보리예요 커피는 빵이"


@pytest.mark.parametrize(
    ("said", "own"),
    [
        ("Ren is a smith. She works at night and hates heat.", "I am a smith. I work at night and hate heat."),
        ("Ren's hammer was a gift from her father.", "My hammer was a gift from my father."),
        ("Everyone trusts Ren.", "Everyone trusts me."),
        ("{{user}} has come to Ren.", "You have come to me."),
        ("When Ren was young, he often walked to him.", "When I was young, I often walked to him."),
        ("You are Ren, a guide. Your job is to explain.", "I am Ren, a guide. My job is to explain."),
        ("She thinks that nobody is bad.", "I think that nobody is bad."),
    ],
)
def test_the_first_person(said: str, own: str) -> None:
    assert first_person(said, ["Ren"], "{{user}}", name="Ren") == own


def test_the_shipped_ones_say_the_same_in_plain_words() -> None:
    talk = Scene(CardDialogue(identity("guide").speaking("zh")))
    assert plain(talk.say("鲸鱼有多长？")).startswith("鲸鱼是一副小须鲸的骨架")
