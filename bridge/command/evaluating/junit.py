"""Writes verdicts as JUnit XML, which every CI reads."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final
from xml.etree import ElementTree as Xml

from bridge.command.evaluating.judging import Verdict

_UNFIT: Final = re.compile(r"[^\t\n\r -퟿-�\U00010000-\U0010ffff]")  # XML 1.0 cannot hold it


def junit(suites: Sequence[tuple[str, Sequence[Verdict]]]) -> str:
    """Return the verdicts of scenarios, each by its name, as one document."""
    root = Xml.Element("testsuites")
    for name, verdicts in suites:
        failed = sum(1 for verdict in verdicts if verdict.faults)
        suite = Xml.SubElement(
            root,
            "testsuite",
            name=_fit(name),
            tests=str(len(verdicts)),
            failures=str(failed),
            time=f"{sum(verdict.seconds for verdict in verdicts):.3f}",
        )
        for verdict in verdicts:
            case = Xml.SubElement(
                suite, "testcase", classname=_fit(name), name=_fit(verdict.name), time=f"{verdict.seconds:.3f}"
            )
            if verdict.faults:
                failure = Xml.SubElement(case, "failure", message=_fit(verdict.faults[0]))
                failure.text = _fit("\n".join(verdict.faults))
            if verdict.said:
                Xml.SubElement(case, "system-out").text = _fit(verdict.said)
    Xml.indent(root)
    return Xml.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _fit(text: str) -> str:
    return _UNFIT.sub("�", text)
