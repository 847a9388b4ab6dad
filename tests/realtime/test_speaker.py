"""The track of a call by itself, and how an offer is read: no sockets, no clock."""

from __future__ import annotations

from typing import Any

import pytest

from bridge.realtime.offer import read
from bridge.realtime.refused import Refused
from bridge.realtime.sound import encoded
from bridge.realtime.speaker import Speaker
from bridge.server.posted import BODY, CALLS, HEAD, Posting

PIECE = 480


def named(kind: str, **fields: object) -> dict[str, object]:
    return {"type": kind, **fields}


def of(kind: str, item: str = "a", **fields: Any) -> dict[str, object]:
    return {"type": f"response.{kind}", "response_id": f"r{item}", "item_id": item, **fields}


def sound(pieces: float, item: str = "a") -> dict[str, object]:
    return of("output_audio.delta", item, delta=encoded(b"\1\0" * round(PIECE * pieces)))


def told(speaker: Speaker) -> list[tuple[object, int | None]]:
    return [(each.event["type"], each.tick) for each in speaker.pull(PIECE)[1]]


def test_events_are_due_with_the_piece_in_which_they_begin() -> None:
    speaker = Speaker(named)
    assert speaker.pull(PIECE) == (bytes(2 * PIECE), [])
    assert speaker.take(of("companion_face.delta", pts=0))
    assert speaker.take(sound(2))
    assert speaker.take(of("companion_cue", pts=1000))
    assert not speaker.take(of("output_audio_transcript.delta"))
    assert not speaker.take({"type": "response.done"})
    started, stopped = ("output_audio_buffer.started", None), ("output_audio_buffer.stopped", None)
    assert told(speaker) == [started, ("response.companion_face.delta", 960)]
    assert told(speaker) == [("response.companion_cue", 1960), stopped]
    assert told(speaker) == []


def test_a_gap_in_the_sound_moves_what_comes_after_it() -> None:
    speaker = Speaker(named)
    speaker.take(sound(1))
    told(speaker)
    told(speaker)  # nothing is there: silence
    speaker.take(of("companion_face.delta", pts=960))
    speaker.take(sound(1))
    assert told(speaker) == [("response.companion_face.delta", 1920)]


def test_a_response_that_comes_behind_another_begins_where_that_ends() -> None:
    speaker = Speaker(named)
    speaker.take(sound(1.5))
    speaker.take({"type": "response.done"})
    speaker.take(sound(1, "b"))
    assert [kind for kind, _ in told(speaker)] == ["output_audio_buffer.started"]
    assert [kind for kind, _ in told(speaker)] == ["output_audio_buffer.stopped", "output_audio_buffer.started"]


def test_what_is_cleared_is_neither_heard_nor_told() -> None:
    speaker = Speaker(named)
    speaker.take(sound(3))
    speaker.take(of("companion_face.delta", pts=2000))
    assert speaker.clear() == []  # nobody has heard of it
    speaker.take(sound(3))
    speaker.pull(PIECE)
    assert [each.event["type"] for each in speaker.clear()] == ["output_audio_buffer.cleared"]
    assert speaker.pull(PIECE) == (bytes(2 * PIECE), [])


FORM = b"""--x\r\nContent-Disposition: form-data; name="sdp"\r\nContent-Type: application/sdp\r\n\r\nv=0\r\n\r\n--x\r
Content-Disposition: form-data; name="session"\r\n\r\n%s\r\n--x--\r\n"""
KIND = "multipart/form-data; boundary=x"


def test_an_offer_is_sdp_alone_or_with_a_session() -> None:
    assert read("application/sdp; charset=utf-8", b"v=0\r\n").sdp == "v=0\r\n"
    offer = read(KIND, FORM % b'{"type": "realtime", "instructions": "Be brief."}')
    assert (offer.sdp.strip(), offer.session.instructions) == ("v=0", "Be brief.")


@pytest.mark.parametrize("session", [b"[", b'{"instructions": 3}', b"\xff", b'{"tools": ' + b"[" * 500])
def test_a_session_that_cannot_be_read_is_refused(session: bytes) -> None:
    with pytest.raises(Refused) as refused:
        read(KIND, FORM % session)
    assert refused.value.param.startswith("session")


def test_a_body_is_kept_beside_a_head_without_its_length_however_it_is_cut() -> None:
    head = f"POST {CALLS} HTTP/1.1\r\nHost: a\r\n".encode()
    whole = head + b"content-length: 3\r\n\r\nabc"
    for cut in range(1, len(whole)):
        posting = Posting()
        pieces = [piece for piece in (posting.take(whole[:cut]), posting.take(whole[cut:])) if piece is not None]
        assert pieces == [head + b"\r\n"]
        assert posting.body == b"abc"


def test_what_is_no_posting_goes_through_as_it_came() -> None:
    for data in (b"GET / HTTP/1.1\r\n\r\n", b"POST / HTTP/1.1\r\n\r\n", b"\x16\x03", b"POST /v1/real?"):
        assert Posting().take(data) == data
    assert Posting().take(b"POST /v1") is None
    assert Posting().take(f"POST {CALLS}".encode() + b"x" * HEAD) is not None
    twice = f"POST {CALLS} HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n".encode()
    assert Posting().take(twice) == twice
    large = Posting()
    large.take(f"POST {CALLS} HTTP/1.1\r\nContent-Length: {BODY + 1}\r\n\r\n".encode())
    assert (large.too_large, large.body) == (True, None)
