"""What a terminal and a pipe show."""

from __future__ import annotations

import io
import re

import pytest

from talk.screen import Screen, columns


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.setenv("NO_COLOR", "1")


def visible(out: io.StringIO) -> list[str]:
    """The lines that remain after every carriage return has done its work."""
    return [re.split(r"\r\x1b\[K", line)[-1] for line in out.getvalue().split("\n")]


def converse(screen: Screen) -> None:
    screen.note("no model is loaded")
    screen.state("listening")
    screen.partial("who")
    screen.partial("who are")
    screen.user("who are you")
    screen.state("thinking")
    screen.begin("Ada")
    screen.cue("emotion", "happy")
    for word in ("I", "am", "Ada,"):
        screen.word(word)
    screen.cue("gesture", "wave")
    screen.word("hello.")
    screen.end(cut=False)
    screen.prompt()


def test_a_pipe_keeps_every_line() -> None:
    out = io.StringIO()
    converse(Screen(out))
    assert out.getvalue().splitlines() == [
        "(no model is loaded)",
        "   ... who",
        "   ... who are",
        "you: who are you",
        "Ada: (smiles) I am Ada, (waves) hello.",
    ]


def test_a_terminal_keeps_what_was_said() -> None:
    out = Terminal()
    converse(Screen(out))
    assert visible(out) == ["(no model is loaded)", "you: who are you", "Ada: (smiles) I am Ada, (waves) hello.", "> "]
    assert "you: who are ..." in out.getvalue()
    assert "(thinking)" in out.getvalue()


def test_the_prompt_comes_back_whenever_the_line_is_free() -> None:
    out = Terminal()
    screen = Screen(out)
    screen.prompt()
    screen.begin("Ada")
    screen.word("Hi.")
    screen.prompt()
    screen.end(cut=False)
    assert visible(out) == ["Ada: Hi.", "> "]
    out.write("hello\n")
    screen.entered()
    screen.note("mended")
    assert visible(out) == ["Ada: Hi.", "> hello", "(mended)", "> "]
    screen.prompt(wanted=False)
    screen.note("saved")
    assert visible(out)[-2:] == ["(saved)", ""]


def test_quiet_leaves_the_words() -> None:
    out = io.StringIO()
    screen = Screen(out, quiet=True)
    converse(screen)
    screen.error("it broke")
    assert out.getvalue().splitlines() == ["you: who are you", "Ada: I am Ada, hello.", "it broke"]


def test_long_replies_wrap_between_words() -> None:
    out = Terminal()
    screen = Screen(out)
    screen.begin("Ada")
    for word in ["abcdefghi"] * 7:
        screen.word(word)
    screen.end(cut=True)
    assert visible(out) == [
        "Ada: abcdefghi abcdefghi abcdefghi",
        "     abcdefghi abcdefghi abcdefghi",
        "     abcdefghi --",
        "",
    ]


def test_words_are_shown_with_what_is_written_between_them() -> None:
    out = io.StringIO()
    screen = Screen(out)
    screen.begin("Nora")
    for gap, word in (("", "灯塔"), ("", "建于"), ("\n", "저는"), (" ", "노라."), (" — 😀 ", "ok")):
        screen.word(word, gap)
    screen.cue("gesture", "wave")
    screen.word("再见", "")
    screen.end(cut=False)
    assert out.getvalue() == "Nora: 灯塔建于 저는 노라. — 😀 ok (waves) 再见\n"


def test_wide_letters_take_two_cells() -> None:
    out = Terminal()
    screen = Screen(out)
    screen.begin("诺拉")
    for _ in range(9):
        screen.word("灯塔", "")
    screen.end(cut=False)
    assert visible(out) == ["诺拉: " + "灯塔" * 8, "      灯塔", ""]


def test_words_go_on_after_an_interjection() -> None:
    out = io.StringIO()
    screen = Screen(out)
    screen.begin("Ada")
    screen.word("one")
    screen.note("mended")
    screen.word("two")
    screen.end(cut=False)
    assert out.getvalue().splitlines() == ["Ada: one", "(mended)", "Ada: two"]


def test_a_server_cannot_steer_the_terminal() -> None:
    out = Terminal()
    screen = Screen(out)
    screen.begin("A\x1b[31mda")
    screen.word("\x1b]0;owned\x07hi\r\n")
    screen.user("\x9b2J")
    assert not re.search(r"\x1b(?!\[K)|\x07|\x9b|\r(?!\x1b\[K)", out.getvalue())


def test_partial_transcripts_show_their_end_on_a_narrow_terminal() -> None:
    out = Terminal()
    Screen(out).partial("word " * 30 + "last")
    assert len(visible(out)[-1]) < 40
    assert "last ..." in out.getvalue()


def test_unknown_emotions_and_gestures_are_shown_by_name() -> None:
    out = io.StringIO()
    screen = Screen(out)
    screen.begin("Ada")
    screen.cue("emotion", "proud")
    screen.cue("gesture", "salute")
    screen.cue("emotion", "neutral")
    screen.end(cut=False)
    assert out.getvalue() == "Ada: (proud) (salutes)\n"


@pytest.mark.parametrize("columns", ["1", "2", "5", "10", "12", "39"])
def test_a_window_narrower_than_a_word(monkeypatch: pytest.MonkeyPatch, columns: str) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    out = Terminal()
    screen = Screen(out)
    screen.partial("Donaudampfschifffahrtsgesellschaft " * 3)
    screen.begin("Ada Lovelace")
    for word in ("Donaudampfschifffahrt", "is", "灯塔" * 10, "long."):
        screen.word(word)
    screen.end(cut=False)
    said = " ".join(out.getvalue().rpartition("\x1b[K")[2].split())
    assert said == f"Ada Lovelace: Donaudampfschifffahrt is {'灯塔' * 10} long."


def test_a_partial_transcript_never_fills_more_than_its_line(monkeypatch: pytest.MonkeyPatch) -> None:
    for width in (1, 9, 10, 11, 20, 40):
        monkeypatch.setenv("COLUMNS", str(width))
        out = Terminal()
        Screen(out).partial("灯塔是什么时候建的" * 10)
        assert columns(out.getvalue()) <= max(width, 10)


ARABIC = "مرحبا بك."


def test_words_from_right_to_left_keep_their_stop_at_their_end_on_a_terminal() -> None:
    out = Terminal()
    screen = Screen(out)
    screen.user(ARABIC)
    screen.begin("Ada")
    for word in ARABIC.split():
        screen.word(word)
    screen.end(cut=False)
    screen.begin("Ada")
    screen.word("Hello.")
    screen.end(cut=False)
    assert out.getvalue().splitlines() == [
        f"you: \u2068{ARABIC}\u2069",
        f"Ada:\u2068 {ARABIC}\u2069",
        "Ada: Hello.",
    ]


def test_every_line_that_was_isolated_ends_so() -> None:
    out = Terminal()
    screen = Screen(out)
    screen.begin("Ada")
    for word in (ARABIC * 8).split():
        screen.word(word)
    screen.note("mended")
    screen.end(cut=False)
    for line in out.getvalue().splitlines():
        assert line.count("\u2068") == line.count("\u2069") == ("mended" not in line)


def test_in_a_pipe_words_stand_as_they_are() -> None:
    out = io.StringIO()
    screen = Screen(out)
    screen.user(ARABIC)
    assert out.getvalue() == f"you: {ARABIC}\n"


def test_what_has_no_shape_but_a_meaning_stays_and_what_steers_goes() -> None:
    out = io.StringIO()
    Screen(out).user("می\u200cخواهم 👩\u200d🚀 a\u202eb\u2066c\ufeffd")
    assert out.getvalue() == "you: می\u200cخواهم 👩\u200d🚀 abcd\n"


def test_marks_on_letters_take_no_cells() -> None:
    assert columns("e\u0301") == columns("\u00e9") == 1
    assert columns("灯") == 2
    assert columns("\u200d") == 0
