"""What every command that reads dialogues takes, and the dialogues that follow from it."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path

from engines.personal.scrub import Ledger, Scrubber
from training.data import corpus
from training.data.cleaning import ALIKE, Cleaning
from training.data.corpus import Prepared
from training.data.dialogue import Dialogue
from training.data.sources.reading import Reading, read


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the files and how they are read, cleaned and parted."""
    parser.add_argument(
        "files", nargs="+", type=Path, metavar="FILE", help="dialogues, or a folder that `data` prepared"
    )
    parser.add_argument("--speaker", default="", metavar="NAME", help="in chats: whose manner is learned")
    parser.add_argument("--language", default="en", metavar="TAG", help="of documents (default: %(default)s)")
    parser.add_argument("--encoding", default="", help="of files that are not in UTF-8")
    parser.add_argument("--only", nargs="+", default=[], metavar="TAG", help="keep these languages alone")
    parser.add_argument(
        "--similar", type=float, default=ALIKE, help="what counts as a duplicate (default: %(default)s)"
    )
    parser.add_argument("--shortest", type=int, default=1, help="characters of the answers, at least")
    parser.add_argument("--keep-toxic", action="store_true", help="keep what the content filter would stop")
    parser.add_argument("--as-is", action="store_true", help="leave what is personal as it is: it may be said again")
    parser.add_argument(
        "--ledger", type=Path, metavar="FILE", help="keep which stand-in stands for what; keep it secret"
    )
    parser.add_argument("--split", default="auto", choices=("auto", "person", "topic", "dialogue"), help="held out by")
    parser.add_argument("--share", type=float, default=0.1, help="part that is held out (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="the same seed makes the same (default: %(default)s)")


def cleaning(options: argparse.Namespace, own: Sequence[str] = ()) -> Cleaning:
    """Return what is wanted of cleaning; `own` are the companion's names."""
    scrubber = None
    if not options.as_is:
        known = options.ledger is not None and options.ledger.is_file()
        scrubber = Scrubber(Ledger.load(options.ledger) if known else Ledger())
    return Cleaning(
        languages=tuple(options.only),
        shortest=options.shortest,
        similar=options.similar,
        toxic=options.keep_toxic,
        scrubber=scrubber,
        own=own,
    )


def dialogues(options: argparse.Namespace) -> Iterator[Dialogue]:
    """Yield the dialogues of the files."""
    return read(options.files, Reading(options.speaker, options.language, options.encoding))


def prepared(options: argparse.Namespace, own: Sequence[str] = ()) -> Prepared:
    """Return what is learned and held out: a prepared folder's, or the files' cleaned and parted now."""
    if len(options.files) == 1 and corpus.is_prepared(options.files[0]):
        return corpus.load(options.files[0])
    wanted = cleaning(options, own)
    made = corpus.prepare(dialogues(options), wanted, by=options.split, share=options.share, seed=options.seed)
    keep(options, wanted)
    return made


def keep(options: argparse.Namespace, wanted: Cleaning) -> None:
    """Write the ledger of stand-ins where it is asked for."""
    if options.ledger is not None and wanted.scrubber is not None:
        wanted.scrubber.ledger.save(options.ledger)
