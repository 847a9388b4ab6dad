"""The page: everything of the card is text in it, in two languages, and nothing comes from elsewhere."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from engines.identity.fields import Json
from engines.identity.pictures import Picture
from studio.evaluate.measures import Measure, Section, Wanted, share, short, tally, unmeasured
from studio.evaluate.page import charts
from studio.evaluate.page.markup import Markup, joined, tag
from studio.evaluate.page.report import report_page
from studio.evaluate.page.words import LANGUAGES, _table, attribute, caption, named, plain
from studio.evaluate.sections import SECTIONS
from studio.evaluate.talk.session import TALKED

HOSTILE = "</style><script>alert(1)</script><img src=x onerror=alert(2)>\x1b[31m\u202e\"'&"
FACTS = {"language": HOSTILE, "dialogue": HOSTILE, "seed": "0"}


class Seen(HTMLParser):
    """Notes every element and attribute."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: set[str] = set()

    def handle_starttag(self, name: str, attributes: list[tuple[str, str | None]]) -> None:
        """Note one."""
        self.tags.append(name)
        self.attributes |= {key for key, _ in attributes}


def seen(page: bytes) -> Seen:
    parser = Seen()
    parser.feed(page.decode())
    return parser


def hostile_sections() -> list[Section]:
    row: dict[str, Json] = {"attribute": HOSTILE, "given": HOSTILE, "read": HOSTILE, "same": False}
    talk: dict[str, Json] = {
        "id": HOSTILE, "kind": "identity", "passed": False, "judged": HOSTILE,
        "turns": [{"said": HOSTILE, "reply": HOSTILE, "gate": HOSTILE, "error": ""}, {"said": "x", "error": HOSTILE}],
        "findings": [{"rule": HOSTILE, "passed": False, "why": HOSTILE}],
    }  # fmt: skip
    wrong: list[Json] = [{"level": 0.1, "asked": HOSTILE, "said": HOSTILE, "reply": HOSTILE}]
    curve: dict[str, Json] = {"typing": [1.0, 0.5], "hearing": [1.0, 0.4]}
    bad = Measure(f"probes.{HOSTILE}", 0.1, 0.5, Wanted(at_least=1.0), (HOSTILE, HOSTILE))
    return [
        Section("attributes", (unmeasured(HOSTILE, HOSTILE), bad), {"rows": [row]}),
        Section(
            "course", (bad,), {"headings": [{"heading": HOSTILE, "entry": True, "lesson": False, "question": True}]}
        ),
        Section("probes", (bad,), {"transcripts": [talk]}),
        Section(
            "noise",
            (bad,),
            {"levels": [0.0, 0.1], "curves": curve, "pupil": curve, "floor": 0.1, "wrong": wrong},
        ),
        Section("latency", (Measure("latency.first_word", 1.0, unit="ms"),), {"first_ms": [1.0, 2.0]}),
        Section(HOSTILE, (bad,), {"x": HOSTILE}),
    ]


def test_a_hostile_card_is_text_on_the_page() -> None:
    page = report_page(
        hostile_sections(), name=HOSTILE, description=HOSTILE, facts=FACTS, portrait=Picture("image/png", ".png", b"x")
    )
    found = seen(page)
    assert "script" not in found.tags
    assert found.tags.count("img") == 1
    assert not [key for key in found.attributes if key.startswith("on")]
    text = page.decode()
    assert "<script" not in text
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "Content-Security-Policy" in text
    assert not re.search(r"(?:src|href)=\"(?!data:image/)", text)
    assert "http://" not in text
    assert "https://" not in text


def test_a_page_opens_in_the_persons_language_and_holds_both() -> None:
    for language, chosen in (("zh-cn", "zh"), ("en-gb", "en"), ("fr", "en")):
        facts = {"language": language, "dialogue": "scripted", "seed": "0"}
        text = report_page([], name="Ada", description="", facts=facts, portrait=None).decode()
        assert f'<html lang="{chosen}">' in text
        assert re.search(f'id="tongue-{chosen}"[^>]*checked', text)
        assert 'class="zh"' in text
        assert 'class="en"' in text


def test_a_picture_that_is_too_large_or_none_is_left_out() -> None:
    facts = {"language": "en", "dialogue": "", "seed": "0"}
    for picture in (Picture("image/png", ".png", b"x" * (3 << 20)), Picture("model/gltf-binary", ".glb", b"x"), None):
        assert b"<img" not in report_page([], name="A", description="", facts=facts, portrait=picture)


def test_every_caption_is_there_in_every_language() -> None:
    table = _table()
    assert all(set(row) == set(LANGUAGES) and all(row.values()) for row in table.values())
    for name in (*(row.name for row in SECTIONS), *TALKED):
        assert f"section_{name}" in table
        assert f"about_{name}" in table
    assert str(named("probes.jailbreak")) == str(caption("kind_jailbreak"))
    assert named("x.some_thing") == "some thing"
    assert plain("unknown") == "unknown"
    assert "职业" in str(attribute("profession × nobody"))


def test_markup_escapes_all_but_itself() -> None:
    made = tag("p", "<b>", tag("b", "x"), Markup("&amp;"), None, 1.5, class_='a"b', for_="c", title=None)
    assert str(made) == '<p class="a&quot;b" for="c">&lt;b&gt;<b>x</b>&amp;1.5</p>'
    assert str(joined(["a", None, "<"])) == "a&lt;"
    assert str(tag("br")) == "<br>"
    assert str(tag("rect", x=1)) == '<rect x="1"/>'


@pytest.mark.parametrize("values", [[], [0.0], [1.0, 2.0, 2.0, 9.0]])
def test_charts_are_drawn_of_anything(values: list[float]) -> None:
    for drawn in (
        charts.histogram(values, title="t", across="x"),
        charts.columns([int(value) for value in values], ["0", "1"], title="t", across="x"),
        charts.curves(values, {"a": values}, {"a": "A"}, title="t", across="x", floor=0.1),
        charts.bars([charts.Bar("a", value, "1", 0.1, 0.2) for value in values], "t"),
        charts.dots([charts.Dot("a", value, 0.0, value, found=True) for value in values], title="t", across="x"),
    ):
        text = str(drawn)
        assert text.startswith("<svg")
        assert "nan" not in text
        assert text.count("<svg") == text.count("</svg>") == 1


def test_the_length_of_a_bar_is_its_value() -> None:
    long = re.findall(
        r'width="([\d.]+)" height="18" class="bar',
        str(charts.bars([charts.Bar("a", v, "") for v in (0.25, 1.0, 7.0)], "")),
    )
    assert float(long[0]) * 4 == pytest.approx(float(long[1]))
    assert long[1] == long[2]


def test_measures_say_what_came_of_them() -> None:
    assert Measure("a", 0.5, wanted=Wanted(at_least=0.4)).outcome == "passed"
    assert Measure("a", 0.5, wanted=Wanted(at_most=0.4)).outcome == "missed"
    assert Measure("a", 0.5).outcome == "reported"
    assert unmeasured("a", "because").as_json()["outcome"] == "not measured"
    assert share("a", 0, 0).outcome == "not measured"
    assert share("a", 1, 3).as_json()["value"] == 0.333333
    assert str(Wanted(0.1, 0.2)) == ">= 0.1 and <= 0.2"
    assert tally([Section("s", (share("a", 1, 1), unmeasured("b", "")))]) == {
        "passed": 0, "missed": 0, "reported": 1, "not measured": 1,
    }  # fmt: skip
    assert short("a\n b\x00c " + "x" * 999, 10) == "a b c xxx…"
    assert Measure("a", float("nan")).as_json()["value"] is None
