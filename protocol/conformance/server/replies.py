"""Probes that need a reply: whether it comes in order, is paced, stops, and is there again after a loss."""

from __future__ import annotations

from typing import Final

from protocol import messages as m
from protocol.conformance.play import Over, Scene
from protocol.conformance.server.stage import TICKS, Line, ServerStage

STEP_S: Final = 0.2  # the most that a server sends at once
SLACK_S: Final = 0.3
REPLY_S: Final = 90.0  # the longest reply that is waited for


def _need(stage: ServerStage, line: Line, *features: str) -> None:
    welcome = line.welcome
    if welcome is None or any(feature not in welcome.features for feature in features):
        raise Over


def _begun(stage: ServerStage, line: Line, since: int) -> Scene:
    """Say something, and wait for the first sound of an answer; Over without one."""
    stage.send(line, m.UserText(text=stage.say))
    came = yield from stage.got(line, m.Media, since, 3 * stage.patience)
    if not came:
        raise Over


def reply(stage: ServerStage) -> Scene:
    """A whole reply, heard as fast as it is made."""
    for subprotocol in m.SUBPROTOCOLS:
        line, _ = yield from stage.session(subprotocol)
        _need(stage, line, "text")
        yield from _begun(stage, line, 0)
        told, end = 0, stage.now + REPLY_S
        while not line.of(m.ReplyEnd) and line.shut is None and stage.now < end:
            turn = max(line.sent, default=0)
            if line.sent.get(turn, 0) > told:
                told = line.sent[turn]
                stage.send(line, m.Playhead(turn=turn, pts=told, seq=line.seq))
            yield end
        if not line.of(m.ReplyEnd):
            raise Over
        last = line.of(m.ReplyEnd)[0]
        mark = len(line.inbox)
        before = [state.state for state in line.of(m.StateChange)]
        stage.send(line, m.Playhead(turn=last.turn, pts=last.pts, seq=line.seq))
        yield from stage.until(lambda line=line: any(s.state == "idle" for s in line.of(m.StateChange)), 3.0)  # type: ignore[misc]
        states = [state.state for state in line.of(m.StateChange, mark)] or before[-1:]
        stage.judge("idle_at_end", states[-1:] == ["idle"], f"the state is {states[-1:]} when all was heard")
        stage.send(line, m.Bye())


def pacing(stage: ServerStage) -> Scene:
    """A reply that is played in real time for 2 s: nothing may come much earlier than it is due."""
    line, welcome = yield from stage.session()
    _need(stage, line, "text")
    yield from _begun(stage, line, 0)
    turn, began, lead = line.of(m.Media)[-1].turn, stage.now, welcome.lead_ms / 1000
    most, due = 0.0, began
    while stage.now < began + 2.0 and not line.of(m.ReplyEnd) and line.shut is None:
        if stage.now >= due:
            heard = min(round((stage.now - began) * TICKS), line.sent.get(turn, 0))
            stage.send(line, m.Playhead(turn=turn, pts=heard, seq=line.seq))
            due = stage.now + 0.15
        most = max(most, line.sent.get(turn, 0) / TICKS - (stage.now - began))
        yield due
    stage.judge(
        "pacing", most <= lead + STEP_S + SLACK_S, f"{most:.2f} s ahead of what is heard, {lead:g} s were agreed"
    )
    mark = len(line.inbox)
    stage.send(line, m.Playhead(turn=turn, pts=line.sent.get(turn, 0) + 600 * TICKS, seq=line.seq))
    told = yield from stage.failed(line, "bad_playhead", mark)
    stage.judge("bad_playhead", told, "a playhead ten minutes ahead is believed")


def interrupt(stage: ServerStage) -> Scene:
    """Stop a reply, and one that never ran."""
    line, _ = yield from stage.session()
    _need(stage, line, "text")
    mark = len(line.inbox)
    stage.send(line, m.Interrupt(turn=4242))
    yield from stage.alive(line)
    stage.judge("interrupt", not line.of(m.Interrupted, mark), "a turn that never ran is interrupted")
    yield from _begun(stage, line, 0)
    turn = line.of(m.Media)[-1].turn
    stage.send(line, m.Interrupt(turn=turn, pts=1200))
    cut = yield from stage.got(line, m.Interrupted, mark)
    stage.judge("interrupt", cut and line.of(m.Interrupted)[0].turn == turn, "it is not answered with `interrupted`")
    yield from stage.rest(0.6)
    stage.judge("nothing_after_cut", True)


def typed(stage: ServerStage) -> Scene:
    """Type while a reply is heard."""
    line, _ = yield from stage.session()
    _need(stage, line, "text")
    yield from _begun(stage, line, 0)
    mark, turn = len(line.inbox), line.of(m.Media)[-1].turn
    stage.send(line, m.UserText(text="Thank you, and now something else, please."))
    yield from stage.until(lambda: any(start.turn > turn for start in line.of(m.ReplyStart, mark)), stage.patience)
    kinds = [
        type(got.message).__name__ for got in line.inbox[mark:] if isinstance(got.message, m.Interrupted | m.ReplyStart)
    ]
    stage.judge("typed_cuts", kinds[:2] == ["Interrupted", "ReplyStart"], f"what follows is {kinds or 'nothing'}")
    yield from stage.rest(0.3)
    stage.judge("nothing_after_cut", True)


def resume(stage: ServerStage) -> Scene:
    """Lose the line in the middle of a reply, and ask for most of it again."""
    line, welcome = yield from stage.session()
    _need(stage, line, "text", "resume")
    yield from _begun(stage, line, 0)
    yield from stage.rest(0.2)
    kept = [got for got in line.inbox if getattr(got.message, "seq", 0) and not isinstance(got.message, m.Welcome)]
    asked = getattr(kept[0].message, "seq", 0)
    stage.cut(line)
    yield from stage.until(lambda: line.shut is not None, stage.patience)
    kept = [
        got for got in line.inbox if getattr(got.message, "seq", 0) > asked and not isinstance(got.message, m.Welcome)
    ]
    again = yield from stage.enter(
        m.SUBPROTOCOLS[0], resume={"session": welcome.session, "token": welcome.token, "seq": asked}
    )
    back = again.welcome
    if not stage.judge(
        "resume", back is not None and back.resumed, f"it is not resumed: {back.reason if back else 'no welcome'}"
    ):
        raise Over
    yield from stage.until(lambda: len(again.inbox) > len(kept) + 1 and bool(again.of(m.StateChange)), stage.patience)
    wires = [
        got.wire for got in again.inbox if getattr(got.message, "seq", 0) and not isinstance(got.message, m.Welcome)
    ]
    same = wires[: len(kept)] == [got.wire for got in kept]
    stage.judge("replay_same", same, f"{len(kept)} messages were due again, and came otherwise")
    order = [type(got.message).__name__ for got in again.inbox[1:]]
    early = "StateChange" in order[: len(kept)]
    stage.judge(
        "resume",
        not early and "StateChange" in order,
        f"`state` does not follow what was lacking: {order[: len(kept) + 1]}",
    )


def strangers(stage: ServerStage) -> Scene:
    """Resume with a wrong secret, a session that never was, and one that is still in use."""
    line, welcome = yield from stage.session()
    _need(stage, line, "resume")
    for session, token, why in ((welcome.session, "wrong", "bad_token"), ("never-was", "wrong", "session_expired")):
        other = yield from stage.enter(resume={"session": session, "token": token, "seq": 0})
        new = other.welcome
        right = new is not None and not new.resumed and new.reason == why
        stage.judge("resume_refused", right, f"{why} is due, it is {new.reason if new else 'refused'}")
        if new:
            stage.send(other, m.Bye())
    heir = yield from stage.enter(resume={"session": welcome.session, "token": welcome.token, "seq": 0})
    yield from stage.until(lambda: line.shut is not None, stage.patience)
    shut = line.shut.code if line.shut else None
    resumed = heir.welcome is not None and heir.welcome.resumed
    stage.judge("session_taken", resumed and shut == 4032, f"the old line is closed with {shut}")


def viewer(stage: ServerStage) -> Scene:
    """Watch a session: the same messages, with the same numbers."""
    line, welcome = yield from stage.session()
    _need(stage, line, "text", "viewer")
    watch = {"session": welcome.session, "token": welcome.watch, "seq": 0}
    seen = yield from stage.enter(role="viewer", watch=watch)
    if not stage.judge("viewer", seen.welcome is not None, "it is not let in"):
        raise Over
    stated = yield from stage.got(seen, m.StateChange)
    stage.judge("viewer", stated, "it is not told the `state`")
    yield from _begun(stage, line, 0)
    yield from stage.got(seen, m.Media)
    yield from stage.rest(0.3)
    hers = [got.wire for got in line.inbox if getattr(got.message, "seq", 0) and not isinstance(got.message, m.Welcome)]
    his = [got.wire for got in seen.inbox if getattr(got.message, "seq", 0) and not isinstance(got.message, m.Welcome)]
    both = min(len(hers), len(his))
    stage.judge("viewer", both > 0 and hers[:both] == his[:both], "it sees something else than the speaker")
    assert seen.welcome is not None
    secret = seen.welcome.token == seen.welcome.watch == ""
    stage.judge("viewer", secret, "it is told a secret of the speaker's")
