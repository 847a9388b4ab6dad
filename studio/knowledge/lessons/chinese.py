"""What Chinese sentences can be asked about. It knows patterns of sentences, no lesson.

Questions keep the order of the sentence: what is asked for gives its place to the question word.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from engines.words.quantities import COUNT, YEAR, quantities
from engines.words.vocabulary import vocabulary_of
from studio.knowledge.lessons.question import Question, around, asked_about, bounds

SIGNS: Final = 90  # of a sentence that is asked about
TERM: Final = 12
KEYS: Final = 4

_POINTING: Final = re.compile(
    r"^(?:它|他|她|这|那|其|此|该|而|但|因此|所以|于是|同时|另外|此外|然后|如果|当|请|您|你|我们?)"
)
_DEFINED: Final = re.compile(
    r"^(?P<x>[^，。；：、（）]{1,12}?)(?:是指|指的是|就是|是(?:一种|一类|一个|一件)?)(?P<y>[^。；：]{6,70})$"
)
_STRICT: Final = re.compile(r"^(?P<x>[^，。；：、（）]{1,12}?)(?:是指|指的是)(?P<y>[^。；：]{6,70})$")
_CALLED: Final = re.compile(
    r"^(?P<y>[^。；：]{5,70}?)，?(?:被)?(?:称为|叫做|叫作|称作|称之为|叫)(?P<x>[^，。；：、]{1,12})$"
)
_BY: Final = re.compile(
    r"(?P<lead>^|，)(?P<s>[^，。；]{0,30}?)由(?P<o>[^，。；的和与]{2,12}?)(?P<v>发明|设计|绘制|创作|建造|发现|提出|制作|撰写|修建|捐赠|烧制|主持)"
)
_DID: Final = re.compile(
    r"^(?P<when>(?:在)?\d{3,4}年，?)?(?P<o>[^，。；的\d]{2,10}?)(?P<v>发明|发现|提出|设计|创作|绘制|建造|证明|测出)了(?P<rest>[^。；]{2,50})$"
)
_AT: Final = re.compile(
    r"(?P<v>铸造|烧制|制作|建造|出土|发现|生产|诞生|创作|铸|制|产|生|建|作|成|写|位|藏)于(?P<o>[^，。；\d]{2,12}?)(?=，|$|时|的)"
)
_TIME: Final = re.compile(r"(?:代|朝|世纪|时期|年间|时代|初年|末年|初期|晚期)$")
_SO: Final = re.compile(r"^(?:因为|由于)(?P<why>[^。；]{3,50}?)，(?:所以|因此)?(?P<main>[^。；]{3,50})$")
_BECAUSE: Final = re.compile(r"^(?P<main>[^。；]{3,50}?)，(?:这)?(?:是)?因为(?P<why>[^。；]{3,60})$")
_USED: Final = re.compile(r"^(?P<s>[^，。；]{1,20}?)(?:主要)?(?:用于|用来|用作)(?P<o>[^。；]{2,40})$")
_VERBS: Final = re.compile(
    r"是|为|铸|烧|制|高|重|长|宽|厚|深|有|位于|建|由|产|出土|藏|收藏|用|绘|刻|约|距|直径|口径|始|成立|需|可|能|会|在|被|经|从|以|共|拥有|占|设"
)
_BRACKETS: Final = re.compile(r"（[^（）]*）|\([^()]*\)")
_PARTS: Final = re.compile(r"[，、和与及的了在是被把从向或以对]|因此|所以|而且|并且|可以|能够|会|使")


def questions(sentence: str, title: str = "") -> list[Question]:
    """Return what a sentence can be asked about, the best first; `title` is the heading it stands under."""
    text = _BRACKETS.sub("", sentence).strip().rstrip("。！.").strip()
    if not text or len(text) > SIGNS or "？" in text or "?" in text:
        return []
    if pointing := re.match(r"^(?:它们|它|这[件座条个种幅台口栋只块]|该)(?:的)?", text):
        # A sentence about "it" is about what the heading names.
        if not title or len(title) > TERM:
            return []
        rest = text[pointing.end() :]
        same = next((size for size in range(len(title), 0, -1) if rest.startswith(title[-size:])), 0)
        text = f"{title}的{rest}" if pointing[0] == "它的" else title + rest[same:]
    if _POINTING.match(text):
        return []
    found = [*_terms(text, sentence, title), *_names(text, sentence, title), *_numbers(text, sentence, title)]
    return sorted([*found, *_reasons(text, sentence)], key=lambda each: -each.rank)


def gap(sentence: str, word: str) -> Question | None:
    """Return a sentence with a gap in the place of one of its words."""
    text = _BRACKETS.sub("", sentence).strip().rstrip("。")
    if word not in text or len(text) > SIGNS or "？" in text:
        return None
    shown = text.replace(word, "什么", 1)
    return Question("gap", f"请补全这句话：{shown}？", sentence, (word,), term=word, hints=_signs(word))


# ------------------------------------------------------------------------------------------------ terms and names


def _terms(text: str, sentence: str, title: str) -> Iterator[Question]:
    if found := _CALLED.match(text):
        yield _term(f"{found['y']}叫什么？", found["x"], sentence)
        return
    found = _STRICT.match(text) or _DEFINED.match(text)
    if not found or any(asked_about(each) for each in quantities(text, vocabulary_of("zh"))):
        return
    x, y = found["x"], found["y"]
    strict = bool(_STRICT.match(text))
    named = x in title or (bool(title) and title in x)
    if len(x) <= TERM and "的" in y and x not in y and (strict or (named and len(y) >= 8)):
        yield _term(f"{y}叫什么？" if strict or y.endswith(("现象", "过程", "方法")) else f"什么是{y}？", x, sentence)


def _term(ask: str, term: str, sentence: str) -> Question:
    bare = term.strip("“”「」《》 ")
    return Question("term", ask, sentence, (bare,), term=bare, hints=_signs(bare))


def _names(text: str, sentence: str, title: str) -> Iterator[Question]:
    if found := _BY.search(text):
        clause = text[found.start("s") : found.start("o")]
        subject = "" if found["s"] else _subject(text, title, found.start())
        rest = re.match(r"[^，。；]*", text[found.start("v") :])
        ask = f"{subject}{clause}谁{rest[0] if rest else ''}？"
        yield Question("name", ask, sentence, (found["o"],), term=found["o"], hints=_signs(found["o"]))
    elif found := _DID.match(text):
        yield Question(
            "name",
            f"谁{found['v']}了{found['rest']}？",
            sentence,
            (found["o"],),
            term=found["o"],
            hints=_signs(found["o"]),
        )
    if found := _AT.search(text):
        o = found["o"]
        clause, start = _clause(text, found.start())
        subject = "" if _has_subject(clause, title) else _subject(text, title, start)
        word = "什么时候" if _TIME.search(o) else "哪里"
        ask = f"{subject}{clause.replace(o, word, 1)}？"
        yield Question("name", ask, sentence, (o, o.removesuffix("时期").removesuffix("年间")), term=o, hints=_signs(o))


# ------------------------------------------------------------------------------------------------ numbers


def _numbers(text: str, sentence: str, title: str) -> Iterator[Question]:
    for one in [each for each in quantities(text, vocabulary_of("zh")) if asked_about(each)][:3]:
        clause, start = _clause(text, one.start)
        at, end = one.start - start, one.end - start
        if at < 0 or end > len(clause) or (one.dimension == COUNT and not one.after):
            continue
        written = clause[at:end]
        subject = "" if _has_subject(clause[:at], title) else _subject(text, title, start)
        hedge = re.sub(r"(?:大约|约为|约|近|将近|超过|大概)$", "", clause[:at])
        if one.dimension == YEAR:
            year = int(one.low)
            ask = f"{subject}{clause[:at]}哪一年{clause[end:]}？"
            between = around(one) or (year - 20, year + 20)
            hints = (f"在{between[0]}年和{between[1]}年之间。",)
            yield Question("year", ask, sentence, low=year, high=year, hints=hints, term=str(year))
            continue
        low, high = bounds(one)
        unit = re.sub(r"[\d.,\s]+|[〇零一二两三四五六七八九十百千万亿]+(?=[^分])", "", written) if one.unit else ""
        shown = (
            re.sub(r"\d[\d.,]*[万亿]?|[〇零一二两三四五六七八九十百千万亿]{1,12}(?=[^分])", "多少", written, count=1)
            if one.unit
            else "多少"
        )
        ask = f"{subject}{hedge}{shown}{clause[end:]}？"
        near = around(one)
        help_ = (f"在{near[0]}和{near[1]}之间。",) if near else ()
        yield Question("number", ask, sentence, low=low, high=high, unit=unit, hints=help_, term=written)


def _clause(text: str, at: int) -> tuple[str, int]:
    """Return the part between commas that a place stands in, and where that begins."""
    first = max(text.rfind(mark, 0, at) for mark in "，；：") + 1
    last = min((found for mark in "，；" if (found := text.find(mark, at)) >= 0), default=len(text))
    return text[first:last], first


def _has_subject(clause: str, title: str) -> bool:
    """Say whether a clause begins with what it is about rather than with its verb."""
    verb = _VERBS.search(clause)
    return (bool(title) and clause.startswith(title)) or (verb is not None and verb.start() >= 2)


def _subject(text: str, title: str, before: int) -> str:
    """Return what a sentence is about: what its first clause begins with, else the heading."""
    first, _ = _clause(text, 0)
    verb = _VERBS.search(first)
    if before > 0 and verb is not None and 2 <= verb.start() <= TERM:
        return first[: verb.start()]
    return title if 0 < len(title) <= TERM else ""


# ------------------------------------------------------------------------------------------------ reasons


def _reasons(text: str, sentence: str) -> Iterator[Question]:
    if found := _SO.match(text) or _BECAUSE.match(text):
        if keys := _keys(found["why"], found["main"]):
            main = found["main"].removeprefix("所以")
            yield Question("reason", f"为什么{main}？", sentence, keys, hints=(f"因为{found['why'][:4]}……",))
    elif (found := _USED.match(text)) and "是" not in found["s"] and (keys := _keys(found["o"], found["s"])):
        yield Question(
            "reason", f"{found['s']}是用来做什么的？", sentence, keys, hints=(f"第一个字是“{found['o'][0]}”。",)
        )


def _keys(text: str, beside: str) -> tuple[str, ...]:
    """Return the runs of signs by which an answer is known, and that the question has not."""
    parts = [part for part in _PARTS.split(text) if 2 <= len(part) <= 8 and part not in beside]
    short = [part[-2:] for part in parts if len(part) > 3]
    return tuple(dict.fromkeys([*parts, *(each for each in short if each not in beside)]))[:KEYS]


def _signs(term: str) -> tuple[str, ...]:
    """Return hints to a word: its first sign, and then half of it."""
    first = f"第一个字是“{term[0]}”，一共{len(term)}个字。"
    return (first, f"“{term[: max(1, len(term) // 2)]}”，后面呢？") if len(term) > 2 else (first,)
