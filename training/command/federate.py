"""Several places learn one adapter together: `federate serve` leads, `federate join` takes part."""

from __future__ import annotations

import argparse
import asyncio
import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from engines.identity import Identity, load_identity, shipped
from training.command import sources
from training.command.cli import Context
from training.errors import TrainingError
from training.federate.actions import Finish, Note
from training.federate.aggregator import Aggregator
from training.federate.errors import FederationError
from training.federate.join import Guest, Way
from training.federate.learner import Talks
from training.federate.plan import Plan, check
from training.federate.record import Record
from training.federate.serve import Door, Host
from training.private.accountant import PrivacyError, promise, spent
from training.tune import saving
from training.tune.methods import Shape
from training.tune.model import open_base
from training.tune.persona import system_of

FILE = "federated.json"
MEBI = 2**20


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what it takes."""
    ways = parser.add_subparsers(required=True, metavar="WAY", dest="way")
    lead = ways.add_parser("serve", help="lead a federation: wait for sites, add up what they learn")
    _both(lead)
    lead.add_argument("--sites", type=int, required=True, help="how many are waited for at the beginning")
    lead.add_argument("--rounds", type=int, default=10, help="(default: %(default)s)")
    lead.add_argument("--least", type=int, default=0, help="sites that make a round (default: more than half)")
    lead.add_argument("--steps", type=int, default=20, help="of a site in a round (default: %(default)s)")
    lead.add_argument("--batch", type=int, default=8, help="dialogues, or persons, a step (default: %(default)s)")
    lead.add_argument("--rate", type=float, default=1e-3, help="size of a step (default: %(default)s)")
    lead.add_argument("--rank", type=int, default=8, help="of the adapter (default: %(default)s)")
    lead.add_argument("--proximal", type=float, default=0.0, metavar="MU", help="FedProx's mu (default: FedAvg)")
    lead.add_argument("--learn-a", action="store_true", help="learn both halves of LoRA: its means are not exact")
    lead.add_argument("--secure", action="store_true", help="see sums only, never the update of one site")
    lead.add_argument(
        "--way", dest="combine", default="mean", choices=("mean", "median", "trimmed"), help="of adding up"
    )
    lead.add_argument("--trim", type=float, default=0.2, help="share cut at each end (default: %(default)s)")
    lead.add_argument("--clip", type=float, default=0.0, help="longest update, or gradient of a person (0: any)")
    lead.add_argument("--private", default="none", choices=("none", "site", "person"), help="whom privacy protects")
    lead.add_argument("--epsilon", type=float, default=0.0, help="with --private: how much may be told")
    lead.add_argument("--delta", type=float, default=1e-5, help="with --private (default: %(default)s)")
    lead.add_argument(
        "--grace", type=float, default=60.0, help="seconds to wait for who is lost (default: %(default)s)"
    )
    lead.add_argument("--host", default="", help="address to listen on (default: the configuration's)")
    lead.add_argument("--port", type=int, default=0, help="(default: the configuration's)")
    lead.add_argument("--config", type=Path, metavar="FILE", help="configuration with TLS and the secret of tokens")
    part = ways.add_parser("join", help="take part in a federation with the dialogues of this place")
    part.add_argument("url", metavar="URL", help="of who leads, such as wss://lead.example:8765")
    _both(part)
    sources.add_arguments(part)
    part.add_argument("--site", required=True, metavar="NAME", help="of this place, as the token has it")
    part.add_argument("--token", type=Path, metavar="FILE", help="a file with the token that lets this place in")
    part.add_argument("--ca", type=Path, metavar="FILE", help="certificate that a wss:// address is checked by")
    part.add_argument(
        "--circle", type=Path, metavar="FILE", help="a file with the secret of all sites, and theirs alone"
    )
    part.add_argument("--identity", default="", metavar="IDENTITY", help="whose persona goes before the dialogues")
    part.add_argument("--persona", default="short", choices=("served", "short", "none"), help="(default: %(default)s)")
    part.add_argument("--insist", default="none", choices=("none", "site", "person"), help="leave without this privacy")
    part.add_argument("--longest", type=int, default=512, help="tokens of a dialogue (default: %(default)s)")


def _both(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="tell progress and result as one JSON object a line")
    parser.add_argument("--model", required=True, metavar="FOLDER", help="the language model, the same at all sites")
    parser.add_argument("--run", type=Path, required=True, metavar="FOLDER", help="of this run; it goes on from there")
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda, mps")


def run(options: argparse.Namespace, context: Context) -> None:
    """Lead or take part, to the end."""
    try:
        if options.way == "serve":
            _lead(options, context)
        else:
            _take_part(options, context)
    except (FederationError, PrivacyError) as error:
        raise TrainingError(error.code, error.message) from error


# ------------------------------------------------------------------------------------------------------- who leads


def _lead(options: argparse.Namespace, context: Context) -> None:
    plan = plan_of(options)
    if context.gate is None:
        raise TrainingError("bad_recipe", "A federation is served by the command companion alone.")
    gate = context.gate(options.config, options.host, options.port)
    learner = Talks(open_base(options.model, device=options.device), (), (), options.run)
    start = learner.prepare(plan)
    record = Record(options.run)
    rounds, weights = record.resume(plan, learner.base, start)

    def admit(token: str) -> str:
        name, refusal = gate.admit(token)
        if refusal:
            raise FederationError("unauthorized", refusal)
        return str(name)

    def told(note: Note) -> None:
        context.out.progress((note.round + 1) / plan.rounds, _sentence(note))

    def ready(port: int) -> None:
        scheme = "wss" if gate.tls else "ws"
        where = f"{scheme}://{gate.host}:{port}"
        context.out.progress(rounds / plan.rounds, f"waiting for {plan.sites} sites at {where}")

    host = Host(
        Aggregator(plan, learner.base, weights, rounds=rounds),
        learner.base,
        Door(gate.host, gate.port, admit, gate.tls),
        record,
        told=told,
        ready=ready,
    )
    finish = asyncio.run(host.run())
    _save(learner, finish.weights, plan, options.run)
    result = _result(plan, record, finish)
    (options.run / FILE).write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    context.out.done(result, _summary(plan, result, options.run))


def plan_of(options: argparse.Namespace) -> Plan:
    """Return the plan of a command line; FederationError `bad_plan`, or PrivacyError `epsilon_too_small`."""
    clip = options.clip or (0.5 if options.private != "none" else 0.0)
    sigma = 0.0
    if options.private == "site":
        # Everybody is in every round, so nobody's absence hides them: no sampling.
        sigma = promise(
            options.epsilon,
            options.delta,
            persons=options.sites,
            crowd=options.sites,
            steps=options.rounds,
            clip=clip,
            unit="site",
            accountant="rdp",
        ).sigma
    least = options.least or max(2, options.sites // 2 + 1)
    return check(
        Plan(
            rounds=options.rounds,
            sites=options.sites,
            least=min(least, options.sites),
            steps=options.steps,
            batch=options.batch,
            rate=options.rate,
            rank=options.rank,
            alpha=2 * options.rank,
            proximal=options.proximal,
            freeze_a=not options.learn_a,
            secure=options.secure,
            way=options.combine,
            trim=options.trim,
            clip=clip,
            unit=options.private,
            epsilon=options.epsilon if options.private != "none" else 0.0,
            delta=options.delta if options.private != "none" else 0.0,
            sigma=sigma,
            reach=max(1.0, 8 * clip * (1 + sigma)),
            grace_s=options.grace,
        )
    )


def _sentence(note: Note) -> str:
    before = f", held-out loss before it {note.before:.3f}" if note.before is not None else ""
    lost = f", without {', '.join(note.lost)}" if note.lost else ""
    far = [f"{name} ({value:g} times)" for name, value in note.outlying.items() if value > 4 and len(note.outlying) > 2]
    odd = f"; far from the others: {', '.join(far)}" if far else ""
    return f"round {note.round + 1} of {len(note.sites)} sites{lost}{before}{odd}"


def _result(plan: Plan, record: Record, finish: Finish) -> dict[str, Any]:
    rows: list[Any] = record.rounds()
    tokens = sum(score.tokens for score in finish.scores.values())
    loss = sum(score.loss * score.tokens for score in finish.scores.values()) / tokens if tokens else None
    result: dict[str, Any] = {
        "plan": msgspec.to_builtins(plan),
        "rounds": len(rows),
        "loss": loss,
        "losses": {name: score.loss for name, score in sorted(finish.scores.items())},
        "sent": sum(sum(row["sent"].values()) for row in rows),
        "received": sum(sum(row["received"].values()) for row in rows),
    }
    if plan.unit == "site":
        result["epsilon"] = spent(plan.sigma, 1.0, plan.rounds, plan.delta, "rdp")
    return result


def _summary(plan: Plan, result: Mapping[str, Any], folder: Path) -> str:
    loss = f"held-out loss {result['loss']:.3f} nats a token; " if result["loss"] is not None else ""
    traffic = (result["sent"] + result["received"]) / MEBI
    return (
        f"{result['rounds']} rounds of {plan.sites} sites are over: {loss}{traffic:.1f} MiB went over the line.\n"
        f"the adapter: {folder / 'adapter'}"
    )


# ------------------------------------------------------------------------------------------------ who takes part


@dataclass(frozen=True, slots=True)
class _Place:
    """What a site reads from its files before it knocks."""

    token: str
    circle: bytes
    tls: ssl.SSLContext | None


def _take_part(options: argparse.Namespace, context: Context) -> None:
    place = _place(options)
    identity = _identity(options.identity)
    prepared = sources.prepared(options, (identity.name, *identity.name.split()) if identity else ())
    learner = Talks(
        open_base(options.model, device=options.device),
        prepared.learned,
        prepared.held,
        options.run,
        system=system_of(identity, options.persona) if identity else "",
        longest=options.longest,
    )
    way = Way(options.url, place.token, place.tls, place.circle)
    guest = Guest(options.site, learner, way, options.insist, lambda text: context.out.progress(0.0, text))
    weights = asyncio.run(guest.run())
    plan = learner.plan
    _save(learner, weights, plan, options.run)
    facts = facts_of(plan, learner)
    result = {"site": options.site, "loss": guest.score.loss if guest.score else None, "privacy": facts}
    (options.run / FILE).write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    loss = f"held-out loss here: {guest.score.loss:.3f} nats a token\n" if guest.score else ""
    context.out.done(result, f"{loss}the adapter: {options.run / 'adapter'}; set transformers.adapter to it")


def facts_of(plan: Plan, learner: Talks) -> dict[str, Any]:
    """Return what identity.json says of an adapter that several sites have learnt, under `privacy`."""
    federated = {"sites": plan.sites, "rounds": plan.rounds, "secure": plan.secure, "way": plan.way, "unit": plan.unit}
    facts: dict[str, Any] = {"federated": federated}
    if learner.promised is not None:
        facts["dp"] = learner.promised.facts()
    elif plan.unit == "site":
        facts["dp"] = {
            "epsilon": round(spent(plan.sigma, 1.0, plan.rounds, plan.delta, "rdp"), 4), "delta": plan.delta,
            "unit": "site", "sigma": round(plan.sigma, 4), "q": 1.0, "steps": plan.rounds, "accountant": "rdp",
            "clip": plan.clip, "persons": plan.sites, "seeded": False,
        }  # fmt: skip
    return facts


def _save(learner: Talks, weights: Any, plan: Plan, folder: Path) -> None:
    learner.put(weights)
    saving.save(learner.adapted, learner.model, folder / "adapter", Shape(rank=plan.rank, alpha=plan.alpha))


def _identity(name: str) -> Identity | None:
    return load_identity(shipped().get(name, Path(name))) if name else None


def _place(options: argparse.Namespace) -> _Place:
    token = options.token.read_text(encoding="utf-8").strip() if options.token else ""
    circle = options.circle.read_bytes().strip() if options.circle else b""
    if options.circle and len(circle) < 16:
        raise TrainingError("bad_recipe", f"{options.circle} holds fewer than 16 bytes, which somebody may guess.")
    tls = None
    if options.url.startswith("wss://"):
        try:
            tls = ssl.create_default_context(cafile=options.ca)
        except (OSError, ssl.SSLError) as error:
            raise TrainingError("bad_recipe", f"{options.ca} is no certificate: {error}") from error
    return _Place(token, circle, tls)
