"""Which of a model's speakers is meant, and what is said when there is no such one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from engines.api import EngineError
from engines.voices.files import CODE

SHOWN: Final = 60  # names that a sentence lists


def unknown(owner: str, wanted: str, names: Sequence[str], *, kind: str = "speaker") -> EngineError:
    """Make the error for a speaker that `owner` does not have; it names those that it has."""
    known = ", ".join(names[:SHOWN]) + (", ..." if len(names) > SHOWN else "")
    return EngineError(CODE, f"{owner} has no {kind} named {wanted!r}; it has {known}.")


def chosen(configured: str, asked: str, names: Sequence[str], *, section: str) -> str:
    """Choose the speaker that the configuration names, else the one that is asked for, "" for none.

    A model without `names` has one speaker, and is asked for none. EngineError when it lacks the one that is meant.
    """
    wanted = configured or asked
    if not names:
        if configured:
            raise EngineError(CODE, f"This voice has one speaker: leave {section}.speaker empty, not {configured!r}.")
        return ""
    if wanted and wanted not in names:
        raise unknown("The voice", wanted, names)
    return wanted
