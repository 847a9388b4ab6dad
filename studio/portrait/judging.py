"""The section `portrait` of an evaluation: is the painted portrait of the person, and does the painter only repeat."""

from __future__ import annotations

from typing import Final

from engines.identity.fields import JSON_BYTES, Fields, Json, parse_object
from studio.evaluate.measures import Measure, Section, Wanted, unmeasured
from studio.evaluate.subject import Subject
from studio.portrait.words import VALUES

NAME: Final = "portrait"
REPORT: Final = "reports/portrait.json"
APART: Final = 0.8  # painted pictures are at least so far from those learned from as other real ones are
AGREED: Final = Wanted(at_least=0.8)


def portrait(subject: Subject) -> Section:
    """Judge by what the stage and the nets' card say; a person who was not painted has nothing to judge."""
    if not subject.folder.has(REPORT):
        return Section(NAME, (unmeasured(f"{NAME}.traits", "no portrait was painted", wanted=AGREED),))
    report = parse_object(subject.folder.read(REPORT, JSON_BYTES), REPORT)
    fields = Fields(report, REPORT, code="damaged")
    agreed, likeness = report.get("as wanted"), report.get("likeness")
    wanted, read = fields.object("traits"), fields.object("read back")
    wrong = [
        f"{name}: wanted {wanted.get(name)}, read {read.get(name)}"
        for name in VALUES
        if wanted.get(name) != read.get(name)
    ]
    measures = [
        unmeasured(f"{NAME}.traits", "the nets have no reader", wanted=AGREED)
        if not _number(agreed)
        else Measure(f"{NAME}.traits", _float(agreed), 1 / 3, AGREED, tuple(wrong)),
    ]
    if _number(likeness):
        repeated = (
            ()
            if _float(likeness) >= APART
            else ("what it paints is nearer to single pictures it learned from than new ones are",)
        )
        measures.append(
            Measure(f"{NAME}.memorised", _float(likeness), 1.0, Wanted(at_least=APART), repeated, unit="points")
        )
    return Section(NAME, tuple(measures), {"size": report.get("size"), "net": report.get("net")})


def _number(value: Json) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _float(value: Json) -> float:
    return float(value) if isinstance(value, int | float) else 0.0
