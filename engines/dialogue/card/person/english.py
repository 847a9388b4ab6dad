"""Turns English sentences about a character into the character's own: "She keeps bees" becomes "I keep bees".

It knows the forms that change between the persons, not what a sentence means; what it cannot be sure of it leaves.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

_ME: Final = "\ufdd4"  # the character by name
_YOU: Final = "\ufdd5"  # the user by macro

# Words after which a name is the subject of a clause.
_OPEN_WORDS: Final = """
after although and as because before but how however if once or since so that then though today until what when where
which while who why yet"""
_ADVERB_WORDS: Final = """
also always both even just never not now often once rarely sometimes still usually"""
# Verbs that are known without their subject before them.
_VERB_WORDS: Final = """
acts adores answers asks bakes becomes believes blushes brews brings builds calls can cannot cares carries collects
comes cooks could dances did dislikes does draws dreams drinks eats enjoys explains fears feels fights finds fixes
flies follows forgets games gathers gets gives goes grows guards had has hates heals hears helps hides holds hopes
hunts is jokes keeps knows laughs leads likes listens lives looks loves makes may mends might misses must needs offers
owns paints plays prefers pretends protects reads refuses remains remembers repairs rides rules runs sails says seems
sees sells serves should shows sings sleeps smiles speaks spends stays streams studies swims takes talks teaches
teases tells tends thinks trains travels treats tries trusts understands walks wants was watches wears will works
would writes"""
_OPENERS: Final = frozenset(_OPEN_WORDS.split())
_ADVERBS: Final = frozenset(_ADVERB_WORDS.split())
_VERBS: Final = frozenset(_VERB_WORDS.split())
_FIXED: Final = {
    _ME: {"is": "am", "was": "was", "has": "have", "does": "do", "isn't": "am not", "hasn't": "haven't",
          "doesn't": "don't"},
    _YOU: {"is": "are", "was": "were", "has": "have", "does": "do", "isn't": "aren't", "hasn't": "haven't",
           "doesn't": "don't", "wasn't": "weren't"},
}  # fmt: skip
_WORD: Final = re.compile(rf"[{_ME}{_YOU}](?:['\u2019]s)?|[A-Za-z]+(?:['\u2019-][A-Za-z]+)*|[^A-Za-z{_ME}{_YOU}]+")
_BREAK: Final = re.compile(r"[.!?;:,(\u2014\"\u201c]\s*$|^\s*$")
_AFTER_OBJECT: Final = "and or but in on at to for with from by as when if while because that who than so into of about"
_OBJECT: Final = frozenset(_AFTER_OBJECT.split())


def first_person(text: str, names: Sequence[str], user: str, *, name: str = "me") -> str:
    """Return a sentence about the character with one of `names` in its own person, the `user` addressed as "you".

    `name` stands where the character is named rather than spoken of ("I am Ren").
    """
    if re.match(r"\s*(you are|you're|your)\b", text, re.IGNORECASE):
        text = _from_second(text)
    for known in sorted((each for each in names if each), key=len, reverse=True):
        text = re.sub(rf"(?<![\w-]){re.escape(known)}(?![\w-])", _ME, text)
    text = text.replace(user, _YOU)
    parts = _WORD.findall(text)
    said: list[str] = []
    subject = ""  # whose verbs follow
    for i, part in enumerate(parts):
        before = next((word for word in reversed(parts[:i]) if word.strip()), "")
        after = parts[i + 1 : i + 4]
        changed, subject = _changed(part, before, [word for word in after if word.strip()], subject)
        said.append(changed)
    joined = "".join(said)
    joined = re.sub(r"(^|[.!?]\s+)([\"\u201c]?)([a-z])", lambda m: m[1] + m[2] + m[3].upper(), joined)
    return joined.replace(_ME, name).replace(_YOU, "you")


def _changed(part: str, before: str, after: Sequence[str], subject: str) -> tuple[str, str]:
    """Return one word in the other person, and whose verbs may follow."""
    lower = part.lower().replace("\u2019", "'")
    opens = not before or bool(_BREAK.search(before)) or before.lower() in _OPENERS
    verb_follows = bool(after) and (after[0].lower() in _VERBS or after[0].lower() in _ADVERBS)
    match lower:
        case str() if lower.startswith(_ME) and lower != _ME:
            return ("I've", "") if after[:1] in (["been"], ["got"]) else ("my", subject)
        case str() if lower == _ME and before.lower() in ("am", "called", "named"):
            return _ME, subject
        case str() if lower.startswith(_YOU) and lower != _YOU:
            return "your", subject
        case str() if lower == _ME:
            return ("I", _ME) if opens or verb_follows else ("me", subject)
        case str() if lower == _YOU:
            return "you", _YOU if opens or verb_follows else subject
        case "he" | "she":
            return "I", _ME
        case "he's" | "she's":
            return ("I've" if after[:1] in (["been"], ["got"]) else "I'm"), ""
        case "his" | "hers" if lower == "hers":
            return "mine", subject
        case "his":
            return "my", subject
        case "him":
            return part if subject == _ME else "me", subject
        case "her":
            if after and after[0][:1].isalpha() and after[0].lower() not in _OBJECT:
                return "my", subject
            return part if subject == _ME else "me", subject
        case "himself" | "herself":
            return "myself", subject
        case _:
            return _verb(part, lower, before, subject)


def _verb(part: str, lower: str, before: str, subject: str) -> tuple[str, str]:
    """Return a verb of the subject in its person; the first word after the subject, or a known verb after "and"."""
    if not lower[:1].isalpha():
        return part, "" if re.search(r"[.!?]", part) else subject
    if not subject:
        return part, subject
    if lower in _ADVERBS or (lower.endswith("ly") and len(lower) > 4):
        return part, subject
    joined = before.lower() in ("and", "but", "or", ",") or before.rstrip().endswith(",")
    is_first = before.lower() in (_ME, _YOU, "he", "she") or before in _ADVERBS or before.lower().endswith("ly")
    if (is_first or joined) and (fixed := _FIXED[subject].get(lower)):
        return fixed, subject
    if lower.endswith("s") and ((is_first and not lower.endswith(("ss", "us"))) or (joined and lower in _VERBS)):
        return _bare(part), subject
    return part, subject


def _bare(verb: str) -> str:
    """Return a verb without the "s" of the third person."""
    if verb.endswith("ies") and len(verb) > 4:
        return verb[:-3] + "y"
    if verb.endswith(("ches", "shes", "sses", "xes", "zes", "oes")):
        return verb[:-2]
    return verb[:-1]


def _from_second(text: str) -> str:
    """Return what an instruction tells a character about itself as the character would say it."""
    for pattern, other in (
        (r"\byou are\b", "I am"), (r"\byou're\b", "I'm"), (r"\byou were\b", "I was"), (r"\byourself\b", "myself"),
        (r"\byours\b", "mine"), (r"\byour\b", "my"), (r"\byou\b", "I"),
    ):  # fmt: skip
        text = re.sub(pattern, other, text, flags=re.IGNORECASE)
    return re.sub(r"^my\b", "My", text.strip())
