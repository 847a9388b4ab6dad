"""Makes a talking video of a person, or of several in the scenes of a script (`companion identity video`)."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import Final

from engines.identity import load_identity
from studio.command.output import Output
from studio.errors import StudioError
from studio.video.captions import srt, vtt
from studio.video.export.motion import KINDS
from studio.video.looks.choosing import LOOKS
from studio.video.making import Film, Person, make
from studio.video.script import Scene, monologue, read
from studio.video.track import Speaker, Spoken

__all__ = ["Film", "StudioError", "add_arguments", "filmed", "run"]
SCRIPT_BYTES: Final = 1 << 20
RATES: Final = (24, 25, 30, 48, 50, 60)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what is said, by whom, and how it is shown."""
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="the person's folder")
    parser.add_argument("text", nargs="?", default="", help="what is said; [happy] works as in a reply")
    parser.add_argument("--script", type=Path, metavar="FILE", help="scenes: '# title', 'NAME: words', '(pause 2)'")
    parser.add_argument(
        "--cast", action="append", default=[], metavar="NAME=FOLDER", help="who else speaks in the script; repeatable"
    )
    add_film(parser)


def add_film(parser: argparse.ArgumentParser) -> None:
    """Declare what a film looks like."""
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="FILE", help="FILE.mp4 or FILE.webm")
    parser.add_argument("--look", choices=LOOKS, default="auto", help="how people are shown (default: %(default)s)")
    parser.add_argument("--size", type=int, default=720, metavar="PX", help="its height, 512 to 1080 (%(default)s)")
    parser.add_argument("--fps", type=int, choices=RATES, default=30, help="pictures a second (default: %(default)s)")
    parser.add_argument(
        "--background", default="", metavar="WHAT", help="#rrggbb, a colour's name, a picture, or none (WebM)"
    )
    parser.add_argument("--together", type=int, choices=(1, 2), help="people in one picture (default: by the script)")
    parser.add_argument("--subtitles", action="store_true", help="write FILE.vtt and FILE.srt, too")
    parser.add_argument(
        "--also", nargs="+", choices=[*KINDS], default=[], metavar="KIND",
        help=f"write the movement beside it, too: {', '.join(f'{kind} ({what})' for kind, (_, what) in KINDS.items())}",
    )  # fmt: skip
    parser.add_argument("--jobs", type=int, default=0, metavar="N", help="processes that draw (default: by the look)")
    parser.add_argument("--draft", action="store_true", help="draw a sculpted head with one sample a pixel")
    parser.add_argument("--keys", default="", metavar="FOLDER", help="the studio's keys, to sign the film with")


def run(options: argparse.Namespace, out: Output) -> None:
    """Speak, draw, write, and tell."""
    speaker: Speaker | None = options.speaker
    if speaker is None:
        raise StudioError("no_speaker", "nobody can speak here: run companion identity video")
    first = load_identity(options.folder)
    cast = {first.name: options.folder, **_cast(options.cast)}
    scenes = _scenes(options, tuple(cast))
    if scenes[0].people == ("",):
        cast = {"": options.folder}
    people = {who: Person(who or first.name, path, options.look) for who, path in cast.items()}
    film = film_of(options)
    made = make(people, scenes, film, speaker, out.progress)
    beside = _beside(options.output, made.captions) if options.subtitles else []
    out.done(
        {
            "file": str(options.output),
            "seconds": round(made.seconds, 3),
            "frames": made.count,
            "subtitles": [*beside],
            "also": [str(path) for path in made.files],
            "signed": made.signed,
        },
        f"{options.output}: {made.seconds:.1f} s, {made.count} frames"
        f"{'' if made.signed else '; labelled, not signed (companion identity keys)'}",
    )


def filmed(spoken: Spoken, person: Path, text: str, film: Film, look: str, out: Output) -> None:
    """Make the film of what one person has said already."""
    people = {"": Person(load_identity(person).name, person, look)}
    made = make(people, monologue(text), film, lambda _path, _text, _fps: spoken, out.progress)
    told = f"{film.path}: {made.seconds:.1f} s, {made.count} frames"
    out.done({"file": str(film.path), "seconds": round(made.seconds, 3), "signed": made.signed}, told)


def film_of(options: argparse.Namespace) -> Film:
    """Return how the film is to be, from the command line."""
    return Film(
        path=options.output,
        tall=options.size,
        fps=options.fps,
        background=options.background,
        together=options.together or 0,
        jobs=options.jobs if options.jobs > 0 else (os.cpu_count() or 1) if options.look == "head" else 1,
        fine=1 if options.draft else 2,
        keys=options.keys,
        on=options.created,
        also=tuple(dict.fromkeys(options.also)),
    )


def _cast(given: list[str]) -> dict[str, Path]:
    found = {}
    for each in given:
        name, equals, folder = each.partition("=")
        if not equals or not name.strip():
            raise StudioError("bad_option", f"--cast takes NAME=FOLDER, not {each!a}")
        found[name.strip()] = Path(folder)
    return found


def _scenes(options: argparse.Namespace, people: tuple[str, ...]) -> tuple[Scene, ...]:
    if bool(options.text) == bool(options.script):
        raise StudioError("bad_script", "say what is said: a text, or --script FILE")
    if options.text:
        return monologue(options.text)
    path: Path = options.script
    if path.stat().st_size > SCRIPT_BYTES:
        raise StudioError("bad_script", f"{path} has more than {SCRIPT_BYTES >> 20} MiB")
    try:
        return read(path.read_text(encoding="utf-8-sig"), people)
    except UnicodeDecodeError as error:
        raise StudioError("bad_script", f"{path} is no text in UTF-8") from error


def _beside(path: Path, rows: tuple[object, ...]) -> list[str]:
    written = []
    for suffix, text in ((".vtt", vtt(rows)), (".srt", srt(rows))):  # type: ignore[arg-type]
        place = path.with_suffix(suffix)
        place.write_text(text, encoding="utf-8")
        written.append(str(place))
    return written
