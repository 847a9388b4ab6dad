"""The stage `evaluate`: judges the person in a folder and writes the report and its page."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from engines.identity import Identity, IdentityError
from engines.identity.bundle import primary
from engines.identity.fields import Fields, Json, dump
from engines.identity.pictures import portrait
from engines.jobs import Dialogue
from studio.errors import StudioError
from studio.evaluate.bias.askers import as_other, swaps_in
from studio.evaluate.blocking import blocks
from studio.evaluate.measures import Section, tally
from studio.evaluate.noise.sweep import LARGE
from studio.evaluate.page.report import report_page
from studio.evaluate.probes.opinions import judge_identity
from studio.evaluate.sections import SECTIONS, judged
from studio.evaluate.subject import Subject
from studio.evaluate.talk.dialogues import CARD, open_dialogue
from studio.evaluate.talk.gates import gates_of
from studio.evaluate.talk.session import Wanted, talked
from studio.folder import Folder
from studio.stage import Made, Progress, Wish

REPORT: Final = "reports/evaluation.json"
PAGE: Final = "reports/evaluation.html"
APART: Final = ("reports/", "review.jsonl")  # not what is judged, but what was found and decided
SCHEMA: Final = 1
QUESTIONS: Final = 400


class Evaluate:
    """Judges a person by its files, its texts and its conversation.

    Options: `dialogue` and `model` say who answers (the card alone by default), `judge` and `judge_model` whose opinion
    of the answers is asked, `reader` the folder of a head that reads attributes, `questions` how many questions are
    asked with errors in them, and `latency` whether times are measured: with the card alone they are all that differs
    from run to run.
    """

    name = "evaluate"
    version = 1

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Declare them."""
        parser.add_argument(
            "--dialogue",
            default=CARD,
            metavar="ADDRESS",
            help="who answers: card (no model), http://HOST/v1 (its key from COMPANION_OPENAI_API_KEY), "
            "transformers:FOLDER (default: %(default)s)",
        )
        parser.add_argument("--model", default="", metavar="NAME", help="the model at the address (default: its first)")
        parser.add_argument(
            "--judge", default="", metavar="ADDRESS", help="a language model whose opinion is put beside the answers"
        )
        parser.add_argument("--judge-model", default="", metavar="NAME", help="the judge's model at its address")
        parser.add_argument(
            "--questions", type=int, default=0, metavar="N", help="questions asked with errors in them (40; 10 a model)"
        )
        parser.add_argument(
            "--reader", default="", metavar="FOLDER", help="a head by `companion train attributes`: reads them, too"
        )
        parser.add_argument(
            "--latency",
            action=argparse.BooleanOptionalAction,
            default=True,
            help="measure times, which differ from run to run",
        )

    def run(self, folder: Folder, wish: Wish, progress: Progress) -> Made:
        """Return the report and its page."""
        identity = _spoken(folder.identity, wish.language)
        options = Fields(wish.options, "options", code="bad_wish")
        reader = options.text("reader", longest=500)
        subject = Subject(identity, folder, Path(reader) if reader else None)
        address, model = options.text("dialogue", CARD, longest=500), options.text("model", longest=200)
        wanted = Wanted(
            questions=int(options.number("questions", 0, low=0, high=QUESTIONS)),
            timed=options.flag("latency"),
            seed=wish.seed,
            judge=_judge(options, wish.seed),
            other=_other(identity, address, model, wish.seed),
        )
        sections = _still(subject, progress)
        dialogue = open_dialogue(identity, address, model, seed=wish.seed)
        gates, documents = gates_of(identity)
        sections += asyncio.run(
            talked(
                subject,
                dialogue,
                wanted,
                lambda done, doing: progress(0.3 + 0.6 * done, doing),
                gates=gates,
                documents=documents,
            )
        )
        progress(0.95, "writing the page")
        who = f"{dialogue.name} {dialogue.model}".strip()
        return Made(
            files={REPORT: dump(_report(subject, who, wish, sections)), PAGE: _page(subject, who, wish, sections)},
            section={"report": REPORT, "page": PAGE, "dialogue": who, **_summary(sections)},
            inputs=tuple(path for path in folder.listing() if not path.startswith(APART)),
            tool=f"evaluate {self.version}, {who}",
        )


def _judge(options: Fields, seed: int) -> Dialogue | None:
    """Return the judge that was asked for; StudioError `bad_wish` for one that has no language model."""
    address = options.text("judge", longest=500)
    if not address:
        return None
    if address == CARD:
        raise StudioError("bad_wish", "a judge is a language model: --judge http://HOST/v1")
    return open_dialogue(judge_identity(), address, options.text("judge_model", longest=200), seed=seed)


def _other(identity: Identity, address: str, model: str, seed: int) -> Dialogue | None:
    """Return the dialogue of the same person as the other gender; None without swaps, or where reading takes long."""
    swaps = swaps_in(primary(identity.language))
    if len(identity.card.book.entries) > LARGE:
        return None
    return open_dialogue(as_other(identity, swaps), address, model, seed=seed) if swaps else None


def _still(subject: Subject, progress: Progress) -> list[Section]:
    found: list[Section] = []
    for number, (row, section) in enumerate(judged(subject)):
        progress(0.3 * number / len(SECTIONS), row.doing)
        found.append(section)
    return found


def _spoken(identity: Identity, language: str) -> Identity:
    """Return the person in the language that was asked for; StudioError `bad_wish` for one that it does not speak."""
    if not language:
        return identity
    try:
        return identity.speaking(language)
    except IdentityError as error:
        raise StudioError("bad_wish", error.message) from error


def _report(subject: Subject, who: str, wish: Wish, sections: Sequence[Section]) -> dict[str, Json]:
    identity = subject.identity
    return {
        "schema": SCHEMA,
        "identity": {"id": identity.id, "name": identity.name, "language": identity.language},
        "dialogue": who,
        "seed": wish.seed,
        "tally": {**tally(sections)},
        "measures": [measure.as_json() for section in sections for measure in section.measures],
        "sections": {section.name: dict(section.detail) for section in sections},
    }


def _summary(sections: Sequence[Section]) -> dict[str, Json]:
    """Return what a reviewer has to see of the report: how much came to what, what was missed, what forbids sealing."""
    missed = [measure.name for section in sections for measure in section.measures if measure.outcome == "missed"]
    return {"tally": {**tally(sections)}, "missed": list[Json](missed), "blocks": list[Json](blocks(sections))}


def _page(subject: Subject, who: str, wish: Wish, sections: Sequence[Section]) -> bytes:
    identity = subject.identity
    return report_page(
        sections,
        name=identity.name,
        description=identity.description,
        facts={"language": identity.language, "dialogue": who, "seed": str(wish.seed)},
        portrait=portrait(identity),
    )
