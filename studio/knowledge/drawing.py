"""Reads facts out of sentences: a measure, a year, who made it. Only plain sentences are believed."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from engines.identity.bundle import primary
from engines.knowledge.document import Place, Section
from engines.knowledge.facts import Fact
from engines.words.quantities import COUNT, YEAR, quantities
from engines.words.text import sentences
from engines.words.vocabulary import vocabulary_of
from studio.knowledge.lessons.english import clauses

MOST: Final = 1_000
SUBJECT: Final = 8  # words of a subject

_PLAIN: Final = re.compile(
    r"^(?P<s>(?:The |A |An )?[A-Za-z][\w’' -]{2,60}?) (?P<r>was built in|was founded in|opened in|was opened in|was discovered in|was invented in|boils at|"
    r"melts at|freezes at|is|are|was|were|weighs|costs|lasts|takes|measures|has|contains) "
    r"(?P<o>(?:about |around |roughly |nearly |almost )?(?:[^,;:()]|(?<=\d),(?=\d)){1,60})\.?$"
)
_BY: Final = re.compile(
    r"^(?P<s>(?:The |A |An )?[A-Za-z][\w’' -]{2,60}?) (?P<r>(?:was|were) (?:first )?(?:built|painted|discovered|invented|"
    r"designed|founded|written|composed|developed|made) by) "
    r"(?P<o>[A-ZÀ-Þ][\w.’'-]*(?: [A-ZÀ-Þ][\w.’'-]*){0,3})(?P<rest> in \d{4}| in [A-Z][\w ]{2,30})?\.?$"
)
_LOOSE: Final = re.compile(
    r"^(?:it|they|this|that|these|those|he|she|there|each|every|some|one|most|all|many|such|if|when|in|at)\b",
    re.IGNORECASE,
)
_HAN: Final = re.compile(
    r"^(?P<s>[^，。；：、（）0-9]{2,12}?)(?P<r>高|重|长|宽|深|厚|始建于|建于|建成于|成立于|直径|口径|有|共有)(?P<o>[^，。；：]{1,16})$"
)
_AT: Final = re.compile(
    r"^(?P<s>[^，。；：、（）0-9]{2,12}?)(?P<r>铸造于|烧制于|制作于|出土于|生产于|铸于|产于|位于)(?P<o>[^，。；：\d]{2,10})$"
)
_BY_HAN: Final = re.compile(
    r"^(?P<s>[^，。；：、（）0-9]{2,12}?)(?P<r>由)(?P<o>[^，。；：的]{2,6}?)(?P<v>设计|发明|绘制|创作|建造|发现|提出)$"
)


def draw(sections: Iterable[Section], language: str) -> list[Fact]:
    """Return the facts that plain sentences state, each with its place; what two state differently comes twice."""
    code = primary(language)
    if code not in ("en", "zh"):
        return []
    found: list[Fact] = []
    for section in sections:
        for block in section.blocks:
            if block.kind != "text":
                continue
            for sentence in sentences(block.text):
                if code == "zh":
                    found += _chinese(sentence, section.place)
                else:
                    found += [fact for clause in clauses(sentence) for fact in _english(clause, section.place)]
    return found[:MOST]


def _english(sentence: str, place: Place) -> list[Fact]:
    text = sentence.strip()
    if _LOOSE.match(text) or "?" in text:
        return []
    if found := _BY.match(text):
        return [Fact(_bare(found["s"]), found["r"], found["o"], place, drawn=True)]
    found = _PLAIN.match(text)
    if not found or len(found["s"].split()) > SUBJECT:
        return []
    numbers = quantities(f"{found['r']} {found['o']}", vocabulary_of("en"))
    if len(numbers) != 1:
        return []
    one = numbers[0]
    counted = one.dimension == COUNT
    # "The refractive index of water is 1.33" measures something without a unit.
    bare = found["r"] in ("is", "was") and not one.after and "." in found["o"].rstrip(".")
    if counted and not bare and (found["r"] not in ("has", "contains") or not one.after):
        return []
    if one.dimension == YEAR and not found["r"].endswith(" in"):
        return []
    if counted and one.low == one.high == 1:
        return []
    return [Fact(_bare(found["s"]), found["r"], found["o"].strip().rstrip("."), place, drawn=True)]


def _chinese(sentence: str, place: Place) -> list[Fact]:
    clauses = re.split(r"[，；]", sentence.strip().rstrip("。"))
    found: list[Fact] = []
    subject = ""
    for i, clause in enumerate(clauses):
        text = (
            clause
            if i == 0 or not subject
            else f"{subject}{clause}"
            if re.match(r"高|重|长|宽|深|厚|直径|口径", clause)
            else clause
        )
        match = _BY_HAN.match(text) or _AT.match(text) or _HAN.match(text)
        if match is None or re.match(r"它|他|她|这|那|其|该|每|最|我|你", match["s"]):
            continue
        if i == 0:
            subject = match["s"]
        object_ = match["o"]
        verb = match.groupdict().get("v") or ""
        relation = verb or match["r"]
        spoken = f"{match['s']}由{object_}{verb}。" if verb else ""
        numbers = quantities(f"{match['r']}{object_}", vocabulary_of("zh"))
        if match.re is _HAN and (len(numbers) != 1 or (numbers[0].dimension == COUNT and not numbers[0].after)):
            continue
        found.append(Fact(match["s"], relation, object_, place, say=spoken, drawn=True))
    return found


def _bare(subject: str) -> str:
    """Return a subject without its article, names as they are written."""
    bare = re.sub(r"^(?:The|A|An) ", "", subject)
    return (
        bare
        if bare != subject or bare[:2].isupper() or (" " in bare and bare.split()[1][:1].isupper())
        else (bare[:1].lower() + bare[1:])
    )
