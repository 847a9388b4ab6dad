"""Says how a session is opened for a Realtime client: what its hello would be, and by which rules it runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Final

from bridge.realtime.settings import Wish
from bridge.session.companion import Rules
from protocol import messages as m

LEAD_MS: Final = 1000  # these clients keep what they get, and cut it themselves
PATIENT: Final = (0.6, 3.0)  # seconds after speech: when nothing tells whether it is over, and when it surely is not
EAGER: Final = (0.1, 0.5)
QUICKEST: Final = 0.1  # seconds of silence that can end speech
SLOWEST: Final = 5.0


def hello(wish: Wish, *, voice: str) -> m.Hello:
    """Return the hello that a client of ours would send."""
    face = wish.face
    return m.Hello(
        client="realtime",
        identity=wish.identity,
        voice=voice,
        audio=m.HelloAudio(aec=wish.full_duplex, lead_ms=LEAD_MS),
        face=m.HelloFace(profile=face.profile, fps=face.fps) if face else m.HelloFace(profile="none"),
        features=("idle_face",) if face and face.idle else (),
    )


def amending(wish: Wish) -> Callable[[Rules], Rules]:
    """Return what makes of the server's rules those that a client asks for."""
    return partial(_amended, wish)


def _amended(wish: Wish, rules: Rules) -> Rules:
    if wish.pace is None:
        return rules
    silence, threshold, eagerness = wish.pace
    policy = rules.policy
    match eagerness:
        case "":
            enter = min(0.95, max(0.05, threshold))
            stop = min(SLOWEST, max(QUICKEST, silence / 1000))
            heard = replace(rules.hysteresis, enter=enter, leave=min(rules.hysteresis.leave, enter), stop_after=stop)
            silent = replace(policy, endpoint_after=0.0, endpoint_least=0.0, endpoint_most=0.0, close_after=0.0)
            return replace(rules, hysteresis=heard, policy=silent)
        case "low":
            after, most = (
                max(a, b) for a, b in zip((policy.endpoint_after, policy.endpoint_most), PATIENT, strict=True)
            )
        case "high":
            after, most = (min(a, b) for a, b in zip((policy.endpoint_after, policy.endpoint_most), EAGER, strict=True))
        case _:
            return rules
    return replace(rules, policy=replace(policy, endpoint_after=after, endpoint_most=most))
