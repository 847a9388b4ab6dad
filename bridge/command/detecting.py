"""Tells anyone what a file is (`companion detect FILE`), and labels what this program writes."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from pathlib import Path
from typing import Final

from bridge.command.output import tell
from bridge.command.say import Labelling
from bridge.errors import BridgeError
from bridge.session.companion import Companion
from bridge.setup.config import Config
from bridge.setup.marking import key
from bridge.setup.standing import anchors
from bridge.version import VERSION
from engines.identity import Identity, IdentityError, load_identity, shipped
from engines.identity.storage import is_archive
from engines.provenance import finding, seal
from engines.provenance.finding import Findings
from engines.provenance.labels.files import FILE_BYTES
from engines.provenance.labels.label import Label, Source
from engines.provenance.marking import payload_of
from engines.provenance.signing import keys
from engines.provenance.signing.trouble import SigningError

MEANINGS: Final = {
    "algorithmicMedia": "made by rules, without a trained model",
    "trainedAlgorithmicMedia": "made by a trained model",
    "compositeSynthetic": "put together from parts, some of them made by a machine",
}
RAREST: Final = 1e-12
BY_RULES: Final = ("espeak-ng",)  # synthesizers that no model was trained for


def run(options: argparse.Namespace, config: Config) -> int:
    """Look at the file and tell; return 0 when a machine made it, 3 when nothing says so, 1 for one changed since."""
    path: Path = options.file
    if path.is_dir() or (path.is_file() and is_archive(path)):
        return _identity(path, config, as_json=options.json)
    with path.open("rb") as file:
        data = file.read(FILE_BYTES + 1)
    if len(data) > FILE_BYTES:
        raise BridgeError("too_large", f"{path} has more than {FILE_BYTES >> 30} GiB")
    own = key(str(options.sound_key)) if options.sound_key else key(config.provenance.key)
    found = finding.look(data, anchors=anchors(config))
    if own and not (found.heard and found.heard.marked):
        other = finding.look(data, anchors=anchors(config), sound_key=own)
        found = other if other.heard and other.heard.marked else found
    whose = _whose(found, config)
    if options.json:
        tell(json.dumps({**asdict(found), "machine": found.machine, "identity": whose}, ensure_ascii=False))
    else:
        for line in sentences(path.name, found, whose):
            tell(line)
    if found.manifest is not None and found.manifest.state == "broken":
        return 1
    return 0 if found.machine else 3


def sentences(name: str, found: Findings, whose: str) -> list[str]:
    """Write what was found for people, the verdict first."""
    verdict = (
        "a machine made it" if found.machine else "nothing here says that a machine made it (which proves nothing)"
    )
    lines = [f"{name}: {verdict}", f"  type       {found.kind or 'unknown'}"]
    if found.manifest is not None:
        manifest = found.manifest
        whom = (
            f"{manifest.signer or 'nobody named'}{'' if manifest.trusted else ', whom nobody here has said to trust'}"
        )
        state = (
            "as it was signed" if manifest.state == "valid" else f"NOT as it was signed ({', '.join(manifest.faults)})"
        )
        lines.append(f"  C2PA       {state}, by {whom}; {_meaning(manifest.source)}")
    if found.said:
        aigc = "; China's AIGC label" if found.said.aigc else ""
        tool = f" with {found.said.tool}" if found.said.tool else ""
        lines.append(f"  says       {_meaning(found.said.source)}{tool}{aigc}")
    for what, mark in (("sound", found.heard), ("picture", found.seen)):
        if mark is not None:
            how = f"the mark {mark.payload:04x} (chance would say so once in {_often(mark.chance)} times)"
            lines.append(f"  {what:<9}  {how if mark.marked else 'no mark'}")
    if whose:
        lines.append(f"  identity   the mark is that of {whose}")
    return [*lines, *(f"  note       {note}" for note in found.notes)]


def labelling(config: Config, companion: Companion) -> Labelling:
    """Return what files that leave say: signed where this machine has keys, else in words alone."""
    source: Source = "algorithmicMedia" if companion.engines.tts.name in BY_RULES else "trainedAlgorithmicMedia"
    section = config.provenance
    words = Label(source, companion.name, section.producer, companion.id, VERSION, section.china)
    try:
        return Labelling(words, keys.load(keys.place(config.provenance.keys)))
    except SigningError as error:
        if error.code in ("no_keys", "no_provenance"):
            return Labelling(words)
        raise BridgeError(error.code, error.message) from error


def _often(chance: float) -> str:
    """Write how rarely chance would do it; a million is where a mark begins to count."""
    return f"{1 / chance:.0e}".replace("e+", " x 10^") if chance > RAREST else "more than 10^12"


def _meaning(source: str) -> str:
    return MEANINGS.get(source, source or "it does not say how")


def _whose(found: Findings, config: Config) -> str:
    """Return the name of an identity that is known here and has the mark that was found, "" for none."""
    if found.payload < 0:
        return ""
    paths = [*shipped().values(), Path(config.identity.path).expanduser()]
    for path in paths:
        try:
            person: Identity = load_identity(path)
        except IdentityError:
            continue
        if payload_of(person.id) == found.payload:
            return person.name
    return ""


def _identity(path: Path, config: Config, *, as_json: bool) -> int:
    try:
        person = load_identity(path)
        verdict = seal.verify(path, anchors(config))
    except IdentityError as error:
        raise BridgeError(error.code, error.message) from error
    if as_json:
        said = {"state": verdict.state, "message": verdict.message, "files": list(verdict.files)}
        tell(json.dumps({"kind": "identity", "name": person.name, "mark": payload_of(person.id), **said}))
    else:
        tell(f"{path.name}: the identity {person.name}, a made person; its mark is {payload_of(person.id):04x}")
        tell(f"  seal       {verdict.message}")
    return 1 if verdict.state == "broken" else 0
