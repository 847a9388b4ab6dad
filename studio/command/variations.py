"""Makes several people of one wish, or of one person's wish, to choose from."""

from __future__ import annotations

import argparse
from pathlib import Path

from engines.identity.fields import Fields, Json, parse_object
from studio.command.new import make
from studio.command.output import Output
from studio.command.show import described
from studio.draft.stage import Draft
from studio.errors import StudioError
from studio.folder import Folder
from studio.stage import Progress, Wish

DRAFT = "reports/draft.json"
MOST = 1000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the wish and how many."""
    parser.add_argument("wish", metavar="SENTENCE|FOLDER", help="a sentence, or somebody of whose wish they are made")
    parser.add_argument("--count", type=int, default=8, help="how many (default: %(default)s)")
    parser.add_argument("--language", default="", metavar="TAG", help="their language")
    parser.add_argument("--seed", type=int, default=1, help="the first of their seeds (default: %(default)s)")
    parser.add_argument("-o", "--out", type=Path, default=Path("variations"), metavar="FOLDER", help="where to")


def run(options: argparse.Namespace, out: Output) -> None:
    """Make them, each in a folder of its number and name."""
    if not 1 <= options.count <= MOST:
        raise StudioError("bad_wish", f"--count is from 1 to {MOST}")
    wish = _wish(options)
    people: list[Json] = []
    lines: list[str] = []
    for number in range(options.count):
        one = Wish(wish.sentence, wish.language, wish.seed + number, wish.options)
        place = options.out / f"{number + 1:02d}-{Draft().person(one).name.plain or 'person'}"
        folder = make(one, place, _part(out.progress, number, options.count), created=options.created)
        people.append(described(folder.identity))
        lines.append(f"{place}  {folder.identity.card.name}: {folder.identity.description}")
    out.done({"people": people}, "\n".join(lines))


def _wish(options: argparse.Namespace) -> Wish:
    """Return the wish; of a folder, that which its person was made of, else its attributes."""
    place = Path(options.wish)
    if not (place / "card.json").is_file():
        return Wish(options.wish, options.language, options.seed)
    folder = Folder(place)
    report = Fields(parse_object(folder.read(DRAFT), DRAFT) if folder.has(DRAFT) else {}, DRAFT, code="bad_facts")
    sentence, language = report.text("sentence"), options.language or folder.identity.language
    if sentence:
        return Wish(sentence, language, int(report.number("seed", 0)) + options.seed)
    like: dict[str, Json] = {"like": folder.attributes.as_json()}
    return Wish("", language, options.seed, like)


def _part(progress: Progress, number: int, count: int) -> Progress:
    return lambda done, sentence: progress((number + done) / count, f"{number + 1} of {count}: {sentence}")
