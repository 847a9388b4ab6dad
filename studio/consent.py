"""The stage `consent`: writes consent.json, or notes in it that the consent was withdrawn."""

from __future__ import annotations

import argparse

from engines.identity.fields import JSON_BYTES, Json, dump, parse_object
from engines.provenance.consent import CONSENT, SCOPES, SUBJECTS, read_consent
from studio.errors import StudioError
from studio.folder import Folder
from studio.stage import Made, Progress, Wish

KEYS = ("by", "statement", "purpose", "expires")


class Consented:
    """Keeps what somebody real agreed to: who, when, in which words, to what, until when."""

    name = "consent"
    version = 1
    dated = True

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Declare the parts of a consent."""
        parser.add_argument("--subject", choices=SUBJECTS, help="whether somebody real is heard or seen")
        parser.add_argument("--by", default="", metavar="NAME", help="who consents")
        parser.add_argument("--statement", default="", metavar="TEXT", help="in which words")
        parser.add_argument("--scope", default="", metavar="LIST", help=f"to what: {', '.join(SCOPES)}")
        parser.add_argument("--purpose", default="", metavar="TEXT", help="what for")
        parser.add_argument("--expires", default="", metavar="DAY", help="the last day on which it holds")
        parser.add_argument("--withdraw", action="store_true", help="it holds from today on no more")

    def run(self, folder: Folder, wish: Wish, progress: Progress) -> Made:
        """Return the file; StudioError `bad_wish` or IdentityError `bad_consent` for what is no consent."""
        given = {key: str(wish.options.get(key) or "").strip() for key in (*KEYS, "subject", "on")}
        if not given["on"]:
            raise StudioError("bad_wish", "say which day it is: --created 2026-11-30")
        written: dict[str, Json]
        if wish.options.get("withdraw"):
            if not folder.has(CONSENT):
                raise StudioError("bad_wish", f"{folder.root} has no {CONSENT} that could be withdrawn")
            written = {**parse_object(folder.read(CONSENT, JSON_BYTES), CONSENT), "withdrawn": given["on"][:10]}
        else:
            scope = [each.strip() for each in str(wish.options.get("scope") or "").split(",") if each.strip()]
            written = {"subject": given["subject"] or "synthetic", "on": given["on"][:10], "scope": [*scope]}
            written |= {key: given[key] for key in KEYS if given[key]}
        progress(0.5, "checking the consent")
        consent = read_consent(written)
        section: dict[str, Json] = {"subject": consent.subject, "ends": consent.ends.isoformat()}
        return Made({CONSENT: dump(written)}, section, tool="hand")
