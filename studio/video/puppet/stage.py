"""The stage `puppet`: makes one picture of a person into a portrait that speaks (`assets/x_face/other/puppet.json`)."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Final

from engines.identity.bundle import ICON
from engines.identity.fields import JSON_BYTES, Json, parse_object
from engines.identity.pictures import portrait
from engines.provenance import consent as consents
from studio.errors import StudioError
from studio.folder import Folder
from studio.stage import Made, Progress, Wish
from studio.video.puppet import landmarks, making, picture, recipe
from studio.video.puppet.model import Puppet

WEARS: Final = ("auto", "yes", "no")


class PuppetStage:
    """Finds the face in the person's portrait, or in a picture, and writes the puppet."""

    name = "puppet"
    version = 1
    dated = True

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Declare which picture, of whom, and where the model is."""
        parser.add_argument("--picture", default="", metavar="FILE", help="instead of the person's own portrait")
        parser.add_argument(
            "--real", action="store_true", help="it shows somebody real; their consent must be there (identity consent)"
        )
        parser.add_argument("--glasses", choices=WEARS, default="auto", help="whether glasses are worn in it")
        parser.add_argument("--landmarker", default="", metavar="FILE", help="MediaPipe's face_landmarker.task")

    def run(self, folder: Folder, wish: Wish, progress: Progress) -> Made:
        """Return the puppet's files; StudioError and IdentityError say what is wrong with picture or consent."""
        said = str(wish.options.get("picture") or "")
        real = bool(wish.options.get("real"))
        consented(folder, real=real, on=str(wish.options.get("on") or ""))
        data, source = _picture(folder, said)
        progress(0.1, "reading the picture")
        read = picture.read(data)
        finder = landmarks.Finder(landmarks.place(str(wish.options.get("landmarker") or "")))
        progress(0.3, "finding the face")
        try:
            faces = finder.find(read.colours)
        finally:
            finder.close()
        progress(0.5, "cutting it out")
        told = str(wish.options.get("glasses") or "auto")
        made = making.make(read, faces, glasses=None if told == "auto" else told == "yes")
        progress(0.9, "writing")
        facts: dict[str, Json] = {"likeness": _likeness(folder.facts)} if real else {}
        return Made(
            recipe.files(made),
            report(made, source, real=real),
            inputs=() if said else (source,),
            tool=f"puppet {self.version}",
            facts=facts,
        )


def report(made: Puppet, source: str, *, real: bool) -> dict[str, Json]:
    """Return what reports/puppet.json says."""
    return {
        "picture": source,
        "real": real,
        "size": [*made.size],
        "points": len(made.points),
        "triangles": sum(len(layer.triangles) for layer in made.layers),
        "shapes": [*sorted(made.moves)],
    }


def consented(folder: Folder, *, real: bool, on: str) -> None:
    """Raise where somebody real is shown without a consent that covers it; IdentityError says what is missing."""
    needs = consents.needs(folder.facts, clips=False)
    if real:
        needs = frozenset({*needs, "face"})
    if not needs:
        return
    if not on:
        raise StudioError("bad_wish", "say which day it is, for the consent: --created 2026-11-30")
    found = None
    if folder.has(consents.CONSENT):
        found = consents.read_consent(parse_object(folder.read(consents.CONSENT, JSON_BYTES), consents.CONSENT))
    consents.check(found, needs, date.fromisoformat(on[:10]))


# ------------------------------------------------------------------------------------------------ parts


def _picture(folder: Folder, said: str) -> tuple[bytes, str]:
    """Return the picture's bytes and where it came from."""
    if said:
        path = Path(said).expanduser()
        if not path.is_file():
            raise StudioError("bad_picture", f"there is no picture at {said}")
        if path.stat().st_size > picture.FILE_BYTES:
            raise StudioError("too_large", f"{said} has more than {picture.FILE_BYTES >> 20} MiB")
        return path.read_bytes(), path.name
    own = portrait(folder.identity)
    if own is None:
        raise StudioError("no_picture", f"{folder.root} has no portrait yet; name a --picture")
    return own.data, ICON


def _likeness(facts: Mapping[str, Json]) -> Json:
    """Return what is taken from somebody real, the face among it."""
    now = facts.get("likeness")
    taken = [each for each in now if isinstance(each, str)] if isinstance(now, list) else []
    return [*dict.fromkeys([*taken, "face"])]
