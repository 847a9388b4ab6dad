"""Write docs/CONFORMANCE.md from a run: `python -m tools.conformance_page`. Takes two minutes.

Every client of this repository is started and judged, then a bridge; what is written is what was seen.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from protocol.conformance.__main__ import server_report
from protocol.conformance.client.scenes import SCENES
from protocol.conformance.report import Report
from protocol.conformance.rules import CLIENT, Rule
from protocol.conformance.server.probes import PROBES
from testkit.clients import CLIENTS, judged

ROOT: Final = Path(__file__).parents[1]
PAGE: Final = ROOT / "docs" / "CONFORMANCE.md"
MARK: Final = "<!-- what follows is written by `python -m tools.conformance_page` -->"
SLACK_S: Final = 1.5  # of a machine that does other things besides
SEEN: Final = {True: "kept", False: "**broken**", None: "not tried"}


def cell(text: str) -> str:
    """Return a text as it may stand in a table."""
    return " ".join(text.split()).replace("|", "\\|")


def table(rules: Sequence[Rule], reports: Sequence[Report]) -> str:
    """Return the rules, and what each of the reports says of them."""
    names = [report.whom for report in reports]
    lines = [f"| rule | section | {' | '.join(names)} |", f"|---|---|{'---|' * len(names)}"]
    for number, rule in enumerate(rules):
        seen = " | ".join(SEEN[report.found[number].kept] for report in reports)
        lines.append(f"| `{rule.id}`: {cell(rule.sentence)} | {rule.section} | {seen} |")
    return "\n".join(lines)


def server() -> Report:
    """Judge a bridge in a process of its own."""
    command = [sys.executable, "-m", "tests.unity.stage"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            port = process.stdout.readline().split()[0]
            made = asyncio.run(server_report(f"ws://127.0.0.1:{port}", patience=30.0))
        finally:
            process.terminate()
    return Report("the bridge", made.found)


def main() -> int:
    """Run, write, and say what was broken; 1 if anything was."""
    if lacking := [why for client in CLIENTS if (why := client.missing())]:
        sys.stderr.write("".join(f"{why}\n" for why in lacking))
        return 1
    clients = [judged(client, slack=SLACK_S) for client in CLIENTS]
    bridge = server()
    parts = [
        PAGE.read_text(encoding="utf-8").partition(MARK)[0] + MARK,
        f"## The clients\n\n{len(SCENES)} scenes; one that was not kept is played up to three times.",
        "\n".join(["| client | is |", "|---|---|", *(f"| {client.name} | {client.what} |" for client in CLIENTS)]),
        table(CLIENT, clients),
        f"## The bridge\n\n{len(PROBES)} probes.",
        table([found.rule for found in bridge.found], [bridge]),
    ]
    PAGE.write_text("\n\n".join(parts) + "\n", encoding="utf-8")
    broken = [made for made in (*clients, bridge) if not made.kept]
    for made in broken:
        sys.stderr.write(f"{made.text()}\n")
    return int(bool(broken))


if __name__ == "__main__":
    raise SystemExit(main())
