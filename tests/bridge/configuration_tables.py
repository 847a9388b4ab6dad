"""What docs/CONFIGURATION.md must say of each key, derived from the code: default, bound and environment variable."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec import inspect

from bridge.metrics import Metrics
from bridge.setup.config import Config
from bridge.setup.given import PREFIX
from engines.catalogue import table as catalogue

PAGE: Final = Path(__file__).parents[2] / "docs" / "CONFIGURATION.md"
LABELS: Final = {
    "companion_refused_total": "`code`",
    "companion_engine": "`job`, `engine`",
    "companion_engine_failures_total": "`code`",
    "companion_turn_seconds": "`stage`",
    "companion_identity_changes_total": "`outcome`",
    "companion_judged_total": "`gate`, `side`, `ruling`, `category`",
    "companion_speculations_total": "`outcome`",
    "companion_work_lost_total": "`device`, `stage`, `kind`",
}
SECTIONS: Final[dict[str, type[msgspec.Struct]]] = {
    field.name: type(field.default) for field in msgspec.structs.fields(Config)
}


def rows(section: type[msgspec.Struct]) -> list[tuple[str, str, str, str]]:
    """Key, default, bound and environment variable of every key of a section, in order."""
    (name,) = (name for name, struct in SECTIONS.items() if struct is section)
    info = inspect.type_info(section)
    assert isinstance(info, inspect.StructType)
    return [
        (
            f"`{name}.{field.name}`",
            f"`{json.dumps(msgspec.to_builtins(field.default))}`",
            _choices(name, field.name) or _bound(field.type),
            f"`{PREFIX}{name.upper()}_{field.name.upper()}`",
        )
        for field in info.fields
    ]


def metrics() -> list[tuple[str, str]]:
    """Every metric's name and labels, as they are exposed before anything happened."""
    found = []
    for line in Metrics().text().decode().splitlines():
        if line.startswith("# TYPE ") and not line.split()[2].endswith("_created"):
            name = line.split()[2]
            found.append((name, LABELS.get(name, "`device`, `stage`" if name.startswith("companion_work_") else "")))
    return found


def _choices(section: str, key: str) -> str:
    """The engines that a key of [engines] may name."""
    jobs = {job.name for job in catalogue.JOBS}
    known = catalogue.choices(key) if section == "engines" and key in jobs else ()
    return ", ".join(f"`{name}`" for name in known)


def _bound(kind: Any) -> str:
    match kind:
        case inspect.IntType() | inspect.FloatType():
            low = f"> {kind.gt:g}" if kind.gt is not None else f"≥ {kind.ge:g}"
            return f"{low}, ≤ {_plain(kind.le)}"
        case inspect.LiteralType():
            return ", ".join(f"`{value}`" for value in kind.values)
        case _:
            return ""


def _plain(value: float | None) -> str:
    return str(int(value)) if value is not None and value == int(value) else f"{value:g}"
