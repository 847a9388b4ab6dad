"""Finds postal addresses by their shape: a street with a number, and what of town and code stands beside it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from engines.personal.kinds import Found

_STREETS: Final = (
    r"(?:Street|St\.?|Road|Rd\.?|Avenue|Ave\.?|Lane|Ln\.?|Drive|Dr\.?|Boulevard|Blvd\.?|Court|Ct\.?|Close|Crescent|Square"
    r"|Sq\.?|Terrace|Place|Pl\.?|Way|Gardens|Grove|Mews|Parkway|Highway|Row|Hill)"
)
_TOWN: Final = r"(?:,? (?:[A-Z][\w'’-]+(?: [A-Z][\w'’-]+){0,2}))"
_CODE: Final = r"(?:,? (?:[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}|(?:[A-Z]{2} )?\d{5}(?:-\d{4})?))"
_ENGLISH: Final = re.compile(
    r"(?:\b(?:Flat|Apt\.?|Apartment|Unit|Suite) ?\w{1,5},? )?"
    rf"\b\d{{1,5}}[A-Za-z]?,? (?:[A-Z][\w'’.-]+ ){{1,4}}{_STREETS}(?![\w])"
    rf"(?:,? (?:Flat|Apt\.?|Apartment|Unit|Suite|#) ?\w{{1,5}})?(?:(?:{_TOWN}){{0,2}}{_CODE}|,(?:{_TOWN}){{1,2}})?"
)
# Whatever a street is called, a town with its code behind it tells that this is an address.
_PART: Final = r"[A-Z][\w'’.-]*(?: [A-Z][\w'’.-]*){0,3}"
_CODED: Final = re.compile(
    r"(?:\b(?:Flat|Studio|Apt\.?|Apartment|Unit|Suite) ?\w{1,5},? )?(?:\b\d{1,5}[A-Za-z]? )?"
    rf"\b{_PART}(?:,? (?:Apt\.?|Suite|Unit|Flat) ?\w{{1,5}})?(?:, {_PART}){{1,3}},? "
    r"(?:[A-Z]{2} \d{5}(?:-\d{4})?|[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2})\b"
)
_GERMAN: Final = re.compile(
    r"\b[A-ZÄÖÜ][\wäöüß-]*(?:straße|strasse|str\.|weg|platz|allee|gasse|ring|damm|ufer) \d{1,4} ?[a-z]?\b"
    r"(?:,? \d{5} [A-ZÄÖÜ][\wäöüß-]+)?"
)
_ROMANCE: Final = re.compile(
    r"\b\d{1,4}(?: bis| ter)?,? (?:rue|avenue|boulevard|place|quai|chemin|allée|impasse) (?:[dl]['’]|de |du |des |de la |la |le )?"
    r"[A-ZÀ-Ý][\w'’ÀÿÀ-ÿ-]*(?: [A-ZÀ-Ý][\wÀ-ÿ-]*){0,3}(?:,? \d{5} [A-ZÀ-Ý][\wÀ-ÿ-]+)?"
    r"|\b(?:Calle|Avenida|Plaza|Paseo|Via|Viale|Piazza|Rua) (?:[a-zà-ÿ]+ ){0,2}[A-ZÀ-Ý][\wÀ-ÿ-]*(?: [A-ZÀ-Ý][\wÀ-ÿ-]*){0,3},? (?:n\.?º? ?)?\d{1,4}\b"
    r"(?:,? \d{5} [A-ZÀ-Ý][\wÀ-ÿ-]+)?"
)
_CHINESE: Final = re.compile(
    r"(?:[\u4e00-\u9fff]{2,8}?(?:省|自治区|特别行政区))?(?:[\u4e00-\u9fff]{2,6}市)?(?:[\u4e00-\u9fff]{1,6}[区县镇])?"
    r"[\u4e00-\u9fff]{1,10}?(?:路|街|大道|巷|胡同|弄|里|村)(?:\d{1,5}(?:号|弄)(?:院|楼)?|(?=[A-Za-z\d]{1,3}[座栋幢]))"
    r"(?:[A-Za-z\d]{1,4}(?:号楼|栋|幢|座|单元|室|层|楼|号|房)){0,4}"
)
_LEADS: Final = re.compile(
    r"^(?:[^\u4e00-\u9fff]*)(?:我家|我们|我|他|她|家|住址|地址|住|在|到|去|寄|是|于|的|就|送|来)+"
)


def addresses(text: str, region: str) -> Iterator[Found]:
    """Find postal addresses in English, German, French, Spanish, Italian, Portuguese and Chinese."""
    for shape in (_ENGLISH, _CODED, _GERMAN, _ROMANCE):
        for match in shape.finditer(text):
            yield Found(*match.span(), "address")
    for match in _CHINESE.finditer(text):
        # Chinese has no blank before an address: the verb is not of it.
        lead = _LEADS.match(match[0])
        yield Found(match.start() + (lead.end() if lead else 0), match.end(), "address")
