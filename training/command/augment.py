"""Makes varied copies of dialogues, or of sounds."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from training.augment import sound, text
from training.command.cli import Context
from training.data import corpus
from training.data.sources.reading import Reading, read
from training.errors import TrainingError

SOUNDS = (".wav", ".flac")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what it takes."""
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="dialogues, or WAV and FLAC files")
    parser.add_argument("--out", type=Path, required=True, metavar="FOLDER", help="where the copies go")
    known = ", ".join((*text.CHANGES, *sound.CHANGES))
    parser.add_argument("--by", nargs="+", required=True, metavar="CHANGE", help=f"some of: {known}")
    parser.add_argument("--copies", type=int, default=1, help="of each (default: %(default)s)")
    parser.add_argument("--speaker", default="", metavar="NAME", help="in chats: whose manner is learned")
    parser.add_argument("--seed", type=int, default=0, help="the same seed makes the same (default: %(default)s)")


def run(options: argparse.Namespace, context: Context) -> None:
    """Write the copies, the originals among them."""
    if options.out.exists() and any(options.out.iterdir()):
        raise TrainingError("exists", f"{options.out} is not empty: name another folder.")
    heard = [file for file in options.files if file.suffix.lower() in SOUNDS]
    if heard and len(heard) < len(options.files):
        raise TrainingError("bad_layout", "give dialogues or sounds, not both at once")
    written = _sounds(options) if heard else _texts(options)
    context.out.done({"folder": str(options.out), "written": written}, f"{written} written to {options.out}")


def _texts(options: argparse.Namespace) -> int:
    dialogues = read(options.files, Reading(options.speaker))
    options.out.mkdir(parents=True, exist_ok=True)
    made = text.varied(dialogues, options.by, copies=options.copies, seed=options.seed)
    count = 0
    with (options.out / "varied.jsonl").open("w", encoding="utf-8") as out:
        for each in made:
            out.write(corpus.row(each))
            count += 1
    return count


def _sounds(options: argparse.Namespace) -> int:
    import soundfile

    files: Any = soundfile
    options.out.mkdir(parents=True, exist_ok=True)
    count = 0
    for number, file in enumerate(options.files):
        try:
            samples, rate = files.read(file, dtype="float32")
        except (RuntimeError, OSError) as error:
            raise TrainingError("bad_layout", f"{file} is no sound that can be read: {error}") from error
        for copy in range(options.copies):
            for name in options.by:
                made = sound.varied(samples, rate, name, options.seed + 1000 * number + copy)
                files.write(options.out / f"{file.stem}-{name}-{copy + 1}.wav", made, rate)
                count += 1
    return count
