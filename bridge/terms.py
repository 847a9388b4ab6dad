"""What a session agrees with its client at the start, as the `welcome` message."""

from __future__ import annotations

from bridge.companion import Companion, Rules
from bridge.core.timeline import seconds
from bridge.version import SERVER
from engines.api import Rig
from protocol import messages as m


def terms(companion: Companion, rules: Rules, rig: Rig, fps: int, *, session: str, token: str, watch: str) -> m.Welcome:
    """The welcome to a new session, with its two secrets."""
    engines = companion.engines
    jobs = {
        "vad": engines.vad,
        "stt": engines.stt,
        "dialogue": engines.dialogue,
        "tts": engines.tts,
        "face": engines.face,
    }
    features = ["text", "context", "tools", "resume", "viewer", "phones", "timings"]
    features += ["mic", "talk"] if engines.stt else []
    features += ["idle_face"] if engines.face else []
    return m.Welcome(
        version=m.VERSION,
        server=SERVER,
        session=session,
        token=token,
        watch=watch,
        resumed=False,
        seq=0,
        resume_s=rules.resume_after,
        lead_ms=round(seconds(rules.lead) * 1000),
        audio=m.WelcomeAudio(rate=rules.rate),
        face=m.WelcomeFace(profile=rig.profile, fps=fps, names=rig.names, ranges=rig.ranges),
        identity=m.WelcomeIdentity(name=companion.name, description=companion.description, language=companion.language),
        engines={job: engine.name if engine else "" for job, engine in jobs.items()},
        limits=m.WelcomeLimits(
            message_bytes=rules.message_bytes,
            text_chars=rules.text_chars,
            messages_per_s=rules.messages_per_s,
            idle_s=rules.idle_after,
        ),
        features=tuple(features),
        notice=companion.told,
    )
