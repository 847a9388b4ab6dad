"""Looks for what the bridge can do without: pictures, a fast loop, a microphone, 3D heads."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec

from bridge.command.finding import Finding
from bridge.errors import BridgeError
from bridge.setup.config import Config
from bridge.web.extras import Extras


def package(what: str, name: str, *, has: str, lacks: str, extra: str) -> Finding:
    """Look for a package that an extra brings; `has` and `lacks` say what it means to have it and not to."""
    if find_spec(name) is None:
        return Finding(what, "missing", f"{lacks}: pip install 'companion-bridge[{extra}]'", needed=False)
    return Finding(what, "works", has, needed=False)


def heads(config: Config) -> Finding:
    """Look whether the page can show heads of GLB and VRM files."""
    try:
        extras = Extras(config.page.three, config.page.head)
    except BridgeError as error:
        return Finding("3D heads", "broken", f"{error.message} (page.three, page.head)")
    if not extras.complete:
        return Finding("3D heads", "missing", "the page draws its own face: companion page --with-3d", needed=False)
    return Finding("3D heads", "works", f"the page shows {extras.head or 'GLB and VRM files'}", needed=False)


def microphone() -> Finding:
    """Look for an input device for `companion talk --mic`."""

    def devices() -> str:
        audio = import_module("sounddevice")
        names = [str(device["name"]) for device in audio.query_devices() if device["max_input_channels"]]
        return names[0] if names else ""

    return _device(devices)


def _device(find: Callable[[], str]) -> Finding:
    try:
        name = find()
    except ImportError:
        return Finding("microphone", "missing", "no live sound: pip install 'companion-bridge[mic]'", needed=False)
    except OSError as error:
        remedy = "install PortAudio (Debian: apt install libportaudio2)"
        return Finding("microphone", "missing", f"{error}: {remedy}", needed=False)
    if not name:
        return Finding("microphone", "missing", "there is no input device; type, or use --wav", needed=False)
    return Finding("microphone", "works", name, needed=False)
