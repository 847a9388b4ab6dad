"""Chooses of the models that an endpoint lists: the one that answers, and those that people may ask for. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from engines.text.minds import converses

MOST: Final = 64  # models that are offered
LONGEST: Final = 128  # characters of the name of one that is
ALL: Final = "*"


def named(wanted: str, known: str) -> bool:
    """Say whether a name as people write it means a model as the endpoint lists it."""
    return wanted == known or known.startswith(f"{wanted}:") or known.rpartition("/")[2] == wanted


def offered(known: Sequence[str], setting: Sequence[str], *, own: str, here: bool) -> tuple[str, ...]:
    """Return the models that people may choose from: `own`, which answers unless another is asked for, and others.

    `setting` names them, `"*"` for all that converse; empty: all where the endpoint is on this machine (`here`), and
    none elsewhere, since another model may cost another price.
    """
    wanted = tuple(setting) or ((ALL,) if here else ())
    chosen = [
        name
        for name in dict.fromkeys(known)
        if converses(name, longest=LONGEST) and any(each == ALL or named(each, name) for each in wanted)
    ]
    # Ollama lists as "llama3.2:latest" what people call "llama3.2".
    others = [name for name in chosen if own not in (name, name.removesuffix(":latest"), name.rpartition("/")[2])]
    return tuple(sorted([own, *others][:MOST])) if others and len(own) <= LONGEST else ()
