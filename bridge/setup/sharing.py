"""Shares the engines of the first companion with further ones, so that another person costs no second model."""

from __future__ import annotations

from typing import Any, Final

from bridge.setup import casting
from bridge.setup.config import Config
from engines.catalogue import table as catalogue
from engines.catalogue.listing import Listing
from engines.identity import Identity
from engines.jobs import Adaptable, Engine, Engines

# What an engine is given of a person; a model that an identity names is not among it: another model, another engine.
PERSONAL: Final = frozenset({"identity", "person", "voice", "topics", "texts"})


class Sharing:
    """Makes the engines of further people beside `engines`, which were made for `person`."""

    def __init__(self, config: Config, person: Identity, engines: Engines) -> None:
        self._config = config
        self._person = person
        self._engines = engines

    def engine(self, config: Config, job: str, person: Identity) -> Any:
        """Return the engine of a job for `person`: the shared one, or a new one, not started; None for "none".

        ConfigError when it cannot be made.
        """
        choice = getattr(config.engines, job)
        shared = getattr(self._engines, job)
        if choice == "none" or shared is None:
            return None
        listing = catalogue.listing(job, choice)
        wanted = casting.equipped(config, listing, person)
        if _common(wanted) == _common(casting.equipped(self._config, listing, self._person)):
            if not PERSONAL & set(listing.takes):
                return shared
            if isinstance(shared, Adaptable):
                return shared.for_person(**_own(wanted, listing))
        return casting.engine(config, job, person)

    def own(self, engines: Engines) -> tuple[Engine, ...]:
        """Return those of `engines` that are not shared, which have to be started and closed."""
        shared = {id(engine) for engine in self._engines.all()}
        return tuple(engine for engine in engines.all() if id(engine) not in shared)


def _common(equipment: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in equipment.items() if key not in PERSONAL}


def _own(equipment: dict[str, Any], listing: Listing) -> dict[str, Any]:
    return {key: equipment[key] for key in listing.takes if key in PERSONAL}
