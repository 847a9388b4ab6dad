"""Writes what a session agrees with its client at the start, as the `welcome` message."""

from __future__ import annotations

from typing import Final

from bridge.core.timeline import seconds
from bridge.session.companion import Companion, Known
from bridge.session.opening import Opening, Shared
from bridge.version import SERVER
from engines.jobs import Onlooker
from engines.provenance.disclosure import disclosure
from engines.text.joining import joined
from protocol import messages as m

NAME: Final = 128  # characters of a model's name


def terms(shared: Shared, opening: Opening) -> m.Welcome:
    """Return the welcome to a new session, with its two secrets."""
    companion, rules, rig = shared.companion, shared.rules, opening.rig
    engines, remembered = companion.engines, opening.remembered
    alone = engines.duplex
    jobs = {
        "vad": engines.vad,
        "stt": alone or engines.stt,
        "dialogue": alone or engines.dialogue,
        "tts": alone or engines.tts,
        "face": engines.face,
        "sight": engines.sight,
    }
    features = ["text", "context", "tools", "resume", "viewer", "phones", "timings"]
    features += ["mic", "talk"] if engines.stt or alone else []
    features += ["idle_face"] if engines.face else []
    features += ["seen"] if rules.sighted.seen else []
    features += ["camera"] if engines.sight else []
    features += ["rooms"] if shared.rooms else []
    features += ["memory"] if remembered is not None else []
    shown = isinstance(engines.dialogue, Onlooker) and engines.dialogue.vision
    features += ["look"] if engines.sight or shown else []
    return m.Welcome(
        version=m.VERSION,
        server=SERVER,
        session=opening.name,
        token=opening.token,
        watch=opening.watch,
        resumed=False,
        seq=0,
        resume_s=rules.resume_after,
        lead_ms=round(seconds(rules.lead) * 1000),
        audio=m.WelcomeAudio(rate=rules.rate),
        face=m.WelcomeFace(profile=rig.profile, fps=opening.hello.face.fps, names=rig.names, ranges=rig.ranges),
        identity=told_identity(companion, opening.hello.language),
        identities=shared.identities,
        model=(opening.hello.model or engines.dialogue.model)[:NAME] if companion.models else "",
        models=companion.models,
        engines={job: engine.name if engine else "" for job, engine in jobs.items()},
        limits=m.WelcomeLimits(
            message_bytes=rules.message_bytes,
            text_chars=rules.text_chars,
            messages_per_s=rules.messages_per_s,
            idle_s=rules.idle_after,
        ),
        features=tuple(features),
        notice=f"{companion.told} {opening.note}".strip(),
        memory=remembered is not None and remembered.agreed,
    )


def told_identity(companion: Companion, language: str) -> m.WelcomeIdentity:
    """Return who a companion is, as it is told to somebody who speaks `language`."""
    notice = disclosure(companion.name, language, companion.language)
    return m.WelcomeIdentity(
        id=companion.id,
        name=companion.name,
        description=companion.description,
        language=companion.language,
        languages=companion.languages,
        voices=companion.voices,
        locale=notice.locale,
        disclosure=joined([notice.told, notice.draft if companion.draft else ""]),
        draft=companion.draft,
        portrait=companion.portrait,
        head=companion.head,
    )


def listed(known: Known) -> m.ListedIdentity:
    """Return how an identity that can be asked for is told."""
    return m.ListedIdentity(
        id=known.id,
        name=known.name,
        description=known.description,
        languages=known.languages,
        draft=known.draft,
        portrait=known.portrait,
    )
