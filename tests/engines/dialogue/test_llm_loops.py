"""A model that is stuck is cut where it says a clause for the third time; people who repeat themselves are not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engines.dialogue.loops import Loops
from tests.bridge.core.cuts import STEADY, cut, cuts

STUCK = {
    "a clause": ("The answer is: ", 3),
    "a sentence": ("I am sorry, I do not know that. ", 3),
    "a paragraph": (f"{' '.join(f'word{n}' for n in range(150))}.\n\n", 3),
    "case and marks": ("So it really goes on. SO IT REALLY GOES ON! so it, really, goes on? ", 1),
    "Chinese": ("今天天气很好。", 3),
    "Japanese": ("それはとても難しいです。", 3),
    "Korean": ("저는 정말로 모르겠습니다. ", 3),
    "German": ("Das weiß ich leider nicht. ", 3),
    "Russian": ("Я этого не знаю. ", 3),
    "Arabic": ("لا أعرف هذا حقا. ", 3),
    "Hindi": ("मुझे यह नहीं पता। ", 3),
    "Thai": ("ฉันไม่รู้เรื่องนั้นเลย ", 3),
    "a word": ("no ", 20),
    "two words": ("oh dear, ", 7),
    "one letter": ("a", 400),
}


@pytest.mark.parametrize("name", STUCK)
def test_what_is_stuck_is_cut(name: str) -> None:
    unit, times = STUCK[name]
    loops = Loops()
    said = loops.push("Well now, listen. " + unit * (times + 40))
    assert loops.found
    assert said.rstrip(" .।。!?\n") in ("Well now, listen. " + unit * times).rstrip(" ")
    assert len(said) > len("Well now, listen. ") + len(unit) * (times - 1)
    assert loops.push("More of it.") == ""


@pytest.mark.parametrize(
    "text",
    [
        "No, no, no! Never, never, never.",
        "Ha ha ha ha ha! Very, very, very, very good.",
        "Let it go, let it go. Let it go, I say.",
        "I love you, I love you, I love you.",
        "Row, row, row your boat, gently down the stream. Merrily, merrily, merrily, merrily, life is but a dream.",
        "Happy birthday to you, happy birthday to you, happy birthday, dear Ada, happy birthday to you.",
        "We will meet again, we will meet again. Some sunny day. We will meet again, we will meet again.",
        "One, two, three, four, five, six, seven, eight, nine, ten, eleven, twelve.",
        "Ten green bottles on the wall, nine green bottles on the wall, eight green bottles on the wall, seven.",
        "1, 2, 3, 1, 2, 3, 1, 2, 3.",
        "10000000000000000000000000000000000000",
        "First, take an apple. Second, take a pear. Third, take a plum. Fourth, take a fig.",
        "- a red apple\n- a red pear\n- a red plum\n- a red fig\n- a red date",
        "The cat sat. The cat sat down. The cat sat down again. The cat sat down again there.",
        "我爱你，我爱你，我爱你。不要，不要，不要！",
        "それは難しい。それは難しい。でも、できます。",
        "A B A B A B C",
        "She said that he said that she said that he would come.",
        "Yes. Yes. Yes. Yes. Of course.",
        "",
    ],
)
def test_what_people_repeat_is_not(text: str) -> None:
    loops = Loops()
    assert loops.push(text) + loops.push("\n") == f"{text}\n"
    assert not loops.found


@STEADY
@given(st.sampled_from(sorted(STUCK)).map(lambda name: "Well. " + STUCK[name][0] * (STUCK[name][1] + 2)), st.data())
def test_where_the_text_is_cut_changes_nothing(text: str, data: st.DataObject) -> None:
    whole, pieces = Loops(), Loops()
    said = "".join(pieces.push(piece) for piece in cut(text, data.draw(cuts(len(text)))))
    assert said == whole.push(text)
    single = Loops()
    assert "".join(single.push(character) for character in text) == said
