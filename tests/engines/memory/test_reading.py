"""What users say becomes facts, questions and orders; what they only ask, suppose or quote does not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engines.memory.facts import KINDS, VALUE, Fact
from engines.memory.reading import Ordered, asked, ordered, promised, told
from engines.memory.tables import LANGUAGES, table
from engines.memory.telling import phrase, sentence

TOLD = (
    ("en", "My name is Ada and I live in Berlin.", [("name", "", "Ada"), ("place", "", "Berlin")]),
    ("en", "hello, I'm Nora, nice to meet you", [("name", "", "Nora")]),
    ("en", "my name is ada lovelace", [("name", "", "Ada Lovelace")]),
    ("en", "I like coffee and hiking, but I hate fish.",
     [("like", "", "coffee"), ("like", "", "hiking"), ("dislike", "", "fish")]),
    ("en", "I don't like tea anymore", [("dislike", "", "tea")]),
    ("en", "my sister's name is Nora", [("family", "sister", "Nora")]),
    ("en", "We have a dog called Rex and my cat is called Misty.", [("pet", "dog", "Rex"), ("pet", "cat", "Misty")]),
    ("en", "I am a teacher.", [("job", "", "teacher")]),
    ("en", "I am 34 years old", [("age", "", "34")]),
    ("en", "My birthday is on the 3rd of May", [("birthday", "", "3rd of May")]),
    ("en", "Remember that my brother is called Tom.", [("family", "brother", "Tom")]),
    ("en", "remember to bring the red book on Friday", [("note", "", "to bring the red book on Friday")]),
    ("en", "Tomorrow let's go on with lenses.", [("promise", "Tomorrow", "lenses")]),
    ("en", "My favourite colour is dark green.", [("favourite", "colour", "dark green")]),
    ("en", "I'm allergic to nuts and pollen", [("allergy", "", "nuts"), ("allergy", "", "pollen")]),
    ("en", "I moved to Hamburg last week", [("place", "", "Hamburg")]),
    ("zh", "我叫小明，我住在北京。", [("name", "", "小明"), ("place", "", "北京")]),
    ("zh", "我喜欢咖啡和爬山，但是我讨厌鱼。", [("like", "", "咖啡"), ("like", "", "爬山"), ("dislike", "", "鱼")]),
    ("zh", "我家的狗叫旺财", [("pet", "狗", "旺财")]),
    ("zh", "我的妹妹叫丽丽", [("family", "妹妹", "丽丽")]),
    ("zh", "我是一名护士", [("job", "", "护士")]),
    ("zh", "我的生日是五月三日", [("birthday", "", "五月三日")]),
    ("zh", "请记住我的车停在三楼", [("note", "", "我的车停在三楼")]),
    ("zh", "明天我们接着讲透镜吧", [("promise", "明天", "透镜")]),
    ("zh-hant", "我對花生過敏", [("allergy", "", "花生")]),
    ("de", "Ich heiße Ada und ich wohne in Berlin.", [("name", "", "Ada"), ("place", "", "Berlin")]),
    ("de", "Mein Geburtstag ist am 3. Mai", [("birthday", "", "3. Mai")]),
    ("de", "Ich mag Tee nicht mehr", [("dislike", "", "Tee")]),
    ("fr", "Je m'appelle Ada et j'habite à Lyon", [("name", "", "Ada"), ("place", "", "Lyon")]),
    ("es", "Me llamo Ada y vivo en Madrid", [("name", "", "Ada"), ("place", "", "Madrid")]),
    ("it", "Mi chiamo Ada e abito a Roma", [("name", "", "Ada"), ("place", "", "Roma")]),
    ("pt", "Meu nome é Ada e moro em Lisboa", [("name", "", "Ada"), ("place", "", "Lisboa")]),
    ("ja", "私の名前は花子です。", [("name", "", "花子")]),
    ("ko", "저는 서울에 살아요", [("place", "", "서울")]),
    ("ar", "اسمي ليلى", [("name", "", "ليلى")]),
    ("hi", "मेरा नाम आशा है", [("name", "", "आशा")]),
)  # fmt: skip

TELLS_NOTHING = (
    ("en", "If my name were Bob, would you laugh?"),
    ("en", "Do I like coffee?"),
    ("en", "She said my name is Eva"),
    ("en", "my name is not Bob"),
    ("en", "I like you"),
    ("en", "I would like a story"),
    ("en", "I'm a bit tired"),
    ("en", "What is my name?"),
    ("en", "Do you remember my dog?"),
    ("zh", "我叫什么名字？"),
    ("zh", "如果我住在北京就好了"),
    ("de", "Wie heiße ich?"),
    ("es", "¿Dónde vivo?"),
)


@pytest.mark.parametrize(("code", "text", "facts"), TOLD)
def test_what_is_told_is_read(code: str, text: str, facts: list[tuple[str, str, str]]) -> None:
    assert [(fact.kind, fact.about, fact.value) for fact in told(text, code)] == facts


@pytest.mark.parametrize(("code", "text"), TELLS_NOTHING)
def test_what_is_asked_or_supposed_tells_nothing(code: str, text: str) -> None:
    assert told(text, code) == ()


@pytest.mark.parametrize(
    ("code", "text", "kind", "about"),
    [
        ("en", "what is my name?", "name", ""),
        ("en", "do you remember my dog?", "pet", "dog"),
        ("en", "what's my sister called?", "family", "sister"),
        ("en", "do i like coffee", "taste", "coffee"),
        ("en", "what did I tell you about the red book?", "about", "the red book"),
        ("zh", "我的狗叫什么", "pet", "狗"),
        ("zh", "我住在哪里？", "place", ""),
        ("de", "wie heißt mein Hund?", "pet", "Hund"),
        ("fr", "où est-ce que j'habite ?", "place", ""),
    ],
)
def test_questions_about_oneself_are_known(code: str, text: str, kind: str, about: str) -> None:
    found = asked(text, code)
    assert found is not None
    assert (found.kind, found.about) == (kind, about)


@pytest.mark.parametrize(
    ("code", "text", "order"),
    [
        ("en", "What do you know about me?", Ordered("tell")),
        ("en", "forget that", Ordered("forget")),
        ("en", "please forget everything you know about me", Ordered("erase")),
        ("en", "forget my birthday", Ordered("forget_about", "birthday")),
        ("zh", "你知道关于我的什么？", Ordered("tell")),
        ("zh", "忘掉这个", Ordered("forget")),
        ("zh", "忘掉关于我的一切", Ordered("erase")),
        ("de", "Was weißt du über mich?", Ordered("tell")),
        ("de", "vergiss alles", Ordered("erase")),
        ("ja", "全部忘れて", Ordered("erase")),
        ("ko", "전부 잊어줘", Ordered("erase")),
        ("ar", "انس كل شيء", Ordered("erase")),
    ],
)
def test_orders_are_known(code: str, text: str, order: Ordered) -> None:
    assert ordered(text, code) == order


@pytest.mark.parametrize("text", ["I will never forget that day", "I forget everything", "What is light?", "Go on"])
def test_what_is_no_order_is_none(text: str) -> None:
    assert ordered(text, "en") is None


def test_the_companion_promises_too() -> None:
    assert [fact.value for fact in promised("That was good. Next time we will go on with mirrors.", "en")] == [
        "mirrors"
    ]


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_language_says_every_kind(code: str) -> None:
    for kind in KINDS:
        assert "X1" in sentence(Fact(kind, "X1", "sister"), code)
    for key in table("en").says:
        assert phrase(key, code)


@given(st.sampled_from(LANGUAGES), st.text(max_size=300))
def test_no_text_is_too_strange(code: str, text: str) -> None:
    for fact in told(text, code):
        assert 0 < len(fact.value) <= VALUE
    asked(text, code)
    ordered(text, code)


@pytest.mark.parametrize("code", LANGUAGES)
def test_long_texts_are_read_in_bounded_steps(code: str) -> None:
    for text in ("my " * 700, "I like " + "a and " * 300, "我" * 2000, "my name is " + "a" * 1900, "remember " * 200):
        assert len(told(text, code)) <= 16
