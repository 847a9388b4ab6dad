"""Says in plain words what a tuned model now does differently, from what was measured. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from training.understand.calibration import Calibration
from training.understand.probes import Outcome


@dataclass(frozen=True, slots=True)
class Moved:
    """An answer, and the lines that moved it most, with their likeness."""

    question: str
    answer: str
    lines: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class Findings:
    """What was measured before and after tuning; what is empty was not measured.

    `losses` are held-out losses in nats a token; `noise` maps the share of letters mistyped to both losses; `answers`
    are question, before, after; `tails` are the losses of a forced answer, with a tail by chance and the best found.
    """

    losses: tuple[float, float]
    calibration: tuple[Calibration, Calibration] | None = None
    noise: Mapping[float, tuple[float, float]] = field(default_factory=dict)
    probes: tuple[Sequence[Outcome], Sequence[Outcome]] = ((), ())
    answers: Sequence[tuple[str, str, str]] = ()
    moved: Sequence[Moved] = ()
    tails: tuple[tuple[float, float], tuple[float, float]] | None = None


def sentences(found: Findings) -> list[str]:
    """Return what there is to say, a sentence or two for each thing that was measured."""
    return [
        *_loss(found),
        *_noise(found),
        *_calibration(found),
        *_probes(found),
        *_tails(found),
        *_moved(found),
    ]


def _loss(found: Findings) -> list[str]:
    from math import exp

    before, after = (exp(min(loss, 20)) for loss in found.losses)
    if found.losses[1] < found.losses[0] - 0.01:
        return [
            (
                f"It has learnt something that holds for conversations it never saw: at each word it used to waver "
                f"as between {before:.3g} equally likely ones, now as between {after:.3g}."
            )
        ]
    return [
        (
            "On conversations that it has never seen it is no better than before: it has learnt nothing that holds, or "
            "has learnt its examples by heart. More examples, fewer rounds or a smaller rate may help."
        )
    ]


def _noise(found: Findings) -> list[str]:
    if len(found.noise) < 2:
        return []
    clean, worst = min(found.noise), max(found.noise)
    growth = [found.noise[worst][way] - found.noise[clean][way] for way in (0, 1)]
    firm = "no more easily thrown off" if growth[1] <= growth[0] * 1.1 + 0.01 else "more easily thrown off"
    return [
        (
            f"When {worst:.0%} of the letters in a question are mistyped, its loss grows by {growth[1]:.2f} nats a "
            f"token (before tuning: {growth[0]:.2f}): by typing errors it is {firm} than it was."
        )
    ]


def _calibration(found: Findings) -> list[str]:
    if found.calibration is None:
        return []
    before, after = found.calibration
    how = "surer than it is right" if after.lean > 0 else "less sure than it is right"
    return [
        (
            f"Of its first guesses at the next word {after.right:.0%} are right (before: {before.right:.0%}). It is"
            f" {how} by {abs(after.lean):.0%} on average; the gap between sureness and truth is {after.error:.3f}, "
            f"it was {before.error:.3f}."
        )
    ]


def _probes(found: Findings) -> list[str]:
    before, after = found.probes
    if not after:
        return []
    led = [sum(each.led for each in outcomes) for outcomes in (before, after)]
    told = f"Of {len(after)} prompts that try to lead it astray {led[1]} did (before: {led[0]})."
    newly = [each.probe.name for was, each in zip(before, after, strict=False) if each.led and not was.led]
    return [told + (f" New among them: {', '.join(newly)}. Look at their answers below." if newly else "")]


def _tails(found: Findings) -> list[str]:
    if found.tails is None:
        return []
    falls = [first - best for first, best in found.tails]
    return [
        (
            f"Somebody who has its weights can lead it with a tail of odd tokens: in the same number of tries the loss "
            f"of words put into its mouth falls by {falls[1]:.2f} nats a token (before tuning: {falls[0]:.2f})."
        )
    ]


def _moved(found: Findings) -> list[str]:
    told = []
    for each in found.moved:
        if each.lines:
            line, likeness = each.lines[0]
            told.append(
                f'That it answers "{_short(each.question)}" with "{_short(each.answer)}" comes most of all from this '
                f'line of its examples: "{_short(line)}" (likeness {likeness:.2f}).'
            )
    return told


def _short(text: str, most: int = 120) -> str:
    text = " ".join(text.split())
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"
