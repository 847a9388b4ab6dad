"""Loads engines by the strings of the catalogue: the one place that reaches into the jobs' rooms.

Each is loaded by the import of its own module and of nothing else's.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from bridge.errors import ConfigError
from engines.catalogue import table as catalogue
from engines.catalogue.listing import Listing


def engine(listing: Listing, **settings: Any) -> Any:
    """Make a new engine, not started; ConfigError when what it needs is not installed."""
    try:
        return _named(listing.where)(**settings)
    except ImportError as error:
        package = f"'companion-bridge[{listing.extra}]'" if listing.extra else error.name
        raise ConfigError(
            "missing_package",
            f"{listing.job} engine {listing.name!r} needs the package {error.name!r}, which is not installed: "
            f"pip install {package}",
        ) from error


def moods(face: str) -> frozenset[str]:
    """List every name that a dialogue may use for a mood of the face engine `face`."""
    where = catalogue.listing("face", face).moods
    return _named(where)() if where else frozenset()


def _named(where: str) -> Any:
    """Import the module of `module:name` and take the name from it."""
    module, _, name = where.partition(":")
    return getattr(import_module(module), name)
