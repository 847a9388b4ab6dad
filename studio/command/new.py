"""Makes a person of a sentence: a draft, and then every usual stage. Run again, it goes on where it was stopped."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from engines.identity.fields import Json, parse_object
from studio import stages
from studio.command.output import Output
from studio.command.show import described, text
from studio.commit import apply, resume
from studio.draft.naming import plain
from studio.draft.stage import Draft, told_options
from studio.errors import StudioError
from studio.folder import Folder
from studio.lineage import stages_of
from studio.stage import Progress, Wish

LEARNT: Final = "knowledge"  # the stage that learns from documents
CONSENT_BYTES: Final = 256 * 1024


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the sentence and what goes with it."""
    parser.add_argument(
        "sentence",
        nargs="?",
        default="",
        metavar="SENTENCE",
        help='for example "a warm physics teacher in her forties"',
    )
    parser.add_argument(
        "--language", default="", metavar="TAG", help="the person's language (by default the sentence's)"
    )
    parser.add_argument("--seed", type=int, default=0, help="another seed makes another person (default: %(default)s)")
    parser.add_argument("--name", default="", help="what the person is called, instead of an invented name")
    parser.add_argument("-o", "--out", type=Path, metavar="FOLDER", help="where to (by default a folder of the name)")
    parser.add_argument(
        "--from", dest="source", type=Path, metavar="CARD", help="take a card over (.png, .json, .charx)"
    )
    parser.add_argument("--like", type=Path, metavar="FOLDER", help="somebody whose attributes it begins from")
    parser.add_argument("--consent", type=Path, metavar="FILE", help="the consent of a real person it is made after")
    parser.add_argument("--model", default="", metavar="URL|FOLDER", help="a language model to write the texts")
    parser.add_argument("--model-name", default="", metavar="NAME", help="which of an endpoint's models")
    parser.add_argument("--learn", nargs="+", default=[], metavar="FILE", help="documents to know: a course, a manual")
    parser.add_argument("--only-draft", action="store_true", help="write the person, and leave the other stages")


def run(options: argparse.Namespace, out: Output) -> None:
    """Make the person and show it."""
    given = {"name": options.name, "model": options.model, "model_name": options.model_name}
    own: dict[str, Json] = {key: value for key, value in given.items() if value}
    if options.like:
        own["like"] = Folder(options.like).attributes.as_json()
    if options.consent:
        own["consent"] = _consent(options.consent)
    wish = Wish(options.sentence, options.language, options.seed, own)
    if options.source:
        _adopt(wish, options, out)
        return
    if not options.sentence and not options.like:
        raise StudioError("bad_wish", "say whom to make, or take a card over with --from")
    learn = [str(file) for file in options.learn]
    folder = make(wish, options.out, out.progress, created=options.created, only_draft=options.only_draft, learn=learn)
    identity = folder.identity
    result = described(identity) | {"draft": parse_object(folder.read("reports/draft.json"), "reports/draft.json")}
    out.done(result, told(folder, text(identity, {})))


def make(
    wish: Wish,
    place: Path | None,
    progress: Progress,
    *,
    created: str = "",
    only_draft: bool = False,
    learn: Sequence[str] = (),
) -> Folder:
    """Run the draft and the usual stages that are not done yet, and before these learn from the documents of `learn`.

    StudioError `exists` for a folder of something else.
    """
    place = place or Path(_slug(wish))
    following = [] if only_draft else [row for row in stages.STAGES if row.usual]
    parts = 1 + len(following) + bool(learn)
    if place.exists():
        resume(place)
    if not _drafted(place, wish):
        apply(Draft(), place, wish, _part(progress, 0, parts), created=created)
    if learn and LEARNT not in stages_of(Folder(place).facts):
        asked = Wish(seed=wish.seed, options={"add": [*learn]})
        apply(stages.load(LEARNT), place, asked, _part(progress, 1, parts), created=created)
    for number, row in enumerate(following, 1 + bool(learn)):
        if row.name not in stages_of(Folder(place).facts):
            stage = stages.load(row.name)
            apply(stage, place, Wish(seed=wish.seed), _part(progress, number, parts), created=created)
    return Folder(place)


def told(folder: Folder, shown: str) -> str:
    """Write for people who was made, what was not understood of the wish, and how to talk with them."""
    report = parse_object(folder.read("reports/draft.json"), "reports/draft.json")
    lines = [shown, ""]
    for key, what in (("not_understood", "not understood"), ("choices", "chosen")):
        items = report.get(key)
        lines += [f"{what}: {', '.join(map(str, items))}"] if isinstance(items, list) and items else []
    lines.append(f"{folder.root}: talk with {folder.identity.name} by `companion run --identity {folder.root}`")
    return "\n".join(lines)


# ------------------------------------------------------------------------------------------------ parts


def _adopt(wish: Wish, options: argparse.Namespace, out: Output) -> None:
    """Take a card over, and change it by the sentence where there is one."""
    from studio.draft.adopt import Adopt
    from studio.draft.edit import Edit

    source: Path = options.source
    place: Path = options.out or Path(plain(source.stem) or "person")
    if Folder(place).listing():
        raise StudioError("exists", f"{place} holds somebody or something already: choose another folder with --out")
    folder = apply(Adopt(source), place, wish, out.progress, created=options.created)
    if wish.sentence:
        folder = apply(Edit(), place, wish, out.progress, created=options.created)
    out.done(described(folder.identity), text(folder.identity, {}))


def _slug(wish: Wish) -> str:
    """Return the name of a folder for whoever this wish makes."""
    person = Draft().person(wish)
    return person.name.plain or plain(wish.sentence)[:40] or "person"


def _drafted(place: Path, wish: Wish) -> bool:
    """Say whether the folder holds the draft of just this wish; StudioError `exists` when it holds something else."""
    folder = Folder(place)
    if not folder.listing():
        return False
    report: dict[str, Json] = {}
    if folder.has("reports/draft.json"):
        report = parse_object(folder.read("reports/draft.json"), "reports/draft.json")
    if (report.get("sentence"), report.get("seed"), report.get("options")) == (
        wish.sentence, wish.seed, told_options(wish),
    ):  # fmt: skip
        return True
    raise StudioError("exists", f"{place} holds somebody or something already: choose another folder with --out")


def _part(progress: Progress, number: int, parts: int) -> Progress:
    return lambda done, sentence: progress((number + min(1.0, done)) / parts, sentence)


def _consent(path: Path) -> Json:
    if path.stat().st_size > CONSENT_BYTES:
        raise StudioError("bad_consent", f"{path} is too large for a consent")
    return parse_object(path.read_bytes(), str(path))
