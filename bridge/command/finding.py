"""Holds what doctor found out, and writes it as a table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

Verdict = Literal["works", "missing", "broken"]
SIGNS: Final = {"works": "ok  ", "missing": "none", "broken": "FAIL"}


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the table; `needed` says whether the bridge cannot do without."""

    what: str
    verdict: Verdict
    detail: str
    needed: bool = True


def table(findings: list[Finding]) -> str:
    """Write the findings as aligned text."""
    width = max(len(finding.what) for finding in findings)
    return "\n".join(f"{SIGNS[f.verdict]}  {f.what:<{width}}  {f.detail}" for f in findings)
