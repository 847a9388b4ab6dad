"""What was found, for people and for machines."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from protocol.conformance.play import Verdict
from protocol.conformance.rules import Rule


@dataclass(frozen=True, slots=True)
class Found:
    """One rule: kept, broken, or not tried (`kept` is None), and what was seen in which scene."""

    rule: Rule
    kept: bool | None
    broken: tuple[Verdict, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """All rules of one run."""

    whom: str
    found: tuple[Found, ...]
    verdicts: tuple[Verdict, ...] = ()

    def of(self, scene: str) -> list[Verdict]:
        """Return what was seen in one scene."""
        return [verdict for verdict in self.verdicts if verdict.scene == scene]

    @property
    def kept(self) -> bool:
        """Whether something was tried and nothing was broken."""
        tried = [each.kept for each in self.found if each.kept is not None]
        return bool(tried) and all(tried)

    def text(self) -> str:
        """One line a rule, and what was wrong below it."""
        lines = []
        for each in self.found:
            state = {True: "kept  ", False: "BROKEN", None: "-     "}[each.kept]
            lines.append(f"{state}  {each.rule.id:20}  section {each.rule.section:4}  {each.rule.sentence}")
            lines += [f"          in {verdict.scene}: {verdict.why}" for verdict in each.broken]
        states = [each.kept for each in self.found]
        counts = f"{states.count(True)} kept, {states.count(False)} broken, {states.count(None)} not tried"
        return "\n".join([*lines, f"{self.whom}: {counts}"])

    def json(self) -> str:
        """The same for a program."""
        rules = [
            {
                "rule": each.rule.id,
                "section": each.rule.section,
                "sentence": each.rule.sentence,
                "kept": each.kept,
                "broken": [{"scene": verdict.scene, "why": verdict.why} for verdict in each.broken],
            }
            for each in self.found
        ]
        return json.dumps({"whom": self.whom, "kept": self.kept, "rules": rules}, ensure_ascii=False)


def report(whom: str, rules: Sequence[Rule], verdicts: Sequence[Verdict]) -> Report:
    """Put the verdicts of several scenes together."""
    found = []
    for rule in rules:
        seen = [verdict for verdict in verdicts if verdict.rule == rule.id]
        broken = tuple(verdict for verdict in seen if not verdict.kept)
        found.append(Found(rule, not broken if seen else None, broken))
    return Report(whom, tuple(found), tuple(verdicts))
