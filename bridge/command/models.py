"""Lists, fetches, checks and removes the models that are needed (`companion models`)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final, TypeAlias

from bridge.command import output
from bridge.errors import ConfigError
from bridge.setup.config import Config
from bridge.setup.models import hub
from bridge.setup.models.cache import cache_folder, damaged, find, remove
from bridge.setup.models.describe import describe, remedy, size
from bridge.setup.models.needs import Need, Repository, need, needs

Say: TypeAlias = Callable[[str], None]
NOTHING: Final = (
    "The engines that are chosen need no models. Name one to see it, e.g. `companion models list whisper:small`."
)


def wanted(config: Config, facts: Mapping[str, object], named: Sequence[str]) -> list[Need]:
    """Resolve the models `named` as engine:model, or else all that configuration and identity need."""
    if not named:
        return needs(config, facts)
    found = []
    for name in named:
        engine, colon, model = name.partition(":")
        if not colon or not model:
            raise ConfigError("bad_model", f"models are named as engine:model, e.g. whisper:small, not {name!r}")
        found.append(need(engine, model))
    return found


def show(every: Sequence[Need], tell: Say = output.tell) -> bool:
    """List them; return whether all are here."""
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


def pull(every: Sequence[Need], tell: Say = output.tell, *, progress: bool = True) -> bool:
    """Fetch what is missing; return whether all are here. ConfigError for the first that cannot be."""
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


def check(every: Sequence[Need], tell: Say = output.tell) -> bool:
    """Say whether all are here, whole, and byte for byte what the hub sent."""
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


def take_away(every: Sequence[Need], tell: Say = output.tell) -> bool:
    """Remove them from the hub's cache, but no folder of the user's own; return whether nothing was left."""
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
