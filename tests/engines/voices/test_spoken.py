"""Text as it is said: amounts, dates and signs, and that every letter knows where it is written."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engines.voices.reading import japanese
from engines.voices.reading.text import stretches

CASES = {
    "en-us": [
        ("It costs $5.99 or £20.", "It costs 5 dollars and 99 cents or 20 pounds."),
        (
            "$1, $0.50, €1, $1.5 million, $20-30, $5/month",
            "1 dollar, 50 cents, 1 euro, 1.5 million dollars, 20 to 30 dollars, 5 dollars per month",
        ),
        ("$1,299.00 and $1,299", "1,299 dollars and 1,299 dollars"),
        ("1/2 cup, 3/4, 1 1/2 cups, 3½, 2/3", "one half cup, 3 quarters, 1 and a half cups, 3 and a half, 2 thirds"),
        ("8/10 and 24/7 and 9/11", "8 out of 10 and 24 7 and 9 11"),
        ("3-4 days, 2020–2024, 2-1", "3 to 4 days, 2020 to 2024, 2 to 1"),
        ("C#, C++, Node.js, .NET, config.json", "C sharp, C plus plus, Node dot JS, dot net, config dot json"),
        (
            "20°C, 5 km, 100 km/h, 1 km, 16GB, 5ft",
            "20 degrees Celsius, 5 kilometers, 100 kilometers per hour, 1 kilometer, 16 gigabytes, 5 feet",
        ),
        ("12/25/2024 and 2024-12-25", "December 25th, 20 24 and December 25th, 20 24"),
        ("10:30, 3:05 pm, 10:00, 3:00 am", "10:30, 3 oh 5 pm, 10 o'clock, 3 am"),
        (
            "5*3, 2*4=8, 6 * 7, 2+2=4, 10-5=5, 8 ÷ 2",
            "5 times 3, 2 times 4 equals 8, 6 times 7, 2 plus 2 equals 4, 10 minus 5 equals 5, 8 divided by 2",
        ),
        ("in 1999, the 1990s, '80s, since 2024, in 2000", "in 19 99, the 19 nineties, eighties, since 20 24, in 2000"),
        ("Oct. 3 and December 25", "October 3rd and December 25th"),
        ("#1, No. 5, x², ~5, ±3", "number 1, number 5, x squared, about 5, plus or minus 3"),
        ("he/she, and/or, TCP/IP", "he or she, and or, TCP IP"),
        ("https://www.example.com/x/ now", "example.com/x now"),
        ("ＡＢＣ１２３ ﬁne ①", "ABC123 fine 1"),
    ],
    "de": [
        ("5,99 €, $5.99, 1 €, 0,50 €, 1.000,50 €", "5 Euro 99, 5 Dollar 99, 1 Euro, 50 Cent, 1.000 Euro 50"),
        ("1/2 Tasse, 1/2 Liter, 3/4", "eine halbe Tasse, ein halber Liter, 3 viertel"),
        ("am 3. Oktober, der 2. Stock, 3. Oktober", "am dritten Oktober, der zweite Stock, dritter Oktober"),
        ("am 25.12.2024 um 10:30 Uhr, 10:00 Uhr", "am fünfundzwanzigsten Dezember 2024 um 10 Uhr 30, 10 Uhr"),
        ("3-4 Tage, 20 °C, 5 h, 5*3", "3 bis 4 Tage, 20 Grad Celsius, 5 Stunden, 5 mal 3"),
        ("Müller & Söhne, er/sie, Nr. 5", "Müller und Söhne, er oder sie, Nummer 5"),
    ],
    "fr": [
        ("5,99 €, 1,50 €", "5 euros 99, 1 euro 50"),
        ("1/2 tasse, 3-4 jours, 10h30, 10:00", "une demi tasse, 3 à 4 jours, 10 heures 30, 10 heures"),
        ("25/12/2024, n° 5, 2+2=4", "25 décembre 2024, numéro 5, 2 plus 2 égale 4"),
    ],
    "es": [
        ("5,99 €, $5.99", "5 euros con 99, 5 dólares con 99"),
        ("1/2 taza, 3-4 días, 10:30, 20 °C", "media taza, 3 a 4 días, 10 y 30, 20 grados Celsius"),
        ("25/12/2024, #1", "25 de diciembre de 2024, número 1"),
    ],
    "zh": [
        ("5.99美元，$5.99，20%，10-20%", "5.99美元，5.99美元，百分之20，百分之10到百分之20"),
        ("1/2杯，3-4天，C#，10:30", "2分之1杯，3到4天，C sharp，10点30分"),
        ("2024年，2024-12-25，20°C，5km，¥500", "二零二四年，二零二四年12月25日，20摄氏度，5公里，500元"),
    ],
    "ja": [
        ("20%、$20、¥500、20°C、5km、10:30", "20パーセント、20ドル、500えん、20ど、5キロメートル、10じ30ふん"),
        ("ｶﾞﾗｽ", "ガラス"),
    ],
}


def said(text: str, language: str) -> str:
    return "".join(stretch.text for stretch in stretches(text, language))


@pytest.mark.parametrize(
    ("language", "text", "spoken"),
    [(language, text, spoken) for language, cases in CASES.items() for text, spoken in cases],
)
def test_what_is_written_otherwise_is_said_as_people_say_it(language: str, text: str, spoken: str) -> None:
    assert said(text, language) == spoken


@pytest.mark.parametrize(
    "text",
    [
        *("555-1234", "1-800-555-1234", "192.168.1.1", "v1.2.3", "2024-12-25T10:00", "3.14", "1,000,000", "a/b", "A&B"),
        *("user@example.com", "10:75", "5 in total", "7 lives", "x-y", "Plan B-52", "ISBN 3-16-148410-0"),
    ],
)
def test_what_is_something_else_is_left_alone(text: str) -> None:
    assert said(text, "en-us") == text


def test_a_language_without_a_table_is_left_to_espeak() -> None:
    assert said("$5.99 1/2 C#", "pl") == "$5.99 1/2 C#"


def test_every_letter_knows_what_it_stands_for() -> None:
    words: dict[int, list[str]] = {}
    for stretch in stretches("Pay $5.99 now, $5 million.", "en-us"):
        for match in re.finditer(r"\S+", stretch.text):
            words.setdefault(stretch.origin[match.start()], []).append(match.group())
    text = "Pay $5.99 now, $5 million."
    first, second = text.index("$5.99"), text.index("$5 m")
    assert [word for at, group in words.items() if first <= at < first + 5 for word in group] == [
        *("5", "dollars", "and", "99", "cents")
    ]
    assert words[second + 1] == ["5"]
    assert [word for at, group in words.items() if at > second + 1 for word in group] == ["million", "dollars."]


BITS = st.sampled_from(
    [
        *"0123456789",
        "10",
        "$",
        "€",
        "£",
        "%",
        "°C",
        "km",
        " ",
        " ",
        "-",
        "/",
        ":",
        ".",
        ",",
        "*",
        "=",
        "C#",
        "and",
        "½",
        "²",
        "年",
        "３",
    ]
)


@settings(deadline=None, derandomize=True, database=None)
@given(st.lists(BITS, max_size=30).map("".join), st.sampled_from(["en-us", "en-gb", "de", "fr", "es", "zh", "ja"]))
def test_the_way_back_never_goes_astray(text: str, language: str) -> None:
    found = stretches(text, language)
    assert (found[0].start, found[-1].end) == (0, len(text))
    assert all(a.end == b.start for a, b in pairwise(found))
    for stretch in found:
        assert len(stretch.text) == len(stretch.origin)
        assert all(a <= b for a, b in pairwise(stretch.origin))
        assert all(stretch.start <= index < stretch.end for index in stretch.origin)


@pytest.mark.skipif(bool(japanese.missing()), reason="janome is not installed")
def test_kanji_are_read_in_japanese() -> None:
    assert said("私の名前は花子です。", "ja") == "ワタシのナマエワハナコです。"
    (first, *_) = stretches("東京タワー", "en-us")
    assert (first.language, first.text) == ("ja", "トウキョウタワー")
    assert stretches("灯塔。", "en-us")[0].language == "cmn"


def test_without_readings_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(japanese, "find_spec", lambda name: None)
    assert "companion-bridge[japanese]" in japanese.missing()
    assert said("東京", "ja") == "東京"
