"""Money, measures, shares, ranges and arithmetic, as people say them."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final, TypeAlias

from engines.voices.reading.said import Said

Rule: TypeAlias = tuple[str, Callable[[re.Match[str], Said], str | None]]

NUMBER: Final = r"\d{1,3}(?:[,.\u00a0\u202f]\d{3})+(?:[.,]\d+)?|\d+(?:[.,]\d+)?"
COINS: Final = "$£€¥₹₩₽"
FRACTIONS: Final = {
    "½": "1/2", "¼": "1/4", "¾": "3/4", "⅓": "1/3", "⅔": "2/3", "⅕": "1/5", "⅖": "2/5", "⅗": "3/5", "⅘": "4/5",
    "⅙": "1/6", "⅚": "5/6", "⅛": "1/8", "⅜": "3/8", "⅝": "5/8", "⅞": "7/8",
}  # fmt: skip
SHARE: Final = "".join(FRACTIONS)


def _join(said: Said, *parts: str) -> str:
    return (" " if said.spaced else "").join(part for part in parts if part)


def money(match: re.Match[str], said: Said) -> str | None:
    """`$5.99`, `5,99 €`, `£20`, `$1.5 million`, `€20-30`, `$5/month`."""
    coin = match["coin"] or match["after"]
    names = said.currencies.get(coin)
    if names is None:
        return None
    amount, upto, scale = match["amount"], match["upto"], match["scale"]
    scale = said.millions.get(scale or "", scale or "")
    whole, cents = _cents(amount) if names[2] and not upto and not scale else (amount, "")
    one = whole == "1" and not upto and not scale
    big = names[0] if one else names[1]
    if upto:
        spoken = _join(said, amount, said["to"], upto, scale, big)
    elif cents and not whole.strip("0"):
        spoken = _join(said, cents, names[2] if cents == "1" else names[3])
    elif cents:
        form = said["money"]
        small = names[2] if cents == "1" else names[3]
        spoken = form.format(big=whole, bigs=big, small=cents, smalls=small, whole=amount)
    else:
        spoken = _join(said, whole, scale, big)
    period = match["period"]
    return _join(said, spoken, said["per"], period) if period else spoken


def _cents(amount: str) -> tuple[str, str]:
    """The whole and the hundredths of an amount of money; `1,299` has none."""
    found = re.fullmatch(r"(.+?)[.,](\d{2})", amount)
    if found is None:
        return amount, ""
    return found[1], str(int(found[2])) if int(found[2]) else ""


def percent(match: re.Match[str], said: Said) -> str | None:
    """`20%` in languages that espeak-ng has no word for it in."""
    if said.language == "zh":
        upto = match["upto"]
        return f"百分之{match['amount']}" + (f"到百分之{upto}" if upto else "")
    upto = match["upto"]
    return _join(said, match["amount"], said["to"] if upto else "", upto or "", said["percent"])


def unit(match: re.Match[str], said: Said) -> str | None:
    """`5 km`, `20°C`, `100 km/h`, `3-4 kg`."""
    name, upto = match["unit"].replace("2", "²").replace("3", "³"), match["upto"]
    if name not in said.units:
        return None
    amount = match["amount"]
    number = _join(said, amount, said["to"], upto) if upto else amount
    return _join(said, number, said.unit(name, upto or amount))


def fraction(match: re.Match[str], said: Said) -> str | None:
    """`1/2 cup`, `2½`, `1 3/4`, `8/10`."""
    share = FRACTIONS.get(match["share"], "")
    above, _, below = share.partition("/") if share else (match["above"], "", match["below"])
    whole = match["whole"] or ""
    if not said.spaced:
        by = "分之" if said.language == "zh" else "ぶんの"
        spoken = f"{below}{by}{above}"
        return f"{whole}{'又' if said.language == 'zh' else 'と'}{spoken}" if whole else spoken
    if below in ("10", "100", "5") and not whole and not share and said["out_of"] and below != "5":
        return _join(said, above, said["out_of"], below)
    names = said.halves.get(below)
    if names is None or int(above) >= int(below):
        return None
    if below == "2" and not whole and above == "1" and (half := _half(said, match.string[match.end() :])):
        return half
    count = said["one"] if above == "1" else above
    if below == "2" and whole:
        half = {"en": "a half", "de": "einhalb", "fr": "demi", "es": "medio"}[said.language]
        return f"{whole}{half}" if said.language == "de" else _join(said, whole, said["and_half"], half)
    name = _join(said, count, names[0] if above == "1" else names[1])
    return _join(said, whole, said["and_half"], name) if whole else name


def _half(said: Said, behind: str) -> str:
    """`1/2` as it goes with the word behind it; "" where it goes with all alike."""
    noun = re.match(r"\s+([^\W\d_]+)", behind)
    if noun is None:
        return ""
    word = noun[1]
    match said.language:
        case "de":
            if word.endswith("e"):
                return "eine halbe"
            neuter = ("Jahr", "Kilo", "Kilogramm", "Pfund", "Glas", "Stück", "Dutzend", "Gramm", "Prozent")
            return "ein halbes" if word in neuter else "ein halber" if word[0].isupper() else ""
        case "fr":
            return "une demi" if word.endswith("e") else ""
        case "es":
            return "media" if word.endswith("a") else "medio"
        case _:
            return ""


def span(match: re.Match[str], said: Said) -> str | None:
    """`3-4 days`, `2020–2024`; a telephone number stays what it is."""
    first, second = match["first"], match["second"]
    if len(first) == 3 and len(second) == 4:
        return None
    rises = float(first.replace(",", ".")) < float(second.replace(",", "."))
    return _join(said, first, said["to"] if rises else said["score"], second)


def arithmetic(match: re.Match[str], said: Said) -> str | None:
    """`5*3`, `6 × 7`, `8 ÷ 2`, `5 - 2 = 3`; what espeak-ng says well is left to it where it is alone."""
    names = {"*": "times", "×": "times", "x": "times", "÷": "divided", "/": "divided", "+": "plus", "-": "minus"}
    names |= {"−": "minus", "–": "minus", "=": "equals"}
    parts = re.findall(rf"{NUMBER}|[*×x÷/+\-−–=]", match[0])
    return _join(said, *(said[names[part]] if part in names else part for part in parts))


def power(match: re.Match[str], said: Said) -> str:
    """`x²`, `10³`."""
    return _join(said, match["base"], said["squared"] if match["power"] == "²" else said["cubed"])


def about(match: re.Match[str], said: Said) -> str:
    """`~5`, `±3`, `≈7`."""
    return _join(said, said["plus_minus"] if match["sign"] == "±" else said["about"], match["amount"])


def numbered(match: re.Match[str], said: Said) -> str:
    """`#1`, `No. 5`, `Nr. 5`, `n° 5`."""
    return _join(said, said["number"], match["amount"])


_SPAN: Final = rf"(?:\s?[-–—]\s?(?P<upto>{NUMBER}))?"
_OPERATION: Final = r"\s?[*×÷]\s?"


def rules(said: Said) -> list[Rule]:
    """Return the rules of a language, those that take most first."""
    units = "|".join(sorted((re.escape(name) for name in said.units), key=len, reverse=True))
    units = units.replace("²", "[²2]").replace("³", "[³3]")
    scale = rf"(?:\s?(?P<scale>{said['scales']}|{'|'.join(said.millions) or '(?!)'})(?![^\W\d_]))?"
    period = rf"(?:/(?P<period>{said['periods'] or '(?!)'})(?![^\W\d_]))?"
    before = r"(?<![\w.,])"
    behind = r"(?![\w])" if said.spaced else r"(?![A-Za-z0-9])"
    coins = re.escape(COINS)
    # Where the coin stands behind its amount, one that does so is not that of the next.
    front = r"(?<!\d)(?<!\d\s)" if said.language in ("de", "fr", "es") else r"(?<!\d)"
    return [
        (
            rf"{front}(?P<coin>[{coins}])\s?(?P<amount>{NUMBER}){_SPAN}{scale}(?P<after>(?!))?{period}(?!\d)",
            money,
        ),
        (rf"{before}(?P<amount>{NUMBER}){_SPAN}{scale}\s?(?P<after>[{coins}])(?P<coin>(?!))?{period}", money),
        (rf"{before}(?P<amount>{NUMBER}){_SPAN}\s?%", percent),
        (rf"{before}(?P<amount>-?(?:{NUMBER})){_SPAN}\s?(?P<unit>{units}){behind}(?!/)", unit),
        (rf"{before}(?:(?P<whole>\d+)\s?)?(?P<share>[{SHARE}])(?P<above>(?!))?(?P<below>(?!))?", fraction),
        (
            r"(?<![\w.,/])(?:(?P<whole>\d+)\s)?(?P<above>\d{1,3})/(?P<below>\d{1,3})(?P<share>(?!))?(?![\w/]|[.,]\d)",
            fraction,
        ),
        (rf"(?<![\w.,\-–])(?:{NUMBER})(?:\s?[*×÷+\-−–/]\s?(?:{NUMBER}))*\s?=\s?(?:{NUMBER})(?![\w\-–])", arithmetic),
        (rf"(?<![\w.,\-–])(?:{NUMBER})(?:{_OPERATION}(?:{NUMBER}))+(?![\w\-–])", arithmetic),
        (
            r"(?<![\w.,/\-–:])(?P<first>\d{1,4}(?:[.,]\d)?)\s?[-–—]\s?(?P<second>\d{1,4}(?:[.,]\d)?)(?![\w/\-–:]|[.,]\d)",
            span,
        ),
        (r"(?P<base>\b[^\W\d_]|\d+|\))(?P<power>[²³])", power),
        (rf"(?<!\w)(?P<sign>[~≈±])\s?(?P<amount>{NUMBER})", about),
        (r"(?<![\w#&])(?:#|(?:[Nn]o|Nos|Nr|n)\.\s?(?=\d)|[Nn][°º]\s?|№\s?)(?P<amount>\d+)(?![\w.]\d)", numbered),
    ]
