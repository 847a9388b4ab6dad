"""What the scripted server plays to a client: one conversation a scene, and the rules that are seen in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from protocol import messages as m
from protocol.conformance.client import hostile
from protocol.conformance.client.speech import Speech
from protocol.conformance.client.stage import TICKS, ClientStage
from protocol.conformance.play import LOST, Over, Scene


@dataclass(frozen=True, slots=True)
class ClientScene:
    """A scene: `judges` are the rules that must have been seen when it is over."""

    name: str
    what: str
    script: Callable[[ClientStage], Scene]
    judges: tuple[str, ...]


ALWAYS: Final = ("hello_first", "waits_for_welcome", "subprotocol", "no_token_in_url", "well_formed", "only_features")
PROXIES: Final = {1012: "a proxy restarts", 1013: "a proxy is busy", 1014: "a proxy has lost the server"}
SILENCE_S: Final = 10.0  # in which every client finds out that nobody is there
PLAYING: Final = ("playhead_sent", "playhead_seq", "playhead_heard", "no_sound_skipped", "in_order")


def plain(stage: ClientStage) -> Scene:
    """A welcome that takes its time, a reply, one without sound, one without a face, and a ping."""
    yield from stage.meet()
    yield from stage.rest(0.7)
    stage.welcome()
    yield from stage.rest(0.3)
    first = Speech(stage, 1, 1.6)
    yield from first.whole()
    yield from stage.heard(1)
    stage.regular(1)
    silent = Speech(stage, 2, 0)
    silent.start()
    silent.end()
    yield from Speech(stage, 3, 0.6).whole()
    yield from stage.heard(3, "no_sound")
    yield from Speech(stage, 4, 0.8, face=False).whole()
    yield from stage.heard(4, "no_face")
    stage.knock()
    answered = yield from stage.until(lambda: stage.ponged > 0, 2.0 + stage.slack)
    stage.judge("pongs", answered, "a WebSocket ping was not answered")


def succession(stage: ClientStage) -> Scene:
    """Two replies, the second before the first was heard; each message in five frames."""
    yield from stage.meet()
    stage.welcome()
    yield from Speech(stage, 1, 0.8, frames=5).whole()
    yield from Speech(stage, 2, 0.8, frames=5).whole()
    yield from stage.heard(1)
    yield from stage.heard(2, "fragments")


def dry(stage: ClientStage) -> Scene:
    """A reply that does not come for 2 s after its first burst, while the line lives."""
    yield from stage.meet()
    stage.welcome()
    speech = Speech(stage, 1, 2.0)
    speech.start()
    speech.burst(3)
    began = yield from stage.until(lambda: any(told.message.pts for told in stage.playheads(1)), 0.55 + stage.slack)
    stage.judge("begins", began, "300 ms are there, and it does not play")
    yield from stage.rest(0.3)
    held = stage.now
    for _ in range(3):
        yield from stage.rest(0.6)
        stage.send(m.StateChange(state="speaking", turn=1))
    told = stage.playheads(1, since=held)
    stage.judge("playhead_held", len(told) >= 2, f"{len(told)} playheads in the 1.8 s in which it was dry")
    speech.burst(8)  # what was on its way comes all at once
    speech.late()
    yield from speech.whole()
    yield from stage.heard(1)


def barge_in(stage: ClientStage) -> Scene:
    """A reply that is cut in mid-word, the one after it, and one that is cut before its first sound."""
    yield from stage.meet()
    stage.welcome()
    first = Speech(stage, 1, 3.0)
    yield from first.go(0.9)
    cut = stage.now
    first.cut(round(0.85 * TICKS))
    told = yield from stage.until(lambda: bool(stage.playheads(1, since=cut)), 0.5 + stage.slack)
    stage.judge("cut_playhead", told, "no playhead of the turn that was cut")
    yield from stage.rest(0.4)
    fading = [each for each in stage.playheads(1, since=cut) if each.now > cut + 0.3 + stage.slack]
    late = stage.now
    second = Speech(stage, 2, 1.0)
    yield from second.whole()
    yield from stage.heard(2, "cut_goes_on")
    after = [*fading, *stage.playheads(1, since=max(late, cut + 0.3 + stage.slack))]
    stage.judge("cut_stops", not after, f"{len(after)} more playheads of the turn that was cut")
    third = Speech(stage, 3, 1.0)
    third.start()
    third.cut(0)
    yield from stage.rest(0.1)
    yield from Speech(stage, 4, 0.6).whole()
    yield from stage.heard(4, "cut_before_sound")


def resume(stage: ClientStage) -> Scene:
    """A line that is lost in mid-word; after it, what was sent already comes once more."""
    first = yield from stage.meet()
    stage.welcome()
    speech = Speech(stage, 1, 3.0)
    yield from speech.go(0.8)
    yield from stage.rest(0.15)
    stage.lose()
    again = yield from stage.back("resumes")
    lost = again.resume
    assert lost is not None
    right = (lost.session, lost.token) == ("session-1", "secret-1")
    stage.judge("resume_token", right, "it asks with another session or token than `welcome` gave it")
    stage.judge("resume_seq", lost.seq == stage.seq, f"it asks from {lost.seq}, {stage.seq} was the last that it got")
    same = [
        name
        for name in first.__struct_fields__
        if name not in ("version", "token", "resume") and getattr(first, name) != getattr(again, name)
    ]
    stage.judge("resume_same_hello", not same, f"its `hello` says something else of {', '.join(same)}")
    stage.welcome(resumed=True)
    back = stage.now
    # What it has already: if it took this for new, it would fall silent.
    stage.repeat(m.Interrupted(turn=1, seq=stage.seq, pts=0))
    told = yield from stage.until(lambda: bool(stage.playheads(since=back)), 0.4 + stage.slack)
    stage.judge("resume_playhead", told, "no playhead at once")
    speech.late()
    yield from speech.whole()
    yield from stage.heard(1, "resume_not_twice")


def backoff(stage: ClientStage) -> Scene:
    """A server that cuts every new line for a while, and has forgotten the session then."""
    yield from stage.meet()
    stage.welcome()
    for turn in (1, 2, 3):
        yield from Speech(stage, turn, 0.5).whole()
    yield from Speech(stage, 4, 2.0).go(0.5)
    stage.turning_away = True
    lost, before = stage.now, len(stage.opened)
    stage.lose()
    yield from stage.until(lambda: len(stage.opened) >= before + 4, 6.0)
    times = [lost, *stage.opened[before : before + 4]]
    gaps = [after - early for early, after in pairwise(times)]
    hail = any(gap < 0.5 * least * 0.9 for gap, least in zip(gaps[1:], (0.25, 0.5, 1.0), strict=False))
    said = ", ".join(f"{gap:.2f}" for gap in gaps)
    stage.judge("resume_backoff", len(gaps) >= 3 and not hail, f"it tried after {said or 'nothing'} s")
    stage.turning_away = False
    yield from stage.back("resumes", 5.0)
    stage.welcome(reason="session_expired")
    yield from stage.rest(0.4)
    yield from Speech(stage, 1, 0.6).whole()
    yield from stage.heard(1, "new_session")
    stage.lose()
    again = yield from stage.back("resumes")
    held = again.resume
    right = held is not None and held.session == "session-2" and held.seq <= stage.seq
    stage.judge(
        "new_session", right, f"it asks for {held.session if held else 'nothing'} from {held.seq if held else 0}"
    )


def kept(stage: ClientStage) -> Scene:
    """Closes after which the session is kept: a proxy that restarts, a keepalive, a client that reads too slowly."""
    yield from stage.meet()
    stage.welcome()
    for code, reason, error in ((1001, "", False), (1011, "", False), (4031, "slow_client", True)):
        yield from stage.rest(0.2)
        stage.dismiss(code, reason, error=error)
        yield from stage.back("kept_closes", after=f"a close with {code}")
        stage.welcome(resumed=True)


def _proxy(code: int) -> Callable[[ClientStage], Scene]:
    def scene(stage: ClientStage) -> Scene:
        """Let a proxy say so: a library that does not know the code may need silence to see that the line is gone."""
        yield from stage.meet()
        stage.welcome()
        speech = Speech(stage, 1, 2.4)
        yield from speech.go(0.5)
        stage.dismiss(code)
        yield from stage.back("kept_closes", SILENCE_S, after=f"a close with {code}")
        stage.welcome(resumed=True)
        speech.late()
        yield from speech.whole()
        yield from stage.heard(1, "kept_closes")

    return scene


def taken(stage: ClientStage) -> Scene:
    """Another connection took the session."""
    yield from _over(stage, "stays_away", 4032, "session_taken", error=True)


def left(stage: ClientStage) -> Scene:
    """The server ends the conversation in order."""
    yield from _over(stage, "over_is_over", 1000, "bye", error=False)


def _over(stage: ClientStage, rule: str, code: int, reason: str, *, error: bool) -> Scene:
    yield from stage.meet()
    stage.welcome()
    yield from stage.rest(0.3)
    lines = len(stage.opened)
    stage.dismiss(code, reason, error=error)
    came = yield from stage.until(lambda: len(stage.opened) > lines, 2.5)
    stage.judge(rule, not came, f"it is back after a close with {code}")


def ended(stage: ClientStage) -> Scene:
    """The session ends by a fault of the server: coming back anew is right, resuming is not."""
    yield from stage.meet()
    stage.welcome()
    yield from stage.rest(0.3)
    stage.dismiss(4090, "internal", error=True)
    came = yield from stage.until(lambda: not stage.welcomed and stage.here and stage.hello is not None, 2.5)
    hello = stage.hello
    resumed = came and hello is not None and hello.resume is not None
    stage.judge("ended_closes", not resumed, "it resumes a session that has ended")


def refused(stage: ClientStage) -> Scene:
    """No place is free, and none for 5 s."""
    yield from stage.meet()
    lines = len(stage.opened)
    stage.dismiss(4020, "server_full", error=True)
    yield from stage.rest(3.0)
    more = len(stage.opened) - lines
    stage.judge("refused", more == 0, f"it tried {more} times in the 3 s after it was told to wait for 5")


def half_open(stage: ClientStage) -> Scene:
    """A line that is dry and answers, and then one that is dead, in the middle of a reply."""
    yield from stage.meet()
    stage.welcome()
    speech = Speech(stage, 1, 2.0)
    speech.start()
    speech.burst(3)
    said = stage.now
    asked = yield from stage.until(lambda: stage.came(m.Ping, said + 0.75), 1.8 + stage.slack)
    stage.judge("dry_ping", asked, f"no `ping` within {stage.now - said:.1f} s of silence")
    yield from stage.until(lambda: not stage.here, 3.3)
    stage.judge("dry_patience", stage.here, "it left although its pings were answered")
    if not stage.here:
        raise Over
    stage.freeze()
    dead = stage.now
    yield from stage.back("dry_gives_up", 3.0 + 0.7)
    stage.judge("dry_gives_up", stage.now - dead >= 0.9, f"it gave the line up after {stage.now - dead:.1f} s")
    stage.welcome(resumed=True)
    speech.late()
    yield from speech.whole()
    yield from stage.heard(1, "dry_gives_up")


def unknown(stage: ClientStage) -> Scene:
    """What a later version may add: types, fields, and values of open lists."""
    yield from stage.meet()
    stage.welcome()
    new = {"a": [1, None, {"b": b"" if not stage.codec.text else ""}]}
    stage.raw({"type": "x_new", "x_new": new})
    first = Speech(stage, 1, 0.6)
    first.start()
    stage.raw({"type": "x_new", "turn": 1, "seq": stage.seq + 1_000_000, "pts": 3})
    yield from first.whole()
    yield from stage.heard(1, "unknown_types")
    yield from Speech(stage, 2, 0.6, more={"x_new": new}).whole()
    yield from stage.heard(2, "unknown_fields")
    stage.send(m.Error(code="x_new", message="Something new has happened."))
    third = Speech(stage, 3, 0.6, reason="x_new")
    third.start()
    stage.send(m.CueAt(turn=3, seq=1, pts=0, kind="emotion", name="x_new"))
    stage.send(m.CueAt(turn=3, seq=1, pts=0, kind="gesture", name="x_new"))
    yield from third.whole()
    yield from stage.heard(3, "unknown_values")
    yield from Speech(stage, 4, 0.4).whole()
    yield from stage.heard(4, "unknown_values")


def _hostile(rule: str, attack: hostile.Attack) -> Callable[[ClientStage], Scene]:
    def scene(stage: ClientStage) -> Scene:
        yield from stage.meet()
        stage.welcome()
        speech = Speech(stage, 1, 0.6)
        yield from speech.go(0.2)
        for data in attack.made(stage):
            stage.say(data)
        yield from stage.until(lambda: not stage.here, 0.5)
        if stage.here:
            yield from speech.whole()
            yield from Speech(stage, 2, 0.6).whole()
            yield from stage.until(lambda: not stage.here or stage.at_end(2), 2.0 + stage.slack)
        if stage.here:
            yield from stage.heard(2, rule)
        else:
            end = stage.shut[stage.line].code
            back = yield from stage.until(stage.returned, 1.5)
            stage.judge(rule, back or end != LOST, "it vanishes without a word")
        stage.judge(rule, not stage.broke_down, f"it breaks down: {stage.broke_down}")

    return scene


SCENES: Final = (
    ClientScene(
        "plain",
        "a reply, one without sound, one without a face",
        plain,
        (*ALWAYS, *PLAYING, "playhead_end", "playhead_regular", "no_sound", "no_face", "pongs"),
    ),
    ClientScene(
        "succession",
        "two replies one after the other, in fragments",
        succession,
        (*ALWAYS, *PLAYING, "playhead_end", "fragments"),
    ),
    ClientScene(
        "dry", "a reply that dries up for 2 s", dry, (*ALWAYS, *PLAYING, "begins", "playhead_held", "playhead_end")
    ),
    ClientScene(
        "barge_in",
        "replies that are cut",
        barge_in,
        (*ALWAYS, *PLAYING, "cut_playhead", "cut_stops", "cut_goes_on", "cut_before_sound"),
    ),
    ClientScene(
        "resume",
        "a line that is lost in mid-word",
        resume,
        (
            *ALWAYS,
            *PLAYING,
            "resumes",
            "resume_token",
            "resume_seq",
            "resume_same_hello",
            "resume_playhead",
            "resume_not_twice",
        ),
    ),
    ClientScene(
        "backoff",
        "a server that is away, and then another",
        backoff,
        (*ALWAYS, *PLAYING, "resumes", "resume_backoff", "new_session"),
    ),
    ClientScene("kept", "closes that keep the session", kept, (*ALWAYS, "kept_closes")),
    *(
        ClientScene(f"kept_{code}", what, _proxy(code), (*ALWAYS, *PLAYING, "kept_closes"))
        for code, what in PROXIES.items()
    ),
    ClientScene("taken", "another connection takes the session", taken, (*ALWAYS, "stays_away")),
    ClientScene("left", "the server says goodbye", left, (*ALWAYS, "over_is_over")),
    ClientScene("ended", "the session ends by a fault", ended, (*ALWAYS, "ended_closes")),
    ClientScene("refused", "no place is free", refused, ("hello_first", "waits_for_welcome", "refused")),
    ClientScene(
        "half_open",
        "a line that dies in silence",
        half_open,
        (*ALWAYS, *PLAYING, "dry_ping", "dry_patience", "dry_gives_up"),
    ),
    ClientScene(
        "unknown",
        "what a later version may say",
        unknown,
        (*ALWAYS, *PLAYING, "unknown_types", "unknown_fields", "unknown_values"),
    ),
    *(
        ClientScene(f"{rule}_{attack.name}", attack.what, _hostile(rule, attack), (*ALWAYS, rule))
        for rule, attacks in (
            ("hostile_values", hostile.VALUES),
            ("hostile_lengths", hostile.LENGTHS),
            ("hostile_frames", hostile.FRAMES),
        )
        for attack in attacks
    ),
)


def performed(scene: ClientScene) -> Callable[[ClientStage], Scene]:
    """Return the script with its end: what was never broken was kept, what was never seen was not."""

    def script(stage: ClientStage) -> Scene:
        try:
            yield from scene.script(stage)
        except Over:
            where = "the client left before this was seen" if stage.opened else "no client came"
            for rule in scene.judges:
                if rule not in stage.verdicts:
                    stage.judge(rule, False, where)
            return
        finally:
            stage.dismissed()
        for rule in scene.judges:
            if rule not in stage.verdicts:
                seen = rule not in PLAYING or bool(stage.told_playheads)
                stage.judge(rule, seen, "it sent no playhead")

    return script
