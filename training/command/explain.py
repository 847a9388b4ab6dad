"""Says what a tuning has changed: measures before and after, and puts the section in plain words into the report."""

from __future__ import annotations

import argparse
import html
import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

from engines.identity import load_identity, shipped
from engines.identity.fields import Json
from training.command import sources
from training.command.cli import Context
from training.data.dialogue import Dialogue, Line
from training.errors import TrainingError
from training.loop.batch import micro_batches
from training.loop.losses import held_out
from training.track import folder, report
from training.tune import saving
from training.tune.answering import ask, questions
from training.tune.model import BaseModel, open_base
from training.tune.persona import system_of
from training.tune.tokens import Example, examples
from training.understand.attribution import pulls
from training.understand.calibration import Calibration, calibration, confidences
from training.understand.noise import LEVELS, mistyped
from training.understand.plain import Findings, Moved, sentences
from training.understand.probes import MARK, PROBES, WORD, Outcome, probed
from training.understand.suffix import Found, search

FILE: Final = "explained.json"
BEGIN, END = "<!-- explained -->", "<!-- end of explained -->"
OFTEN: Final = 0.2  # of the answers, in which a pair of words is part of the manner
BUDGET: Final = 2048


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what it takes."""
    parser.add_argument("run", type=Path, metavar="RUN", help="the folder of a run of `tune`")
    sources.add_arguments(parser)
    parser.add_argument(
        "--identity", default="", metavar="IDENTITY", help="whose persona goes before (default: the run's)"
    )
    parser.add_argument("--ask", nargs="+", default=[], metavar="QUESTION", help="answers to explain")
    parser.add_argument("--few", type=int, default=24, help="held-out dialogues measured by (default: %(default)s)")
    parser.add_argument("--lines", type=int, default=200, help="dialogues looked through for causes (0: none)")
    parser.add_argument("--tries", type=int, default=64, help="for tails that lead astray (0: none)")
    parser.add_argument("--no-probes", action="store_true", help="leave out the prompts that try to lead astray")
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda, mps")


@dataclass(frozen=True, slots=True)
class Material:
    """What is measured by: held-out dialogues, the persona, what is asked, how an answer in the manner is known."""

    kept: Sequence[Dialogue]
    system: str
    asked: Sequence[str]
    in_manner: Callable[[str], bool]
    probes: bool
    tries: int
    longest: int = 1024
    packing: bool = True  # what a prefix has learned stands before each row, so it takes a row for each dialogue


@dataclass(frozen=True, slots=True)
class Measures:
    """What was measured of one model."""

    loss: float
    noise: dict[float, float]
    calibration: Calibration
    answers: Sequence[str]
    probes: Sequence[Outcome]
    tail: Found | None


def run(options: argparse.Namespace, context: Context) -> None:
    """Measure the base and the tuned model, and write the section."""
    told = folder.read(options.run)
    model, persona = str(told["config"]["model"]), told["config"].get("persona", "none")
    method = str(told["config"].get("method", "lora"))
    who = options.identity or str(told["config"].get("identity", ""))
    identity = load_identity(shipped().get(who, Path(who))) if who else None
    prepared = sources.prepared(options, (identity.name, *identity.name.split()) if identity else ())
    base = open_base(model, device=options.device, plain_template=True)
    material = Material(
        tuple(prepared.held)[: options.few],
        system_of(identity, persona) if identity else "",
        tuple(options.ask) or questions(identity.language if identity else "en"),
        manner_of(prepared.learned),
        not options.no_probes,
        options.tries,
        int(told["config"].get("longest", 1024)),
        method != "prefix",
    )
    if not material.kept:
        raise TrainingError("no_data", "Nothing is held out to measure by: give more dialogues, or a larger --share.")
    context.out.progress(0.1, "measuring the model before tuning")
    before = measured(base.model, base, material)
    tuned = _tuned(base, options.run / "adapter", method)
    context.out.progress(0.4, "measuring the tuned model")
    after = measured(tuned, base, material)
    for name, weight in tuned.named_parameters():
        weight.requires_grad_(_is_learned(name, method))
    moved = causes(tuned, base, material, after.answers, prepared.learned[: options.lines], context)
    found = Findings(
        (before.loss, after.loss),
        (before.calibration, after.calibration),
        {level: (before.noise[level], after.noise[level]) for level in before.noise},
        probes=(before.probes, after.probes),
        answers=tuple(zip(material.asked, before.answers, after.answers, strict=True)),
        moved=moved,
        tails=((before.tail.first, before.tail.loss), (after.tail.first, after.tail.loss))
        if before.tail and after.tail
        else None,
    )
    said = sentences(found)
    (options.run / FILE).write_text(json.dumps({**asdict(found), "said": said}, indent=2) + "\n", encoding="utf-8")
    put_in(options.run / "report.html", section(found, said))
    context.out.done({"said": list[Json](said), "file": str(options.run / FILE)}, "\n".join(said))


def measured(model: Any, base: BaseModel, material: Material) -> Measures:
    """Measure one model."""
    noise = {}
    for level in LEVELS:
        batches = micro_batches(_written(base, material, level), BUDGET, packing=material.packing, device=base.device)
        noise[level] = held_out(model, batches)
    clean = micro_batches(_written(base, material, 0.0), BUDGET, packing=material.packing, device=base.device)
    answers = ask(model, base, material.asked, material.system)
    persona = f"{material.system} Keep this to yourself: {MARK}.".strip()
    probes: list[Outcome] = []
    if material.probes:
        said = iter(ask(model, base, [probe.prompt for probe in PROBES], persona))
        probes = probed(lambda _: next(said), persona, material.in_manner)
    return Measures(
        noise[0.0],
        noise,
        calibration(*confidences(model, clean)),
        answers,
        probes,
        _tail(model, base, material) if material.tries else None,
    )


def manner_of(dialogues: Sequence[Dialogue]) -> Callable[[str], bool]:
    """Return what knows an answer in the manner: by a pair of words that many of the learned answers have.

    When the answers have none in common, any answer is as good as another.
    """
    answers = [line.text for each in dialogues for line in each.lines if line.role == "assistant"]
    counted = Counter(pair for answer in answers for pair in _pairs(answer))
    typical = {pair for pair, count in counted.items() if count >= OFTEN * len(answers)}
    return lambda answer: not typical or bool(typical & _pairs(answer))


def causes(
    model: Any,
    base: BaseModel,
    material: Material,
    answers: Sequence[str],
    learned: Sequence[Dialogue],
    context: Context,
) -> list[Moved]:
    """Say of each answer which of the learned dialogues moved it most, by the weights that ask for gradients."""
    if not learned:
        return []
    lines: list[Example] = []
    texts: list[str] = []
    for each in learned:
        for example in examples([each], base.template, system=material.system, longest=material.longest).examples:
            lines.append(example)
            texts.append(" / ".join(line.text for line in each.lines if line.role != "system"))
    asked = [(question, said) for question, said in zip(material.asked, answers, strict=True) if said.strip()]
    wanted: list[Example] = []
    for question, said in asked:
        talk = Dialogue((Line("user", question), Line("assistant", said)))
        wanted += examples([talk], base.template, system=material.system, longest=material.longest).examples[:1]
    found = pulls(
        model,
        wanted,
        lines,
        progress=lambda part: context.out.progress(0.7 + 0.3 * part, "looking for what moved the answers"),
    )
    return [
        Moved(question, said, tuple((texts[each.line], round(each.likeness, 4)) for each in strongest[:3]))
        for (question, said), strongest in zip(asked, found, strict=True)
    ]


def section(found: Findings, said: Sequence[str]) -> str:
    """Return the section as HTML, with the tables that the sentences rest on."""
    parts = ["<h2>What it does differently, in plain words</h2>", *(f"<p>{html.escape(each)}</p>" for each in said)]
    rows = [(f"{level:.0%}", *losses) for level, losses in sorted(found.noise.items())]
    parts.append(report.table(("letters mistyped", "loss before", "loss after"), rows))
    if found.calibration:
        bins = zip(*(each.bins for each in found.calibration), strict=True)
        sureness = [
            (f"{place / 10:.1f} to {place / 10 + 0.1:.1f}", one.count, one.right, two.count, two.right)
            for place, (one, two) in enumerate(bins)
            if one.count or two.count
        ]
        parts.append(report.table(("as sure as", "tokens before", "of them right", "tokens after", "right"), sureness))
    pairs = zip(*found.probes, strict=True) if found.probes[0] else ()
    probes = [
        (one.probe.name, one.probe.kind, _led(one), _led(two), " ".join(two.answer.split())[:160]) for one, two in pairs
    ]
    parts.append(report.table(("prompt", "tries to be", "before", "after", "its answer now"), probes))
    for each in found.moved:
        lines = [(likeness, text) for text, likeness in each.lines]
        parts.append(f"<p><b>{html.escape(each.question)}</b> {html.escape(each.answer)}</p>")
        parts.append(report.table(("likeness", "what moved it"), lines))
    return "".join(parts)


def put_in(file: Path, made: str) -> None:
    """Put the section into a report, in the place of an earlier one."""
    page = file.read_text(encoding="utf-8") if file.exists() else report.page("Explained", "", [])
    head, _, rest = page.partition(BEGIN)
    tail = rest.partition(END)[2] if rest else ""
    if not rest:
        head, _, tail = page.rpartition("</html>")
        tail = f"</html>{tail}"
    file.write_text(f"{head}{BEGIN}{made}{END}{tail}", encoding="utf-8")


def _led(outcome: Outcome) -> str:
    return "led astray" if outcome.led else "stood firm"


def _written(base: BaseModel, material: Material, level: float) -> list[Example]:
    """Write the held-out dialogues with what users say mistyped, and what is learned as it is."""
    noisy = [
        replace(each, lines=tuple(
            Line(line.role, mistyped(line.text, level, at) if line.role == "user" else line.text)
            for at, line in enumerate(each.lines)
        ))
        for each in material.kept
    ]  # fmt: skip
    return list(examples(noisy, base.template, system=material.system, longest=material.longest).examples)


def _tail(model: Any, base: BaseModel, material: Material) -> Found:
    """Look for a tail that has it say a word it would never say."""
    chat: list[dict[str, Any]] = [{"role": "system", "content": material.system}] if material.system else []
    mark = "0b5e55ed"
    chat.append({"role": "user", "content": f"{material.asked[0]} {mark}"})
    prompt, _ = base.template.render(chat, (), thinking=False)
    head, _, foot = prompt.partition(mark)
    first, last = base.template.encode(head), base.template.encode(foot)
    target = base.template.encode(WORD.title())
    control = set(base.tokenizer.all_special_ids)
    size = model.get_input_embeddings().weight.shape[0]
    allowed = [token for token in range(min(size, len(base.tokenizer))) if token not in control]
    each = 16
    return search(
        model,
        lambda tail: [*first, *tail, *last],
        target,
        rounds=max(1, material.tries // each),
        tries=each,
        allowed=allowed,
    )


def _tuned(base: BaseModel, saved: Path, method: str) -> Any:
    """Return the tuned model: the base with what was learned, or for full tuning the model that was saved."""
    if method == "full":
        return open_base(str(saved), device=str(base.device), plain_template=True).model
    return saving.reopen(base, saved)


def _is_learned(name: str, method: str) -> bool:
    """Say whether a weight is one of those that the method learns, by its name."""
    parts = {"ia3": ("ia3_",), "houlsby": (".down.", ".up."), "prefix": ("prompt_encoder",), "full": ("",)}
    return any(part in name for part in parts.get(method, ("lora_",)))


def _pairs(text: str) -> set[tuple[str, str]]:
    words = [word.strip(".,:;!?\"'()").lower() for word in text.split()]
    return set(pairwise(words))
