"""Puts a phrase right that contradicts a fact or breaks a rule. It finds nothing wrong itself."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

from engines.knowledge.checking.claim import Contradiction
from engines.knowledge.checking.wording import Wording
from engines.knowledge.facts import Fact
from engines.words.quantities import quantities


def put_right(text: str, shift: int, found: Contradiction, wording: Wording) -> str:
    """Return the phrase as it should have been: the wrong number or name exchanged, else the fact in its place.

    `shift` is where the phrase begins in the sentence that was compared.
    """
    start, end = found.start - shift, found.end - shift
    exchange = found.manner in ("number", "object") and 0 <= start < end <= len(text)
    if exchange and (found.quantity is None or found.quantity.sense in ("is", "about")):
        return f"{text[:start]}{_object(found, wording)}{text[end:]}"
    return chosen(wording.right, text).replace("{fact}", said(found.fact, wording))


def said(fact: Fact, wording: Wording) -> str:
    """Return a fact as a sentence."""
    if fact.say:
        return fact.say
    form = wording.not_ if fact.negative else wording.fact
    subject = fact.subject
    if wording.article and subject[:1].islower() and not wording.of.isdisjoint(subject.split()[1:]):
        subject = f"{wording.article} {subject}"
    words = form.replace("{subject}", subject).replace("{relation}", fact.relation).replace("{object}", fact.object)
    words = " ".join(words.split()) if not wording.signs else words
    return words[:1].upper() + words[1:]


def chosen(options: Sequence[str], text: str) -> str:
    """Choose one of several ways to say something, always the same for the same text."""
    return options[zlib.crc32(text.encode("utf-8", "replace")) % len(options)]


def _object(found: Contradiction, wording: Wording) -> str:
    """Return what stands in the place of what was wrong: the object, or the number in it."""
    text = found.fact.object
    if found.quantity is None:
        return text
    numbers = quantities(text, wording.vocabulary)
    one = max(numbers, key=lambda each: each.end - each.start, default=None)
    return text[one.start : one.end] if one else text
