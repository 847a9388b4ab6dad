"""The names of HTML and SSML that are taken for markup; `<name>` in any other angle brackets is text."""

from __future__ import annotations

from typing import Final


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


BLOCK: Final = _names(
    """
    address article aside blockquote body br center dd details dialog div dl dt fieldset figcaption figure footer form
    h1 h2 h3 h4 h5 h6 head header hr html li main nav ol p section summary table tbody tfoot thead tr ul option
    """
)
INLINE: Final = _names(
    """
    a abbr acronym b bdi bdo big button caption cite col colgroup data del dfn em font i iframe img input ins kbd label
    legend link map mark meta meter nobr object output picture progress q rb rp rt rtc ruby s samp select small source
    span strike strong sub sup td textarea th time title tt u var video wbr audio area base embed param track code pre
    speak voice prosody break emphasis say-as phoneme lang desc
    """
)
# What is inside of these is never words.
DROPPED: Final = frozenset(["script", "style", "template", "svg", "math", "noscript", "canvas", "rt", "rp"])
NAMES: Final = BLOCK | INLINE | DROPPED
