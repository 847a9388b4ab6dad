"""Opens a session: makes the parts that it consists of, and what they know of each other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bridge.core.attention import Notice
from bridge.core.following import Following
from bridge.core.history import History
from bridge.core.turns import Turns
from bridge.session.aside import Aside
from bridge.session.company import Company, Together
from bridge.session.duplex.briefing import Briefing
from bridge.session.duplex.partner import Partner
from bridge.session.ears import Ears
from bridge.session.fanout import Fanout
from bridge.session.hearing import Hearing
from bridge.session.idle import IdleFace
from bridge.session.opening import Hooks, Opening, Shared
from bridge.session.remembering import Remembering
from bridge.session.role import Release, Role
from bridge.session.scene import Scene
from bridge.session.speaking import Speaking
from bridge.session.tool_calls import ToolCalls
from bridge.session.watching import Watching
from engines.api import Tool
from engines.duplex.exchange import Parley
from protocol import messages as m


@dataclass(slots=True)
class Parts:
    """What one session consists of.

    Of what changes in its course `language` is the companion's, `typed_at` when something other than speech last asked
    for a reply, `script` what is to be said next as it stands, `began` when the conversation began, on the loop's
    clock. A `partner` is there where a duplex model hears and speaks.
    """

    name: str
    user: str
    hello: m.Hello
    shared: Shared
    role: Role
    turns: Turns | Following
    together: Together | None
    history: History
    scene: Scene
    calls: ToolCalls
    out: Fanout
    idle: IdleFace
    hearing: Ears
    watching: Watching
    remembering: Remembering
    speaking: Speaking
    aside: Aside
    partner: Partner | None
    language: str
    began: float
    typed_at: float = 0.0
    script: str = ""

    def offered(self) -> tuple[Tool, ...]:
        """Return the tools of the scene, and of the server's those that no tool of the scene is called like."""
        return offered(self.calls, self.shared)


def offered(calls: ToolCalls, shared: Shared) -> tuple[Tool, ...]:
    """Return what can be called: the scene's tools before those of the server that are called alike."""
    scene, toolbox = calls.offered, shared.toolbox
    if toolbox is None:
        return scene
    names = {tool.name for tool in scene}
    return (*scene, *(tool for tool in toolbox.tools if tool.name not in names))


def assembled(
    shared: Shared,
    opening: Opening,
    release: Release,
    company: Company | None,
    hooks: Hooks,
    *,
    noticed: Callable[[Notice], None],
    complain: Callable[[str, str], None],
    now: Callable[[], float],
) -> Parts:
    """Make the parts of a session; `noticed` is told what the user does without a word, `complain` of mistakes.

    In `company` others speak for it. `release` is called when it needs its companion no longer.
    """
    companion, rules, hello = shared.companion, shared.rules, opening.hello
    language = hello.language or companion.language
    floor = Turns(rules.policy, full_duplex=hello.audio.aec)
    together = Together(company, floor, hooks.decide) if company is not None else None
    duplex = companion.engines.duplex
    turns = floor if duplex is None else Following(interrupts=duplex.interrupts)
    history, scene, calls, out = History(), Scene(), ToolCalls(), Fanout()
    idle = IdleFace(companion.engines.face, opening.rig, hello.face.fps, opening.seed, companion.warmth)
    partner = briefing = None
    if duplex is not None:
        briefing = Briefing(lambda: remembering, lambda: partner.renew() if partner is not None else None, hooks.spawn)
        parley = Parley(
            session=opening.name,
            language=language,
            user=hello.user or opening.user,
            history=history.messages,
            tools=lambda: offered(calls, shared),
            instructions=lambda: aside.instructions,
            known=lambda: briefing.known,
        )
        partner = Partner(
            duplex, parley, hooks, briefing, rules=rules, out=out, metrics=shared.metrics, away=shared.away
        )
    hearing: Ears = (
        partner.ears
        if partner is not None
        else Hearing(
            shared,
            hooks,
            language=language,
            names=(hello.user or opening.user,),
            out=out,
            session=opening.name if company is not None else "",
        )
    )
    if together is not None:
        together.voice = hearing.voice
    watching = Watching(shared, opening, hooks, calls=calls, out=out, noticed=noticed, complain=complain)
    remembering = Remembering(
        opening.remembered,
        opening.name,
        language,
        companion.engines.dialogue,
        history,
        hooks.spawn,
        post=out.tell,
        complain=out.answer,
        changed=briefing.refresh if briefing is not None else _nothing,
        erased=partner.forget if partner is not None else _nothing,
    )
    speaking = Speaking(
        shared,
        opening,
        hooks,
        idle=idle,
        history=history,
        calls=calls,
        out=out,
        wear=watching.regard.wear,
        recall=remembering.recalled,
        partner=partner,
    )
    aside = Aside(
        history=history,
        hearing=hearing,
        speaking=speaking,
        calls=calls,
        out=out,
        decide=hooks.decide,
        now=now,
        renew=partner.renew if partner is not None else _nothing,
    )
    return Parts(
        name=opening.name,
        user=opening.user,
        hello=hello,
        shared=shared,
        role=Role(opening.name, companion, release),
        turns=turns,
        together=together,
        history=history,
        scene=scene,
        calls=calls,
        out=out,
        idle=idle,
        hearing=hearing,
        watching=watching,
        remembering=remembering,
        speaking=speaking,
        aside=aside,
        partner=partner,
        language=language,
        began=now(),
    )


def _nothing() -> None:
    """Tell nobody of what has changed: the dialogue is told it with each turn."""
