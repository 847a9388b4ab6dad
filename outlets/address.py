"""Reads where an outlet leads, such as `vmc://127.0.0.1:39539?bones=no`: the tool, its address, and its options."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import parse_qsl, unquote, urlsplit

from outlets import ifacialmocap, livelink, obs, vmc, vrchat, vtube_studio

# Each tool's port, and the options that it knows.
TOOLS: Final[Mapping[str, tuple[int, frozenset[str]]]] = {
    "livelink": (livelink.PORT, frozenset({"fps", "subject"})),
    "vmc": (vmc.PORT, frozenset({"fps", "bones", "clips", "perfect_sync"})),
    "vts": (vtube_studio.PORT, frozenset({"fps", "own"})),
    "ifacialmocap": (ifacialmocap.PORT, frozenset({"fps", "version"})),
    "vrchat": (vrchat.PORT, frozenset({"fps", "prefix", "chatbox"})),
    "obs": (obs.PORT, frozenset({"text", "do", "marks"})),
}
RATES: Final = (10, 60)
DEEDS: Final = 64


class BadAddress(ValueError):
    """An address that leads nowhere; `code` is for machines, the text for people."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Address:
    """One outlet: `tool` of TOOLS, `host` and `port`, `secret` (OBS's password), and `options` as they were written."""

    tool: str
    host: str
    port: int
    secret: str = field(default="", repr=False)
    options: Mapping[str, str] = field(default_factory=dict)
    deeds: Mapping[str, obs.Deed] = field(default_factory=dict)

    @property
    def fps(self) -> int:
        """Return how many frames a second are sent."""
        return int(self.options.get("fps", "30" if self.tool == "vts" else "60"))

    def says(self, option: str, *, default: bool = True) -> bool:
        """Return whether an option is switched on."""
        return self.options.get(option, "yes" if default else "no") == "yes"

    def __str__(self) -> str:
        """Return the address without its secret."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.tool}://{host}:{self.port}"


def parse(text: str, *, abroad: bool = False) -> Address:
    """Read an address; BadAddress says what is wrong with it.

    Without `abroad` only this machine is allowed: a face that leaves it tells who sits there, and what they say.
    """
    try:
        parts = urlsplit(text if len(text) <= 2000 else "")
        port, host = parts.port, parts.hostname
    except ValueError as error:
        raise BadAddress("bad_outlet", f"{text[:80]!r} is no address of an outlet: {error}") from error
    if parts.scheme not in TOOLS:
        raise BadAddress("bad_outlet", f"there is no outlet {parts.scheme[:40]!r}, only {', '.join(TOOLS)}")
    usual, known = TOOLS[parts.scheme]
    host = host or "127.0.0.1"
    if not abroad and not _is_here(host):
        raise BadAddress(
            "outlet_abroad",
            f"{host} is not this machine: outlets.abroad = true (--outlets-abroad) sends faces and words there",
        )
    if port == 0:
        raise BadAddress("bad_outlet", "port 0 leads nowhere")
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    deeds = dict(_deed(value) for name, value in pairs if name == "do")
    if len(deeds) > DEEDS:
        raise BadAddress("bad_outlet", f"{len(deeds)} deeds are more than {DEEDS}")
    options = {name: value for name, value in pairs if name != "do"}
    for name, value in options.items():
        if name not in known:
            raise BadAddress(
                "bad_outlet", f"{parts.scheme} has no option {name[:40]!r}, only {', '.join(sorted(known))}"
            )
        _check(name, value)
    return Address(parts.scheme, host, port or usual, unquote(parts.password or ""), options, deeds)


def _check(name: str, value: str) -> None:
    match name:
        case "fps" if not (value.isascii() and value.isdecimal() and RATES[0] <= int(value[:4]) <= RATES[1]):
            raise BadAddress("bad_outlet", f"fps is a number from {RATES[0]} to {RATES[1]}")
        case "version" if value not in ("1", "2"):
            raise BadAddress("bad_outlet", "version is 1 or 2")
        case "bones" | "clips" | "perfect_sync" | "own" | "chatbox" | "marks" if value not in ("yes", "no"):
            raise BadAddress("bad_outlet", f"{name} is yes or no")
        case "subject" | "prefix" | "text" if len(value) > 64 or not value.isprintable():
            raise BadAddress("bad_outlet", f"{name} is a name of at most 64 characters")
        case _:
            pass


def _deed(value: str) -> tuple[str, obs.Deed]:
    """Read `CUE:scene:NAME`, `CUE:show:SCENE/SOURCE` or `CUE:hide:SCENE/SOURCE`."""
    cue, _, rest = value.partition(":")
    verb, _, name = rest.partition(":")
    scene, _, source = name.partition("/")
    if cue and verb == "scene" and name:
        return cue, obs.Scene(name)
    if cue and verb in ("show", "hide") and scene and source:
        return cue, obs.Source(scene, source, verb == "show")
    raise BadAddress(
        "bad_outlet", f"{value[:60]!r} is none of CUE:scene:NAME, CUE:show:SCENE/SOURCE, CUE:hide:SCENE/SOURCE"
    )


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
