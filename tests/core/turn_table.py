"""Walks every reachable state of `Turns` with every event, and writes the table that a person can read.

A state is what can matter later: the state's name, and of the hidden fields what the next event can see. Ids are
relative: `this` is the utterance or turn that runs or ran last, `old` one before it, `next` one that is new.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from copy import copy
from dataclasses import dataclass
from functools import cache

from bridge.core import turn_events as e
from bridge.core.speculation import Speculation
from bridge.core.turn_policy import Policy
from bridge.core.turns import State, Turns

PASSES = "time passes"
FORGOTTEN = 0  # an utterance that nobody waits for


@dataclass(frozen=True, slots=True)
class Line:
    """One transition."""

    before: str
    event: str
    after: str
    actions: str

    def __str__(self) -> str:
        return f"{self.before:48} {self.event:32} -> {self.after:48} {self.actions}".rstrip()


@dataclass(frozen=True, slots=True)
class _Point:
    turns: Turns
    now: float


def _relative(ids: set[int], this: int) -> str:
    return "+".join(name for name, found in (("this", this in ids), ("old", bool(ids - {this}))) if found)


def describe(turns: Turns, now: float) -> str:
    """The state's name and what is hidden in it."""
    replying = turns.state in (State.THINKING, State.SPEAKING, State.OVERLAP)
    details = [
        "held" if turns.state is State.ENDPOINTING and now < turns._end_at else "",
        ("heard" if turns._playing else "unheard") if replying else "",
        "paused" if turns.state is State.OVERLAP and turns.deadline is None else "",
        "prompted" if replying and turns._prompt is None else "",
        "words" if turns._words else "",
        "again" if turns._again else "",
        f"awaits:{_relative(turns._awaited, turns._utterance)}" if turns._awaited else "",
        f"murmur:{_relative(turns._murmurs, turns._utterance)}" if turns._murmurs else "",
        "must" if turns._must else "",
        *_foresight(turns),
    ]
    return " ".join([turns.state.name, *filter(None, details)])


def _foresight(turns: Turns) -> Iterator[str]:
    """What is known ahead, where it can matter."""
    ahead = turns._ahead
    if not turns.policy.tries:
        return
    if turns.state in (State.LISTENING, State.ENDPOINTING, State.OVERLAP):
        yield "quiet" if turns.state is State.LISTENING and turns._quiet_since else ""
        yield ahead._words.split()[0] + "?" if ahead._words else ""
        likely = turns._likely
        yield "" if likely is None else "sure" if likely > 0.5 else "unlikely"
        yield "spent" if ahead._tries else ""
    yield f"guess:{ahead._running.split()[-2:][0]}" if ahead._running else ""


def _act(action: e.Action, before: Turns) -> str:
    match action:
        case e.StartReply(turn, text, utterance, prompted, again, guess):
            assert turn == before.turn + 1
            what = "prompt" if prompted else repr(text)
            marks = ("spoken", utterance), ("again", again), ("from guess", guess)
            return f"StartReply({', '.join([what, *(mark for mark, is_so in marks if is_so)])})"
        case e.Speculate(guess, text, again):
            return f"Speculate({text!r}{', again' if again else ''})"
        case e.Withdraw(guess):
            return "Withdraw"
        case e.EndUtterance(utterance):
            assert utterance == before._utterance
            return "EndUtterance"
        case e.CancelReply(turn) | e.Duck(turn) | e.Unduck(turn):
            assert turn == before.turn
            return type(action).__name__


def _events(turns: Turns) -> Iterator[tuple[str, e.Event | None]]:
    this, turn = turns._utterance, turns.turn
    yield PASSES, None
    yield "SpeechStarted(next)", e.SpeechStarted(this + 1)
    yield "SpeechPaused(this)", e.SpeechPaused(this, True)
    yield "SpeechWentOn(this)", e.SpeechPaused(this, False)
    yield "SpeechPaused(old)", e.SpeechPaused(FORGOTTEN, True)
    yield "SpeechStopped(this)", e.SpeechStopped(this)
    yield "SpeechStopped(old)", e.SpeechStopped(FORGOTTEN)
    known = turns._awaited | turns._murmurs
    for name, utterance in (("this", this), ("old", min(known - {this}, default=FORGOTTEN))):
        for text in (f"{name} words", "mhm", ""):
            yield f"Transcribed({name}, {text!r})", e.Transcribed(utterance, text)
    yield "TalkPressed(next)", e.TalkPressed(this + 1)
    yield "TalkReleased(this)", e.TalkReleased(this)
    yield "TalkReleased(old)", e.TalkReleased(FORGOTTEN)
    yield "Typed", e.Typed("typed")
    yield "Prompted", e.Prompted("prompt")
    yield "Prompted(must)", e.Prompted("prompt", must=True)
    yield "PlaybackStarted(this)", e.PlaybackStarted(turn)
    yield "PlaybackStarted(old)", e.PlaybackStarted(turn - 1)
    yield "PlaybackEnded(this)", e.PlaybackEnded(turn)
    yield "PlaybackEnded(old)", e.PlaybackEnded(turn - 1)
    yield "StopRequested", e.StopRequested()


def _events_ahead(turns: Turns) -> Iterator[tuple[str, e.Event | None]]:
    """What matters to what is begun ahead."""
    this, turn = turns._utterance, turns.turn
    yield PASSES, None
    for text in ("this words", "other words"):
        yield f"PartlyTranscribed(this, {text!r})", e.PartlyTranscribed(this, text)
    yield "EndOfTurnLikely(this, 0.9)", e.EndOfTurnLikely(this, 0.9)
    yield "EndOfTurnLikely(this, 0.1)", e.EndOfTurnLikely(this, 0.1)
    yield "SpeechStarted(next)", e.SpeechStarted(this + 1)
    yield "SpeechPaused(this)", e.SpeechPaused(this, True)
    yield "SpeechWentOn(this)", e.SpeechPaused(this, False)
    yield "SpeechStopped(this)", e.SpeechStopped(this)
    for text in ("this words", ""):
        yield f"Transcribed(this, {text!r})", e.Transcribed(this, text)
    yield "TalkPressed(next)", e.TalkPressed(this + 1)
    yield "Typed", e.Typed("typed")
    yield "PlaybackStarted(this)", e.PlaybackStarted(turn)
    yield "PlaybackEnded(this)", e.PlaybackEnded(turn)


def _copy(turns: Turns) -> Turns:
    """`copy.deepcopy` would take most of the walk."""
    other = copy(turns)
    for name, value in vars(turns).items():
        if isinstance(value, set | dict | list | Speculation):
            setattr(other, name, copy(value))
    return other


def _step(point: _Point, event: e.Event | None) -> tuple[_Point, list[e.Action]] | None:
    turns = _copy(point.turns)
    if event is None:
        before, actions, now = describe(turns, point.now), [], point.now
        while turns.deadline is not None and not actions and describe(turns, now) == before:
            now = turns.deadline
            actions = turns.expire(now)
        return None if now == point.now else (_Point(turns, now), actions)
    now = point.now + 0.01
    return _Point(turns, now), turns.receive(event, now)


@cache
def walk(*, full_duplex: bool, ahead: bool = False) -> tuple[Line, ...]:
    """Every transition from every reachable state, in the order in which the states are found.

    `ahead`: with speculation (one try for an utterance), and with guesses whether the turn is over.
    """
    policy = Policy(tries=1, close_after=0.15, hold_for=20.0) if ahead else Policy()
    first = _Point(Turns(policy, full_duplex=full_duplex), 1.0)
    first.turns._attend(1)
    first.turns._ahead.attend(1)
    seen = {describe(first.turns, first.now)}
    todo, lines = deque([first]), []
    while todo:
        point = todo.popleft()
        before = describe(point.turns, point.now)
        for name, event in (_events_ahead if ahead else _events)(point.turns):
            step = _step(point, event)
            if step is None:
                continue
            after, actions = step
            state = describe(after.turns, after.now)
            lines.append(Line(before, name, state, " ".join(_act(action, point.turns) for action in actions)))
            if state not in seen:
                seen.add(state)
                todo.append(after)
    return tuple(lines)


def differing(lines: Sequence[Line], from_: Sequence[Line]) -> list[Line]:
    """The lines that are not among `from_`."""
    known = set(from_)
    return [line for line in lines if line not in known]


def without_must(line: Line) -> Line:
    """The same transition if no prompt had waited."""
    return Line(line.before.replace(" must", ""), line.event, line.after.replace(" must", ""), line.actions)


def table(lines: Sequence[Line]) -> Iterator[str]:
    """The lines by state; events that change nothing are gathered in one line."""
    for before in dict.fromkeys(line.before for line in lines):
        own = [line for line in lines if line.before == before]
        yield ""
        yield from (str(line) for line in own if line.after != before or line.actions)
        ignored = [line.event for line in own if line.after == before and not line.actions]
        if ignored:
            yield f"{before:48} ignores: {', '.join(ignored)}"


def foresight(lines: Sequence[Line]) -> list[Line]:
    """What is done ahead while the user's first utterance is all that there is of their turn."""
    more = ("old", "again", "murmur", "other", "typed", "words awaits", "LISTENING words", "LISTENING guess")
    acts = ("Speculate", "Withdraw", "guess", "EndUtterance")
    unsure = ("LISTENING quiet this? unlikely", "LISTENING quiet this? sure")
    return [
        line
        for line in lines
        if (
            not any(mark in line.before for mark in more)
            and any(act in line.actions for act in acts)
            and ("sure" not in line.before or "EndUtterance" in line.actions)
            and "unlikely" not in line.before
        )
        or (line.before in unsure and line.event in (PASSES, "SpeechWentOn(this)", "EndOfTurnLikely(this, 0.9)"))
    ]


def document() -> str:
    """The whole table as text."""
    full, half = walk(full_duplex=True), walk(full_duplex=False)
    plain = [line for line in full if " must" not in line.before]
    known = {without_must(line) for line in plain}
    musts = [line for line in full if " must" in line.before and without_must(line) not in known]
    parts = [
        "Every state of bridge/core/turns.py that can be reached, with every event. Full duplex:",
        *table(plain),
        "",
        "While a prompt that must be said waits: only what is then different.",
        *table(musts),
        "",
        "Half duplex: only what is then different.",
        *table(differing(half, full)),
        "",
        "Looking ahead (one speculation for an utterance): `this?` is what was understood so far, `guess:this` what",
        "the answer that is held answers, `sure` and `unlikely` how finished it sounds. Only what is done because of",
        "them, while there is one utterance; the others are walked too, and differ by their prompt.",
        *table(foresight(walk(full_duplex=True, ahead=True))),
    ]
    return "\n".join(parts) + "\n"
