"""What the tests of the client share: asking a scripted server, and telling what came."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from typing import Any

from talk.client import Companion
from tests.talk.fake import Fake

Messages = list[dict[str, Any]]


async def until(companion: Companion, kind: str) -> Messages:
    """Messages up to the first of `kind`, that one included."""
    got: Messages = []
    async for message in companion:
        got.append(message)
        if message["type"] == kind:
            return got
    raise AssertionError(f"no {kind}")


@contextlib.asynccontextmanager
async def talking(fake: Fake, **options: Any) -> AsyncIterator[Companion]:
    async with fake.serving(), Companion.connect(fake.url, **options) as companion:
        yield companion


def heard(messages: Messages, turn: int = 1) -> bytes:
    return b"".join(message["pcm"] for message in messages if message["type"] == "media" and message["turn"] == turn)


def seen(messages: Messages) -> bytes:
    return b"".join(message["face"] for message in messages if message["type"] == "media")


async def ask(fake: Fake, **options: Any) -> Messages:
    async with talking(fake, **options) as companion:
        await companion.text("hello")
        return await until(companion, "reply_end")
