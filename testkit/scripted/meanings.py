"""A scripted embedder: words of one group mean the same, and it is slow, away or babbles as it is told."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from typing import Final

from engines.api import EngineError, Failure
from engines.memory.vectors import packed

WIDTH: Final = 64


class ScriptedEmbedder:
    """Makes a vector of the groups whose words a text has; `groups` are words with spaces between them."""

    def __init__(self, groups: Sequence[str], *, model: str = "scripted", delay_s: float = 0.0) -> None:
        self.model = model
        self.delay_s = delay_s
        self.away = False
        self.asked: list[list[str]] = []
        self._group = {word: number + 1 for number, group in enumerate(groups) for word in group.split()}

    async def close(self) -> None:
        """Do nothing."""

    async def embed(self, texts: Sequence[str]) -> list[bytes]:
        """Return one vector for each text."""
        self.asked.append(list(texts))
        if self.delay_s:
            await asyncio.sleep(self.delay_s)
        if self.away:
            raise EngineError("memory_failed", "the embedder is away", kind=Failure.AWAY)
        return [self._vector(text) for text in texts]

    def _vector(self, text: str) -> bytes:
        vector = [0.0] * WIDTH
        vector[0] = 0.1
        for word in re.findall(r"\w+", text.lower()):
            if word in self._group:
                vector[self._group[word]] += 1.0
        return packed(vector)
