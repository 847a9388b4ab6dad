"""A right client keeps every rule, and a client that breaks one is caught on that one: in virtual time."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from protocol.codec import JSON, MSGPACK, Codec
from protocol.conformance.client.scenes import SCENES, ClientScene
from protocol.conformance.report import report
from protocol.conformance.rules import CLIENT, SERVER, Rule
from tests.protocol.conformance.model import judged

SPEC = Path(__file__).parents[3] / "protocol" / "SPEC.md"
IDS = [rule.id for rule in CLIENT]


def scene_of(rule: str) -> ClientScene:
    """The first scene in which a rule is seen."""
    return next(scene for scene in SCENES if rule in scene.judges)


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
@pytest.mark.parametrize("codec", [MSGPACK, JSON], ids=["msgpack", "json"])
def test_a_right_client_keeps_every_rule(scene: ClientScene, codec: Codec) -> None:
    verdicts = judged(scene, codec=codec)
    assert [verdict for verdict in verdicts.values() if not verdict.kept] == []
    assert set(scene.judges) <= verdicts.keys()


@pytest.mark.parametrize("rule", IDS)
def test_a_wrong_client_is_caught(rule: str) -> None:
    scenes = [scene for scene in SCENES if rule in scene.judges]
    broken = [verdict for scene in scenes for verdict in judged(scene, rule).values() if not verdict.kept]
    assert rule in {verdict.rule for verdict in broken}, broken
    assert all(verdict.why for verdict in broken)


def test_nobody_at_all_keeps_nothing() -> None:
    from protocol.conformance.client.scenes import performed
    from protocol.conformance.client.stage import ClientStage
    from protocol.conformance.play import Play

    stage = ClientStage("plain", patience=1.0)
    performance = Play(stage, performed(SCENES[0]))
    performance.begin(0.0)
    performance.expire(1.0)
    assert performance.over
    assert {verdict.kept for verdict in stage.verdicts.values()} == {False}
    assert not report("nobody", CLIENT, list(stage.verdicts.values())).kept


@cache
def sections() -> dict[str, str]:
    """The text of each section of SPEC.md with its subsections, white space made single."""
    found: dict[str, list[str]] = {}
    at = ""
    for line in SPEC.read_text(encoding="utf-8").splitlines():
        if head := re.match(r"#{2,3} (\d+(?:\.\d+)?) ", line):
            at = head[1]
        found.setdefault(at, []).append(line)
    whole = {
        at: "\n".join(
            text for name, lines in found.items() if name == at or name.startswith(f"{at}.") for text in lines
        )
        for at in found
    }
    return {at: " ".join(text.split()) for at, text in whole.items()}


@pytest.mark.parametrize("rule", [*CLIENT, *SERVER], ids=lambda rule: rule.id)
def test_a_rule_quotes_the_page(rule: Rule) -> None:
    assert " ".join(rule.sentence.split()) in sections()[rule.section]


def test_every_rule_is_seen_in_a_scene() -> None:
    assert len(set(IDS)) == len(IDS)
    assert {rule for scene in SCENES for rule in scene.judges} == set(IDS)
