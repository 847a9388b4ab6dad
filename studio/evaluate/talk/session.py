"""The part of an evaluation that is talked: probes, noise, bias, latency, one after another with one dialogue."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from engines.api import EngineError
from engines.identity.fields import Json
from engines.jobs import Dialogue, Documents, Gate
from studio.evaluate.bias import audit
from studio.evaluate.measures import Section, unmeasured
from studio.evaluate.noise import sweep
from studio.evaluate.probes import asking
from studio.evaluate.probes.opinions import Opinion, opinions
from studio.evaluate.subject import Subject
from studio.evaluate.talk import latency
from studio.evaluate.talk.gating import Gating
from studio.evaluate.talk.playing import Bounds, Player

Progress = Callable[[float, str], None]
TALKED: Final = (asking.NAME, sweep.NAME, audit.NAME, latency.NAME)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be talked about: how many questions with errors (0: by cost), and whether time is measured."""

    questions: int = 0
    timed: bool = False
    seed: int = 0
    judge: Dialogue | None = None  # whose opinion of the answers is asked
    other: Dialogue | None = None  # that speaks for the person as the other gender
    bounds: Bounds = field(default_factory=Bounds)


async def talked(
    subject: Subject,
    dialogue: Dialogue,
    wanted: Wanted,
    progress: Progress,
    *,
    gates: Sequence[Gate] = (),
    documents: Documents | None = None,
) -> list[Section]:
    """Talk, and return the sections; the dialogue is started and closed here.

    EngineError when a language model cannot be started; a card that its own engine cannot read is told in the sections.
    """
    try:
        await dialogue.start()
        for gate in gates:
            await gate.start()
    except EngineError as error:
        await dialogue.close()
        if dialogue.name != "scripted":
            raise
        return [Section(name, (unmeasured(f"{name}.talk", error.message),)) for name in TALKED]
    withheld = subject.identity.regrets["withheld"]

    def player_of(speaks: Dialogue) -> Player:
        gating = Gating(gates, withheld)
        return Player(speaks, subject.identity.language, gating=gating, documents=documents, bounds=wanted.bounds)

    player = player_of(dialogue)
    try:
        progress(0.0, "putting it to the test")
        probes, asked = await asking.probed(subject, player)
        progress(0.4, "asking with errors in the questions")
        noise, turns = await sweep.swept(subject, player, seed=wanted.seed, most=wanted.questions)
        progress(0.7, "asking under other names")
        if wanted.other is not None:
            await wanted.other.start()
        other = player_of(wanted.other) if wanted.other is not None else None
        bias = await audit.audited(subject, player, other, seed=wanted.seed)
    finally:
        if wanted.other is not None:
            await wanted.other.close()
        for gate in gates:
            await gate.close()
        await dialogue.close()
    sections = [probes, noise, bias]
    if wanted.judge is not None and asked:
        progress(0.8, "asking the judge")
        about = f"{subject.identity.name}. {subject.identity.description}"
        opinion, said = await opinions(asked, about, wanted.judge, wanted.bounds)
        sections = [_with_opinions(probes, said), noise, bias, opinion]
    if wanted.timed:
        every = [turn for each in asked for turn in each.turns] + turns
        sections.append(latency.latency(every, scripted=player.scripted))
    return sections


def _with_opinions(probes: Section, said: Sequence[Opinion]) -> Section:
    """Return the section of the probes with what the judge said beside each transcript."""
    words = {each.probe: each.words for each in said}
    talks = probes.detail["transcripts"]
    judged: list[Json] = [
        {**talk, "judged": words.get(str(talk["id"]), "")}
        for talk in (talks if isinstance(talks, list) else [])
        if isinstance(talk, dict)
    ]
    return Section(probes.name, probes.measures, {**probes.detail, "transcripts": judged})
