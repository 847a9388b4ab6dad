"""`companion models`: what is here of the models that are needed, and fetching, checking and removing them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Final, TypeAlias

from bridge.config import Config
from bridge.errors import ConfigError
from bridge.models import hub
from bridge.models.cache import Found, cache_folder, damaged, find, remove
from bridge.models.needs import Elsewhere, Local, Need, Repository, need, needs

Say: TypeAlias = Callable[[str], None]
NOTHING: Final = (
    "The engines that are chosen need no models. Name one to see it, e.g. `companion models list whisper:small`."
)


def say(line: str) -> None:
    """A line for people."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def wanted(config: Config, facts: Mapping[str, object], named: Sequence[str]) -> list[Need]:
    """The models `named` as engine:model, or else all that configuration and identity need."""
    if not named:
        return needs(config, facts)
    found = []
    for name in named:
        engine, colon, model = name.partition(":")
        if not colon or not model:
            raise ConfigError("bad_model", f"models are named as engine:model, e.g. whisper:small, not {name!r}")
        found.append(need(engine, model))
    return found


def show(every: Sequence[Need], tell: Say = say) -> bool:
    """List them; whether all are here."""
    if not every:
        tell(NOTHING)
        return True
    found = [find(each) for each in every]
    width = max(len(each.need.label) for each in found)
    for each in found:
        tell(f"{each.state:<10}  {each.need.label:<{width}}  {describe(each)}")
    if any(isinstance(each.need.source, Repository) for each in found):
        tell(f"hub cache: {cache_folder()}")
    return all(each.state == "here" for each in found)


def describe(found: Found) -> str:
    """Where it is, or what is missing and what to do about it."""
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
    """The command, or the act, that brings a model here."""
    match each.source:
        case Repository():
            return f"companion models pull {each.label}"
        case Local():
            return "copy the whole folder"
        case Elsewhere(remedy=remedy):
            return remedy


def pull(every: Sequence[Need], tell: Say = say, *, progress: bool = True) -> bool:
    """Fetch what is missing; whether all are here then. ConfigError for the first that cannot be fetched."""
    if not every:
        tell(NOTHING)
    for each in every:
        if isinstance(each.source, Repository):
            tell(f"{each.label}: fetching {each.source}")
            commit = hub.pull(each, progress=progress)
            tell(f"{each.label}: at {commit}; pin it with {each.model.partition('@')[0]}@{commit[:12]}...")
        found = find(each)
        if found.state != "here":
            tell(f"{each.label}: {describe(found)}")
    return all(find(each).state == "here" for each in every)


def check(every: Sequence[Need], tell: Say = say) -> bool:
    """Whether all are here, whole, and byte for byte what the hub sent."""
    if not every:
        tell(NOTHING)
    good = True
    for each in every:
        found = find(each)
        if found.state != "here":
            tell(f"{each.label}: {describe(found)}")
            good = False
            continue
        wrong = [path.name for path in damaged(found)]
        if wrong:
            tell(f"{each.label}: {', '.join(wrong)} damaged: {remedy(each)}")
            good = False
        else:
            how = "every file has the hub's hash" if found.commit else "its files are there; a folder has no hashes"
            tell(f"{each.label}: whole, {size(found.size)}; {how}")
    return good


def take_away(every: Sequence[Need], tell: Say = say) -> bool:
    """Remove them from the hub's cache; folders of the user's own are left alone."""
    good = True
    for each in every:
        found = find(each)
        if not isinstance(each.source, Repository):
            tell(f"{each.label}: {each.source} is not the hub's: remove it yourself")
            good = False
        elif found.folder is None:
            tell(f"{each.label}: is not on this machine")
        else:
            tell(f"{each.label}: removed, {size(remove(found))} are free")
    return good


def size(count: int) -> str:
    """Bytes for people."""
    value, unit = float(count), "B"
    for larger in ("kB", "MB", "GB"):
        if value < 999.5:
            break
        value, unit = value / 1000, larger
    return f"{value:.0f} {unit}" if value >= 10 or unit == "B" else f"{value:.1f} {unit}"
