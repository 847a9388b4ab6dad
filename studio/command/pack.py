"""Writes a person as one file that other programs open, too."""

from __future__ import annotations

import argparse
import contextlib
from pathlib import Path
from typing import cast, get_args

from engines.identity import pack
from engines.provenance.labels.files import kind_of, said
from engines.provenance.labels.label import Label, Source
from engines.provenance.signing import c2pa, keys
from engines.provenance.signing.trouble import SigningError
from studio.command.output import Output
from studio.errors import StudioError
from studio.folder import Folder


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the folder and the file."""
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="the person's folder")
    parser.add_argument(
        "-o", "--out", type=Path, metavar="FILE", help="FILE.charx (the default, beside the folder) or FILE.png"
    )
    parser.add_argument("--keys", default="", metavar="FOLDER", help="the studio's keys, which sign a .png")
    parser.add_argument("--force", action="store_true", help="write in the place of a file that is there")


def run(options: argparse.Namespace, out: Output) -> None:
    """Pack it beside, then rename; StudioError `exists` when the file is there and `--force` was not given."""
    folder: Path = options.folder
    file: Path = options.out or folder.resolve().with_name(f"{folder.resolve().name}.charx")
    name = Folder(folder).identity.name
    if file.exists() and not options.force:
        raise StudioError("exists", f"{file} exists already; --force writes in its place")
    beside = file.with_name(f".{file.stem}.part{file.suffix}")
    try:
        pack(folder, beside)
        _sign(beside, name, options.keys)
        beside.replace(file)
    finally:
        with contextlib.suppress(OSError):
            beside.unlink(missing_ok=True)
    out.done(
        {"file": str(file), "bytes": file.stat().st_size}, f"{name}: {file}, {file.stat().st_size // 1024 + 1} KiB"
    )


def _sign(file: Path, name: str, folder: str) -> None:
    """Sign a .png of a machine where there are keys: the card that was put in has broken an older manifest."""
    data = file.read_bytes()
    source = said(data).source
    if file.suffix.lower() != ".png" or source not in get_args(Source):
        return
    try:
        file.write_bytes(
            c2pa.sign(data, kind_of(data), Label(cast("Source", source), name), keys.load(keys.place(folder)))
        )
    except SigningError as error:
        if folder:
            raise StudioError(error.code, error.message) from error
