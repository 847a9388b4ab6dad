"""Finds how a person can be shown: sculpted (`head`), `drawn`, or one picture that moves (`portrait`)."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.util import find_spec
from typing import Final

from engines.identity import Identity
from engines.identity.attributes import Attributes
from engines.identity.fields import Json, parse_object
from studio.errors import StudioError
from studio.video.looks.appearance import Recipe

LOOKS: Final = ("auto", "head", "drawn", "portrait")
PUPPET: Final = "assets/x_face/other/puppet.json"
REPORT: Final = "reports/head.json"


def recipe(person: Identity, look: str, *, fine: int = 2, own_ground: bool = True) -> Recipe:
    """Return what the person's appearance is made of; StudioError `no_look` or `missing_package`.

    `auto` takes the portrait where a puppet was made of it, else the drawn face. `fine` is how many samples a side a
    pixel of a head has; with `own_ground` a portrait keeps what is behind the person in its picture.
    """
    if look not in LOOKS:
        raise StudioError("bad_option", f"a person can be shown as {', '.join(LOOKS)}, not {look!a}")
    if look == "auto":
        look = "portrait" if _has(person, PUPPET) else "drawn"
    match look:
        case "head":
            return _head(person, fine)
        case "drawn":
            _needs("skia", "the drawn face", "video")
            from studio.video.looks.drawn import Drawn

            return Drawn(dict(person.looks))
        case _:
            if not _has(person, PUPPET):
                raise StudioError("no_look", f"{person.name} has no portrait that moves yet: companion identity puppet")
            _needs("numba", "the portrait", "video")
            from studio.video.puppet.recipe import read

            return read(person.asset, own_ground=own_ground)


def _head(person: Identity, fine: int) -> Recipe:
    _needs("numba", "the sculpted head", "head")
    _needs("anny", "the sculpted head", "head")
    from studio.head.looks import from_looks
    from studio.head.plan import REAL, STYLES, plan
    from studio.head.sculpt import sculpt
    from studio.video.looks.sculpted import Sculpted

    report: Mapping[str, Json] = parse_object(person.asset(REPORT), REPORT) if _has(person, REPORT) else {}
    seed, style = report.get("seed"), report.get("style")
    known = person.attributes if person.attributes != Attributes() else from_looks(dict(person.looks))
    planned = plan(
        known,
        seed if isinstance(seed, int) else 0,
        style=style if isinstance(style, str) and style in STYLES else REAL,
        level=1,
    )
    return Sculpted(sculpt(planned), fine)


def _has(person: Identity, path: str) -> bool:
    from engines.identity.errors import IdentityError

    try:
        return bool(person.asset(path))
    except IdentityError:
        return False


def _needs(package: str, what: str, extra: str) -> None:
    if find_spec(package) is None:
        raise StudioError("missing_package", f"{what} needs more: pip install 'companion-bridge[{extra}]'")
