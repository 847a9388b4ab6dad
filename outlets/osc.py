"""Open Sound Control 1.0: messages and bundles as bytes, and back. Strings, int32, float32 and booleans, no more."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

Argument: TypeAlias = str | int | float | bool

DATAGRAM: Final = 1472  # bytes that fit into one packet of an Ethernet
_HEAD: Final = b"#bundle\0" + struct.pack(">Q", 1)  # at once
DEPTH: Final = 4  # of bundles within bundles


class BadPacket(ValueError):
    """A packet that is not OSC."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message as it was read."""

    address: str
    arguments: tuple[Argument, ...]


def message(address: str, *arguments: Argument) -> bytes:
    """Return one message."""
    tags, data = ",", b""
    for argument in arguments:
        match argument:
            case bool():  # an int too
                tags += "T" if argument else "F"
            case int():
                tags += "i"
                data += struct.pack(">i", argument)
            case float():
                tags += "f"
                data += struct.pack(">f", argument)
            case str():
                tags += "s"
                data += _text(argument)
    return _text(address) + _text(tags) + data


def bundles(messages: Sequence[bytes], *, most: int = DATAGRAM) -> list[bytes]:
    """Return the messages, in order, as few bundles of at most `most` bytes; one that is longer goes alone."""
    packets: list[bytes] = []
    packet = _HEAD
    for each in messages:
        element = struct.pack(">i", len(each)) + each
        if len(packet) > len(_HEAD) and len(packet) + len(element) > most:
            packets.append(packet)
            packet = _HEAD
        packet += element
    return [*packets, packet] if len(packet) > len(_HEAD) else packets


def read(packet: bytes) -> list[Message]:
    """Return the messages of a packet; BadPacket for what is not one."""
    try:
        return list(_read(packet, DEPTH))
    except (struct.error, IndexError, UnicodeDecodeError) as error:
        raise BadPacket("the packet ends too soon, or holds what is not text") from error


def _read(packet: bytes, depth: int) -> Iterator[Message]:
    if packet[:8] != b"#bundle\0":
        yield _message(packet)
        return
    if not depth:
        raise BadPacket("bundles are nested too deeply")
    at = 16
    while at < len(packet):
        (size,) = struct.unpack_from(">i", packet, at)
        at += 4
        if not 0 < size <= len(packet) - at:
            raise BadPacket("a part of a bundle is longer than the bundle")
        yield from _read(packet[at : at + size], depth - 1)
        at += size


def _message(packet: bytes) -> Message:
    address, at = _string(packet, 0)
    if not address.startswith("/"):
        raise BadPacket("an address begins with a slash")
    tags, at = _string(packet, at) if at < len(packet) else (",", at)
    if not tags.startswith(","):
        raise BadPacket("type tags begin with a comma")
    arguments: list[Argument] = []
    for tag in tags[1:]:
        match tag:
            case "i" | "f":
                arguments += struct.unpack_from(f">{tag}", packet, at)
                at += 4
            case "s":
                text, at = _string(packet, at)
                arguments.append(text)
            case "T" | "F":
                arguments.append(tag == "T")
            case _:
                raise BadPacket(f"there is no type {tag!r} here")
    return Message(address, tuple(arguments))


def _text(text: str) -> bytes:
    data = text.replace("\0", "").encode() + b"\0"
    return data + bytes(-len(data) % 4)


def _string(packet: bytes, at: int) -> tuple[str, int]:
    end = packet.index(b"\0", at) if b"\0" in packet[at:] else -1
    if end < 0:
        raise BadPacket("a text has no end")
    return packet[at:end].decode(), end + 4 - (end - at) % 4
