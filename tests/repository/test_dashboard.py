"""The dashboard asks for metrics that there are."""

from __future__ import annotations

import json
import re
from pathlib import Path

from bridge.metrics import Metrics

BOARD = Path(__file__).parents[2] / "deploy" / "grafana" / "companion.json"


def test_the_dashboard_asks_for_metrics_that_there_are() -> None:
    panels = json.loads(BOARD.read_text(encoding="utf-8"))["panels"]
    asked = {
        name for panel in panels for each in panel["targets"] for name in re.findall(r"companion_\w+", each["expr"])
    }
    kinds = re.findall(r"^# TYPE (\w+) (\w+)$", Metrics().text().decode(), re.MULTILINE)
    told = {f"{name}_bucket" if kind == "histogram" else name for name, kind in kinds}
    assert asked <= told
    assert len({panel["id"] for panel in panels}) == len(panels)
