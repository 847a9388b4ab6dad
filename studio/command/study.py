"""Studies many people that a writer makes: coverage, evenness, likeness, and whether a trade tells of a gender."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Final

from engines.identity.bundle import primary
from engines.identity.fields import Json, dump
from studio.command.output import Output
from studio.errors import StudioError
from studio.evaluate.page.population import population_page
from studio.evaluate.population.people import MOST, people
from studio.evaluate.population.study import studied
from studio.evaluate.population.telling import as_json, tables
from studio.journal import failure
from studio.stage import Wish
from studio.stages import Optioned, load

WRITER: Final = "draft"
COUNT: Final = 1000
OWN: Final = ("json", "created", "command", "sentence", "language", "seed", "count", "out")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare how many, of what wish, and what the writer takes besides."""
    parser.add_argument("sentence", nargs="?", default="", help="a wish for everybody (none: anybody)")
    parser.add_argument("--count", type=int, default=COUNT, help="how many people (default: %(default)s)")
    parser.add_argument("--language", default="en", metavar="TAG", help="the language they are written in")
    parser.add_argument("--seed", type=int, default=0, help="the first person's; the others follow")
    parser.add_argument("-o", "--out", type=Path, metavar="FILE", help="write FILE.html, a page, or FILE.json")
    writer = load(WRITER)
    if isinstance(writer, Optioned):
        writer.add_options(parser)


def run(options: argparse.Namespace, out: Output) -> None:
    """Make the people, study them, and tell; StudioError `bad_wish` for a count that cannot be."""
    if not 2 <= options.count <= MOST:
        raise StudioError("bad_wish", f"a study is of 2 to {MOST} people")
    if options.out and options.out.suffix not in (".html", ".json"):
        raise StudioError("bad_wish", "a study is written as .html or .json")
    own: dict[str, Json] = {key: value for key, value in vars(options).items() if key not in OWN and value is not None}
    wish = Wish(options.sentence, options.language, options.seed, own)
    writer = load(WRITER)
    made = list(people(writer, wish, options.count, lambda done, doing: out.progress(0.8 * done, doing)))
    out.progress(0.8, "comparing them")
    sections = studied(made, seed=options.seed)
    about: dict[str, Json] = {
        "sentence": wish.sentence,
        "language": wish.language,
        "count": len(made),
        "failed": options.count - len(made),
        "seed": wish.seed,
        "writer": next((each.tool for each in made), ""),
    }
    result = as_json(sections, about)
    last = wish.seed + options.count - 1
    title = f"{len(made)} people in {wish.language} by {about['writer']}, seeds {wish.seed} to {last}"
    title += f", {about['failed']} failed" if about["failed"] else ""
    if options.out:
        told = {"count": str(len(made)), "first": str(wish.seed), "last": str(last)}
        page = population_page(sections, about={**told, "wish": wish.sentence}, language=primary(wish.language))
        _write(options.out, page if options.out.suffix == ".html" else dump(result))
    out.done(result, f"{title}\n\n{tables(sections)}")


def _write(path: Path, data: bytes) -> None:
    beside = path.with_name(f".{path.name}.part")
    try:
        beside.write_bytes(data)
        beside.replace(path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise failure(error, path) from error
