"""Plays a scenario against a server: everybody connects by the reference client, and each step is judged."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack, suppress
from typing import Any, Final

from bridge.command.evaluating.experience import TICKS, Experience, Reply
from bridge.command.evaluating.judging import Verdict, faults
from bridge.command.evaluating.scenario import Expected, Scenario, Step
from talk.client import Companion, CompanionError

SILENCE_S: Final = 2.0  # in which nobody may begin, where nobody is to answer
REST_S: Final = 0.02  # between two looks


class Person:
    """One participant: a connection, and what came over it."""

    def __init__(self, client: Companion) -> None:
        self.client = client
        self.experience = Experience()

    async def listen(self) -> None:
        """Take what comes until the conversation is over; what is heard is told as fast as it comes."""
        loop = asyncio.get_running_loop()
        with suppress(CompanionError):
            async for message in self.client:
                self.experience.take(message, loop.time())
                if message["type"] == "media" and message["turn"]:
                    pts = message["pts"] + len(message["pcm"]) // 2 * TICKS // self.experience.rate
                    await self.client.playhead(message["turn"], pts)


async def rehearse(scenario: Scenario, url: str, token: str, tell: Callable[[str], None]) -> list[Verdict]:
    """Play it, and return what came of each step; raises CompanionError where nobody lets us in."""
    loop = asyncio.get_running_loop()
    verdicts: list[Verdict] = []
    async with AsyncExitStack() as stack, asyncio.TaskGroup() as group:
        people: dict[str, Person] = {}
        listening: list[asyncio.Task[None]] = []
        for name in scenario.people:
            client = await stack.enter_async_context(Companion.connect(url, token=token, **_hello(scenario, name)))
            people[name] = person = Person(client)
            listening.append(group.create_task(person.listen()))
        for number, step in enumerate(scenario.steps, 1):
            began = loop.time()
            person = people[step.by or scenario.people[0]]
            wrong, said = await _take(step, person, scenario)
            verdict = Verdict(_title(number, step), loop.time() - began, tuple(wrong), said)
            verdicts.append(verdict)
            tell(f"{'FAIL' if wrong else 'ok  '} {verdict.name}" + "".join(f"\n       {fault}" for fault in wrong))
        verdicts += await _whole(scenario, list(people.values()))
        for task in listening:
            task.cancel()
    return verdicts


def _hello(scenario: Scenario, name: str) -> dict[str, Any]:
    hello: dict[str, Any] = {"user": name, "language": scenario.language, "identity": scenario.identity}
    if (room := scenario.room) is not None:
        hello["room"] = {
            "name": room.name,
            "kind": room.kind,
            "cast": [{"identity": each} for each in room.cast],
            "agenda": [{"title": each} for each in room.agenda],
        }
    return hello


async def _take(step: Step, person: Person, scenario: Scenario) -> tuple[list[str], str]:
    """Do one step; return what is wrong with what came of it, and what was said."""
    await asyncio.sleep(step.wait)
    loop, experience = asyncio.get_running_loop(), person.experience
    before, asked_at = len(experience.replies), loop.time()
    if step.do is not None:
        await person.client.room(step.do, to=step.to or None)
    if step.say is not None:
        await person.client.text(step.say)
    if step.expect is None and step.interrupt_s is None:
        return [], ""
    if step.expect == "silence":
        await asyncio.sleep(SILENCE_S)
        answered = experience.replies[before:]
        return ([f"somebody answered: {answered[0].text!r}"] if answered else []), ""
    reply = await _reply(step, person, before, asked_at + scenario.patience_s)
    expected = step.expect or Expected(complete=False)
    assert isinstance(expected, Expected)
    return faults(reply, asked_at, expected, scenario.budget, experience), "" if reply is None else reply.text


async def _reply(step: Step, person: Person, before: int, until: float) -> Reply | None:
    """Wait for the reply to a step, to its end and until the floor is free; None when none comes in time."""
    loop, experience = asyncio.get_running_loop(), person.experience
    stopped = step.interrupt_s is None
    while loop.time() < until:
        found = experience.replies[before : before + 1]
        if found and not stopped and found[0].first_sound is not None:
            assert step.interrupt_s is not None
            if loop.time() >= found[0].first_sound + step.interrupt_s:
                stopped = True
                await person.client.interrupt(found[0].turn)
                found[0].reason = found[0].reason or "interrupted"
        if found and found[0].over and experience.state in ("idle", "listening"):
            return found[0]
        await asyncio.sleep(REST_S)
    return next(iter(experience.replies[before : before + 1]), None)


async def _whole(scenario: Scenario, people: list[Person]) -> list[Verdict]:
    """Judge what no single step is about: never two at once, and the minutes."""
    wrong = [fault for person in people for fault in person.experience.overlaps]
    out = [Verdict("nobody speaks over another reply", 0.0, tuple(wrong))]
    if scenario.minutes:
        if not people[0].experience.minutes:
            await people[0].client.room("minutes")
            await asyncio.sleep(0.5)
        minutes = people[0].experience.minutes
        missing = [f"{words!r} is not in the minutes" for words in scenario.minutes if words not in minutes]
        out.append(Verdict("the minutes hold what was said", 0.0, tuple(missing), minutes))
    return out


def _title(number: int, step: Step) -> str:
    what = step.say or (f"{step.do} {step.to}".strip() if step.do else f"wait {step.wait:g} s")
    return f"{number}. {step.by + ': ' if step.by else ''}{what[:80]}"
