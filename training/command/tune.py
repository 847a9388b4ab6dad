"""Teaches an identity a manner from dialogues, and puts the adapter into it."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from html import escape
from pathlib import Path
from typing import Any, Final

from engines.identity import Identity, load_identity, shipped
from studio.commit import apply
from studio.stage import Wish
from training.augment.text import varied
from training.command import sources
from training.command.cli import Context
from training.data.corpus import Prepared
from training.errors import TrainingError
from training.loop import checkpoint
from training.private import wish
from training.private.accountant import Promise
from training.private.record import with_privacy
from training.private.wish import Privacy
from training.track import curves, folder, report, tracker
from training.tune.answering import ask, questions
from training.tune.learn import Outcome, Ready, Wanted, data_digest, ready, tune
from training.tune.memory import need
from training.tune.methods import METHODS, Shape
from training.tune.model import BaseModel, open_base
from training.tune.persona import system_of
from training.tune.saving import SERVED
from training.tune.search import Trial, search
from training.tune.stage import Tuned


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what it takes."""
    parser.add_argument("identity", metavar="IDENTITY", help="the person's folder, or the name of a shipped one")
    sources.add_arguments(parser)
    parser.add_argument("--model", required=True, metavar="FOLDER", help="the language model that is tuned")
    parser.add_argument("--method", default="lora", choices=METHODS, help="(default: %(default)s)")
    parser.add_argument("--run", type=Path, metavar="FOLDER", help="of this run (default: runs/IDENTITY-METHOD)")
    parser.add_argument("--persona", default="served", choices=("served", "short", "none"), help="what goes before")
    parser.add_argument("--epochs", type=float, default=3.0, help="times through the data (default: %(default)s)")
    parser.add_argument("--batch", type=int, default=16, help="dialogues a step (default: %(default)s)")
    parser.add_argument("--rate", type=float, default=0.0, help="size of a step (default: the method's)")
    parser.add_argument("--rank", type=int, default=16, help="of LoRA and AdaLoRA (default: %(default)s)")
    parser.add_argument("--alpha", type=int, default=32, help="of LoRA and AdaLoRA (default: %(default)s)")
    parser.add_argument("--longest", type=int, default=1024, help="tokens of a dialogue (default: %(default)s)")
    parser.add_argument("--budget", type=int, default=2048, help="tokens computed at once (default: %(default)s)")
    parser.add_argument("--patience", type=int, default=3, help="looks without a better loss, then it ends (0: never)")
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda, mps")
    parser.add_argument("--precision", default="float32", choices=("float32", "bfloat16"), help="of the numbers")
    parser.add_argument("--checkpointing", action="store_true", help="half the memory for a third more time")
    parser.add_argument("--no-packing", action="store_true", help="a row for each dialogue")
    parser.add_argument("--plain-template", action="store_true", help="for a model that has no chat template")
    parser.add_argument(
        "--search", type=int, default=0, metavar="N", help="look for rate and rank in N short runs first"
    )
    parser.add_argument("--private", type=float, default=0.0, metavar="EPSILON", help="bound what it tells of a person")
    parser.add_argument(
        "--delta", type=float, default=0.0, help="with --private (default: a tenth of 1 in the persons)"
    )
    parser.add_argument("--crowd", type=int, default=0, help="with --private: persons a step (default: an eighth)")
    parser.add_argument("--track", nargs="+", default=[], metavar="TOOL", help="tensorboard, wandb, trackio: besides")
    parser.add_argument("--ask", nargs="+", default=[], metavar="QUESTION", help="answers to show before and after")
    parser.add_argument("--augment", nargs="+", default=[], metavar="CHANGE", help="learn from varied copies, too")
    parser.add_argument("--plan", action="store_true", help="say what it needs, and do nothing")


NOT_PRIVATE: Final = (
    "Nothing bounds what the adapter may have learned by heart: it was trained without differential privacy."
)


@dataclass(frozen=True, slots=True)
class Job:
    """Everything that a run is made of."""

    identity: Identity
    prepared: Prepared
    wanted: Wanted
    system: str
    place: Path


def run(options: argparse.Namespace, context: Context) -> None:
    """Tune, report, and put the adapter into the identity."""
    person = shipped().get(options.identity, Path(options.identity))
    identity = load_identity(person)
    wanted = _wanted(options)
    if options.plan:
        found = need(
            options.model,
            wanted.method,
            wanted.shape,
            budget=wanted.budget,
            half=wanted.half,
            checkpointing=wanted.checkpointing,
        )
        context.out.done(asdict(found), found.told)
        return
    prepared = sources.prepared(options, (identity.name, *identity.name.split()))
    if options.augment:
        copies = tuple(varied(prepared.learned, options.augment, seed=options.seed))
        prepared = replace(prepared, learned=copies)
    name = Path(options.identity).resolve().name if options.identity not in shipped() else options.identity
    place = options.run or Path("runs") / f"{name}-{wanted.method}"
    job = Job(identity, prepared, wanted, system_of(identity, options.persona), place)
    trials: list[Trial] = []
    if options.search:
        chosen, trials = search(
            lambda: _open(options),
            lambda base, each: _ready(base, job, each),
            wanted,
            trials=options.search,
            clock=context.clock,
            progress=context.out.progress,
        )
        job = Job(identity, prepared, chosen, job.system, place)
    outcome = _train(job, options, context, trials)
    told = _into(person, job, outcome, options, context)
    result = {**outcome.told, "run": str(place), "report": str(place / "report.html"), "adapter": told}
    context.out.done(result, f"{_sentence(outcome)}\n{told}\nreport: {place / 'report.html'}")


def _train(job: Job, options: argparse.Namespace, context: Context, trials: Sequence[Trial]) -> Outcome:
    base = _open(options)
    plan = _ready(base, job, job.wanted)
    asked = tuple(options.ask) or questions(job.identity.language)
    before = ask(base.model, base, asked, job.system)
    config = {
        **asdict(job.wanted),
        "identity": options.identity,
        "persona": options.persona,
        "model": options.model,
        "augment": options.augment,
        "recipe": asdict(plan.recipe),
    }
    tracked = tracker.open_tracker(job.place, options.track, after=checkpoint.reached(job.place), config=config)
    told: dict[str, Any] = {
        "kind": "tune",
        "config": config,
        "environment": folder.environment(),
        "data": {"digests": data_digest(job.prepared.learned, job.prepared.held), "card": dict(job.prepared.card)},
        "trials": [asdict(each) for each in trials],
    }
    folder.write(job.place, told)
    try:
        outcome, adapted = tune(
            base,
            plan,
            job.wanted,
            job.place,
            tracker=tracked,
            clock=context.clock,
            fresh=lambda: _open(options),
            progress=context.out.progress,
        )
        after = ask(adapted.model, base, asked, job.system)
        png = curves.draw({job.place.name: tracker.read(job.place)})
        tracked.picture("curve", png)
    finally:
        tracked.close()
    said = list(zip(asked, before, after, strict=True))
    folder.write(job.place, {**told, "outcome": outcome.told, "answers": said})
    (job.place / "report.html").write_text(_page(job, outcome, told, png, said), encoding="utf-8")
    return outcome


def _into(person: Path, job: Job, outcome: Outcome, options: argparse.Namespace, context: Context) -> str:
    """Put the adapter into the identity where the server can use it; say what was done."""
    made = job.place / "adapter"
    if outcome.method not in SERVED:
        return f"{made}: the server mixes LoRA alone in its batch, so this stays beside the identity"
    if options.identity in shipped() or not person.is_dir():
        return f"{made}: the identity is no folder of yours, so set transformers.adapter to it"
    facts: dict[str, Any] = {
        "adapter": {
            "method": outcome.method,
            "base": outcome.base,
            "model": Path(options.model).name,
            "persona": options.persona,
            "held_out": [round(outcome.before, 4), round(outcome.after, 4)],
            "scrubbed": bool(job.prepared.card["personal"]["scrubbed"]),
        }
    }
    if outcome.promise is not None:
        facts["privacy"] = with_privacy(job.identity.facts, "dp", outcome.promise)["privacy"]
    told = {**outcome.told, "data": data_digest(job.prepared.learned, job.prepared.held), "config": asdict(job.wanted)}
    apply(Tuned(made, told, facts), person, Wish(seed=job.wanted.seed), context.out.progress, created=context.created)
    return f"the adapter is in {person}: companion serve --identity {person} speaks with it"


def _wanted(options: argparse.Namespace) -> Wanted:
    for name in ("rank", "alpha", "longest", "budget", "batch", "epochs"):
        if getattr(options, name) <= 0:
            raise TrainingError("bad_recipe", f"--{name} must be more than 0.")
    return Wanted(
        method=options.method,
        # Half of the numbers is half of the noise.
        shape=Shape(rank=options.rank, alpha=options.alpha, frozen_a=bool(options.private)),
        epochs=options.epochs,
        batch=options.batch,
        rate=options.rate,
        budget=options.budget,
        longest=options.longest,
        patience=options.patience,
        seed=options.seed,
        packing=not options.no_packing,
        half=options.precision == "bfloat16",
        checkpointing=options.checkpointing,
        privacy=Privacy(options.private, options.delta, options.crowd) if options.private else None,
    )


def _open(options: argparse.Namespace) -> BaseModel:
    return open_base(
        options.model, device=options.device, precision=options.precision, plain_template=options.plain_template
    )


def _ready(base: BaseModel, job: Job, wanted: Wanted) -> Ready:
    return ready(base, job.prepared.learned, job.prepared.held, wanted, job.system)


def _sentence(outcome: Outcome) -> str:
    share = 100 * outcome.trainable / outcome.whole
    stopped = ", stopped early" if outcome.early else ""
    return (
        f"held-out loss {outcome.before:.3f} before, {outcome.after:.3f} after (nats a token): {outcome.method}, "
        f"{outcome.trainable:,} weights learned ({share:.2f} %), {outcome.steps} steps in {outcome.seconds:.0f} s"
        f"{stopped}"
    )


def _page(job: Job, outcome: Outcome, told: Mapping[str, Any], png: bytes, said: Sequence[tuple[str, str, str]]) -> str:
    card = job.prepared.card
    private = (
        "<p>Stand-ins were put for what is personal before anything was learned.</p>"
        if card["personal"]["scrubbed"]
        else "<p><b>What is personal was left as it is: it may be said again.</b></p>"
    )
    promise = Promise(**outcome.promise) if outcome.promise else None
    kept = f"<p>{escape(wish.told(promise)) if promise else NOT_PRIVATE}</p>"
    trials = [(each["rate"], each["rank"], each["loss"]) for each in told["trials"]]
    return report.page(
        f"{job.identity.name}, tuned by {outcome.method}",
        _sentence(outcome),
        [
            ("Answers before and after", report.answers(said)),
            ("Curves", report.picture(png, "loss and held-out loss over the steps")),
            ("What it came to", report.facts(outcome.told)),
            ("What could leak", private + kept),
            ("Data", report.facts({**card, **told["data"]["digests"]})),
            ("Trials", report.table(("rate", "rank", "held-out loss"), trials)),
            ("Settings", report.facts(told["config"])),
            ("Environment", report.facts(told["environment"])),
        ],
    )
