"""Draws an address as a QR code: in a terminal, and as a picture for the page. Needs the extra `lan`."""

from __future__ import annotations

import io

from bridge.errors import BridgeError


def terminal(link: str) -> str:
    """Return the code as lines of text, "" where segno is not installed: the address is told as well."""
    try:
        import segno
    except ImportError:
        return ""
    out = io.StringIO()
    segno.make(link, error="l", micro=False).terminal(out=out, compact=True, border=2)
    return out.getvalue()


def svg(link: str) -> bytes:
    """Return the code as an SVG picture; BridgeError `no_lan` where segno is not installed."""
    try:
        import segno
    except ImportError as error:
        raise BridgeError("no_lan", "a QR code needs an extra: pip install 'companion-bridge[lan]'") from error
    out = io.BytesIO()
    segno.make(link, error="l", micro=False).save(
        out, kind="svg", xmldecl=False, svgns=True, border=2, dark="#000", light="#fff"
    )
    return out.getvalue()
