"""What passes between the gates and whoever asks them: what is judged, the verdict, and what became of it.

A gate judges what a user has said and what a companion is about to say; it is `engines.jobs.Gate`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from engines.api import Request

Ruling: TypeAlias = Literal["allow", "soften", "block"]
Side: TypeAlias = Literal["user", "companion", "tool"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a gate decides.

    `category` is a short name from the gate's own list (it becomes a label of a counter), `span` the characters of the
    judged text that it is about. Of what a companion is about to say:

    allow: it is said; soften: `instead` is said in its place ("": nothing) and the reply goes on;
    block: `instead` is said ("": the companion's own sentence for that) and the reply is over.

    With `soften`, `wish` is what the dialogue should be told instead: one that has a model is asked once more with it,
    as long as nothing of the reply has been said.

    Of what a user said: allow and soften: the dialogue answers, and is told `instead` as a wish if there is one;
    block: `instead` ("": the companion's sentence) is the whole answer, and the dialogue is not asked. What is allowed
    is not counted. `why` names what decided, for those who review.
    """

    ruling: Ruling = "allow"
    category: str = ""
    span: tuple[int, int] = (0, 0)
    instead: str = ""
    wish: str = ""
    why: str = ""


ALLOWED: Final = Verdict()


@dataclass(frozen=True, slots=True)
class Line:
    """Words that the companion is about to say: `text`, after `before`, which this reply has said already.

    `before` is bounded, and ends with what is written between the two, so that `before + text` reads as one.
    """

    text: str
    before: str
    request: Request


@dataclass(frozen=True, slots=True)
class Flag:
    """What a gate did not simply allow: `text` as it was judged, `instead` as it was said in its place.

    `anew`: the dialogue was asked for another reply.
    """

    gate: str
    side: Side
    verdict: Verdict
    text: str
    instead: str = ""
    anew: bool = False


# Takes the session, the turn and what was flagged; must not block.
Review: TypeAlias = Callable[[str, int, Flag], None]
