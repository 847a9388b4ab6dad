"""Walks every reachable state of `Turns` with every event, and writes the table that a person can read.

A state is what can matter later: the state's name, and of the hidden fields what the next event can see. Ids are
relative: `this` is the utterance or turn that runs or ran last, `old` one before it, `next` one that is new.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator, Sequence
from copy import copy
from dataclasses import dataclass
from functools import cache
from itertools import chain
from typing import TypeVar

from bridge.core import turn_events as e
from bridge.core.opinion import Opinion
from bridge.core.speculation import Speculation
from bridge.core.turn_policy import Policy
from bridge.core.turns import State, Turns

T = TypeVar("T")
PASSES = "time passes"
FORGOTTEN = -1  # an utterance that nobody waits for


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
    hearing = turns.state in (State.LISTENING, State.ENDPOINTING, State.OVERLAP)
    since = turns.overlap_since if turns.state is State.OVERLAP else now
    details = [
        "held" if turns.state is State.ENDPOINTING and now < turns.end_at else "",
        ("unheard" if turns.heard_since is None else "heard") if replying else "",
        "little" if replying and turns.heard_since is not None and turns.heard_little(since) else "",
        "paused" if turns.state is State.OVERLAP and turns.deadline is None else "",
        "prompted" if replying and turns.prompt is None else "",
        "words" if turns.spoken.words else "",
        "again" if turns.spoken.again else "",
        f"awaits:{_relative(turns.spoken.awaited, turns.utterance)}" if turns.spoken.awaited else "",
        *(f"murmur:{_relative(ids, turns.utterance)}{when}" for ids, when in _murmurs(turns)),
        "must" if turns.must else "",
        *(_known(turns) if hearing else ()),
        f"guess:{turns.ahead.running.split()[-2:][0]}" if turns.ahead.running else "",
    ]
    return " ".join([turns.state.name, *filter(None, details)])


def _murmurs(turns: Turns) -> Iterator[tuple[set[int], str]]:
    """What stopped over the reply, and whether it began when little of that had been heard."""
    replying = turns.state in (State.THINKING, State.SPEAKING, State.OVERLAP)
    murmurs = turns.spoken.murmurs
    early = {n for n, began in murmurs.items() if replying and turns.heard_since and turns.heard_little(began)}
    for ids, when in ((murmurs.keys() - early, ""), (early, ":early")):
        if ids:
            yield ids, when


def _known(turns: Turns) -> Iterator[str]:
    """What is known before the user's turn is over."""
    ahead, likely, voice = turns.ahead, turns.opinion.by_words, turns.opinion.by_voice
    yield "quiet" if turns.state is State.LISTENING and turns.quiet_since else ""
    yield words.split()[0] + "?" if (words := ahead.words(turns.utterance)) else ""
    yield "" if likely is None else "sure" if likely > 0.5 else "unlikely"
    yield "" if voice is None else "finished" if voice > 0.5 else "unfinished"
    yield "mouth" if turns.opinion.mouth else ""
    yield f"tried:{ahead.tries}" if ahead.tries else ""


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
            assert utterance == before.utterance
            return "EndUtterance"
        case e.Lost():
            return "Lost"
        case e.CancelReply(turn) | e.Duck(turn) | e.Unduck(turn):
            assert turn == before.turn
            return type(action).__name__
        case e.LearnWords():
            raise AssertionError("only a floor that follows a model learns words late")


def _events(turns: Turns) -> Iterator[tuple[str, e.Event | None]]:
    this, turn = turns.utterance, turns.turn
    yield PASSES, None
    yield "SpeechStarted(next)", e.SpeechStarted(this + 1)
    yield "SpeechPaused(this)", e.SpeechPaused(this, True)
    yield "SpeechWentOn(this)", e.SpeechPaused(this, False)
    yield "SpeechPaused(old)", e.SpeechPaused(FORGOTTEN, True)
    yield "SpeechStopped(this)", e.SpeechStopped(this)
    yield "SpeechStopped(old)", e.SpeechStopped(FORGOTTEN)
    known = turns.spoken.awaited | turns.spoken.murmurs.keys()
    for name, utterance in (("this", this), ("old", min(known - {this}, default=FORGOTTEN))):
        for text in (f"{name} words", "mhm", ""):
            yield f"Transcribed({name}, {text!r})", e.Transcribed(utterance, text)
    yield "TalkPressed(next)", e.TalkPressed(this + 1)
    yield "TalkReleased(this)", e.TalkReleased(this)
    yield "TalkReleased(old)", e.TalkReleased(FORGOTTEN)
    yield "Typed", e.Typed("typed")
    yield "Prompted", e.Prompted("prompt")
    yield "Prompted(must)", e.Prompted("prompt", must=True)
    yield "Led(next)", e.Led(turn + 1)
    yield "PlaybackStarted(this)", e.PlaybackStarted(turn)
    yield "PlaybackStarted(old)", e.PlaybackStarted(turn - 1)
    yield "PlaybackEnded(this)", e.PlaybackEnded(turn)
    yield "PlaybackEnded(old)", e.PlaybackEnded(turn - 1)
    yield "StopRequested", e.StopRequested()


def _news(turns: Turns) -> Iterator[tuple[str, e.Event | None]]:
    """What comes before the user's turn is over."""
    this = turns.utterance
    for text in ("this words", "other words"):
        yield f"PartlyTranscribed(this, {text!r})", e.PartlyTranscribed(this, text)
    yield "EndOfTurnLikely(this, 0.9)", e.EndOfTurnLikely(this, 0.9)
    yield "EndOfTurnLikely(this, 0.1)", e.EndOfTurnLikely(this, 0.1)


def _voice(turns: Turns) -> Iterator[tuple[str, e.Event | None]]:
    """What matters while it is heard and understood how finished the first utterance sounds."""
    this, turn = turns.utterance, turns.turn
    yield PASSES, None
    if turns.state is State.IDLE:
        yield "SpeechStarted(next)", e.SpeechStarted(this + 1)
    yield "SpeechPaused(this)", e.SpeechPaused(this, True)
    yield "SpeechWentOn(this)", e.SpeechPaused(this, False)
    yield "SpeechStopped(this)", e.SpeechStopped(this)
    yield "Transcribed(this, 'this words')", e.Transcribed(this, "this words")
    for likely in (0.9, 0.1):
        yield f"EndOfTurnLikely(this, {likely}, final)", e.EndOfTurnLikely(this, likely, final=True)
        yield f"SoundsFinished(this, {likely})", e.SoundsFinished(this, likely)
    for moves in (True, False):
        yield f"MouthMoves(this, {moves})", e.MouthMoves(this, moves)
    yield "SoundsFinished(old, 0.9)", e.SoundsFinished(FORGOTTEN, 0.9)
    yield "PlaybackEnded(this)", e.PlaybackEnded(turn)


def _copy(turns: Turns) -> Turns:
    """Copy what can change: `copy.deepcopy` would take most of the walk, and `copy.copy` half of it."""
    other = _shallow(turns)
    for name, value in vars(turns).items():
        if isinstance(value, Speculation | Opinion):
            vars(other)[name] = copy(value) if isinstance(value, Opinion) else _shallow(value)
    other.spoken = _shallow(turns.spoken)
    for name, value in vars(turns.spoken).items():
        if isinstance(value, set | dict | list):
            vars(other.spoken)[name] = value.copy()
    return other


def _shallow(thing: T) -> T:
    made = object.__new__(type(thing))
    vars(made).update(vars(thing))
    return made


def _step(point: _Point, event: e.Event | None) -> tuple[_Point, list[e.Action]] | None:
    turns = _copy(point.turns)
    if event is None:
        before, now = describe(turns, point.now), point.now
        actions: list[e.Action] = []
        while turns.deadline is not None and not actions and describe(turns, now) == before:
            now = turns.deadline
            actions = turns.expire(now)
        if turns.deadline is None and turns.state is State.SPEAKING and turns.heard_little(now):
            now += turns.policy.reopen_within
        return None if now == point.now else (_Point(turns, now), actions)
    now = point.now + 0.01
    return _Point(turns, now), turns.receive(event, now)


@cache
def walk(*, full_duplex: bool, news: bool = True, voice: bool = False) -> tuple[Line, ...]:
    """Every transition from every reachable state by the rules that ship, in the order in which states are found.

    Without `news` nothing is understood or judged before an utterance has ended. `voice`: only what matters to a judge
    of the voice.
    """
    first = _Point(Turns(Policy(), full_duplex=full_duplex), 1.0)
    first.turns.utterance = 1
    first.turns.ahead.attend(1)
    seen = {describe(first.turns, first.now)}
    todo = deque([first])
    lines: list[Line] = []
    while todo:
        point = todo.popleft()
        before = describe(point.turns, point.now)
        events = _voice(point.turns) if voice else chain(_events(point.turns), _news(point.turns) if news else ())
        for name, event in events:
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


_AHEAD_STATE = re.compile(r" (quiet|sure|unlikely|finished|unfinished|\S+[?]|tried:\d|guess:\S+)(?= |$)")
_AHEAD_ACTION = re.compile(r" ?Speculate\([^)]*\)| ?Withdraw|, from guess")


def floor(lines: Sequence[Line]) -> list[Line]:
    """The same transitions without what is begun ahead, the first of each state and event."""
    found: dict[tuple[str, str], Line] = {}
    for line in lines:
        before, after = (_AHEAD_STATE.sub("", state) for state in (line.before, line.after))
        actions = _AHEAD_ACTION.sub("", line.actions).strip()
        found.setdefault((before, line.event), Line(before, line.event, after, actions))
    return list(found.values())


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
    """What is done ahead while the user's first utterance is all that there is of their turn, at the first try."""
    more = ("old", "again", "murmur", "other", "typed", "words awaits", "LISTENING words", "LISTENING guess", "must")
    acts = ("Speculate", "Withdraw", "guess", "EndUtterance")
    unsure = ("LISTENING quiet this? unlikely", "LISTENING quiet this? sure")
    return [
        line
        for line in lines
        if (
            not any(mark in line.before for mark in (*more, "tried:2"))
            and any(act in line.actions for act in acts)
            and ("sure" not in line.before or "EndUtterance" in line.actions)
            and "unlikely" not in line.before
        )
        or (line.before in unsure and line.event in (PASSES, "SpeechWentOn(this)", "EndOfTurnLikely(this, 0.9)"))
    ]


def document() -> str:
    """The whole table as text."""
    full, half = (floor(walk(full_duplex=duplex, news=False)) for duplex in (True, False))
    ahead, half_ahead = (foresight(walk(full_duplex=duplex)) for duplex in (True, False))
    plain = [line for line in full if " must" not in line.before]
    known = {without_must(line) for line in plain}
    musts = [line for line in full if " must" in line.before and without_must(line) not in known]
    parts = [
        "Every state of bridge/core/turns.py that can be reached by the rules that ship, with every event: what",
        "becomes of the floor. What is begun ahead stands at the end. Full duplex:",
        *table(plain),
        "",
        "While a prompt that must be said waits: only what is then different.",
        *table(musts),
        "",
        "Half duplex: only what is then different.",
        *table(differing(half, full)),
        "",
        "Looking ahead: `this?` is what was understood so far, `tried:1` how many answers to this utterance were",
        "begun, `guess:this` what the answer that is held answers, `sure` and `unlikely` how finished it sounds. Only",
        "what is done because of them, while there is one utterance; the others are walked too, and differ by their",
        "prompt.",
        *table(ahead),
        "",
        "Looking ahead in half duplex: only what is then different.",
        *table(differing(half_ahead, ahead)),
        "",
        "A judge of the voice: `finished` and `unfinished` is how it sounds, `sure` and `unlikely` what the words say.",
        "Of one utterance, from its beginning to the answer.",
        *table(walk(full_duplex=True, voice=True)),
    ]
    return "\n".join(parts) + "\n"
