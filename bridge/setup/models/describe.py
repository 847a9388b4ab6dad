"""Says where a model stands, in one line for people."""

from __future__ import annotations

from bridge.setup.models.cache import Found
from bridge.setup.models.needs import Elsewhere, Local, Need, Repository


def describe(found: Found) -> str:
    """Say where it is, or what is missing and what to do about it."""
    source = found.need.source
    by = "" if found.need.by == "configuration" else f", named by the {found.need.by}"
    match found.state:
        case "here":
            at = f"{source} at {found.commit[:12]}" if found.commit else str(found.folder)
            return f"{size(found.size)}  {at}{by}"
        case "incomplete":
            return f"{', '.join(found.missing)} missing in {found.folder}: {remedy(found.need)}{by}"
        case "missing":
            return f"{source} is not on this machine: {remedy(found.need)}{by}"


def remedy(each: Need) -> str:
    """Name the command, or the act, that brings a model here."""
    match each.source:
        case Repository():
            return f"companion models pull {each.label}"
        case Local():
            return "copy the whole folder"
        case Elsewhere(remedy=told):
            return told


def size(count: int) -> str:
    """Write a count of bytes for people."""
    value, unit = float(count), "B"
    for larger in ("kB", "MB", "GB"):
        if value < 999.5:
            break
        value, unit = value / 1000, larger
    return f"{value:.0f} {unit}" if value >= 10 or unit == "B" else f"{value:.1f} {unit}"
