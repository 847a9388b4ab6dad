"""The stage `seal`: labels what was made, signs it, and signs the whole; only what was evaluated and approved.

It comes last: whatever stage runs afterwards takes the seal away. Signatures are random numbers in part, so sealing
twice does not give the same bytes.
"""

from __future__ import annotations

import argparse
import base64
from collections.abc import Mapping
from datetime import date
from typing import Final

from engines.identity.bundle import EXTENSION, FACTS
from engines.identity.fields import JSON_BYTES, Fields, Json, parse_object
from engines.provenance import consent as consents
from engines.provenance.chain import head
from engines.provenance.labels.files import PNG, kind_of, labelled, stamped_picture
from engines.provenance.labels.label import Label, Source
from engines.provenance.labels.trouble import LabelError
from engines.provenance.marking import payload_of
from engines.provenance.review import REVIEWS
from engines.provenance.seal import SCHEMA, SIGNATURE, signed_bytes
from engines.provenance.signing import keys as keyring
from engines.provenance.signing import signature
from engines.provenance.signing.trouble import SigningError
from studio import lineage
from studio.errors import StudioError
from studio.folder import Folder
from studio.review import approved, read_log
from studio.stage import Made, Progress, Wish

EVALUATION: Final = ("reports/evaluate.json", "reports/evaluation.json")
# How a stage makes its files; what other stages made, or somebody put there, is not labelled.
SOURCES: Final[Mapping[str, Source]] = {
    "look": "algorithmicMedia",
    "head": "algorithmicMedia",
    "voice": "trainedAlgorithmicMedia",
    "portrait": "trainedAlgorithmicMedia",
    "puppet": "compositeSynthetic",
    "video": "compositeSynthetic",
}


class Seal:
    """Signs with the keys of a studio (`companion identity keys`)."""

    name = "seal"
    version = 1
    dated = True

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Declare whose keys, and what labels say."""
        parser.add_argument("--keys", default="", metavar="FOLDER", help=f"the studio's keys ({keyring.HOME})")
        parser.add_argument("--producer", default="", metavar="NAME", help="who answers for it, in China's label")
        parser.add_argument("--china", action="store_true", help="write the AIGC fields of GB 45438-2025 too")

    def run(self, folder: Folder, wish: Wish, progress: Progress) -> Made:
        """Return the labelled files and the seal; StudioError says what is missing, IdentityError for consent."""
        today = _today(wish)
        report = evaluated(folder)
        decision = approved(folder)
        consent = consented(folder, today)
        try:
            keys = keyring.load(keyring.place(str(wish.options.get("keys") or "")))
        except SigningError as error:
            raise StudioError(error.code, error.message) from error
        identity = folder.identity
        base = Label(
            title=identity.name,
            producer=str(wish.options.get("producer") or ""),
            content=identity.id[:32],
            china=bool(wish.options.get("china")),
        )
        payload = payload_of(identity.id)
        files: dict[str, bytes] = {}
        wanted = made_here(folder)
        for number, (path, source) in enumerate(wanted.items()):
            progress(0.1 + 0.8 * number / len(wanted), f"labelling {path}")
            data = folder.read(path)
            if base.china and kind_of(data) == PNG:
                data = stamped_picture(data)
            label = Label(source, f"{identity.name}: {path}", base.producer, base.content, base.version, base.china)
            try:
                new = labelled(
                    data, label, payload=payload, keys=keys if kind_of(data) != "model/gltf-binary" else None
                )
            except LabelError:
                continue
            except SigningError as error:
                raise StudioError(error.code, f"{path}: {error.message}") from error
            files[path] = new
        progress(0.95, "signing")
        last = head(read_log(folder))
        seal: dict[str, Json] = {
            "schema": SCHEMA,
            "algorithm": "ES256",
            "certificates": keys.chain.decode("ascii"),
            "reviewed": {"by": decision.by, "line": decision.n + 1, "digest": decision.digest},
            "reviews": {"lines": last.n + 1 if last else 0, "head": last.digest if last else ""},
            "evaluation": folder.digest(report),
            "mark": payload,
            "labelled": {path: folder.digest(path) for path in files},
        }
        if consent is not None:
            seal["consent"] = {"subject": consent.subject, "ends": consent.ends.isoformat()}
        section: dict[str, Json] = {"labelled": [*sorted(files)], "reviewed by": decision.by, "mark": payload}

        def signed(facts: Mapping[str, Json]) -> dict[str, Json]:
            raw = signature.sign(signed_bytes(facts), keys)
            own = Fields(facts, FACTS, code="bad_facts").object("seal")
            return {**facts, "seal": {**own, SIGNATURE: base64.b64encode(raw).decode()}}

        return Made(
            files,
            section,
            inputs=tuple(path for path in (report, REVIEWS, *wanted) if folder.has(path)),
            tool=f"{EXTENSION} seal {SCHEMA}",
            facts={"seal": seal},
            last=signed,
        )


def evaluated(folder: Folder) -> str:
    """Return the path of the evaluation's report; StudioError where there is none, it is stale, or it forbids sealing.

    A report forbids by `blocks`, a list of sentences.
    """
    path = next((each for each in EVALUATION if folder.has(each)), "")
    if not path:
        raise StudioError("not_evaluated", f"{folder.root} was not evaluated: companion identity evaluate")
    changed = lineage.stale(folder.facts).get("evaluate")
    if changed:
        names = ", ".join(changed[:4])
        raise StudioError("not_evaluated", f"the evaluation is older than {names}: companion identity evaluate")
    report = Fields(parse_object(folder.read(path, JSON_BYTES), path), path, code="damaged")
    blocks = report.texts("blocks", most=64)
    if blocks:
        raise StudioError("blocked", f"the evaluation forbids sealing: {'; '.join(blocks)[:1000]}")
    return path


def consented(folder: Folder, today: date | None) -> consents.Consent | None:
    """Return the consent, None for a synthetic person without a file; IdentityError where one is missing or over."""
    clips = folder.identity.voice.reference is not None
    needs = consents.needs(folder.facts, clips=clips)
    consent = None
    if folder.has(consents.CONSENT):
        consent = consents.read_consent(parse_object(folder.read(consents.CONSENT, JSON_BYTES), consents.CONSENT))
    if (needs or (consent is not None and consent.subject != "synthetic")) and today is None:
        raise StudioError("bad_wish", "say which day it is, for the consent: --created 2026-11-30")
    consents.check(consent, needs, today or date.min)
    return consent


def made_here(folder: Folder) -> dict[str, Source]:
    """Return the files that a stage made and that still are as it made them, with how; by the lineage."""
    found: dict[str, Source] = {}
    for each in Fields(folder.facts, FACTS, code="bad_facts").each("lineage"):
        stage = each.text("stage", longest=80)
        for path, recorded in each.object("outputs").items():
            found.pop(path, None)
            if stage in SOURCES and path.startswith("assets/") and folder.has(path) and folder.digest(path) == recorded:
                plain = stage == "voice" and "espeak" in each.text("tool").lower()
                found[path] = "algorithmicMedia" if plain else SOURCES[stage]
    return found


def _today(wish: Wish) -> date | None:
    """Return the day of the wish, None where nobody said; StudioError `bad_wish` for what is no day."""
    said = str(wish.options.get("on") or "")
    if not said:
        return None
    try:
        return date.fromisoformat(said[:10])
    except ValueError as error:
        raise StudioError("bad_wish", f"{said!a} is no day such as 2026-11-30") from error
