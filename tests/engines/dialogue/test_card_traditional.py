"""Cards, lessons and tools in one way of writing Chinese are talked to in the other."""

from __future__ import annotations

import json
import tomllib
from importlib.resources import files
from pathlib import Path

import pytest

from engines.api import Tool, ToolResult
from engines.dialogue.card.engine import CardDialogue
from engines.dialogue.card.language import shipped_language
from engines.identity import Identity, load_identity, shipped
from engines.text.han import alike, is_traditional
from engines.words.text import plain
from tests.engines.dialogue.screenplay import Scene
from tests.engines.dialogue.wild_cards import CARDS, WildCard

CHINESE = [card for card in CARDS if card.language == "zh"]


def traditional(text: str) -> str:
    """Write a text in Traditional signs, one for one: good enough to be compared, not to be read."""
    listed = tomllib.loads((files("engines.text") / "han.toml").read_text(encoding="utf-8"))
    turned = dict(zip("".join(listed["simplified"].split()), "".join(listed["traditional"].split()), strict=True))
    return "".join(turned.get(sign, sign) for sign in text)


def loaded(tmp_path: Path, text: str, name: str) -> Identity:
    path = tmp_path / f"{name}.json"
    path.write_text(text, encoding="utf-8")
    return load_identity(path)


def conversation(identity: Identity, lines: list[str]) -> list[str]:
    talk = Scene(CardDialogue(identity))
    return [plain(reply) for reply in (talk.greet(), *(talk.say(line) for line in lines))]


@pytest.mark.parametrize("card", CHINESE, ids=lambda card: card.name)
def test_a_card_answers_in_its_own_signs_whichever_it_is_asked_in(card: WildCard, tmp_path: Path) -> None:
    raw = json.dumps(card.raw, ensure_ascii=False)
    simplified, turned = loaded(tmp_path, raw, "s"), loaded(tmp_path, traditional(raw), "t")
    lines = [list(card.lines), [traditional(line) for line in card.lines]]
    assert lines[0] != lines[1]
    said = [conversation(identity, each) for identity in (simplified, turned) for each in lines]
    answers = [said[i][turn + 1] for i in range(4) for turn, _ in card.wanted]
    wanted = [alike(words) for _ in range(4) for _, words in card.wanted]
    assert [words in alike(answer) for words, answer in zip(wanted, answers, strict=True)] == [True] * len(wanted)
    assert [is_traditional("".join(replies)) for replies in said] == [False, False, True, True]


@pytest.mark.parametrize(
    ("tag", "first"), [("zh-TW", "很高興"), ("zh-Hant-HK", "很高興"), ("yue", "很高興"), ("zh", "很高兴")]
)
def test_the_tag_decides_where_the_card_does_not_tell(tag: str, first: str, tmp_path: Path) -> None:
    identity = tmp_path / "mei"
    identity.mkdir()
    (identity / "card.json").write_text(json.dumps({"spec": "chara_card_v3", "data": {"name": "小美"}}))
    (identity / "identity.json").write_text(json.dumps({"language": tag}))
    talk = Scene(CardDialogue(load_identity(identity), seed=3))
    said = "".join(talk.say(line) for line in ("你好", "謝謝", "你好嗎？", "再見"))
    assert is_traditional(said) is (first == "很高興")


HEARD = (
    "greet:你好 who_are_you:你叫什麼名字？ age:你幾歲了 thanks:謝謝你 bye:再見 why:為什麼 machine:你是機器人嗎 "
    "lesson_start:開始上課 quiz:考考我 dont_know:我不知道 likes:你喜歡什麼 time:現在幾點了 origin:你住在哪裡 "
    "joke:講個笑話吧 feelings:你感覺怎麼樣 back:你回來了嗎 ask_name:你還記得我嗎 weather:今天天氣怎麼樣 "
    "why:為何 surprise:真的嗎 who_are_you:請問你是誰"
)


@pytest.mark.parametrize("item", HEARD.split())
def test_what_people_say_is_heard_in_traditional_signs(item: str) -> None:
    name, _, text = item.partition(":")
    for code in ("zh", "zh-TW"):
        language = shipped_language(code)
        heard = language.heard(language.tokens(text))
        assert heard is not None, text
        assert heard.intent.name == name, text


def test_a_lesson_takes_answers_in_traditional_signs() -> None:
    talk = Scene(CardDialogue(load_identity(shipped()["teacher"]).speaking("zh-TW")))
    talk.say("開始上課")
    assert "就是振动" in talk.say("振動")
    assert "为什么" not in talk.say("聲音在空氣中的速度是多少？")
    assert "三百四十" in alike(talk.history[-1].text) or "340" in talk.history[-1].text


def test_names_keep_their_signs() -> None:
    talk = Scene(CardDialogue(load_identity(shipped()["guide"]).speaking("zh")))
    assert "陳麗華" in talk.say("我叫陳麗華")
    assert "陳麗華" in talk.say("我叫什麼名字？")


def test_who_lacks_chinese_says_so_in_the_signs_of_the_user(tmp_path: Path) -> None:
    card = '{"name": "Ada", "first_mes": "Good evening, what would you like to know about the stars?"}'
    for text, word in (("請問你會說中文嗎？", "對不起，我只會說"), ("请问你会说中文吗？", "对不起，我只会说")):
        talk = Scene(CardDialogue(loaded(tmp_path, card, word)))
        assert word in talk.say(text)


def test_tools_are_asked_for_in_either() -> None:
    schema = {"type": "object", "properties": {"灯": {"enum": ["厨房", "客厅"]}}, "required": ["灯"]}
    tool = Tool("开灯", "打开一个房间的灯", schema)
    for text in ("打開廚房的燈", "打开厨房的灯", "請打開客廳的燈"):
        guide = load_identity(shipped()["guide"]).speaking("zh")
        talk = Scene(CardDialogue(guide), tools=[tool], results={"开灯": ToolResult("ok", "")})
        talk.say(text)
        assert talk.calls == [("开灯", {"灯": "厨房" if alike(text).find("厨房") >= 0 else "客厅"})]
