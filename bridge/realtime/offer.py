"""Reads what a client posts to begin a call: an SDP offer, and what it wants of the session. No I/O."""

from __future__ import annotations

from dataclasses import dataclass
from email.parser import BytesParser
from email.policy import HTTP
from typing import Final

from bridge.realtime.incoming import SessionPatch, patch
from bridge.realtime.refused import Refused

SDP: Final = 65_536  # characters
CANDIDATES: Final = 64
PARTS: Final = 8


@dataclass(frozen=True, slots=True)
class Offer:
    """An offer in SDP, and the settings that come with it."""

    sdp: str
    session: SessionPatch


def read(content_type: str, body: bytes) -> Offer:
    """Return what was posted as `application/sdp` or `multipart/form-data`; Refused says what is wrong with it."""
    kind = content_type.partition(";")[0].strip().lower()
    match kind:
        case "application/sdp":
            return Offer(_sdp(body), SessionPatch())
        case "multipart/form-data":
            fields = _fields(content_type, body)
            session = patch(_text(fields["session"], "session")) if "session" in fields else SessionPatch()
            return Offer(_sdp(fields.get("sdp", b"")), session)
        case _:
            sentence = "an offer is posted as application/sdp, or as multipart/form-data with `sdp` and `session`"
            raise Refused("unsupported_content_type", sentence, "Content-Type")


def _fields(content_type: str, body: bytes) -> dict[str, bytes]:
    head = f"Content-Type: {content_type}\r\n\r\n".encode("latin-1", "replace")
    message = BytesParser(policy=HTTP).parsebytes(head + body)
    if not message.is_multipart():
        raise Refused("invalid_form", "this is no multipart/form-data", "body")
    found: dict[str, bytes] = {}
    for part in list(message.iter_parts())[:PARTS]:
        name = part.get_param("name", header="content-disposition")
        content = part.get_payload(decode=True)
        if isinstance(name, str) and isinstance(content, bytes):
            found.setdefault(name, content)
    return found


def _sdp(data: bytes) -> str:
    text = _text(data, "sdp")
    if not text.startswith("v=0") or len(text) > SDP:
        raise Refused("invalid_sdp", f"an offer is SDP and has at most {SDP} characters", "sdp")
    if text.count("a=candidate:") > CANDIDATES:
        raise Refused("invalid_sdp", f"an offer has at most {CANDIDATES} candidates", "sdp")
    return text


def _text(data: bytes, param: str) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise Refused("invalid_value", f"{param} is not UTF-8", param) from error
