"""PDFs into sections: headings, paragraphs, items, and what the process that reads them may run into."""

from __future__ import annotations

import subprocess
from unittest import mock

import pytest

from engines.identity.errors import IdentityError
from studio.errors import StudioError
from studio.knowledge import pdf
from testkit.papers import paper

WORDS = "Light makes about three hundred thousand kilometres in a second."


def shown(data: bytes) -> list[tuple[tuple[str, ...], list[tuple[str, str]]]]:
    sections = pdf.read_pdf(data, "a.pdf")
    return [(each.place.headings, [(block.kind, block.text) for block in each.blocks]) for each in sections]


def test_paragraphs_items_and_headings_by_their_size() -> None:
    page = [
        (18.0, 60.0, "The Lamp"),
        (10.0, 100.0, "The first paragraph goes"),
        (10.0, 112.0, "on in a second line."),
        (10.0, 150.0, "The second one is apart."),
        (10.0, 175.0, "- the shade"),
        (10.0, 187.0, "of green glass"),
        (10.0, 199.0, "- the cord"),
        (14.0, 240.0, "Care"),
        (10.0, 270.0, WORDS),
    ]
    assert shown(paper([page])) == [
        (
            ("The Lamp",),
            [
                ("text", "The first paragraph goes on in a second line."),
                ("text", "The second one is apart."),
                ("item", "the shade of green glass"),
                ("item", "the cord"),
            ],
        ),
        (("The Lamp", "Care"), [("text", WORDS)]),
    ]


def test_headings_by_their_looks_where_all_letters_are_alike() -> None:
    page = [(10.0, 60.0, WORDS), (10.0, 100.0, "1.2 Mirrors"), (10.0, 130.0, WORDS), (10.0, 180.0, "They are bright.")]
    assert [headings for headings, _ in shown(paper([page]))] == [(), ("Mirrors",)]


def test_brackets_of_long_lines_are_no_headings() -> None:
    page = [(18.0, 60.0, "word " * 26), (10.0, 100.0, WORDS), (10.0, 112.0, WORDS)]
    assert [headings for headings, _ in shown(paper([page]))] == [()]


def done(output: bytes, status: int = 0) -> subprocess.CompletedProcess[bytes]:
    return subprocess.CompletedProcess([], status, output, b"")


@pytest.mark.parametrize(
    ("result", "error", "sentence"),
    [
        (done(b'{"error": "missing_package"}\n'), StudioError, "pip install 'companion-bridge"),
        (done(b'{"error": "too_many"}\n'), IdentityError, "more pages than are read"),
        (done(b'{"error": "too_large"}\n'), IdentityError, "more text than is read"),
        (done(b'{"error": "x"}\n'), IdentityError, "is damaged"),
        (done(b'{"toc": []}\n{"page": 1, "li', -9), IdentityError, "is damaged"),
        (done(b""), IdentityError, "is damaged"),
        (done(b'[1, 2]\n{"toc": []}\n{"page": 1, "lines": []}\n'), IdentityError, "pictures of its pages"),
    ],
)
def test_what_the_reading_process_may_say(
    result: subprocess.CompletedProcess[bytes], error: type[Exception], sentence: str
) -> None:
    with mock.patch.object(subprocess, "run", return_value=result), pytest.raises(error, match=sentence):
        pdf.read_pdf(b"%PDF", "a.pdf")


def test_one_that_takes_for_ever_is_given_up() -> None:
    late = subprocess.TimeoutExpired("x", 1)
    with mock.patch.object(subprocess, "run", side_effect=late), pytest.raises(IdentityError, match="took more than"):
        pdf.read_pdf(b"%PDF", "a.pdf")


def test_one_that_is_too_large_is_not_read() -> None:
    with mock.patch.object(pdf, "BYTES", 10), pytest.raises(IdentityError, match="is larger than"):
        pdf.read_pdf(b"%PDF-1.4 and more", "a.pdf")
