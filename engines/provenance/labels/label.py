"""What a label says, and the two forms in which every container carries it: an XMP packet, and China's AIGC JSON.

XMP: dc:title, xmp:CreatorTool, Iptc4xmpExt:DigitalSourceType (the words of the IPTC for how something was made), and
where it is wanted TC260:AIGC. The JSON is that of GB 45438-2025, annex E, whose fields may only be texts.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from html import escape, unescape
from typing import Final, Literal, TypeAlias

from engines.identity.fields import Json

# How something was made: by rules alone, by a trained model, or put together from both.
Source: TypeAlias = Literal["algorithmicMedia", "trainedAlgorithmicMedia", "compositeSynthetic"]

IPTC: Final = "http://cv.iptc.org/newscodes/digitalsourcetype/"
AIGC_NAMESPACE: Final = "http://www.tc260.org.cn/ns/AIGC/1.0/"
TOOL: Final = "companion-bridge"
PACKET_BYTES: Final = 1 << 20
FIELD: Final = 200  # characters of one field of the label

_SOURCE: Final = re.compile(r"DigitalSourceType(?:=\"|>)\s*([^\"<\s]{1,200})")
_CREATOR: Final = re.compile(r"xmp:CreatorTool(?:=\"|>)\s*([^\"<]{1,400})")
_AIGC: Final = re.compile(r"TC260:AIGC(?:=\"([^\"]{1,8000})\"|>([^<]{1,8000})<)")


@dataclass(frozen=True, slots=True)
class Label:
    """What is said of a file.

    `source` is how it was made, `title` what it is, `producer` who answers for it, `content` their own number for it
    (here the identity's), `china` whether the AIGC fields are written.
    """

    source: Source = "trainedAlgorithmicMedia"
    title: str = ""
    producer: str = ""
    content: str = ""
    version: str = ""
    china: bool = False

    @property
    def tool(self) -> str:
        """Return name and version of what made it."""
        return f"{TOOL} {self.version}".strip()

    def aigc(self) -> dict[str, str]:
        """Return China's implicit label."""
        return {
            "Label": "1",
            "ContentProducer": self.producer[:FIELD] or TOOL,
            "ProduceID": self.content[:FIELD],
            "ReservedCode1": "",
            "ContentPropagator": self.producer[:FIELD] or TOOL,
            "PropagateID": self.content[:FIELD],
            "ReservedCode2": "",
        }

    def sentence(self) -> str:
        """Say it in a line, for players that show comments."""
        return f"Made by a machine (AI-generated): {self.tool}".strip()

    def xmp(self) -> bytes:
        """Return the packet."""
        about = [
            ("Iptc4xmpExt:DigitalSourceType", f"{IPTC}{self.source}"),
            ("xmp:CreatorTool", self.tool),
            *([("TC260:AIGC", json.dumps(self.aigc(), ensure_ascii=False))] if self.china else []),
        ]
        rows = "".join(f"<{name}>{escape(_clean(text))}</{name}>" for name, text in about)
        title = escape(_clean(self.title[:FIELD]))
        titled = (
            f'<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title>' if title else ""
        )
        return (
            '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
            '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
            '<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/"'
            ' xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"'
            f' xmlns:TC260="{AIGC_NAMESPACE}">{titled}{rows}</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>'
        ).encode()


@dataclass(frozen=True, slots=True)
class Said:
    """What a file says of itself: `source` and `tool` of its XMP, `aigc` of China's label; "" and {} where nothing."""

    source: str = ""
    tool: str = ""
    aigc: tuple[tuple[str, str], ...] = ()

    def __bool__(self) -> bool:
        return bool(self.source or self.aigc)


def read_packet(packet: bytes) -> Said:
    """Read what matters of an XMP packet, in either way of writing a property; never fails."""
    text = packet[:PACKET_BYTES].decode("utf-8", "replace")
    source, tool, aigc = _SOURCE.search(text), _CREATOR.search(text), _AIGC.search(text)
    said = unescape(source[1]).removeprefix(IPTC) if source else ""
    given = read_aigc(unescape(aigc[1] or aigc[2])) if aigc else ()
    return Said(said[:FIELD], unescape(tool[1]).strip()[:FIELD] if tool else "", given)


def read_aigc(text: str) -> tuple[tuple[str, str], ...]:
    """Read China's label; () for what is none. Never fails."""
    try:
        found: Json = json.loads(text)
    except (ValueError, RecursionError):
        return ()
    if not isinstance(found, dict) or "Label" not in found:
        return ()
    return tuple((key[:FIELD], value[:FIELD]) for key, value in found.items() if isinstance(value, str))


def _clean(text: str) -> str:
    """Leave out what XML cannot carry."""
    return "".join(
        c for c in text if c in "\t\n" or (ord(c) >= 32 and not "\ud800" <= c <= "\udfff" and c not in "\ufffe\uffff")
    )
