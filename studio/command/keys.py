"""Makes the keys of a studio: what seals and labels are signed with."""

from __future__ import annotations

import argparse
from datetime import date

from engines.provenance.signing import keys
from engines.provenance.signing.trouble import SigningError
from studio.command.output import Output
from studio.errors import StudioError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare where, and for whom."""
    parser.add_argument("--out", default="", metavar="FOLDER", help=f"where to write them ({keys.HOME})")
    parser.add_argument("--name", default="", metavar="STUDIO", help="the studio's name, which certificates show")
    parser.add_argument("--show", action="store_true", help="tell of the keys that are there")


def run(options: argparse.Namespace, out: Output) -> None:
    """Write the keys, or tell of them; StudioError `exists` where there are some."""
    folder = keys.place(options.out)
    try:
        if options.show:
            authority = keys.trusted(folder)
            keys.load(folder)
            print_ = keys.fingerprint(authority)
        else:
            print_ = keys.make(folder, options.name, _day(options.created))
    except SigningError as error:
        raise StudioError(error.code, error.message) from error
    text = (
        f"keys are in {folder}; the .key files are yours alone: keep a copy, and give them to nobody\n"
        f"who shall trust what you seal needs {folder / keys.AUTHORITY}\nfingerprint {print_}"
    )
    out.done({"folder": str(folder), "authority": str(folder / keys.AUTHORITY), "fingerprint": print_}, text)


def _day(created: str) -> date:
    """Return the day from which the certificates hold; StudioError `bad_wish` where nobody said which it is."""
    try:
        return date.fromisoformat(created[:10])
    except ValueError as error:
        raise StudioError("bad_wish", "say from which day the keys hold: --created 2026-11-30") from error
