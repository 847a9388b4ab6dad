"""The room component in a simulated game: what it opens, and what its events tell."""

from __future__ import annotations

from tests.unity.looping import loop


def test_a_room_is_opened_entered_lost_and_closed_and_its_events_tell(built: None) -> None:
    told = loop("room")
    assert told["hello"] == {
        "name": "kitchen",
        "key": "s3cret",
        "kind": "meeting",
        "cast": [{"identity": "mira", "place": [-1.5, 0.0, 2.0]}, {"identity": "keeper", "voice": "amy"}],
        "agenda": [{"title": "Lenses", "minutes": 7.5}],
    }
    assert told["give"] == {"type": "room", "op": "give", "to": "Ben"}
    assert told["text"] == {"type": "text", "text": "What is a tide?", "private": True}
    assert told["events"][:17] == [
        "came Ada",
        "item Lenses",
        "came Ben",
        "up Ben",
        "down Ben",
        "word Ben",
        "item Tides",
        "said Ben: Slow.",
        "alone Yes.",
        "floor Orin",
        "floor ",
        "left Ben",
        "word ",
        "item ",
        "minutes # Board",
    ]
    assert told["crowd"] == 200
    assert told["mended"] == 0, "a connection that is mended leaves the room as it is"
    assert told["closed"] == 201
    assert told["floor"] == ""
