"""The stage `portrait`: paints a person from attributes and a seed, changes one trait, or starts from a picture."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Final

import numpy as np

from engines.identity.attributes import Attributes
from engines.identity.bundle import ICON
from engines.identity.fields import JSON_BYTES, Json, parse_object
from engines.provenance import consent as consents
from studio.errors import StudioError
from studio.folder import Folder
from studio.head.looks import from_looks
from studio.head.unsaid import completed
from studio.portrait import opening
from studio.portrait.emotions import MOOD_FILES, with_emotions
from studio.portrait.finding import found
from studio.portrait.model import SHIPPED, Nets, from_bytes, nets
from studio.portrait.painting import between, candidates, drawn, moods, painted, sheet
from studio.portrait.png import LARGE, encoded
from studio.portrait.record import RECORD, Painted, digest, recorded, written
from studio.portrait.told import changed, nearest, numbers, traits, unknown
from studio.portrait.words import VALUES
from studio.stage import Made, Progress, Wish

SHEET: Final = "reports/portrait/sheet.png"
BEFORE: Final = "reports/portrait/edit.png"
WAY: Final = "reports/portrait/between.png"
FROM: Final = "reports/portrait/from.png"
SHOWN: Final = 12  # candidates of a sheet
STEPS: Final = 8  # pictures of a way
MOST: Final = 64


class Portrait:
    """Writes the portrait, and its numbers so that it can be changed later.

    The same attributes, seed and nets give the same bytes. Options: `sheet`, how many candidates to show, and `choose`,
    which of them; `edit`, changes such as skin=olive to the portrait that is there; `between`, another person's folder;
    `from_picture` and `crop`; `moods`, to paint the card's emotions too; `net`, a folder of other nets.
    """

    name = "portrait"
    version = 1
    dated = True

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Declare them."""
        parser.add_argument("--sheet", type=int, metavar="N", help=f"show N candidates in {SHEET}")
        parser.add_argument("--choose", type=int, default=1, metavar="K", help="take the Kth candidate (default: 1)")
        parser.add_argument(
            "--edit", action="append", metavar="TRAIT=VALUE", help="change the portrait that is there; more than once"
        )
        parser.add_argument(
            "--between", default="", metavar="FOLDER", help="paint the way to another person's portrait"
        )
        parser.add_argument("--from", dest="from_picture", default="", metavar="PICTURE", help="start from a picture")
        parser.add_argument(
            "--crop", choices=opening.CROPS, default=opening.FACE, help="look for the face, or take the whole picture"
        )
        parser.add_argument("--moods", action="store_true", help="paint the moods too, as the card's emotions")
        parser.add_argument("--net", default="", metavar="FOLDER", help="paint with other nets than those that ship")

    def run(self, folder: Folder, wish: Wish, progress: Progress) -> Made:
        """Paint; StudioError or IdentityError says why it cannot, and nothing is written then."""
        asked = wish.options
        net = nets(Path(str(asked.get("net") or "")) if asked.get("net") else SHIPPED)
        files: dict[str, bytes] = {}
        section: dict[str, Json] = {}
        facts: dict[str, Json] = {}
        if asked.get("edit"):
            person = _edited(folder, net, asked["edit"], files, section)
        elif asked.get("from_picture"):
            person = _from_picture(folder, net, asked, files, section, facts, progress)
        elif asked.get("between") and folder.has(RECORD):
            person = recorded(folder, net)
        else:
            person = _drawn(folder, net, wish, files, section)
        progress(0.8, "painting")
        picture = painted(net, person.chance, person.told)
        if asked.get("between"):
            other = recorded(Folder(Path(str(asked["between"]))), net)
            way = between(net, (person.chance, person.told), (other.chance, other.told), STEPS)
            files[WAY] = encoded(sheet(way, STEPS), STEPS * net.size * 2)
        if asked.get("moods"):
            for name, mood in moods(net, person.chance, person.told).items():
                files[MOOD_FILES[name]] = encoded(mood, LARGE)
            files |= with_emotions(folder)
        files |= {ICON: encoded(picture, LARGE), RECORD: written(person)}
        section |= _told(net, person)
        progress(1.0, "done")
        return Made(
            files,
            section,
            inputs=("identity.json#attributes", "identity.json#looks"),
            tool=f"portrait painter {self.version}, nets {digest(net)[:12]}",
            facts=facts,
        )


# ------------------------------------------------------------------------------------------------ ways to a person


def _drawn(folder: Folder, net: Nets, wish: Wish, files: dict[str, bytes], section: dict[str, Json]) -> Painted:
    """Draw a person of the folder's attributes by the seed."""
    attributes = _attributes(folder)
    # What nobody said is chosen as for the sculpted head, so that both show the same person.
    chosen = traits(completed(attributes, wish.seed)[0], wish.seed)
    count, choose = _count(wish.options, "sheet", 0, low=0), _count(wish.options, "choose", 1, low=1)
    if count and choose > count:
        raise StudioError("bad_option", f"choose may be 1 to {count}, not {choose}")
    if count:
        files[SHEET] = encoded(sheet(candidates(net, chosen, wish.seed, count), 6), min(6, count) * net.size * 2)
    section |= {"traits": {**chosen}, "not shown": [*unknown(attributes)], "candidate": choose}
    return Painted(drawn(net, wish.seed, choose - 1), numbers(chosen), digest(net))


def _edited(folder: Folder, net: Nets, wishes: Json, files: dict[str, bytes], section: dict[str, Json]) -> Painted:
    """Change traits of the portrait that is there; chance stays, and with it what was not changed."""
    before = recorded(folder, net)
    told = before.told.copy()
    changes: list[Json] = []
    for wish in wishes if isinstance(wishes, list) else [wishes]:
        name, after = _changed(told, str(wish))
        told = after
        changes.append(name)
    after_ = Painted(before.chance, told, before.net)
    both = np.stack([painted(net, each.chance, each.told) for each in (before, after_)])
    files[BEFORE] = encoded(sheet(both, 2), 4 * net.size)
    section |= {"traits": {**nearest(told)}, "edited": changes}
    return after_


def _changed(
    told: np.ndarray[tuple[int], np.dtype[np.float32]], wish: str
) -> tuple[str, np.ndarray[tuple[int], np.dtype[np.float32]]]:
    """Change the numbers of one trait only, so that those in between, as found in a picture, stay."""
    after = numbers(changed(nearest(told), wish))
    before = numbers(nearest(told))
    moved, at, name = told.copy(), 0, ""
    for trait, values in VALUES.items():
        part = slice(at, at + len(values))
        if trait == wish.partition("=")[0].strip() or not np.array_equal(after[part], before[part]):
            moved[part], name = after[part], wish
        at += len(values)
    return name or wish, moved


def _from_picture(
    folder: Folder, net: Nets, asked: Mapping[str, Json], files: dict[str, bytes], section: dict[str, Json],
    facts: dict[str, Json], progress: Progress,
) -> Painted:  # fmt: skip
    """Find the person in a picture whose consent is there, and take over that a real face is shown."""
    consent = agreed(folder, str(asked.get("on") or ""))
    path = Path(str(asked["from_picture"]))
    picture = opening.opened(path)
    seen = opening.cut(picture, net.size, crop=str(asked.get("crop") or opening.FACE), name=path.name)
    person = found(net, from_bytes(seen[None])[0], lambda done, what: progress(0.7 * done, what))
    again = painted(net, person.chance, person.told)
    files[FROM] = encoded(sheet(np.stack([seen, again]), 2), 4 * net.size)
    if consent.subject != "synthetic":
        likeness = folder.facts.get("likeness")
        said = {str(each) for each in (likeness if isinstance(likeness, list) else [])}
        facts["likeness"] = [*sorted({"face", *said})]
    section |= {
        "traits": {**nearest(person.told)},
        "left": round(person.left, 4),
        "left by the reader alone": round(person.first, 4),
        "subject": consent.subject,
    }
    return Painted(person.chance, person.told, digest(net))


def agreed(folder: Folder, on: str) -> consents.Consent:
    """Return the consent to use a face; StudioError `no_consent` or IdentityError where there is none that holds.

    A consent whose subject is "synthetic" says that the picture shows nobody real, such as a drawing.
    """
    if not folder.has(consents.CONSENT):
        raise StudioError(
            "no_consent",
            "a picture of somebody needs their consent, written down first: companion identity consent "
            f"{folder.root} --subject real --by NAME --statement TEXT --scope face (--subject synthetic for a drawing)",
        )
    consent = consents.read_consent(parse_object(folder.read(consents.CONSENT, JSON_BYTES), consents.CONSENT))
    if consent.subject == "synthetic":
        return consent
    try:
        today = date.fromisoformat(on[:10])
    except ValueError as error:
        raise StudioError("bad_wish", "say which day it is: --created 2026-11-30") from error
    consents.check(consent, {"face"}, today)
    return consent


# ------------------------------------------------------------------------------------------------ parts


def _attributes(folder: Folder) -> Attributes:
    """Return the person's attributes; one that has none is read from its looks."""
    looks = folder.facts.get("looks")
    if folder.facts.get("attributes") or not isinstance(looks, dict):
        return folder.attributes
    return from_looks(looks)


def _told(net: Nets, person: Painted) -> dict[str, Json]:
    """Return what the report says of every portrait: how the nets read it back, and what their card says."""
    again = net.paint(person.chance[None], person.told[None])
    section: dict[str, Json] = {"size": net.size, "net": person.net, "enlarged to": LARGE}
    try:
        read = nearest(net.read(again)[1][0])
    except StudioError:
        read = {}
    wanted = nearest(person.told)
    section["read back"] = {name: read[name] for name in read}
    section["as wanted"] = sum(read[name] == wanted[name] for name in read) / len(read) if read else None
    for name in ("made by", "likeness", "memorised", "pictures"):
        if name in net.card:
            section[name] = net.card[name]
    return section


def _count(options: Mapping[str, Json], name: str, default: int, *, low: int) -> int:
    value = options.get(name)
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= MOST:
        raise StudioError("bad_option", f"{name} may be {low} to {MOST}, not {value!a}")
    return value


__all__ = ["Portrait", "agreed"]
