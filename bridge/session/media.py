"""Turns what a reply lets go into the messages that carry it."""

from __future__ import annotations

from collections.abc import Callable
from typing import assert_never

from bridge.core.timeline import CueMark, MediaPiece, SpokenWord, Stamped
from protocol import messages as m


def message(item: Stamped, turn: int, *, face: bool, phones: bool) -> Callable[[int], m.ServerMessage]:
    """Return what makes the message of `item` from its sequence number; media without `face` carries its sound only."""
    match item:
        case MediaPiece():
            weights = item.face if face else b""
            return lambda seq: m.Media(
                turn=turn,
                seq=seq,
                pts=item.pts,
                pcm=item.pcm,
                face_pts=item.face_pts if weights else 0,
                face=weights,
                source=item.source if weights else "",
                phones=tuple(m.PhoneAt(ipa=p.ipa, pts=p.pts, end=p.end) for p in item.phones) if phones else (),
            )
        case SpokenWord(text, pts, end, gap):
            return lambda seq: m.WordText(turn=turn, seq=seq, text=text, pts=pts, end=end, gap=gap)
        case CueMark(pts, kind, name, intensity):
            return lambda seq: m.CueAt(turn=turn, seq=seq, pts=pts, kind=kind, name=name, intensity=intensity)
        case _:
            assert_never(item)
