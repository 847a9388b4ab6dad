"""Finds names of people by rules: what stands before them, titles, given names that are known, and names that were told.

No list holds every name, and a name without a sign of one is missed; `presidio.py` beside this looks with a model.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from engines.personal.kinds import Finder, Found

_LISTS: Final = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
_NAME: Final = r"[A-ZÀ-ÖØ-Þ][a-zß-ÿœšžığşčćęłńóśźż]+(?:[-'’][A-ZÀ-Ý][a-zà-ÿ]+)*"
_PARTICLE: Final = r"(?: (?:van|von|de|del|della|di|da|dos|bin|al|el|ter|zu|la|le)){0,2}"
_WHOLE: Final = rf"{_NAME}(?: [A-Z]\.)?(?:{_PARTICLE} {_NAME}){{0,2}}"
_TITLED: Final = re.compile(rf"\b(?:{'|'.join(_LISTS['titles'].split())})\.? (?P<name>{_WHOLE})")
_TOLD: Final = re.compile(
    rf"(?:\b(?:[Mm]y name(?:'s| is)|[Nn]ame:|[Cc]all me|[Tt]his is|[Ss]igned,?|[Yy]ours(?: sincerely| truly)?,|[Rr]egards,|[Ii]ch heiße"
    rf"|[Mm]ein Name ist|[Jj]e m'appelle|[Mm]e llamo|[Mm]i chiamo|[Ii] am called|[Ii] was called|[Nn]amed|[Mm]y (?:brother|sister|mother|father|husband"
    rf"|wife|son|daughter|boss|neighbou?r|friend|colleague|teacher|doctor|uncle|aunt|cousin)))[ \n]+(?P<name>{_WHOLE})"
)
_I_AM: Final = re.compile(
    rf"\b(?:I am|I'm|I’m|Ich bin|Je suis|Soy|Sono) (?P<name>{_NAME}(?:{_PARTICLE} {_NAME}){{1,2}})"
)
_GIVEN: Final = re.compile(
    rf"(?<![\w'’-])(?:{'|'.join(sorted(set(_LISTS['given'].split()), key=len, reverse=True))})(?:-[A-Z][a-z]+)?"
    rf"(?: [A-Z]\.)?(?:{_PARTICLE} {_NAME}){{0,2}}(?![\w-])"
)
_HAN: Final = "\u4e00-\u9fff"
_TITLES: Final = "|".join(_LISTS["chinese_titles"].split())
_SURNAME: Final = rf"(?:{'|'.join(_LISTS['double_surnames'].split())}|[{_LISTS['surnames']}])"
_ENDS: Final = r"(?=$|[^\u4e00-\u9fff]|先生|女士|小姐|太太|老师|同学|和|与|跟|的|是|在|说|对|把|给|也|都|很|知道|没有|让|被|写|带|拿|做|住|今天|昨天|明天|来|去|打|找|叫|有|到|想|要|会|已|正|从|为)"
_CHINESE_TOLD: Final = re.compile(
    rf"(?:我叫|我的名字(?:是|叫)|名叫|名字(?:是|叫|：|:)|姓名(?:是|：|:)?|叫做|我是|联系人(?:是|：|:)?|署名|收件人(?:是|：|:)?"
    rf"|(?:哥哥|姐姐|弟弟|妹妹|妈妈|爸爸|丈夫|妻子|儿子|女儿|老板|邻居|朋友|同事|老师|医生)(?:叫|是|，叫)?)"
    rf"(?P<name>{_SURNAME}[{_HAN}]{{1,2}}?){_ENDS}"
)
_CHINESE_TITLED: Final = re.compile(
    rf"(?<![{_HAN}])(?P<whole>{_SURNAME}[{_HAN}]{{1,2}}?)(?:{_TITLES})"
    rf"|(?:给|找|和|与|跟|请|问|向|对|是|叫|由|被)(?P<behind>{_SURNAME}[{_HAN}]{{1,2}}?)(?:{_TITLES})|(?P<name>{_SURNAME})(?=(?:{_TITLES}))"
)
# Capitals that begin a sentence or name a thing are not somebody's surname.
_NO_NAME: Final = frozenset(
    "The This That These Those A An And But Or If When Where What Who Why How Monday Tuesday Wednesday Thursday Friday Saturday"
    " Sunday January February March April May June July August September October November December I You He She It We They My"
    " Your His Her Its Our Their Is Are Was Were Do Does Did Has Have Had Can Could Will Would Should Not No Yes Please".split()
)


def people(text: str, region: str) -> Iterator[Found]:
    """Find names by what stands before them, by titles and by given names; Western and Chinese."""
    for shape in (_TITLED, _TOLD, _I_AM):
        for match in shape.finditer(text):
            yield from _western(text, match.start("name"), match["name"])
    for match in _GIVEN.finditer(text):
        yield from _western(text, match.start(), match[0])
    for match in _CHINESE_TOLD.finditer(text):
        yield Found(*match.span("name"), "person")
    for match in _CHINESE_TITLED.finditer(text):
        yield Found(*match.span(match.lastgroup or 0), "person")


def known(names: Sequence[str]) -> Finder:
    """Return what finds these names, whole and each part of at least three letters (Chinese: two), in any case."""
    parts = {part for name in names for part in (name.strip(), *name.split()) if _long_enough(part)}
    if not parts:
        return lambda text, region: iter(())
    western = sorted((re.escape(part) for part in parts if not re.search(f"[{_HAN}]", part)), key=len, reverse=True)
    han = sorted((re.escape(part) for part in parts if re.search(f"[{_HAN}]", part)), key=len, reverse=True)
    options = [*([rf"(?<!\w)(?:{'|'.join(western)})(?!\w)"] if western else []), *han]
    shape = re.compile("|".join(options), re.IGNORECASE)

    def find(text: str, region: str) -> Iterator[Found]:
        for match in shape.finditer(text):
            yield Found(*match.span(), "person")

    return find


def _western(text: str, start: int, name: str) -> Iterator[Found]:
    words = name.split(" ")
    while words and (words[-1] in _NO_NAME or words[-1].islower()):
        words.pop()
    if words and words[0] not in _NO_NAME:
        yield Found(start, start + len(" ".join(words)), "person")


def _long_enough(part: str) -> bool:
    return len(part) >= (2 if re.search(f"[{_HAN}]", part) else 3)
