"""The gate of knowledge: phrases as they come, sentences over two of them, rules."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest

from engines.api import Message, Request, ToolResult
from engines.guard.verdicts import ALLOWED, Line
from engines.knowledge.document import Place
from engines.knowledge.facts import Fact
from engines.knowledge.gate import KnowledgeGate
from engines.knowledge.library import Library
from engines.knowledge.rules import read_rules
from testkit.effort import effort

RULES = """
[[rule]]
name = "mains"
when = ["open the housing", "change the bulb"]
must = ["unplug"]
never = ["leave it plugged in"]
say = "Please unplug the lamp first."

[[rule]]
name = "promise"
never = ["no risk", "guaranteed"]
"""


async def call(name: str, arguments: object) -> ToolResult:
    return ToolResult("failed", "")


def request(asked: str = "", language: str = "en-gb") -> Request:
    history = (Message("user", asked),) if asked else ()
    return Request("s", "user", history, "Ada", language, datetime(2030, 1, 1, tzinfo=UTC), {}, (), call)


def gate(*facts: tuple[str, str, str], language: str = "en") -> KnowledgeGate:
    rules, _ = read_rules(RULES, "rules.toml")
    return KnowledgeGate(Library((), tuple(Fact(*fact, Place("f")) for fact in facts), tuple(rules)), language)


LIGHT = ("speed of light", "is", "299,792 kilometres per second")
TOWER = ("Eiffel Tower", "is", "330 metres tall")


def said(judge: KnowledgeGate, *phrases: str, asked: str = "", language: str = "en-gb") -> str:
    """What is said when these phrases come one after another."""
    spoken: list[str] = []
    for phrase in phrases:
        before = " ".join(spoken) + (" " if spoken else "")
        verdict = asyncio.run(judge.said(Line(phrase, before, request(asked, language))))
        assert verdict.ruling in ("allow", "soften")
        spoken.append(phrase if verdict.ruling == "allow" else verdict.instead)
    return " ".join(spoken)


def test_a_sentence_over_two_phrases_is_read_as_one() -> None:
    judge = gate(LIGHT)
    assert said(judge, "The speed of light, my dear,", "is one hundred kilometres per second.") == (
        "The speed of light, my dear, is 299,792 kilometres per second."
    )
    assert said(judge, "It is nice outside.", "Water is wet.") == "It is nice outside. Water is wet."


def test_a_phrase_of_two_sentences_keeps_what_is_right() -> None:
    assert said(gate(LIGHT), "Good question. The speed of light is 7 km/s. It is constant.") == (
        "Good question. The speed of light is 299,792 kilometres per second. It is constant."
    )


def test_a_pronoun_stands_for_what_was_said_before_or_asked() -> None:
    judge = gate(TOWER)
    assert said(judge, "The Eiffel Tower is in Paris.", "It is 500 metres tall.").endswith("It is 330 metres tall.")
    assert said(judge, "About 500 metres.", asked="How tall is the Eiffel Tower?") == "About 330 metres."
    assert said(judge, "About 500 metres.", asked="How far is the baker?") == "About 500 metres."


def test_the_verdict_tells_what_is_wrong_and_what_to_say() -> None:
    verdict = gate(LIGHT).judge(Line("The speed of light is 7 km/s.", "", request()))
    assert (verdict.ruling, verdict.category) == ("soften", "contradiction")
    assert "The speed of light is 7 km/s."[slice(*verdict.span)] == "7 km/s"
    assert "What you know for certain: The speed of light is 299,792 kilometres per second." in verdict.wish


def test_what_is_in_another_language_passes() -> None:
    assert gate(LIGHT).judge(Line("The speed of light is 7 km/s.", "", request(language="de"))) is ALLOWED
    assert asyncio.run(gate().rest(request("How do I change the bulb?", "de"), "So.")) == ""


def test_users_may_say_what_they_like() -> None:
    assert asyncio.run(gate(LIGHT).heard(request("Light makes 7 km/s."))) is ALLOWED


# ------------------------------------------------------------------------------------------------ rules


@pytest.mark.parametrize(
    ("phrase", "asked", "wanted"),
    [
        ("There is no risk at all.", "", ""),
        ("There is really no great risk.", "", ""),
        ("That is not guaranteed.", "", "That is not guaranteed."),
        ("You can leave it plugged in.", "How do I change the bulb?", "Please unplug the lamp first."),
        ("You can leave it plugged in.", "May I go out?", "You can leave it plugged in."),
        ("To change the bulb, leave it plugged in.", "", "Please unplug the lamp first."),
    ],
)
def test_what_a_rule_forbids_is_not_said(phrase: str, asked: str, wanted: str) -> None:
    verdict = gate().judge(Line(phrase, "", request(asked)))
    if wanted == phrase:
        assert verdict is ALLOWED
        return
    assert (verdict.ruling, verdict.category) == ("soften", "rule")
    assert verdict.instead == wanted if wanted else verdict.instead.endswith(" say.") or "rather not" in verdict.instead


def test_what_a_rule_asks_for_is_owed_until_it_is_said() -> None:
    judge = gate()
    asked = request("How do I change the bulb?")
    assert asyncio.run(judge.rest(asked, "Turn it to the left.")) == "Please unplug the lamp first."
    assert asyncio.run(judge.rest(asked, "Unplug it. Turn it to the left.")) == ""
    assert asyncio.run(judge.rest(request("Hello"), "Hello.")) == ""
    assert asyncio.run(judge.rest(request("Hello"), "You may open the housing.")) == "Please unplug the lamp first."


def test_chinese_rules() -> None:
    rules, _ = read_rules('[[rule]]\nnever = ["没有风险"]\nsay = "凡事都有风险。"\n', "rules.toml")
    judge = KnowledgeGate(Library((), (), tuple(rules)), "zh")
    assert said(judge, "这个投资没有风险。", language="zh-CN") == "凡事都有风险。"
    assert said(judge, "這個投資沒有風險。", language="zh-TW") == "凡事都有风险。"


def test_it_starts_and_closes_and_takes_a_moment() -> None:
    judge = gate(LIGHT, TOWER)
    asyncio.run(judge.start())
    asyncio.run(judge.close())
    line = Line(
        "Light travels at three hundred thousand kilometres per second, as everybody knows.", "", request("Hi?")
    )
    assert effort(lambda: [judge.judge(line) for _ in range(50)], enough=50 * 4) <= 50 * 4
