"""What English sentences can be asked about. It knows patterns of sentences, no lesson.

A definition asks for its term, a number for how many or how much, "by Newton" for who, "because" for why. A sentence
that only makes sense beside another is not asked about.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import Final

from engines.words.quantities import COUNT, YEAR, Quantity, quantities
from engines.words.vocabulary import vocabulary_of
from studio.knowledge.lessons.question import Question, around, asked_about, bounds

WORDS: Final = 34  # of a sentence that is asked about
TERM: Final = 5  # words of a term
KEYS: Final = 5  # words by which a reason is known

_POINTING: Final = re.compile(
    r"^(?:it|they|this|that|these|those|he|she|there|here|so|such|but|and|or|also|then|thus|therefore|however|for|if|"
    r"when|while|as|because|since|instead|both|one|some|many|most|each|another|what|who|which|you|we|i|its|their|his|her|not|no)\b",
    re.IGNORECASE,
)  # fmt: skip
_DEFINED: Final = re.compile(
    r"^(?P<x>(?:(?:The|A|An) )?[^,;:()]{2,60}?) (?P<be>is|are) (?P<y>(?:an?|the|any|every|pieces?|something|what) [^;:]+)$"
)
_RELATIVE: Final = re.compile(
    r"\b(?:that|which|who|whose|where|when|in which|with which|used (?:to|for)|made (?:of|from)|between|from|of|for \w+ing|into|as)\b"
)
_STRICT: Final = re.compile(r"\b(?:that|which|who|whose|where|in which|with which|used (?:to|for)|for \w+ing)\b")
_CALLED: Final = re.compile(
    r"^(?P<y>[^;:]{8,160}?),? (?P<be>is|are) (?:called|known as|named|termed) (?P<x>(?:the |an? )?[\w’'-]+(?: [\w’'-]+){0,3})$"
)
_WHICH: Final = re.compile(
    r"^(?P<main>[^;:]{15,200}?),? (?:and )?(?:which|this|that) is (?:called|known as) (?P<x>(?:the |an? )?[\w’'-]+(?: [\w’'-]+){0,3})$"
)
_PASSIVE: Final = re.compile(
    r"^(?P<s>[^,;:]{3,80}?) (?P<be>was|were|is|are) (?P<v>(?:first |originally )?\w+(?:ed|en|wn|ilt|ade|und|ung|itten|ought)(?: \w+){0,3}?) by (?P<o>(?:[A-ZÀ-Þ][\w.’'-]*)(?: (?:(?:van|von|de|der|da|di|la|le|of|the|ibn|al) )*[A-ZÀ-Þ][\w.’'-]*){0,4})(?P<rest>(?: in| at| on|,|$).*)$"
)
_ACTIVE: Final = re.compile(
    r"^(?P<o>[A-ZÀ-Þ][\w.’'-]+(?: (?:(?:van|von|de|der|da|di|la|le|ibn|al) )*[A-ZÀ-Þ][\w.’'-]*){1,3}) (?P<v>(?:first |later |also )?(?:\w+ed|built|found|made|wrote|drew|saw|took|gave|began|won|led|held|set|put|cut|spoke|taught|thought|brought|split|bent|sent|showed|knew)) (?P<rest>.{4,})$"
)
_YEAR: Final = re.compile(
    r"^(?P<s>[^,;:]{3,90}?) (?P<be>was|were) (?P<v>[^,;:]{2,80}?) in (?P<year>\d{4})(?P<rest>(?:,| by| for| and|$).*)$"
)
_BECAUSE: Final = re.compile(r"^(?P<main>[^;:]{12,180}?),? (?:because|since) (?P<why>[^;:]{8,200})$")
_WHY: Final = re.compile(r"^Because (?P<why>[^;:,]{8,160}), (?P<main>[^;:]{12,160})$")
_MADE: Final = re.compile(
    r"^(?P<s>[^,;:]{3,80}?) (?P<be>is|are|was|were) (?:made|built|cast|woven|carved|forged) (?P<v>of|from|out of) (?P<o>[^;:]{3,80})$"
)
_USED: Final = re.compile(r"^(?P<s>[^,;:]{3,80}?) (?P<be>is|are|was|were) used (?:to|for) (?P<o>[^;:]{6,140})$")
_MEASURED: Final = re.compile(
    r"^(?P<s>[^,;:]{3,90}?) (?P<be>is|are|was|were) (?:only |just |about |around |roughly |nearly |almost |over |up to )?$"
)
_ADJECTIVE: Final = re.compile(r"^ (?P<a>tall|high|long|wide|deep|thick|old|away|across|heavy|apart)\b")
_DOES: Final = {
    "weighs": "How much does {s} weigh", "weigh": "How much do {s} weigh", "weighed": "How much did {s} weigh",
    "costs": "How much does {s} cost", "cost": "How much do {s} cost", "lasts": "How long does {s} last",
    "last": "How long do {s} last", "takes": "How long does {s} take", "boils at": "At what temperature does {s} boil",
    "melts at": "At what temperature does {s} melt", "freezes at": "At what temperature does {s} freeze",
}  # fmt: skip
_VERB: Final = re.compile(
    r"^(?P<s>[^,;:]{2,80}?) (?P<v>weighs?|weighed|costs?|lasts?|takes|boils at|melts at|freezes at) (?:only |just |about |around |roughly |nearly |almost |over |up to )?$"
)
_TWO: Final = re.compile(
    r"^(?P<s>[^,;:]{2,70}?) (?P<first>(?:is|are|was|were|has|have|weighs|costs|lasts|takes|measures|contains|stands|makes)\b[^;:]*?),? and (?P<second>(?:is|are|was|were|has|have|weighs|costs|lasts|takes|measures|contains|stands|makes)\b.+)$"
)
_BESIDES: Final = re.compile(r",? and (?:is |are |then )?(?:\w+ed|painted|filled|lined|set)\b.*$|, .*$")
_BRACKETS: Final = re.compile(r"\s*\([^()]*\)")
_VOWEL: Final = re.compile(r"[aeiou]", re.IGNORECASE)


def questions(sentence: str) -> list[Question]:
    """Return what a sentence can be asked about, the best first."""
    text = _BRACKETS.sub("", sentence).strip().rstrip(".!").strip()
    if len(text.split()) > WORDS or not text or "?" in text or not text[0].isalnum():
        return []
    if (why := _WHY.match(text)) and not _POINTING.match(why["main"]):
        return [*_reasons(text, sentence)]
    if _POINTING.match(text):
        return []
    found = [*_terms(text, sentence), *_names(text, sentence), *_numbers(text, sentence), *_reasons(text, sentence)]
    return sorted(found, key=lambda each: -each.rank)


def gap(sentence: str, word: str) -> Question | None:
    """Return a sentence with a gap in the place of one of its words."""
    text = _BRACKETS.sub("", sentence).strip()
    place = re.search(rf"\b{re.escape(word)}\b", text)
    if place is None or len(text.split()) > WORDS or "?" in text:
        return None
    shown = f"{text[: place.start()]}...{text[place.end() :]}".rstrip(".")
    return Question("gap", f"Which word is missing here? {shown}.", sentence, (word,), term=word, hints=_letters(word))


# ------------------------------------------------------------------------------------------------ terms and names


def _terms(text: str, sentence: str) -> Iterator[Question]:
    if found := _WHICH.match(text):
        ask = f"{_closed(found['main'])} What is that called?"
        yield _term(ask, found["x"], sentence, text)
    elif found := _CALLED.match(text):
        y = _lowered(found["y"])
        if not _POINTING.match(y) and " is " not in y:
            yield _term(f"What {found['be']} {y} called?", found["x"], sentence, text)
    elif (found := _DEFINED.match(text)) and len(found["x"].split()) <= TERM and not _counted(text):
        x, y = found["x"], found["y"]
        common = not _is_name(_bare(x)) and not re.match(r"^(?:The|This|That|Your|Our) ", x)
        marks = _RELATIVE if y.startswith("the ") else _STRICT
        if common and marks.search(y) and len(y.split()) >= 4 and not re.search(r"\b(?:most|best|first|only)\b", y):
            yield _term(f"What do we call {_plain(y)}?", x, sentence, y)


def _term(ask: str, term: str, sentence: str, beside: str) -> Question:
    """Ask for a term; of one of several words those that the question says already need not be said."""
    bare = _bare(term)
    shown = {word.lower() for word in re.findall(r"[\w’'-]+", ask)}
    content = [word for word in bare.split() if word.lower() not in vocabulary_of("en").stop]
    new = [word for word in content if word.lower() not in shown]
    accept = [" ".join(content)]
    if new and len(new) < len(content):
        accept.append(" ".join(new))
    return Question("term", ask, sentence, tuple(dict.fromkeys(accept)), term=bare, hints=_letters(bare))


def _names(text: str, sentence: str) -> Iterator[Question]:
    if found := _PASSIVE.match(text):
        rest = found["rest"].rstrip()
        verb = found["v"].split()[-1]
        if verb.endswith("ed") and len(found["v"].split()) == 1:
            ask = f"Who {found['v']} {_lowered(found['s'])}{rest}?"
        else:
            ask = f"By whom {found['be']} {_lowered(found['s'])} {found['v']}{rest}?"
        yield _name(ask, found["o"], sentence)
    elif found := _ACTIVE.match(text):
        yield _name(f"Who {found['v']} {found['rest']}?", found["o"], sentence)
    elif found := _MADE.match(text):
        made = _BESIDES.sub("", found["o"])
        accept = _keys(made, found["s"])
        if accept:
            ask = f"What {found['be']} {_lowered(found['s'])} made {found['v']}?"
            yield Question("name", ask, sentence, accept, term=made, hints=_letters(accept[0]))


def _name(ask: str, name: str, sentence: str) -> Question:
    parts = name.split()
    accept = tuple(dict.fromkeys([parts[-1].rstrip(".’'s") if parts[-1].endswith("’s") else parts[-1], name]))
    initials = " ".join(f"{part[0]}." for part in parts if part[0].isupper())
    return Question(
        "name",
        ask,
        sentence,
        accept,
        term=name,
        hints=(f"The initials are {initials}", f"{parts[0]}, and then?") if len(parts) > 1 else _letters(name),
    )


# ------------------------------------------------------------------------------------------------ numbers


def _counted(text: str) -> list[Quantity]:
    return [each for each in quantities(text, vocabulary_of("en")) if asked_about(each)]


def _numbers(text: str, sentence: str) -> Iterator[Question]:
    for clause in clauses(text):
        found = _counted(clause)
        if len(found) != 1:
            continue
        one = found[0]
        if one.dimension == YEAR:
            if one.low == one.high:
                yield _year(clause, sentence, one)
            continue
        low, high = bounds(one)
        spelt = _spelt_unit(clause, one)
        between = around(one)
        hints = (f"It is more than {between[0]:,} and less than {between[1]:,}.",) if between else ()
        term = clause[one.start : one.end]
        yield Question(
            "number", _how(clause, one, spelt), sentence, low=low, high=high, unit=spelt, hints=hints, term=term
        )


def clauses(text: str) -> list[str]:
    """Return a sentence of two clauses with one subject as two sentences, and without a second thing that is counted."""
    found = _TWO.match(text)
    if found and len(_counted(text)) > 1:
        return [f"{found['s']} {found['first']}", f"{found['s']} {found['second']}"]
    numbers = _counted(text)
    if len(numbers) == 2 and text[: numbers[1].start].endswith(" and "):
        return [text[: numbers[1].start - len(" and ")]]
    return [text]


def _spelt_unit(text: str, one: Quantity) -> str:
    """Return the words or signs of the unit, as the sentence has them behind the number."""
    if one.unit is None:
        return ""
    whole = text[one.start : one.end]
    numbers = quantities(whole, vocabulary_of("en"))
    words = re.split(r"(?<=[\d%])\s*|\s+", whole)
    for at in range(len(words)):
        rest = " ".join(words[at:]).strip()
        if rest and not re.search(r"\d", rest) and numbers:
            again = quantities(f"2 {rest}", vocabulary_of("en"))
            if (
                again
                and again[0].unit is not None
                and again[0].unit.dimension == one.unit.dimension
                and again[0].end == 2 + len(rest)
            ):
                return rest
    return ""


def _how(text: str, one: Quantity, unit: str) -> str:
    """Ask for a number: "How tall is ...", "What is ...", or as quizzes do, "... has how many rooms?"."""
    before, after = text[: one.start], text[one.end :]
    inside = f", in {unit}" if unit and unit not in ("%", "°", "percent") else ""
    if found := _VERB.match(before):
        return f"{_DOES[found['v']].format(s=_lowered(found['s']))}{after}{inside}?"
    if found := _MEASURED.match(before):
        subject = _lowered(found["s"])
        if adjective := _ADJECTIVE.match(after):
            rest = after[adjective.end() :]
            word = {"away": "far away", "across": "wide", "apart": "far apart"}.get(adjective["a"], adjective["a"])
            return f"How {word} {found['be']} {subject}{rest}{inside}?"
        if not after.strip() or re.match(r"^,? (?:in|at|of|for|on)\b", after):
            return f"What {found['be']} {subject}{after}{inside}?"
    hedge = re.sub(r"(?:about|around|roughly|nearly|almost|some) $", "", before)
    how = f"how many {unit}" if unit else "how many"
    if not unit and (one.dimension != COUNT or not one.after):
        how = "which number"
    return f"{hedge}{how}{after}?"


def _year(text: str, sentence: str, one: Quantity) -> Question:
    year = int(one.low)
    if found := _YEAR.match(text):
        ask = f"In which year {found['be']} {_lowered(found['s'])} {found['v']}{found['rest']}?"
    else:
        ask = f"{text[: one.start]}which year{text[one.end :]}?"
        ask = re.sub(r"^(In which year),? ", r"\1 was it that ", ask)
    between = around(one) or (year - 20, year + 20)
    hints = (f"It was between {between[0]} and {between[1]}.", f"The last two figures are {year % 100 // 10} and then?")
    return Question("year", ask, sentence, low=year, high=year, hints=hints[:2], term=str(year))


# ------------------------------------------------------------------------------------------------ reasons


def _reasons(text: str, sentence: str) -> Iterator[Question]:
    found = _BECAUSE.match(text) or _WHY.match(text)
    if found and (keys := _enough(found["why"], found["main"])):
        first = " ".join(found["why"].split()[:3])
        hints = (f"It begins like this: because {first} ...",)
        main = found["main"][:1].upper() + found["main"][1:]
        yield Question("reason", f"{_closed(main)} Why is that?", sentence, keys, hints=hints)
    elif (found := _USED.match(text)) and (keys := _pairs(_keys(found["o"], found["s"]))):
        ask = f"What {found['be']} {_lowered(found['s'])} used for?"
        yield Question("reason", ask, sentence, keys, hints=(f"It begins with {found['o'].split()[0]}.",))


def _enough(why: str, main: str) -> tuple[str, ...]:
    """Return what is enough of a reason: two words of it, or one that is denied where the reason denies."""
    keys = _keys(why, main, weak=True)
    negations = vocabulary_of("en").lists["negations"]
    if negations.isdisjoint(vocabulary_of("en").tokens(why)):
        return _pairs(keys)
    return tuple(f"{no} {key}" for key in keys if key not in negations for no in ("not", "no"))


def _pairs(keys: Sequence[str]) -> tuple[str, ...]:
    """Return what is enough of an answer: of three words and more any two, else any."""
    return tuple(" ".join(pair) for pair in combinations(keys, 2)) if len(keys) > 2 else tuple(keys)


def _keys(text: str, beside: str, *, weak: bool = False) -> tuple[str, ...]:
    """Return the words of an answer by which it is known: those that tell something and that the question has not."""
    vocabulary = vocabulary_of("en")
    shown = {vocabulary.stem(word) for word in vocabulary.tokens(beside)}
    words = [word for word in vocabulary.tokens(text) if word not in vocabulary.stop]
    words = words if weak else vocabulary.content(words)
    fresh = [word for word in words if vocabulary.stem(word) not in shown and len(word) > 2 and not word[0].isdigit()]
    return tuple(dict.fromkeys(sorted(dict.fromkeys(fresh), key=lambda word: (-len(word), fresh.index(word)))[:KEYS]))


# ------------------------------------------------------------------------------------------------ words


def _bare(term: str) -> str:
    return re.sub(r"^(?:the|an?) ", "", term.strip(), flags=re.IGNORECASE)


def _is_name(term: str) -> bool:
    return len(term.split()) > 1 and all(word[:1].isupper() for word in term.split() if len(word) > 3)


def _lowered(text: str) -> str:
    """Return the beginning of a sentence as it stands within one."""
    first = text.split()[0] if text.split() else ""
    little = first.lower() in (
        "the",
        "a",
        "an",
        "every",
        "each",
        "most",
        "all",
        "some",
        "our",
        "your",
        "its",
        "in",
        "on",
        "at",
    )
    rest = text.split()[1:2]
    name = first[:1].isupper() and (not first[1:].islower() or (bool(rest) and rest[0][:1].isupper()))
    return text if name and not little else text[:1].lower() + text[1:]


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", text)


def _closed(text: str) -> str:
    return text.strip().rstrip(",.") + "."


def _letters(term: str) -> tuple[str, ...]:
    """Return hints to a word: how it begins, and then half of it."""
    words = term.split()
    first = f"It begins with {term[:1].upper()}"
    first += f", and has {len(words)} words." if len(words) > 1 else f", and has {len(term)} letters."
    half = f"{words[0]} ..." if len(words) > 1 else term[: max(2, len(term) // 2)]
    return (first, f"{half[:1].upper()}{half[1:]}, and then?")
