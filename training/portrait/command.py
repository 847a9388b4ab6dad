"""Trains a painter: `companion train portrait RUN --data FOLDER`, or `python -m training.portrait` with the same words.

It keeps its state every few minutes and goes on from there when it is called again; ctrl-C keeps it first. With `--own`
it learns from a folder of pictures; with `--ship` it writes nets that `companion identity portrait --net` paints with.
"""

from __future__ import annotations

import argparse
import json
import signal
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from types import FrameType
from typing import Final

import numpy as np
import torch

from studio.errors import StudioError
from studio.portrait import opening
from studio.portrait.words import VALUES
from training.portrait.data import load
from training.portrait.keeping import RoomError, keep, record, sheet, take_up, to_bytes
from training.portrait.loop import Course, Painter
from training.portrait.losses import LOSSES, R3
from training.portrait.measure import nearest
from training.portrait.nets import shape, told
from training.portrait.own import APART, Own, likeness, pictures
from training.portrait.parts import TRAIN, part
from training.portrait.shipping import painted, ship
from training.portrait.sketch import sketched

EVERY: Final = 50  # steps between lines
KEPT: Final = 250  # steps between states and previews
SHOWN: Final = 32
LOOKED: Final = 256  # painted pictures that are compared with those learned from
TRAITS: Final = {name: len(values) for name, values in VALUES.items()}

Say = Callable[[float, str], None]


@dataclass(frozen=True, slots=True)
class Lesson:
    """What a run learns from: pictures (n, 3, size, size) and labels (n, traits), and what is said of them."""

    colour: torch.Tensor
    labels: torch.Tensor
    facts: Mapping[str, object]
    own: Own | None = None


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare them."""
    parser.add_argument("run", type=Path, help="folder of the run")
    parser.add_argument("--data", type=Path, help="folder made by python -m training.portrait.data")
    parser.add_argument("--own", type=Path, metavar="FOLDER", help="pictures of your own, with their consent.json")
    parser.add_argument("--on", default="", metavar="DAY", help="which day it is, for the consent (2026-11-30)")
    parser.add_argument("--crop", choices=opening.CROPS, default=opening.FACE, help="how own pictures are cut")
    parser.add_argument("--begin", type=Path, metavar="RUN", help="begin with the nets of another run")
    parser.add_argument("--loss", choices=LOSSES, default=R3)
    parser.add_argument("--size", type=int, default=64, choices=(16, 32, 64, 128), help="of own pictures")
    parser.add_argument("--steps", type=int, default=8000)
    parser.add_argument("--minutes", type=float, default=0, help="CPU-minutes after which to stop (0: none)")
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--augment", type=float, help="chance of augmentation; below 0 ADA chooses (own pictures: ADA)")
    parser.add_argument("--warm", type=int, default=0, metavar="STEPS", help="begin with likeness alone")
    parser.add_argument("--encode", action="store_true", help="and go on with it in half of each step")
    parser.add_argument("--sketch", type=int, default=0, metavar="RANK", help="fit a linear sketch then")
    parser.add_argument("--steady", action="store_true", help="never lower the rate")
    parser.add_argument("--mark", type=int, default=0, help="keep the averaged weights every so many steps")
    parser.add_argument("--device", default="", help="cpu or cuda (default: cuda where there is a card)")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--tensorboard", action="store_true", help="write RUN/board for TensorBoard")
    parser.add_argument("--ship", type=Path, metavar="FOLDER", help="write nets to paint with, when it is done")
    parser.add_argument("--note", action="append", default=[], metavar="KEY=TEXT", help="a line of the nets' card")


def train(asked: argparse.Namespace, say: Say, clock: Callable[[], float] = time.process_time) -> int:
    """Train until the steps or the CPU-minutes are used up; 0, or 130 where it was asked to stop.

    StudioError or IdentityError says what is wrong with what was given, and where the disk is full.
    """
    torch.set_num_threads(asked.threads)
    lesson = _lesson(asked)
    device = asked.device or ("cuda" if torch.cuda.is_available() else "cpu")
    augment = asked.augment if asked.augment is not None else (-1.0 if lesson.own else 0.3)
    course = Course(asked.loss, asked.steps, asked.batch, asked.seed, augment, decay=not asked.steady, device=device,
                    half=device.startswith("cuda"), warm=asked.warm, encode=asked.encode)  # fmt: skip
    sizes = replace(shape(lesson.colour.shape[-1], TRAITS), sketch=asked.sketch)
    painter = Painter(sizes, course)
    asked.run.mkdir(parents=True, exist_ok=True)
    went_on = take_up(painter, asked.run)
    if not went_on and asked.begin:
        _begun(painter, asked.begin)
    facts = {"course": repr(course), "shape": painter.shape.facts(), **lesson.facts}
    (asked.run / "run.json").write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")
    verb = "goes on" if went_on else "begins"
    say(painter.step / asked.steps, f"{len(lesson.colour)} pictures, {device}, {verb} at step {painter.step}")
    try:
        stopped = _train(painter, lesson, asked, say, clock)
        if asked.ship and not stopped:
            ship(painter, asked.ship, _card(painter, lesson, asked))
    except RoomError as error:
        raise StudioError("disk_full", str(error)) from error
    return 130 if stopped else 0


def preview(painter: Painter, labels: torch.Tensor, folder: Path) -> None:
    """Paint the same descriptions with the same chance as every time."""
    random = torch.Generator().manual_seed(7)
    drawn = torch.randint(len(labels), (SHOWN,), generator=random)
    seen = painted(painter, told(labels[drawn], painter.shape.traits), seed=7)
    sheet(to_bytes(seen), 8, 2).save(folder / "preview.png")


# ------------------------------------------------------------------------------------------------ parts


def _lesson(asked: argparse.Namespace) -> Lesson:
    if (asked.data is None) == (asked.own is None):
        raise StudioError("bad_option", "say what to learn from: --data FOLDER, or --own FOLDER")
    if asked.own:
        try:
            today = date.fromisoformat(asked.on[:10])
        except ValueError as error:
            raise StudioError("bad_wish", "say which day it is, for the consent: --on 2026-11-30") from error
        own = pictures(asked.own, asked.size, today, crop=asked.crop, seed=asked.seed)
        learned = own.learned()
        facts = {"pictures": len(own.colour), "subject": own.subject, "left out": list(own.left_out)}
        return Lesson(_tensor(own.colour[learned]), torch.from_numpy(own.labels[learned]), facts, own)
    try:
        data = load(asked.data)
    except FileNotFoundError as error:
        raise StudioError("not_found", str(error)) from error
    mine = part(data.shape, TRAIN)
    facts = {"pictures": len(mine), "people": len(np.unique(data.shape[mine])), "data": asked.data.name}
    return Lesson(_tensor(data.colour[mine]), torch.from_numpy(data.labels[mine]), facts)


def _begun(painter: Painter, run: Path) -> None:
    """Begin with the nets and optimisers of another run, whose size has to be the same; steps count anew."""
    for rank in dict.fromkeys((painter.shape.sketch, 0)):
        other = Painter(replace(painter.shape, sketch=rank), painter.course)
        try:
            if not take_up(other, run):
                raise StudioError("not_found", f"{run} holds no run")
            break
        except (RuntimeError, KeyError, ValueError) as error:
            if not rank:
                raise StudioError("bad_model", f"the nets in {run} are of another size: {error}"[:300]) from error
    for name in ("generator", "discriminator", "average", "encoder"):
        getattr(painter, name).load_state_dict(getattr(other, name).state_dict(), strict=False)
    for name in ("paints", "judges", "encodes"):
        getattr(painter, name).load_state_dict(getattr(other, name).state_dict())
    painter.sketched = other.sketched


def _train(painter: Painter, lesson: Lesson, asked: argparse.Namespace, say: Say, clock: Callable[[], float]) -> bool:
    stop: list[int] = []

    def asked_to_stop(number: int, frame: FrameType | None) -> None:
        stop.append(number)

    before = {number: signal.signal(number, asked_to_stop) for number in (signal.SIGINT, signal.SIGTERM)}
    board = _board(asked)
    spent, began = painter.cpu_seconds, clock()
    try:
        while painter.step < asked.steps and not stop:
            if painter.shape.sketch and not painter.sketched and painter.step >= asked.warm:
                explained = sketched(painter, lesson.colour, lesson.labels, asked.seed)
                say(painter.step / asked.steps, f"the sketch explains {explained:.0%} of what was not painted yet")
            found = painter.go(lesson.colour, lesson.labels)
            painter.cpu_seconds = spent + clock() - began
            over = asked.minutes and painter.cpu_seconds > asked.minutes * 60
            if painter.step % EVERY == 0 or over:
                _tell(painter, found, asked, say, board)
            if painter.step % KEPT == 0:
                keep(painter, asked.run)
                preview(painter, lesson.labels, asked.run)
            if asked.mark and painter.step % asked.mark == 0:
                torch.save(painter.average.state_dict(), asked.run / f"average-{painter.step:06d}.pt")
            if over:
                break
        keep(painter, asked.run)
        preview(painter, lesson.labels, asked.run)
    finally:
        for number, usual in before.items():
            signal.signal(number, usual)
        if board is not None:
            board.close()
    say(painter.step / asked.steps, f"kept at step {painter.step} in {asked.run}")
    return bool(stop)


def _tell(painter: Painter, found: Mapping[str, float], asked: argparse.Namespace, say: Say, board) -> None:  # type: ignore[no-untyped-def]
    row: dict[str, object] = {
        "step": painter.step,
        "cpu_seconds": round(painter.cpu_seconds, 1),
        "augment": round(painter.chance, 3),
    }
    record(asked.run, row | {name: round(value, 4) for name, value in found.items()})
    told_ = ", ".join(f"{name} {value:.3f}" for name, value in found.items())
    say(
        painter.step / asked.steps,
        f"step {painter.step} of {asked.steps}, {painter.cpu_seconds / 60:.1f} CPU-minutes: {told_}",
    )
    if board is not None:
        for name, value in found.items():
            board.add_scalar(name, value, painter.step)


def _board(asked: argparse.Namespace):  # type: ignore[no-untyped-def]
    if not asked.tensorboard:
        return None
    from torch.utils.tensorboard import SummaryWriter

    return SummaryWriter(str(asked.run / "board"))


def _card(painter: Painter, lesson: Lesson, asked: argparse.Namespace) -> dict[str, object]:
    """Return what the nets' card says of what they learned from, and whether they repeat it."""
    notes = dict(each.partition("=")[::2] for each in asked.note)
    card: dict[str, object] = {"made by": "training.portrait", **lesson.facts, **notes}
    if lesson.own:
        own = lesson.own
        learned, held = own.colour[own.learned()], own.colour[own.held()]
        drawn = lesson.labels[torch.arange(LOOKED) % len(lesson.labels)]
        made = to_bytes(painted(painter, told(drawn, painter.shape.traits)))
        found = likeness(nearest(made, learned), nearest(held, learned))
        card |= {"likeness": round(found, 3), "memorised": found < APART}
    return card


def _tensor(colour: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> torch.Tensor:
    return torch.from_numpy(np.ascontiguousarray(colour)).permute(0, 3, 1, 2).contiguous()
