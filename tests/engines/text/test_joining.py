"""Parts of what was said are joined as their script does."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engines.text.joining import joined

SCRIPTS = {
    "en": "why is the sky blue", "de": "schöne Grüße", "ko": "안녕하세요", "hi": "नमस्ते", "ar": "مرحبا",
    "zh": "灯塔是什么", "ja": "こんにちは", "katakana": "ライト", "th": "สวัสดี", "lo": "ສະບາຍດີ", "my": "မင်္ဂလာပါ",
    "km": "សួស្តី", "full width": "ＡＢＣ",
}  # fmt: skip
SPACED = ("en", "de", "ko", "hi", "ar")


@pytest.mark.parametrize("one", SCRIPTS)
@pytest.mark.parametrize("other", SCRIPTS)
def test_two_parts(one: str, other: str) -> None:
    gap = " " if one in SPACED or other in SPACED else ""
    assert joined([SCRIPTS[one], SCRIPTS[other]]) == SCRIPTS[one] + gap + SCRIPTS[other]


@pytest.mark.parametrize(
    ("parts", "text"),
    [
        ((), ""), (("",), ""), (("", "a"), "a"), (("a", "", "b"), "a b"),
        ((" 你好。 ", "你叫什么？"), "你好。你叫什么？"),
        (("「走吧。」", "好"), "「走吧。」好"), (("用Python", "写"), "用Python 写"), (("好👍", "走"), "好👍 走"),
    ],
)  # fmt: skip
def test_marks_and_blanks(parts: tuple[str, ...], text: str) -> None:
    assert joined(parts) == text


@given(st.lists(st.text()))
def test_nothing_is_lost(parts: list[str]) -> None:
    whole = joined(parts)
    assert "".join(whole.split()) == "".join("".join(parts).split())
    assert whole == whole.strip()
