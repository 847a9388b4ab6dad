"""Traditional and Simplified signs are compared as one, and nothing else is touched."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engines.hearing.whisper.agreement import plain
from engines.text.han import alike, is_traditional

TABLES = Path(__file__).parents[3] / "engines" / "dialogue" / "card" / "languages"

PAIRS = (
    ("燈塔是什麼時候建的？", "灯塔是什么时候建的？"), ("裡面有幾間餐廳", "里面有几间餐厅"), ("裏面", "里面"),
    ("臺灣與台灣", "台湾与台湾"), ("這隻貓只吃魚乾", "这只猫只吃鱼干"), ("皇后在後面", "皇后在后面"),
    ("看著他著名的畫", "看着他着名的画"), ("頭髮發亮", "头发发亮"), ("衞生", "卫生"), ("為何爲何", "为何为何"),
    ("三萬五千億", "三万五千亿"), ("《紅樓夢》·第一回", "《红楼梦》·第一回"),
)  # fmt: skip


@pytest.mark.parametrize(("traditional", "simplified"), PAIRS)
def test_both_ways_of_writing_are_one(traditional: str, simplified: str) -> None:
    assert alike(traditional) == alike(simplified)
    assert len(alike(traditional)) == len(traditional)


@pytest.mark.parametrize(
    "text", ["", "light", "Grüße", "안녕하세요", "飛行機の話", "機と机は違う", "この駅で待つ", "नमस्ते"]
)
def test_other_languages_are_left_alone(text: str) -> None:
    assert alike(text) == text


@given(st.text(st.characters(min_codepoint=0x3400, max_codepoint=0x9FFF)))
def test_what_was_turned_is_not_turned_again(text: str) -> None:
    assert alike(alike(text)) == alike(text)
    assert len(alike(text)) == len(text)


@pytest.mark.parametrize(
    ("text", "traditional"),
    [
        ("", None), ("hello", None), ("你好", None), ("這是我的家，我和貓住在一起。", True), ("这是我的家。", False),
        ("皇后只有一位同向的千里面", False), ("只有她知道這件事，同家裡人說過。", True), ("乾隆年间修的灯塔", False),
    ],
)  # fmt: skip
def test_the_script_of_a_text_is_told(text: str, traditional: bool | None) -> None:
    assert is_traditional(text) is traditional


TURNED = tomllib.loads((TABLES / "zh-hant.toml").read_text(encoding="utf-8")).keys()


def spoken(name: str) -> dict[str, Any]:
    tables = tomllib.loads((TABLES / f"{name}.toml").read_text(encoding="utf-8"))
    return {key: value for key, value in tables.items() if key in TURNED}


def flat(value: Any) -> list[str]:
    match value:
        case str():
            return [alike(value)]
        case list():
            return [text for item in value for text in flat(item)]
        case _:
            return [text for key, item in value.items() for text in (key, *flat(item))]


def test_the_traditional_table_says_what_the_simplified_one_says() -> None:
    """`python -m tools.chinese --write` makes it anew when this fails."""
    assert flat(spoken("zh-hant")) == flat(spoken("zh"))
    assert is_traditional(repr(spoken("zh-hant"))) is True
    assert {"reply", "say", "languages", "calendar"} <= set(TURNED)


def test_a_recogniser_that_changes_its_signs_agrees_with_itself() -> None:
    assert plain("燈塔") == plain("灯塔")
    assert plain("機の") != plain("机の")
