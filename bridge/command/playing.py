"""Speaks one line on this machine (`companion play`): its sound on the loudspeaker, its face in the outlets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from bridge.command.say import say
from bridge.command.showing import play
from bridge.session.companion import Companion
from engines.api import Rig
from outlets.address import Address

TEXT: Final = 100_000  # characters that are read from standard input
FPS: Final = 60


async def speak(companion: Companion, text: str, to: Sequence[Address], *, rate: int, sound: bool) -> float:
    """Speak `text` as `companion` here and now; return the seconds it took. Raises BridgeError and EngineError."""
    face = companion.engines.face
    rig = Rig("none", (), ()) if face is None else face.rig("arkit52", FPS)
    recording = await say(companion, text, rig=rig, fps=FPS, rate=rate)
    return await play(recording, companion.name, to, sound=sound)
