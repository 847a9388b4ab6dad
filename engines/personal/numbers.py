"""Finds numbers that name somebody: cards, bank accounts, national identifiers, phones, birth dates, coordinates.

What has a checksum is checked by `python-stdnum`, phones by `phonenumbers` (both in the extra `privacy`).
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterator
from functools import cache
from importlib import import_module
from typing import Final

from engines.personal.kinds import Found

_DIGITS: Final = re.compile(r"(?<![A-Za-z0-9.])\d(?:[ -]?\d){11,18}(?![A-Za-z0-9])")
_IBAN: Final = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]){11,30}\b")
_IP: Final = re.compile(
    r"(?<![A-Za-z0-9.:])(?:[0-9A-Fa-f]{0,4}:[0-9A-Fa-f:]{1,34}|\d{1,3}(?:\.\d{1,3}){3})(?![A-Za-z0-9:]|\.\d)"
)
_VERSION: Final = re.compile(r"(?:\bversion|\bv|\brelease|版本)[ .:]*\Z", re.IGNORECASE)
_COORDINATES: Final = re.compile(
    r"(?<![A-Za-z0-9.])-?(?:[1-8]?\d|90)\.\d{3,}\s*°?\s*[NS]?\s*[,;/ ]\s*-?(?:1[0-7]\d|\d{1,2}|180)\.\d{3,}(?:\s*°?\s*[EW])?(?![A-Za-z0-9]|\.\d)"
)
_MONTHS: Final = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?)"
)
_DATE: Final = (
    rf"(?:\d{{1,2}}[./-]\d{{1,2}}[./-]\d{{2,4}}|\d{{4}}[./-]\d{{1,2}}[./-]\d{{1,2}}"
    rf"|\d{{1,2}}(?:st|nd|rd|th)?(?: of)? {_MONTHS}\.?,? \d{{4}}|{_MONTHS}\.? \d{{1,2}}(?:st|nd|rd|th)?,? \d{{4}}"
    r"|\d{4}年\d{1,2}月\d{1,2}[日号]?)"
)
# A date is somebody's birth date when something before it says so.
_BORN: Final = re.compile(
    rf"(?:\b(?:born|birthday|birth ?date|date of birth|dob|d\.o\.b\.)\b[^\n.!?\d]{{0,24}}?|(?:生于|出生于|出生日期|生日|出生)[^\n。！？\d]{{0,8}}?)"
    rf"(?P<date>{_DATE})|(?P<before>\d{{4}}年\d{{1,2}}月\d{{1,2}}[日号]?)(?=出生|生的?|生日)",
    re.IGNORECASE,
)
_IDS: Final = re.compile(r"(?<![A-Za-z0-9-])(?=[A-Za-z0-9]*\d)[A-Za-z0-9](?:[ .-]?[A-Za-z0-9]){7,17}(?![A-Za-z0-9-])")
# Countries' numbers for people, each with a checksum or rules of its own; stdnum's module of each.
_NATIONAL: Final = (
    "us.ssn", "gb.nhs", "es.dni", "es.nie", "fr.nir", "it.codicefiscale", "de.idnr", "nl.bsn", "br.cpf",
    "in_.aadhaar", "kr.rrn", "se.personnummer", "fi.hetu", "pl.pesel", "be.nn", "ch.ssn",
)  # fmt: skip
# Numbers without letters that any nine to eleven digits may be: only after a word that says what they are.
_PLAIN: Final = frozenset({"us.ssn", "gb.nhs", "de.idnr", "nl.bsn", "br.cpf", "in_.aadhaar", "pl.pesel", "be.nn"})
_SAYS: Final = re.compile(
    r"\b(?:ssn|social security|insurance|national id|identity|id (?:number|no|card)|tax (?:id|number)|nhs|cpf|bsn|pesel"
    r"|aadhaar|passport|steuer|idnr)\b|身份证|证件号",
    re.IGNORECASE,
)
_NINO: Final = re.compile(
    r"\b(?!BG|GB|NK|KN|TN|NT|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d{2} ?\d{2} ?\d{2} ?[A-D]\b"
)
_SSN: Final = re.compile(r"(?<![A-Za-z0-9-])\d{3}-\d{2}-\d{4}(?![A-Za-z0-9-])")
_RESIDENT: Final = re.compile(r"(?<![A-Za-z0-9])\d{6}(?:19|20)\d{9}[\dXx](?![A-Za-z0-9])")
# Whatever follows such words is one, whether or not a state would give it.
_LABELLED: Final = re.compile(
    r"(?:\b(?:social security(?: number)?|ssn|national (?:id|insurance)(?: number)?|id(?:entity)? (?:number|no\.?|card)|tax (?:id|number)"
    r"|nhs(?: number)?|passport(?: number| no\.?)?)\b|身份证号?码?|证件号码?|护照号?码?)(?:\s*(?:is|was|:|：|,|是|为|=)\s*|\s+)"
    r"(?P<number>(?=(?:[A-Za-z -]{0,3}\d){5})[A-Za-z0-9](?:[ .-]?[A-Za-z0-9]){5,17})(?![A-Za-z0-9])",
    re.IGNORECASE,
)
# Whatever has a number's length behind such words is one, whether or not its country's plan knows it.
_CALLED: Final = re.compile(
    r"(?:\b(?:call|phone|tel|telephone|mobile|cell|fax|text|dial|ring|reach (?:me|us|him|her|them)|whatsapp|number)\b|电话|手机|打|致电|拨)"
    r"(?:\s*(?:number|no\.?|is|was|at|on|me|us|him|her|them|:|：|是|为|\.))*\s*(?P<number>(?:\+|\()?\d(?:[ ().-]{0,2}\d){6,14})(?![A-Za-z0-9])",
    re.IGNORECASE,
)
_DAY: Final = re.compile(
    r"(?:19|20)\d\d[-/. ]\d{1,2}[-/. ]\d{1,2}\Z|\d{1,2}[-/.]\d{1,2}[-/.](?:19|20)?\d\d\Z"
    r"|(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?!\d)"
)
BEFORE: Final = 48  # characters before a number that may say what it is
PHONE: Final = 7  # digits at least


def cards(text: str, region: str) -> Iterator[Found]:
    """Find numbers of payment cards by length, first digits and Luhn's checksum."""
    valid = _valid("luhn")
    for match in _DIGITS.finditer(text):
        digits = re.sub(r"\D", "", match[0])
        if 13 <= len(digits) <= 19 and digits[0] in "23456" and len(set(digits)) > 1 and valid(digits):
            yield Found(*match.span(), "card")


def ibans(text: str, region: str) -> Iterator[Found]:
    """Find international bank accounts by country, length and checksum; words behind one are not of it."""
    valid = _valid("iban")
    for match in _IBAN.finditer(text):
        parts = match[0].split(" ")
        for count in range(len(parts), 0, -1):
            said = " ".join(parts[:count])
            if valid(said):
                yield Found(match.start(), match.start() + len(said), "iban")
                break


def national(text: str, region: str) -> Iterator[Found]:
    """Find numbers that states give to people."""
    for shape in (_NINO, _SSN):
        for match in shape.finditer(text):
            if shape is _NINO or _valid("us.ssn")(match[0]):
                yield Found(*match.span(), "national_id")
    for match in _RESIDENT.finditer(text):
        if _valid("iso7064.mod_11_2")(match[0].upper()):
            yield Found(*match.span(), "national_id")
    for match in _LABELLED.finditer(text):
        yield Found(*match.span("number"), "national_id")
    for match in _IDS.finditer(text):
        said = _SAYS.search(text, max(0, match.start() - BEFORE), match.start()) is not None
        plain = not re.search(r"[A-Za-z]", match[0])
        for name in _NATIONAL:
            if (name not in _PLAIN or said) and (said or not plain) and _valid(name)(match[0]):
                yield Found(*match.span(), "national_id")
                break


def phones(text: str, region: str) -> Iterator[Found]:
    """Find phone numbers that exist in the plan of their country, `region`'s where they name none."""
    for match in _CALLED.finditer(text):
        if not _is_date(match["number"]):
            yield Found(*match.span("number"), "phone")
    numbers = import_module("phonenumbers")
    seen: set[tuple[int, int]] = set()
    for country in dict.fromkeys((region or "US", "CN", "GB", "US")):
        for match in numbers.PhoneNumberMatcher(text, country):
            span = match.start, match.end
            if span in seen or sum(map(str.isdigit, match.raw_string)) < PHONE or _is_date(match.raw_string):
                continue
            seen.add(span)
            yield Found(*span, "phone")


def addresses_of_machines(text: str, region: str) -> Iterator[Found]:
    """Find addresses of machines, of IP's versions 4 and 6."""
    for match in _IP.finditer(text):
        if ":" in match[0] and (match[0].count(":") < 2 or not re.search(r"\d", match[0])):
            continue
        try:
            ipaddress.ip_address(match[0].rstrip(":") if match[0].count("::") != 1 else match[0])
        except ValueError:
            continue
        if not _VERSION.search(text, max(0, match.start() - 12), match.start()):
            yield Found(*match.span(), "ip")


def birth_dates(text: str, region: str) -> Iterator[Found]:
    """Find dates of which the text says that somebody was born then."""
    for match in _BORN.finditer(text):
        yield Found(*match.span("date" if match["date"] else "before"), "birth_date")


def coordinates(text: str, region: str) -> Iterator[Found]:
    """Find places by latitude and longitude with at least three decimals, about a hundred metres."""
    for match in _COORDINATES.finditer(text):
        yield Found(*match.span(), "place")


def _is_date(text: str) -> bool:
    return _DAY.match(text) is not None


@cache
def _valid(name: str) -> Callable[[str], bool]:
    check: Callable[[str], bool] = import_module(f"stdnum.{name}").is_valid
    return check
