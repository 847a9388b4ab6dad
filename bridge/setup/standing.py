"""Tells whether an identity may be served, until when, and whether as a draft: its seal, and the consent behind it."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from bridge import wallclock
from bridge.errors import ConfigError
from bridge.setup.config import Config
from engines.api import Consent as Spoken
from engines.identity import Identity, IdentityError, shipped
from engines.identity.fields import parse_object
from engines.provenance import seal
from engines.provenance.consent import CONSENT, FOR_EVER, Consent, check, needs, read_consent
from engines.provenance.signing import keys
from engines.provenance.signing.trouble import SigningError
from engines.text.redaction import quoted

log = logging.getLogger("bridge.setup.standing")

PEM_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Standing:
    """How an identity stands: a `draft` is not sealed by somebody who is trusted, `ends` is when its consent does."""

    draft: bool
    ends: date = FOR_EVER


def standing(config: Config, person: Identity, today: date | None = None) -> Standing:
    """Look at seal and consent; ConfigError where somebody real has not agreed, or not any more."""
    today = today or wallclock.here().date()
    consent = consent_of(person)
    clones = person.voice.reference is not None and config.engines.tts == "xtts"
    try:
        check(consent, needs(person.facts, clips=clones), today)
    except IdentityError as error:
        raise ConfigError(error.code, f"the identity {person.name!r} cannot be served: {error.message}") from error
    return Standing(is_draft(person, anchors(config)), consent.ends if consent else FOR_EVER)


def consent_of(person: Identity) -> Consent | None:
    """Return the consent of an identity: consent.json, or what its voice.json says of the recordings in it.

    ConfigError for one that cannot be read.
    """
    try:
        data = person.asset(CONSENT)
    except IdentityError:
        given = person.voice.reference.consent if person.voice.reference else None
        if given is None:
            return None
        return Consent("real", given.by, date.fromisoformat(given.on), given.statement, frozenset({"voice"}))
    try:
        return read_consent(parse_object(data, CONSENT))
    except IdentityError as error:
        raise ConfigError(error.code, f"the identity {person.name!r} cannot be served: {error.message}") from error


def agreed(person: Identity) -> Identity:
    """Return the identity with the consent of consent.json at its recordings, where that covers the voice."""
    reference, consent = person.voice.reference, consent_of(person)
    if reference is None or consent is None or "voice" not in consent.scope or consent.on is None:
        return person
    given = Spoken(consent.by, consent.on.isoformat(), consent.statement)
    return replace(person, voice=replace(person.voice, reference=replace(reference, consent=given)))


def anchors(config: Config) -> bytes:
    """Return the authorities that this server trusts: its own keys', and those of `provenance.trust`."""
    own = keys.trusted(keys.place(config.provenance.keys))
    if not config.provenance.trust:
        return own
    path = Path(config.provenance.trust).expanduser()
    try:
        with path.open("rb") as file:
            others = file.read(PEM_BYTES)
        keys.certificates(others)
    except OSError as error:
        raise ConfigError("bad_key", f"provenance.trust: cannot read {quoted(path)}: {error.strerror}") from error
    except SigningError as error:
        raise ConfigError("bad_key", f"provenance.trust: {quoted(path)}: {error.message}") from error
    return own + b"\n" + others


def is_draft(person: Identity, anchors: bytes = b"") -> bool:
    """Say whether nobody who is trusted (`anchors`, PEM) has reviewed and sealed this identity as it is."""
    if person.origin in shipped().values():
        return False  # reviewed with the code that it comes with, and as safe as that
    try:
        verdict = seal.verify(person.origin, anchors)
    except IdentityError as error:
        log.warning("the seal cannot be looked at", extra={"reason": error.message})
        return True
    if verdict.state == "sealed" and verdict.signer is not None and verdict.signer.trusted:
        return False
    if verdict.state != "unsealed":
        log.warning("the identity is taken for a draft", extra={"reason": verdict.message})
    return True
