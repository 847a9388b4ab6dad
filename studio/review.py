"""The stage `review`: writes a person's decision about exactly the bytes that are there into review.jsonl."""

from __future__ import annotations

import argparse
from typing import Final

from engines.identity.bundle import FACTS
from engines.identity.fields import Json
from engines.provenance.chain import ChainError, head, line
from engines.provenance.review import RECORDS, REVIEWS, Decision, decisions, digest, standing
from studio.errors import StudioError
from studio.folder import Folder
from studio.stage import Made, Progress, Wish

NAME: Final = 200  # characters
NOTE: Final = 4000
LOG_BYTES: Final = 16 * 1024 * 1024


class Review:
    """Appends one decision; the log's earlier lines stay as they are."""

    name = "review"
    version = 1
    dated = True

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Declare the decision, who takes it, and why."""
        decision = parser.add_mutually_exclusive_group()
        decision.add_argument("--approve", action="store_true", help="these bytes may be sealed")
        decision.add_argument("--reject", action="store_true", help="they may not")
        parser.add_argument("--by", default="", metavar="NAME", help="who decides")
        parser.add_argument("--note", default="", metavar="TEXT", help="why")

    def run(self, folder: Folder, wish: Wish, progress: Progress) -> Made:
        """Return the log with the decision; StudioError `bad_wish` without one, `tampered` for a changed log."""
        approve, reject = bool(wish.options.get("approve")), bool(wish.options.get("reject"))
        by, note = str(wish.options.get("by") or "").strip(), str(wish.options.get("note") or "").strip()
        if approve == reject:
            raise StudioError("bad_wish", "say what is decided: --approve or --reject")
        if not 0 < len(by) <= NAME or len(note) > NOTE:
            raise StudioError("bad_wish", f"say who decides: --by NAME (a note has at most {NOTE} characters)")
        progress(0.2, "reading what is decided about")
        seen = digest(digests(folder), folder.facts)
        entry: dict[str, Json] = {"decision": "approve" if approve else "reject", "by": by, "seen": seen}
        entry |= {key: value for key, value in (("note", note), ("on", str(wish.options.get("on") or ""))) if value}
        log = read_log(folder)
        try:
            new = line(entry, head(log))
        except ChainError as error:
            raise StudioError("tampered", f"{folder.root / REVIEWS}: {error}") from error
        section: dict[str, Json] = {**entry, "reviews": len(decisions(log)) + 1}
        return Made({REVIEWS: log + new}, section, inputs=(FACTS,), tool=by)


def read_log(folder: Folder) -> bytes:
    """Return review.jsonl, b"" where there is none."""
    return folder.read(REVIEWS, LOG_BYTES) if folder.has(REVIEWS) else b""


def digests(folder: Folder) -> dict[str, str]:
    """Return the SHA-256 of every file that a reviewer looks at, by path."""
    return {path: folder.digest(path) for path in folder.listing() if path not in RECORDS}


def approved(folder: Folder) -> Decision:
    """Return the approval of exactly the bytes that are there; StudioError `not_reviewed` or `rejected` without one."""
    try:
        found = standing(read_log(folder), digest(digests(folder), folder.facts))
    except ChainError as error:
        raise StudioError("tampered", f"{folder.root / REVIEWS}: {error}") from error
    if found is None:
        raise StudioError("not_reviewed", f"nobody has reviewed {folder.root} as it is now: companion identity review")
    if found.decision != "approve":
        why = f": {found.note}" if found.note else ""
        raise StudioError("rejected", f"{found.by} has rejected {folder.root} as it is now{why}")
    return found
