"""Scripts: who says what; what is wrong with one is said with its line."""

from __future__ import annotations

import pytest

from studio.errors import StudioError
from studio.video.script import Line, Pause, monologue, read

SCRIPT = """
// a note to the writer
# The harbour
Ada: Good morning.
  And a fine one.
(pause 1.5)
BEN: [happy] Yes: it is.

# Inside
ada: Come.
"""


def test_a_script_has_scenes_people_and_pauses() -> None:
    harbour, inside = read(SCRIPT, ("Ada", "Ben"))
    assert harbour.title == "The harbour"
    assert harbour.beats == (
        Line("Ada", "Good morning. And a fine one."),
        Pause(1.5),
        Line("Ben", "[happy] Yes: it is."),
    )
    assert harbour.people == ("Ada", "Ben")
    assert inside.beats == (Line("Ada", "Come."),)


def test_one_person_needs_no_name() -> None:
    (scene,) = read("Good morning.\n\nHow are you?", ("Ada",))
    assert scene.beats == (Line("Ada", "Good morning. How are you?"),)
    assert monologue(" Hello. ")[0].beats == (Line("", "Hello."),)


@pytest.mark.parametrize(
    ("script", "says"),
    [
        ("", "nobody says"),
        ("Eve: hello", "line 1 of the script: 'Eve' is nobody of the cast"),
        ("hello", "line 1 of the script: nobody says it"),
        ("Ada: hi\n(pause 21)", "line 2 of the script: a pause"),
        ("Ada: [happy] ...", "Ada says nothing that can be spoken"),
        ("Ada: " + "word " * 500, "more than 2000 characters"),
        ("Ada: a\nBen: b\n" * 300, "more than 400 lines"),
    ],
)
def test_what_is_wrong_is_said(script: str, says: str) -> None:
    with pytest.raises(StudioError, match=says) as caught:
        read(script, ("Ada", "Ben"))
    assert caught.value.code == "bad_script"


def test_a_monologue_has_words() -> None:
    with pytest.raises(StudioError, match="there is nothing"):
        monologue("...")
