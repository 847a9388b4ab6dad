"""The user's voice on its way out: a recording in real time, or the live microphone, with push-to-talk if wanted."""

from __future__ import annotations

import asyncio
from collections import deque

from talk.client import Companion
from talk.conversation import Conversation, Silent
from talk.microphone import FRAME, MIC_RATE, Microphone

SILENCE = bytes(2 * FRAME)
PAUSE_S = 0.7  # of silence after a recording before an answer is looked for
PATIENCE_S = 15.0
PRE_ROLL = 15  # frames from before the key went down: 300 ms, as fingers are late


async def send_wav(conversation: Conversation, speech: bytes, *, name: str, push_to_talk: bool) -> None:
    """Send s16le mono 16 kHz in real time in 20 ms frames, then silence until the answer was heard.

    Raises Silent when nothing comes of it.
    """
    companion, since = conversation.companion, conversation.answers
    frames = [speech[at : at + 2 * FRAME].ljust(2 * FRAME, b"\0") for at in range(0, len(speech), 2 * FRAME)]
    start = asyncio.get_running_loop().time()
    if push_to_talk:
        await companion.talk(True, pts=0)
    await _paced(companion, frames, start)
    conversation.spoken()
    if push_to_talk:
        await companion.talk(False, pts=len(frames) * FRAME)
    start += len(frames) * FRAME / MIC_RATE
    pause = [SILENCE] * round(PAUSE_S * MIC_RATE / FRAME)
    await _paced(companion, pause, start)
    async with asyncio.TaskGroup() as tasks:
        silence = tasks.create_task(_silence(companion, start + PAUSE_S))
        try:
            await conversation.answered(since, patience=PATIENCE_S)
        except Silent as error:
            raise Silent(f"no answer to {name}: {error}") from error
        finally:
            silence.cancel()


async def send_live(companion: Companion, microphone: Microphone, pressed: asyncio.Event | None) -> None:
    """Send the microphone for ever; with `pressed`, only while it is set and a moment before."""
    before: deque[tuple[int, bytes]] = deque(maxlen=PRE_ROLL)
    talking = False
    async for pts, data in microphone:
        if pressed is not None and pressed.is_set() != talking:
            talking = not talking
            await companion.talk(talking, pts=pts)
            while before:
                earlier, sound = before.popleft()
                await companion.mic(sound, pts=earlier)
        if pressed is None or talking:
            await companion.mic(data, pts=pts)
        else:
            before.append((pts, data))


async def _silence(companion: Companion, start: float) -> None:
    while True:
        await _paced(companion, [SILENCE] * 50, start)
        start += 50 * FRAME / MIC_RATE


async def _paced(companion: Companion, frames: list[bytes], start: float) -> None:
    """Send frame i no earlier than it would have been recorded, `start` + (i + 1) frames."""
    loop = asyncio.get_running_loop()
    for index, frame in enumerate(frames, 1):
        await asyncio.sleep(max(0.0, start + index * FRAME / MIC_RATE - loop.time()))
        await companion.mic(frame)
