"""Follows what the user says, utterance by utterance, and tells the client of it when it matters to a client.

What is said while the companion speaks is told only once it proves to be more than "mm-hm": a client that hears of
speech stops its loudspeaker at once, and a nod in words would cost the reply.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from bridge.realtime.effects import Told
from bridge.realtime.items import Item, Items
from bridge.realtime.naming import Naming
from protocol.messages import MIC_RATE

PER_MS: Final = MIC_RATE // 1000  # samples
MOST: Final = 16  # utterances that are followed


@dataclass(slots=True)
class Utterance:
    """One of the user's; in samples of what the client has sent."""

    item: Item
    began: int
    ended: int | None = None
    words: str | None = None
    told: bool = False  # of its beginning
    stopped: bool = False  # the client was told of its end
    understood: bool = False  # and of its words


class Utterances:
    """The utterances of one connection; `wanted` says whether transcripts are, and of which kind."""

    def __init__(self, naming: Naming, items: Items, wanted: Callable[[], Mapping[str, object] | None]) -> None:
        self._naming = naming
        self._items = items
        self._wanted = wanted
        self._all: dict[int, Utterance] = {}
        self._committed: list[Item] = []  # by the client, whose utterances are about to begin
        self.heard = 0  # samples that the client has sent
        self.pad = 0  # samples before speech was certain that belong to it

    @property
    def awaited(self) -> bool:
        """Say whether the words of something that the client has committed are not known yet."""
        open_ = (each.told and each.ended is not None and each.words is None for each in self._all.values())
        return bool(self._committed) or any(open_)

    def commit(self) -> Iterator[Told]:
        """Begin an item of what the client has committed; its utterance is the next that is pressed."""
        item = Item(self._naming.new("item"), sounds=True)
        self._committed.append(item)
        yield from self._entered(item)

    def began(self, utterance: int, *, quietly: bool) -> Iterator[Told]:
        """Note that the user speaks; `quietly` when nobody is to be told yet."""
        item = Item(self._naming.new("item"), sounds=True)
        self._all[utterance] = Utterance(item, max(0, self.heard - self.pad))
        for old in list(self._all)[:-MOST]:
            del self._all[old]
        if not quietly:
            yield from self.tell()

    def pressed(self, utterance: int) -> None:
        """Note that the utterance of what was committed has begun."""
        if self._committed:
            each = Utterance(self._committed.pop(0), self.heard, told=True, stopped=True)
            self._all[utterance] = each

    def ended(self, utterance: int) -> Iterator[Told]:
        """Note that the user has stopped."""
        each = self._all.get(utterance)
        if each is not None and each.ended is None:
            each.ended = self.heard
            if each.told:
                yield from self._stop(each)

    def understood(self, utterance: int, words: str) -> Iterator[Told]:
        """Note what was said."""
        each = self._all.get(utterance)
        if each is None:
            return
        each.words = each.item.text = words
        if each.ended is None:
            each.ended = self.heard
        if each.told:
            yield from self._stop(each)
            yield from self._transcribed(each)

    def tell(self) -> Iterator[Told]:
        """Tell of everything that was kept quiet."""
        for each in self._all.values():
            if each.told:
                continue
            each.told = True
            at = each.began // PER_MS
            yield from self._tell("input_audio_buffer.speech_started", audio_start_ms=at, item_id=each.item.id)
            if each.ended is not None:
                yield from self._stop(each)
            if each.words is not None:
                yield from self._transcribed(each)

    def forget_quiet(self) -> None:
        """Drop what was said over a reply that was heard to its end, and was no more than a nod."""
        self._all = {number: each for number, each in self._all.items() if each.told or each.words is None}

    def known(self, utterance: int) -> None:
        """Note that the session's history has what was said."""
        if each := self._all.get(utterance):
            each.item.known = True

    def said(self, utterance: int) -> tuple[str, int]:
        """Return the words of an utterance, and how long it lasted in ms."""
        each = self._all.get(utterance)
        if each is None:
            return "", 0
        return each.words or "", max(0, (each.ended or self.heard) - each.began) // PER_MS

    def _stop(self, each: Utterance) -> Iterator[Told]:
        if each.stopped:
            return
        each.stopped = True
        at = (each.ended or each.began) // PER_MS
        yield from self._tell("input_audio_buffer.speech_stopped", audio_end_ms=at, item_id=each.item.id)
        yield from self._entered(each.item)

    def _entered(self, item: Item) -> Iterator[Told]:
        before = self._items.add(item)
        yield from self._tell("input_audio_buffer.committed", item_id=item.id, previous_item_id=before)
        told = item.told(beta=self._naming.beta)
        yield from self._tell("conversation.item.added", previous_item_id=before, item=told)
        yield from self._tell("conversation.item.done", previous_item_id=before, item=told)

    def _transcribed(self, each: Utterance) -> Iterator[Told]:
        if each.understood:
            return
        each.understood = True
        if self._wanted() is None:
            return
        kind, place = "conversation.item.input_audio_transcription", {"item_id": each.item.id, "content_index": 0}
        if each.words:
            yield from self._tell(f"{kind}.delta", **place, delta=each.words)
        seconds = max(0, (each.ended or each.began) - each.began) / MIC_RATE
        usage = {"type": "duration", "seconds": round(seconds, 3)}
        yield from self._tell(f"{kind}.completed", **place, transcript=each.words or "", usage=usage)

    def _tell(self, kind: str, **fields: object) -> Iterator[Told]:
        event = self._naming.event(kind, **fields)
        if event is not None:
            yield Told(event)
