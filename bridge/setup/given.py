"""Collects settings from file, environment and command line, and remembers where each was made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from bridge.errors import ConfigError
from bridge.setup.nearest import did_you_mean, nearest
from engines.text.redaction import quoted

PREFIX: Final = "COMPANION_"
LISTS: Final = (
    ("server", "origins"),
    ("openai", "offered"),
    ("transformers", "stop"),
    ("outlets", "to"),
    ("mcp", "servers"),
    ("mcp", "allow"),
    ("webrtc", "addresses"),
    ("webrtc", "ice_servers"),
)  # written with commas outside of files


class Given:
    """Settings by section and key, the later in place of the earlier. `known` are all sections with their keys."""

    def __init__(self, known: Mapping[str, tuple[str, ...]]) -> None:
        self.values: dict[str, dict[str, Any]] = {}
        self._known = known
        self._origins: dict[tuple[str, str], str] = {}

    def file(self, tree: Mapping[str, Any], origin: str) -> None:
        """Take what a file holds."""
        for section, keys in tree.items():
            if not isinstance(keys, dict):
                raise ConfigError("bad_config", f"{origin}: {quoted(section)} must be a section, [{section[:40]}]")
            for key, value in keys.items():
                self._put(section, key, value, origin)

    def environment(self, environ: Mapping[str, str]) -> None:
        """Take every variable that names a section; one that nearly does is refused rather than ignored."""
        for name, value in environ.items():
            rest = name.removeprefix(PREFIX).lower()
            # A section's own name may have an underscore.
            section = next((known for known in self._known if rest.startswith(f"{known}_")), rest.partition("_")[0])
            key = rest[len(section) + 1 :]
            if not name.startswith(PREFIX) or not key:
                continue
            if section in self._known:
                self._put(section, key, _listed(section, key, value), name)
            elif meant := [close for close in nearest(section, self._known) if key in self._known[close]]:
                guess = f"{PREFIX}{meant[0]}_{key}".upper()
                raise ConfigError("bad_setting", f"{name}: there is no section {section}; did you mean {guess}?")

    def command_line(self, setting: str) -> None:
        """Take one `section.key=value`."""
        name, equals, value = setting.partition("=")
        section, dot, key = name.partition(".")
        if not equals or not dot:
            raise ConfigError("bad_setting", "--set takes section.key=value, e.g. --set server.port=9000")
        self._put(section, key, _listed(section, key, value), "--set")

    def origin(self, section: str, key: str) -> str:
        """Name where a setting was made, "" for one that was not."""
        return self._origins.get((section, key), "")

    def _put(self, section: str, key: str, value: object, origin: str) -> None:
        if section not in self._known:
            near = did_you_mean(section, self._known)
            raise ConfigError("bad_config", f"{origin}: there is no section {quoted(section)}{near}")
        if key not in self._known[section]:
            raise ConfigError(
                "bad_config", f"{origin}: there is no setting {quoted(f'{section}.{key}')}{self._meant(section, key)}"
            )
        self.values.setdefault(section, {})[key] = value
        self._origins[section, key] = origin

    def _meant(self, section: str, key: str) -> str:
        """Guess the setting: one of that section, else the same key elsewhere, else anything like it."""
        if near := nearest(key, self._known[section], count=1):
            return f"; did you mean {section}.{near[0]}?"
        elsewhere = [f"{name}.{key}" for name, keys in self._known.items() if key in keys]
        if elsewhere:
            return f"; did you mean {' or '.join(elsewhere[:3])}?"
        return did_you_mean(
            f"{section}.{key}", [f"{name}.{each}" for name, keys in self._known.items() for each in keys]
        )


def _listed(section: str, key: str, value: str) -> object:
    return [item.strip() for item in value.split(",")] if (section, key) in LISTS else value
