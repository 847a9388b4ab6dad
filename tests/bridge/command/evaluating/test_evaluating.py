"""`companion eval`: what a scenario may say, how replies are judged, and a run against a real server."""

from __future__ import annotations

import asyncio
from pathlib import Path
from xml.etree import ElementTree as Xml

import msgspec
import pytest

from bridge.command.evaluating.experience import Experience
from bridge.command.evaluating.judging import Verdict, faults
from bridge.command.evaluating.junit import junit
from bridge.command.evaluating.rehearsal import rehearse
from bridge.command.evaluating.scenario import Budget, Expected, Scenario, load
from bridge.errors import BridgeError
from bridge.server.server import Server
from bridge.session.companion import Companion
from bridge.setup.config import Config
from bridge.setup.sections import ServerSection
from testkit.scripted.engines import scripted_engines
from tests.repository.pages import ROOT

NO_BUDGET = Budget()


def experience(*, faces: bool = True) -> Experience:
    seen = Experience()
    names = ["jawOpen"] if faces else []
    identity = {"id": "mira", "name": "Mira"}
    seen.take({"type": "welcome", "identity": identity, "face": {"names": names}, "audio": {"rate": 24_000}}, 0.0)
    return seen


def media(turn: int, pts: int, *, face: bytes = b"\0" * 6) -> dict[str, object]:
    return {"type": "media", "turn": turn, "pts": pts, "pcm": bytes(4800), "face": face}


def test_a_reply_is_judged_by_who_speaks_its_words_its_time_and_its_face() -> None:
    seen = experience()
    seen.take({"type": "reply_start", "turn": 1, "companion": "main"}, 1.0)
    for number, face in enumerate((b"\0", b"", b"", b"\0")):
        seen.take(media(1, 4800 * number, face=face), 1.2 + number / 10)
    seen.take({"type": "reply_end", "turn": 1, "text": "Comets are dirty snowballs.", "reason": "complete"}, 1.9)
    reply = seen.replies[0]
    good = Expected(by="mira", has=("COMETS",), any_of=("snow", "ice"), lacks=("fire",), matches="^Com", words=4)
    assert faults(reply, 1.0, good, NO_BUDGET, seen) == []
    assert faults(reply, 1.0, Expected(by="Orin"), NO_BUDGET, seen) == ["Mira answered and not Orin"]
    text = "'Comets are dirty snowballs.'"
    assert faults(reply, 1.0, Expected(has=("ice",), lacks=("dirty",)), NO_BUDGET, seen) == [
        f"'ice' is not in {text}",
        f"'dirty' is in {text}",
    ]
    assert faults(reply, 1.0, Expected(), Budget(first_sound_ms=150, lips_ms=150, words=3), seen) == [
        "its first sound came after 200 ms; 150 are allowed",
        "200 ms of sound have no face; 150 are allowed",
        "it has 4 words; 3 are allowed",
    ]
    assert faults(None, 1.0, Expected(), NO_BUDGET, seen) == ["nobody answered"]


def test_a_reply_that_breaks_off_is_a_fault_unless_that_is_expected() -> None:
    seen = experience(faces=False)
    seen.take({"type": "reply_start", "turn": 1, "companion": "main"}, 1.0)
    seen.take({"type": "text", "turn": 1, "gap": "", "text": "Comets"}, 1.1)
    seen.take({"type": "interrupted", "turn": 1}, 1.2)
    assert faults(seen.replies[0], 1.0, Expected(), NO_BUDGET, seen) == ["the reply ended with interrupted: 'Comets'"]
    assert faults(seen.replies[0], 1.0, Expected(complete=False), NO_BUDGET, seen) == []
    seen.take({"type": "reply_start", "turn": 2, "companion": "main"}, 2.0)
    seen.take({"type": "reply_start", "turn": 3, "companion": "orin"}, 2.1)
    assert seen.overlaps == ["turn 3 began in turn 2"]


def test_the_report_is_xml_whatever_was_said() -> None:
    text = junit(
        [("A & B", [Verdict("1. hi", 0.5, ()), Verdict("2. <x>", 1.0, ("bad \x00 & worse", "more"), "…\x1b")])]
    )
    (suite,) = Xml.fromstring(text.encode())
    assert suite.attrib == {"name": "A & B", "tests": "2", "failures": "1", "time": "1.500"}
    failure = suite.find("testcase/failure")
    assert failure is not None
    assert failure.text == "bad � & worse\nmore"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('{"name": "x"}', "steps"),
        ('{"name": "x", "steps": []}', "length"),
        ('{"name": "x", "steps": [{"sya": "hi"}]}', "unknown field"),
        ('{"name": "x", "steps": [{"by": "Eve", "say": "hi"}]}', "not among the people"),
        ('{"name": "x", "steps": [{"do": "hand"}]}', "there is none"),
        ("[1", "Expecting"),
        ("\ufeff{", "Expecting"),
    ],
)
def test_a_scenario_that_cannot_be_played_says_why(tmp_path: Path, text: str, why: str) -> None:
    path = tmp_path / "s.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BridgeError, match=why):
        load(path)


def test_the_scenarios_that_ship_can_be_read() -> None:
    names = {path.name: load(path).name for path in sorted((ROOT / "docs" / "scenarios").glob("*.yaml"))}
    assert set(names) == {"class.yaml", "meeting.yaml", "museum.yaml"}


def test_a_scenario_is_played_against_a_server_and_what_is_wrong_is_found() -> None:
    scenario = msgspec.convert(
        {
            "name": "hello",
            "budget": {"first_sound_ms": 5000, "lips_ms": 20},
            "steps": [
                {"say": "Who are you?", "expect": {"by": "Mira", "has": ["Mira"]}},
                {"say": "And now?", "expect": {"lacks": ["Mira"]}},
                {"say": "Stop.", "interrupt_s": 0.0},
            ],
        },
        Scenario,
    )
    config = Config(server=ServerSection(port=0))
    companion = Companion(scripted_engines(replies=("I am Mira.",)), "Mira")
    told: list[str] = []

    async def play() -> list[Verdict]:
        async with Server(config, companion) as server:
            return await rehearse(scenario, f"ws://127.0.0.1:{server.port}", "", told.append)

    verdicts = asyncio.run(play())
    assert [bool(verdict.faults) for verdict in verdicts] == [False, True, False, False]
    assert verdicts[1].faults == ("'Mira' is in 'I am Mira.'",)
    assert told[1].startswith("FAIL 2. And now?")
