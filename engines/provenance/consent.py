"""The consent of the person whose face or voice an identity has: consent.json, what it covers and until when.

{"subject": "synthetic" | "real" | "licensed", "by": name, "on": date, "statement": text, "scope": ["voice", "face",
"name"], "purpose": text, "expires": date or "", "withdrawn": date or ""}. A synthetic person needs none; where somebody
real is heard or seen, there must be one that covers it and holds today. Dates are ISO 8601; today is told, not read.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from engines.identity.errors import IdentityError
from engines.identity.fields import Fields, Json

CONSENT: Final = "consent.json"
SUBJECTS: Final = ("synthetic", "real", "licensed")
SCOPES: Final = ("voice", "face", "name")
STATEMENT: Final = 4000  # characters
FOR_EVER: Final = date.max


@dataclass(frozen=True, slots=True)
class Consent:
    """Who agreed to what; `ends` is the first day on which it does not hold any more."""

    subject: str = "synthetic"
    by: str = ""
    on: date | None = None
    statement: str = ""
    scope: frozenset[str] = field(default_factory=frozenset)
    purpose: str = ""
    ends: date = FOR_EVER


class NoConsent(IdentityError):
    """A person's face or voice that may not be used (any more)."""


def read_consent(values: Mapping[str, Json]) -> Consent:
    """Read consent.json; IdentityError `bad_consent` says which field is wrong."""
    fields = Fields(values, CONSENT, code="bad_consent")
    subject = fields.text("subject", longest=40)
    scope = fields.texts("scope", most=16)
    if subject not in SUBJECTS:
        fields.fail("subject", f"one of {', '.join(SUBJECTS)}")
    if any(each not in SCOPES for each in scope):
        fields.fail("scope", f"a list of {', '.join(SCOPES)}")
    by, statement = fields.text("by", longest=200).strip(), fields.text("statement", longest=STATEMENT).strip()
    on = _day(fields, "on")
    if subject != "synthetic" and not (by and on and statement):
        raise IdentityError("bad_consent", f"{CONSENT} must say by whom it was given, on which day, and in which words")
    expires, withdrawn = _day(fields, "expires"), _day(fields, "withdrawn")
    ends = min((day for day in (_after(expires), withdrawn) if day is not None), default=FOR_EVER)
    return Consent(subject, by, on, statement, frozenset(scope), fields.text("purpose", longest=STATEMENT), ends)


def check(consent: Consent | None, needs: Collection[str], today: date) -> None:
    """Raise NoConsent unless `consent` covers what is used of somebody real (`needs`, of SCOPES) and holds today."""
    if not needs and (consent is None or consent.subject == "synthetic"):
        return
    if consent is None or consent.subject == "synthetic":
        raise NoConsent("no_consent", f"the {_listed(needs)} of somebody real is used, and {CONSENT} does not say so")
    if consent.on is not None and today < consent.on:
        raise NoConsent("no_consent", f"the consent of {consent.by} begins on {consent.on.isoformat()}")
    if today >= consent.ends:
        raise NoConsent("consent_ended", f"the consent of {consent.by} ended on {consent.ends.isoformat()}")
    if missing := set(needs) - consent.scope:
        raise NoConsent("no_consent", f"the consent of {consent.by} does not cover their {_listed(missing)}")


def needs(facts: Mapping[str, Json], *, clips: bool) -> frozenset[str]:
    """Return what an identity has of somebody real: as identity.json's `likeness` says, and the voice with `clips`.

    `likeness` is a list of SCOPES, written by whatever stage took it over; IdentityError `bad_facts` for another thing.
    """
    fields = Fields(facts, "identity.json", code="bad_facts")
    said = fields.texts("likeness", most=16)
    if any(each not in SCOPES for each in said):
        fields.fail("likeness", f"a list of {', '.join(SCOPES)}")
    return frozenset(said) | ({"voice"} if clips else frozenset())


def _listed(scopes: Collection[str]) -> str:
    return " and ".join(sorted(scopes)) or "likeness"


def _day(fields: Fields, key: str) -> date | None:
    text = fields.text(key, longest=40).strip()
    if not text:
        return None
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        fields.fail(key, "a day such as 2026-11-30")


def _after(day: date | None) -> date | None:
    """Return the day after the last one on which something holds."""
    return date.fromordinal(day.toordinal() + 1) if day is not None and day < date.max else day
