"""Remembers the user of one session: notes what they tell after each turn, and tells the dialogue what fits the next.

Nothing here keeps a turn waiting for long, and nothing is written for somebody who has not agreed. Whose memory it is
was authenticated; a name that is told is only a name.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from bridge.core.history import History
from bridge.memory.carrying import BadMemory, opened, sealed
from bridge.memory.keeper import MemoryAway
from bridge.memory.session import Remembered
from bridge.memory.store import Kept
from bridge.session.condensing import Condensing
from bridge.session.driven import guarded
from bridge.session.luggage import Memories as Luggage
from bridge.session.opening import Spawn
from engines.api import EngineError, Memo, Memories, Message, Request
from engines.jobs import Asking, Dialogue
from engines.memory import modelled
from engines.memory.facts import Fact, Stored
from engines.memory.reading import Ordered, asked, ordered, promised, told
from engines.memory.recall import matched, ranked, tokens_in, within, words_of
from engines.memory.telling import sentence, summary
from protocol import messages as m

log = logging.getLogger("bridge.session.remembering")

PATIENCE: Final = 0.25  # seconds that a reply waits for what is remembered
ORDER_PATIENCE: Final = 3.0  # and for what it was told to forget
MODEL_PATIENCE: Final = 30.0
CLOSE_PATIENCE: Final = 35.0  # that the end of a session waits until all is remembered: a model may still be reading
LINES: Final = 60  # contributions of the user that the summary of a session is made of
EPISODE_EVERY: Final = 6  # contributions after which it is written anew
FITS: Final = 0.5  # share of the words by which a fact is meant


def _nothing() -> None:
    """Tell nobody: a dialogue is told with each turn."""


class Remembering:
    """The memory of one session; without `given` nothing outlives it."""

    def __init__(
        self,
        given: Remembered | None,
        session: str,
        language: str,
        dialogue: Dialogue,
        history: History,
        spawn: Spawn,
        *,
        post: Callable[[m.ServerMessage], None],
        complain: Callable[[str, str], None],
        changed: Callable[[], None] = _nothing,
        erased: Callable[[], None] = _nothing,
    ) -> None:
        """Begin to remember; `changed` is called when what may be told has changed, `erased` when all is forgotten."""
        self._given, self._session, self._history = given, session, history
        self._language, self._dialogue = language, dialogue
        self._begin, self._post, self._complain = spawn, post, complain
        self._changed, self._erased = changed, erased
        self._running: set[asyncio.Task[None]] = set()  # that write
        self._condensing = Condensing()
        self._on = given is not None and given.agreed
        self._waiting: list[tuple[str, int]] = []  # what the user said, with the turn, that is not read yet
        self._lines: list[str] = []
        self._noted_at = 0  # how many lines the last episode was made of
        self._last: tuple[int, ...] = ()  # the facts that "that" means
        self._greeted: tuple[int, ...] = ()  # promises that were spoken of
        self._unread: list[str] = []  # for a language model
        self._reading: asyncio.Task[None] | None = None
        self._moved = False  # another process goes on with it

    def recast(self, dialogue: Dialogue, language: str) -> None:
        """Go on with another dialogue, in another language."""
        self._dialogue, self._language = dialogue, language

    def carried(self) -> Luggage:
        """Return what another process needs to go on remembering."""
        summary, covers = self._condensing.of(self._history.messages())
        return Luggage(
            self._on,
            tuple(self._lines),
            self._noted_at,
            self._last,
            self._greeted,
            tuple(self._waiting),
            tuple(self._unread),
            summary,
            covers,
        )

    def hand_over(self) -> None:
        """Leave all that is to be written to another process."""
        self._moved = True

    def restore(self, luggage: Luggage) -> None:
        """Go on with it, once the history is there."""
        self._on = self._given is not None and luggage.on
        self._lines, self._noted_at = list(luggage.lines), luggage.noted_at
        self._last, self._greeted = luggage.last, luggage.greeted
        self._waiting, self._unread = list(luggage.waiting), list(luggage.unread)
        self._condensing.restore(luggage.summary, self._history.messages(), luggage.covers)

    # ------------------------------------------------------------------------------------------------ each turn

    async def recalled(self, request: Request, confirmed: asyncio.Event | None = None) -> Request:
        """Return the request with what is remembered; an order to forget is carried out first, once it is certain."""
        earlier, covers = self._condensing.of(request.history)
        request = replace(request, earlier=earlier, covers=covers)
        if self._given is None:
            return request
        last = request.history[-1] if request.history else None
        text = last.text if request.occasion == "user" and last is not None and last.role == "user" else ""
        order = ordered(text, self._language) if text else None
        if not self._on:
            asks = order is not None or (bool(text) and asked(text, self._language) is not None)
            return replace(request, memory=Memories(kept=False)) if asks else request
        memories: Memories | None
        if order is not None:
            if confirmed is not None:
                await confirmed.wait()
            memories = await self._ordered(self._given, order)
        else:
            try:
                async with asyncio.timeout(PATIENCE):
                    memories = await self._fitting(self._given, text, greets=request.occasion == "greeting")
            except TimeoutError:
                log.warning("a reply is made without what is remembered", extra={"reason": "it came too late"})
                return request
        if memories is None:
            return request
        return replace(request, memory=memories, user=memories.name or request.user)

    def orders(self, request: Request) -> bool:
        """Return whether the user's last words are an order to the memory: to tell, or to forget."""
        last = request.history[-1] if request.history else None
        if self._given is None or last is None or last.role != "user":
            return False
        return ordered(last.text, self._language) is not None

    async def standing(self) -> Memories | None:
        """Return what is remembered whatever is said, None where nothing may be told or it does not come in time."""
        if self._given is None or not self._on:
            return None
        try:
            async with asyncio.timeout(PATIENCE):
                return await self._fitting(self._given, "", greets=False)
        except TimeoutError:
            log.warning("a model is called without what is remembered", extra={"reason": "it came too late"})
            return None

    def heard(self, text: str, turn: int) -> None:
        """Take what the user said; it is read when the reply to it is on its way."""
        if self._reading is not None:
            self._reading.cancel()  # the model is needed for the reply
        if self._on:
            self._waiting.append((text, turn))

    def settle(self, *, idle: bool = False) -> None:
        """Read and write what was said so far; `idle` when nobody speaks, and there is time for more."""
        if idle:
            self._condense()
        if self._given is None or not self._on:
            return
        waiting, self._waiting = self._waiting, []
        for text, turn in waiting:
            if ordered(text, self._language) is not None:
                continue
            self._lines = [*self._lines, text][-LINES:]
            self._unread.append(text)
            if facts := told(text, self._language):
                self._spawn(self._write(self._given, facts, turn))
        if not idle:
            return
        if facts := self._promises():
            self._spawn(self._write(self._given, facts, 0, mine=True))
        if len(self._lines) >= self._noted_at + EPISODE_EVERY:
            self._spawn(self._note(self._given))
        engine = self._dialogue
        if self._unread and self._given.memory.terms.model and isinstance(engine, Asking):
            self._reading = self._spawn(self._read(self._given, engine))

    async def close(self) -> None:
        """Write what is left when the session ends; nothing where it goes on elsewhere."""
        if self._moved:
            return
        self.settle()
        given = self._given
        if given is None or not self._on:
            return
        try:
            async with asyncio.timeout(CLOSE_PATIENCE):
                await asyncio.gather(*self._running, return_exceptions=True)
                await self._note(given)
                if self._greeted:
                    await given.memory.kept(given.owner, self._greeted)
        except MemoryAway:
            log.warning("a promise that was kept is not noted")
        except TimeoutError:
            log.warning("the session ends before all of it is remembered", extra={"reason": "the memory is slow"})

    def _spawn(self, body: Coroutine[None, None, None]) -> asyncio.Task[None]:
        task = self._begin(body)
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return task

    # -------------------------------------------------------------------------------------------------- telling

    async def _fitting(self, given: Remembered, text: str, *, greets: bool) -> Memories | None:
        kept = await given.memory.find(given.owner, text)
        if kept is None:
            return None
        now = given.memory.now
        best = ranked(kept.facts, text, now, kept.near)
        if (question := asked(text, self._language)) is not None:
            best.sort(key=lambda each: each.fact.kind != question.kind)
            about = words_of(question.about)
            meant = [each.number for each in best if each.fact.kind == question.kind and matched(about, _words(each))]
            self._last = tuple(meant) or self._last
        if greets:
            self._greeted = tuple(each.number for each in best if each.fact.kind == "promise")[:1]
        facts, episodes = within(best, kept.episodes, given.memory.terms.tokens, tokens_in, self._line)
        other = tuple(each.text for each in episodes if each.session != self._session)
        return Memories(memos=tuple(map(self._memo, facts)), episodes=other)

    async def _ordered(self, given: Remembered, order: Ordered) -> Memories:
        """Carry out an order of the user's and return what is to be said of it."""
        try:
            async with asyncio.timeout(ORDER_PATIENCE):
                return await self._obeyed(given, order)
        except (MemoryAway, TimeoutError):
            return Memories(done="failed")

    async def _obeyed(self, given: Remembered, order: Ordered) -> Memories:
        memory, owner = given.memory, given.owner
        match order.order:
            case "tell":
                kept = await memory.everything(owner)
                best = ranked(kept.facts, "", memory.now)
                episodes = tuple(each.text for each in reversed(kept.episodes) if each.session != self._session)
                return Memories(memos=tuple(map(self._memo, best)), episodes=episodes[:3], done="tell")
            case "erase":
                await memory.erase(owner)
                self._drop()
                return Memories(done="erased")
            case "forget_about":
                kept = await memory.everything(owner)
                about = words_of(order.about)
                meant = [each.number for each in kept.facts if matched(about, _words(each)) >= FITS]
                gone = await memory.forget(owner, meant)
            case "forget":
                gone = await memory.forget(owner, self._last)
        self._last = ()
        self._changed()
        if gone:
            self._lines = self._lines[:-1]
        return Memories(done="forgot" if gone else "forgot_nothing")

    def _drop(self) -> None:
        """Let go of what this session itself still knows."""
        self._lines, self._noted_at, self._last, self._unread, self._waiting = [], 0, (), [], []
        self._condensing = Condensing()
        self._history.forget()
        self._erased()
        self._changed()

    def _memo(self, each: Stored) -> Memo:
        fact = each.fact
        return Memo(fact.kind, fact.value, self._line(each), fact.about, fact.said)

    def _line(self, each: Stored) -> str:
        return sentence(each.fact, self._language)

    # -------------------------------------------------------------------------------------------------- writing

    async def _write(self, given: Remembered, facts: Sequence[Fact], turn: int, *, mine: bool = False) -> None:
        try:
            numbers = await given.memory.write(given.owner, facts, session=self._session, turn=turn)
        except MemoryAway:
            log.warning("what was told is not remembered", extra={"facts": len(facts)})
            return
        if numbers and not mine:
            self._last = numbers
        if numbers:
            self._changed()

    async def _note(self, given: Remembered) -> None:
        """Write what this session is about."""
        self._noted_at = len(self._lines)
        if text := summary(self._lines):
            try:
                await given.memory.note(given.owner, self._session, text)
            except MemoryAway:
                log.warning("what the session was about is not remembered")

    async def _read(self, given: Remembered, engine: Asking) -> None:
        """Have the language model read what the rules may have missed."""
        said = "\n".join(self._unread)
        try:
            with guarded("dialogue"):
                async with asyncio.timeout(MODEL_PATIENCE):
                    answer = await engine.ask(modelled.SYSTEM, modelled.question(said), most=modelled.ANSWER)
        except (EngineError, TimeoutError):
            return
        self._unread.clear()
        rules = {fact.slot for line in said.splitlines() for fact in told(line, self._language)}
        # What the rules have read is surer.
        if facts := [fact for fact in modelled.read(answer, said) if fact.slot not in rules]:
            await self._write(given, facts, 0)

    def _promises(self) -> tuple[Fact, ...]:
        said = self._history.messages()
        return promised(said[-1].text, self._language) if said and said[-1].role == "companion" else ()

    # ------------------------------------------------------------------------------------------- a long session

    def _condense(self) -> None:
        """Summarise what is so old that a model may not be told it word for word."""
        old = self._condensing.due(self._history.messages())
        if old and self._condensing.free:
            self._condensing.free = False
            self._spawn(self._summarise(old))

    async def _summarise(self, old: tuple[Message, ...]) -> None:
        condensing, engine = self._condensing, self._dialogue
        text = ""
        if isinstance(engine, Asking):
            try:
                with guarded("dialogue"):
                    async with asyncio.timeout(MODEL_PATIENCE):
                        words = condensing.asked(old)
                        text = await engine.ask(modelled.SUMMARISE, words, most=modelled.SUMMARY)
            except (EngineError, TimeoutError):
                log.info("a summary is made without the language model")
        condensing.take(old, text)

    # ---------------------------------------------------------------------------------------------- on the wire

    def receive(self, message: m.MemoryAsk) -> None:
        """Do what the client asks; the answer comes when it is done."""
        if self._given is None:
            self._complain("unsupported", "this server remembers nobody")
        else:
            self._spawn(self._answer(self._given, message))

    async def _answer(self, given: Remembered, message: m.MemoryAsk) -> None:
        try:
            self._post(await self._answered(given, message))
        except (MemoryAway, BadMemory) as error:
            self._post(m.Error(code=error.code, message=error.message))

    async def _answered(self, given: Remembered, message: m.MemoryAsk) -> m.MemoryTold:
        memory, owner, op = given.memory, given.owner, message.op
        match op:
            case "agree" | "refuse":
                await memory.agree(owner, op == "agree")
                self._on = op == "agree"
                self._changed()
                if not self._on:
                    self._waiting, self._unread = [], []
                return m.MemoryTold(op=op, on=self._on)
            case "tell":
                kept = await memory.everything(owner)
                return self._told(kept, memory.now)
            case "forget":
                gone = await memory.forget(owner, message.facts)
                self._changed()
                return m.MemoryTold(op=op, on=self._on, count=gone)
            case "erase":
                gone = await memory.erase(owner)
                self._drop()
                return m.MemoryTold(op=op, on=self._on, count=gone)
            case "export":
                kept = await memory.everything(owner)
                return m.MemoryTold(op=op, on=self._on, blob=sealed(owner, kept, await memory.key()))
            case "import":
                kept = opened(message.blob, owner, await memory.key())
                if not self._on:
                    raise BadMemory("nothing is taken over for somebody who has not agreed to be remembered")
                count = await memory.take(owner, kept)
                self._changed()
                return m.MemoryTold(op=op, on=self._on, count=count)

    def _told(self, kept: Kept, now: float) -> m.MemoryTold:
        facts = tuple(
            m.MemoryFact(
                id=each.number,
                kind=each.fact.kind,
                text=self._line(each),
                day=datetime.fromtimestamp(each.seen, UTC).date().isoformat(),
            )
            for each in ranked(kept.facts, "", now)
        )
        return m.MemoryTold(
            op="tell", on=self._on, facts=facts, episodes=tuple(each.text for each in reversed(kept.episodes))
        )


def _words(each: Stored) -> str:
    return f"{each.fact.kind} {each.fact.about} {each.fact.value} {each.fact.said}"
