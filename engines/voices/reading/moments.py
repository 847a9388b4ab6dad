"""Dates, years and times of the day, as people say them."""

from __future__ import annotations

import re
from typing import Final

from engines.voices.reading.amounts import Rule
from engines.voices.reading.said import Said

_DIGITS: Final = dict(zip("0123456789", "零一二三四五六七八九", strict=True))
_TENS: Final = (
    "thousands",
    "tens",
    "twenties",
    "thirties",
    "forties",
    "fifties",
    "sixties",
    "seventies",
    "eighties",
    "nineties",
)
_GERMAN: Final = {
    1: "erst", 2: "zweit", 3: "dritt", 4: "viert", 5: "fünft", 6: "sechst", 7: "siebt", 8: "acht", 9: "neunt",
    10: "zehnt", 11: "elft", 12: "zwölft", 13: "dreizehnt", 14: "vierzehnt", 15: "fünfzehnt", 16: "sechzehnt",
    17: "siebzehnt", 18: "achtzehnt", 19: "neunzehnt", 20: "zwanzigst", 30: "dreißigst",
}  # fmt: skip
_ONES: Final = ("", "ein", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun")
_MONTHS_EN: Final = {
    "jan": 1, "feb": 2, "mar": 3, "apr": 4, "may": 5, "jun": 6, "jul": 7, "aug": 8, "sep": 9, "sept": 9, "oct": 10,
    "nov": 11, "dec": 12,
}  # fmt: skip


def iso_date(match: re.Match[str], said: Said) -> str | None:
    """`2024-12-25`."""
    return _date(said, match["year"], match["month"], match["day"])


def written_date(match: re.Match[str], said: Said) -> str | None:
    """`25.12.2024`, `25/12/2024`, and `12/25/2024` where the month comes first."""
    day, month = match["first"], match["second"]
    if said.language == "en" and said.region not in ("gb", "uk", "au", "ie", "nz", "in", "za"):
        day, month = month, day
    if int(month) > 12:
        day, month = month, day
    before = match["before"] or ""
    date = _date(said, match["year"], month, day, ending="en" if before else "er")
    return date and before + date


def _date(said: Said, year: str, month: str, day: str, *, ending: str = "er") -> str | None:
    if not (1 <= int(month) <= 12 and 1 <= int(day) <= 31):
        return None
    name, number = said.month(month), str(int(day))
    match said.language:
        case "en":
            return f"{name} {ordinal(int(day))}, {_year(year)}"
        case "de":
            return f"{_german(int(day))}{ending} {name} {year}"
        case "fr":
            return f"{'1er' if number == '1' else number} {name} {year}"
        case "es":
            return f"{number} de {name} de {year}"
        case "zh":
            return f"{_spelt(year)}年{int(month)}月{number}日"
        case _:
            return None


def ordinal(number: int) -> str:
    """Return an English ordinal in digits, as `21st`."""
    ending = "th" if 10 < number % 100 < 14 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def _german(number: int) -> str:
    if number in _GERMAN:
        return _GERMAN[number]
    return f"{_ONES[number % 10]}und{_GERMAN[number // 10 * 10]}"


def _year(year: str) -> str:
    """An English year: two numbers, but for those at the turn of a century or a millennium."""
    if not ("1100" <= year <= "1999" or "2010" <= year <= "2099") or year.endswith("00"):
        return year
    return f"{year[:2]} oh {year[3]}" if year[2] == "0" else f"{year[:2]} {year[2:]}"


def _spelt(digits: str) -> str:
    return "".join(_DIGITS[digit] for digit in digits)


def english_year(match: re.Match[str], said: Said) -> str | None:
    """`in 1999`."""
    return f"{match['before']}{_year(match['year'])}"


def english_decade(match: re.Match[str], said: Said) -> str | None:
    """`the 1990s`, `'80s`."""
    century, ten = match["century"] or "", int(match["ten"])
    if not ten:
        return f"{century} hundreds" if century and century != "20" else "2 thousands" if century else None
    return f"{century} {_TENS[ten]}".strip()


def english_day(match: re.Match[str], said: Said) -> str | None:
    """`Oct. 3`, `December 25`."""
    number = _MONTHS_EN.get(match["month"].lower()[:4].rstrip("."), _MONTHS_EN.get(match["month"].lower()[:3], 0))
    day = int(match["day"])
    return f"{said.months[number - 1]} {ordinal(day)}" if number and 1 <= day <= 31 else None


def german_ordinal(match: re.Match[str], said: Said) -> str | None:
    """`am 3. Oktober`, `der 2. Stock`."""
    number = int(match["number"])
    if not 1 <= number <= 31:
        return None
    before = match["before"].strip().lower()
    ending = "e" if before in ("der", "die", "das", "jede") else "en"
    if not before or before in ("ein", "jeder", "mein", "sein", "ihr", "unser", "kein"):
        ending = "er"
    return f"{match['before']}{_german(number)}{ending}"


def clock(match: re.Match[str], said: Said) -> str | None:
    """`10:30`, `3:05 pm`, `10:00 Uhr`, `10h30`."""
    hour, minute = str(int(match["hour"])), match["minute"]
    if int(hour) > 24 or int(minute) > 59:
        return None
    number = str(int(minute))
    match said.language:
        case "en":
            half = match["half"]
            if minute == "00":
                return f"{hour} {half}" if half else f"{hour} o'clock"
            spoken = f"{hour} oh {number}" if minute[0] == "0" else f"{hour}:{minute}"
            return f"{spoken} {half}" if half else spoken
        case "de":
            return f"{hour} Uhr" + ("" if minute == "00" else f" {number}")
        case "fr":
            hours = "heure" if hour in ("0", "1") else "heures"
            return f"{hour} {hours}" + ("" if minute == "00" else f" {number}")
        case "es":
            return f"{hour} en punto" if minute == "00" else f"{hour} {'y ' if minute[0] != '0' else 'cero '}{number}"
        case "zh":
            return f"{hour}点" + ("" if minute == "00" else f"{'零' if minute[0] == '0' else ''}{number}分")
        case "ja":
            return f"{hour}じ" + ("" if minute == "00" else f"{number}ふん")
        case _:
            return None


def chinese_year(match: re.Match[str], said: Said) -> str | None:
    """`2024年`, which is read digit by digit."""
    return f"{_spelt(match['year'])}年"


def rules(said: Said) -> list[Rule]:
    """Return the rules of a language, those that take most first."""
    before = r"\b(?:am|vom|den|dem|zum|bis|ab|seit)\s" if said.language == "de" else "(?!)"
    found: list[Rule] = [
        (r"(?<![\w\-/.])(?P<year>[12]\d{3})-(?P<month>\d{1,2})-(?P<day>\d{1,2})(?![\w\-/]|\.\d)", iso_date),
        (
            (
                rf"(?P<before>{before})?(?<![\w\-/.])(?P<first>\d{{1,2}})(?P<mark>[./])(?P<second>\d{{1,2}})(?P=mark)"
                r"(?P<year>[12]\d{3})(?![\w\-/]|\.\d)"
            ),
            written_date,
        ),
    ]
    half = r"(?:\s?(?P<half>[ap]\.?m\b\.?|[AP]\.?M\b\.?))?"
    tail = {"de": r"(?:\s?Uhr\b)?", "en": half, "fr": ""}.get(said.language, "")
    mark = "[:h]" if said.language == "fr" else ":"
    found.append((rf"(?<![\w:.,])(?P<hour>\d{{1,2}}){mark}(?P<minute>\d{{2}}){tail}(?![\w:]|[.,]\d)", clock))
    match said.language:
        case "en":
            months = "|".join([*said.months, r"(?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\.?"])
            found += [
                (rf"\b(?P<month>{months})\s(?P<day>\d{{1,2}})(?![\w:%]|[.,/-]?\d)", english_day),
                (r"(?:(?<!\w)['’]|\b)(?P<century>1[1-9]|20)?(?P<ten>\d)0s\b", english_decade),
                (
                    (
                        r"(?P<before>\b(?:[Ii]n|[Ss]ince|[Ff]rom|[Uu]ntil|[Bb]y|[Oo]f|[Yy]ear|[Ee]arly|[Ll]ate|[Ss]ummer|[Ww]inter"
                        r"|[Ss]pring|[Aa]round|[Bb]efore|[Aa]fter|[Dd]uring)\s)(?P<year>\d{4})(?![\w%:]|[.,/-]\d|\s?[°$€£]|\s(?:km|kg|m|people|years|times)\b)"
                    ),
                    english_year,
                ),
            ]
        case "de":
            words = (
                "am|der|die|das|dem|den|des|im|vom|zum|zur|bis|ab|seit|jede[rns]?|eine?[mnr]?|beim|ins|ihre?[mn]?"
                "|seine?[mn]?|meine?[mn]?|unsere?[mn]?"
            )
            months = "|".join([*said.months, "Jänner"])
            found += [
                (rf"(?P<before>\b(?:{words})\s)(?P<number>\d{{1,2}})\.(?=\s+[^\W\d_])", german_ordinal),
                (rf"(?P<before>)(?<![\w.,])(?P<number>\d{{1,2}})\.(?=\s+(?:{months})\b)", german_ordinal),
            ]
        case "zh":
            found.append((r"(?<!\d)(?P<year>\d{4})年", chinese_year))
        case _:
            pass
    return found
