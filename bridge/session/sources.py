"""Asks a companion's documents: what they have for a turn, and what of them a reply rests on."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Final

from bridge.session.driven import guarded
from engines.api import EngineError, Message, Passage
from engines.jobs import Documents
from protocol import messages as m

MOST: Final = 4  # sources of one reply
TITLE: Final = 200  # characters of a title and of a file's path
QUOTE: Final = 300

log = logging.getLogger("bridge.session.sources")


def passages(documents: Documents | None, history: Sequence[Message]) -> tuple[Passage, ...]:
    """Return what the documents have on the user's last words; nothing where they cannot be asked."""
    if documents is None:
        return ()
    try:
        with guarded("documents"):
            return documents.passages_for(history)
    except EngineError as error:
        log.warning("a reply is made without the documents", extra={"reason": error.message})
        return ()


def sources(documents: Documents | None, text: str) -> tuple[m.Source, ...]:
    """Return the sources of a reply for `reply_end`; none where the documents cannot be asked."""
    if documents is None or not text:
        return ()
    try:
        with guarded("documents"):
            found = documents.rests_on(text)
    except EngineError as error:
        log.warning("the sources of a reply are not told", extra={"reason": error.message})
        return ()
    return tuple(
        m.Source(title=each.title[:TITLE], file=each.file[-TITLE:], page=each.page, quote=each.quote[:QUOTE])
        for each in found[:MOST]
    )
