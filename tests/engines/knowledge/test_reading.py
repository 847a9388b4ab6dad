"""Documents into sections: Markdown, plain text, encodings; all of it hostile."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engines.identity.errors import IdentityError
from engines.knowledge.cutting import PASSAGE, passages, width
from engines.knowledge.document import Block, Place, Section
from engines.knowledge.reading.decoding import clean, decode
from engines.knowledge.reading.markdown import read_markdown, words_of
from engines.knowledge.reading.plain import joined, read_plain
from testkit.effort import effort

COURSE = """---
title: "Optics"
---
<!-- a note
for the author -->
## Light and `n`

Light is an *electromagnetic* wave, see [the **book**](http://example.org "Book") [12]. ![A lamp](lamp.png)
It makes 299,792 km in a second.[^1]

[^1]: After Einstein.

1. First item
2. Second item,
   which goes on

> A quotation.

| medium | index |
|:-------|------:|
| air    | 1.0003 |
| diamond | 2.42 |

```python
# no heading
```

Lenses
------
A lens gathers light.

### 2.1 Convex
#
***
"""


def shown(sections: tuple[Section, ...]) -> list[tuple[tuple[str, ...], list[tuple[str, str]]]]:
    return [(each.place.headings, [(block.kind, block.text) for block in each.blocks]) for each in sections]


def test_markdown_becomes_sections_with_their_headings() -> None:
    assert shown(read_markdown(COURSE, "optics.md")) == [
        (("Optics",), []),
        (
            ("Optics", "Light and n"),
            [
                ("text", "Light is an electromagnetic wave, see the book. It makes 299,792 km in a second."),
                ("item", "First item"),
                ("item", "Second item, which goes on"),
                ("text", "A quotation."),
                ("row", "medium: air; index: 1.0003"),
                ("row", "medium: diamond; index: 2.42"),
                ("code", "# no heading"),
            ],
        ),
        (("Optics", "Lenses"), [("text", "A lens gathers light.")]),
        (("Optics", "Lenses", "Convex"), []),
    ]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("snake_case and 2*3*4", "snake_case and 2*3*4"),
        ("__bold__ and ***both***", "bold and both"),
        ("[a](b(c)d) &amp; <b>x</b>", "a & x"),
        (r"\*no emphasis\* \[no link\]", "*no emphasis* [no link]"),
        ("$E = mc^2$ holds", "E = mc^2 holds"),
        ("<https://example.org> and https://example.org/x", "and"),
        ("青铜**鼎**高133厘米", "青铜鼎高133厘米"),
    ],
)
def test_what_a_reader_sees_of_a_line(written: str, read: str) -> None:
    assert words_of(written) == read


@pytest.mark.parametrize(
    "line",
    [
        "**" * 10_000, "[" * 20_000, "![[" * 7_000, "_a " * 7_000, "`" * 20_000, "<a" * 10_000, "|" * 20_000,
        "> " * 10_000, "[a](" * 5_000, "$a" * 10_000, "- " * 10_000, "**a " * 5_000, "http://" * 3_000, "[a]" * 7_000,
        "*a" * 10_000, "a_b_" * 5_000, "#" * 20_000, "1. " * 7_000, "<!--" * 5_000, "\\" * 20_000,
    ],
)  # fmt: skip
def test_no_line_takes_long(line: str) -> None:
    assert effort(lambda: (read_markdown(line, "x.md"), read_plain(line, "x.txt")), enough=400) <= 400


PLAIN = """THE LAMP L2

Chapter 1: Safety

Unplug the lamp first.
Never open the hous-
ing.

1.2 Cleaning
Use a dry cloth, and no water at all, since water would harm it.

Parts
-----
- the shade
- the cord,
  two metres long

This is a short line.
"""


def test_plain_text_has_headings_that_look_like_it() -> None:
    assert shown(read_plain(PLAIN, "manual.txt")) == [
        (("The lamp L2",), []),
        (("Safety",), [("text", "Unplug the lamp first. Never open the housing.")]),
        (("Safety", "Cleaning"), [("text", "Use a dry cloth, and no water at all, since water would harm it.")]),
        (
            ("Safety", "Parts"),
            [("item", "the shade"), ("item", "the cord, two metres long"), ("text", "This is a short line.")],
        ),
    ]


def test_chinese_headings() -> None:
    text = "第一章 青铜器\n\n这件青铜鼎铸于商代，\n高一百三十三厘米。\n\n二、瓷器\n\n青花瓷瓶产于景德镇。\n"
    assert shown(read_plain(text, "a.txt")) == [
        (("青铜器",), [("text", "这件青铜鼎铸于商代，高一百三十三厘米。")]),
        (("青铜器", "瓷器"), [("text", "青花瓷瓶产于景德镇。")]),
    ]


def test_lines_are_joined_as_their_script_is_written() -> None:
    assert joined(["a well-", "known word", "X-", "Ray"]) == "a wellknown word X- Ray"
    assert joined(["光速约为", "每秒30万公里"]) == "光速约为每秒30万公里"


# ------------------------------------------------------------------------------------------------ encodings


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "gb18030"])
def test_chinese_is_read_in_every_encoding(encoding: str) -> None:
    text = "青铜鼎铸于商代，高一百三十三厘米，重八百三十二公斤。"
    assert decode(text.encode(encoding), "a.txt") == text


def test_western_text_of_old_programs_is_read() -> None:
    assert decode("Größe: 3 £, naïve café".encode("cp1252"), "a.txt") == "Größe: 3 £, naïve café"


def test_what_is_no_text_is_refused() -> None:
    with pytest.raises(IdentityError, match="no text file"):
        decode(b"\x89PNG\x00\x00\x00", "a.md")
    with pytest.raises(IdentityError, match="larger than"):
        decode(b"a" * (16 * 2**20 + 1), "a.md")


def test_signs_that_deceive_a_reader_are_taken_out() -> None:
    assert clean("pay\u202elap\u200b \x00me\r\nnow\U000e0041") == "paylap me\nnow"
    assert clean("نمی\u200cخواهم") == "نمی\u200cخواهم"  # this one is spelling


@settings(deadline=None)
@given(st.text(max_size=300))
def test_any_text_is_read(text: str) -> None:
    for read in (read_markdown, read_plain):
        for passage in passages(read(clean(text), "x")):
            assert passage.text.strip() == passage.text
            assert width(passage.text) <= PASSAGE + 1


@given(st.binary(max_size=300))
def test_any_bytes_are_a_text_or_refused(data: bytes) -> None:
    with contextlib.suppress(IdentityError):
        assert isinstance(decode(data, "x"), str)


# ------------------------------------------------------------------------------------------------ passages


def section(*texts: str, kind: str = "text") -> Section:
    return Section(Place("a.md", ("A",)), tuple(Block(text, kind) for text in texts))  # type: ignore[arg-type]


def test_passages_end_at_sentences_and_headings() -> None:
    long = " ".join(f"Sentence number {i} says something of its own." for i in range(40))
    found = passages([section(long), section("Short.")])
    assert len(found) > 2
    assert all(each.text.endswith(".") and len(each.text) <= PASSAGE for each in found)
    assert " ".join(each.text for each in found) == f"{long} Short."


def test_items_do_not_run_on_and_code_is_left_out() -> None:
    items = section("water: 1.33", "玻璃：1.5", kind="item")
    assert [each.text for each in passages([items, section("x = 1", kind="code")])] == ["water: 1.33. 玻璃：1.5."]


def test_a_text_without_sentences_is_cut_too() -> None:
    assert all(width(each.text) <= PASSAGE for each in passages([section("word " * 1000), section("字" * 2000)]))


def test_a_place_is_cited_for_people() -> None:
    assert Place("a/manual.pdf", ("Safety", "Fire"), 12).cite() == "manual.pdf, 12 › Safety › Fire"
    assert Place("a/manual.pdf").title == "manual.pdf"
