"""The stage `voice`: tone and accent from what was said of the voice, and candidates to hear."""

from __future__ import annotations

import argparse
from typing import Final

from engines.api import Voice
from engines.identity.bundle import FACTS
from engines.identity.fields import Fields, Json, dump, parse_object
from engines.identity.voice import VOICE
from studio.errors import StudioError
from studio.folder import Folder
from studio.stage import Made, Progress, Wish
from studio.voice.audition import PAGE, Heard, page, rendered, sentence
from studio.voice.design import Candidate, candidates, spoken

NAME: Final = "voice"
TOOL: Final = "voice table 1"
FOLDER: Final = "reports/voice"
REPORT: Final = "reports/voice.json"


class VoiceStage:
    """Chooses a voice.

    Options: `choose`, which of the five candidates (1 is the best fit); `audition`, to have each speak a line;
    `line`, that line.
    """

    name = NAME
    version = 1

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Declare them."""
        parser.add_argument("--choose", type=int, metavar="N", help="which of five voices (default: the best)")
        parser.add_argument("--audition", action="store_true", help="have each say a line, and write a page to listen")
        parser.add_argument("--line", default="", help="what they say (default: the person's greeting)")

    def run(self, folder: Folder, wish: Wish, progress: Progress) -> Made:
        """Return voice.json, and with `audition` the recordings and their page."""
        progress(0.1, "choosing a voice")
        wanted = spoken(folder.attributes)
        own = folder.identity.language
        found = candidates(wanted, own, wish.seed)
        told: list[Json] = [_told(each) for each in found]
        report = parse_object(folder.read(REPORT), REPORT) if folder.has(REPORT) else {}
        same = report.get("candidates") == told
        chosen = _chosen(wish, len(found), report.get("chosen") if same else 1)
        before = parse_object(folder.read(VOICE), VOICE) if folder.has(VOICE) else {}
        files = {VOICE: dump(_voice_json(found[chosen - 1], wanted.manner.style, before))}
        section: dict[str, Json] = {"chosen": chosen, "candidates": told}
        removed: tuple[str, ...] = ()
        if not wish.options.get("audition"):
            removed = () if same else _recordings(folder)
            section |= {key: report[key] for key in ("line", "heard") if same and key in report}
        else:
            line = str(wish.options.get("line") or "") or sentence(folder.identity)
            heard = rendered(line, found, lambda done: progress(0.2 + 0.7 * done, "letting each voice speak"))
            files |= {f"{FOLDER}/{number}.wav": each.wav for number, each in enumerate(heard, 1)}
            files[f"{FOLDER}/{PAGE}"] = page(folder.identity.name, line, found, heard, chosen)
            section["line"] = line
            section["heard"] = [_measured(each) for each in heard]
        progress(1.0, f"{folder.identity.name} has a voice")
        inputs = (f"{FACTS}#attributes", f"{FACTS}#language")
        return Made(files, section, removed=removed, inputs=inputs, tool=TOOL)


def _chosen(wish: Wish, count: int, before: Json) -> int:
    """Return which one is wanted; without a wish the one that was chosen before."""
    number = wish.options.get("choose", before)
    if not isinstance(number, int) or not 1 <= number <= count:
        raise StudioError("bad_wish", f"there are {count} voices to choose from: --choose 1 to {count}")
    return number


def _voice_json(candidate: Candidate, style: str, before: dict[str, Json]) -> dict[str, Json]:
    """Write voice.json; a recording to clone and its consent stay as they are."""
    voice: Voice = candidate.voice
    told: dict[str, Json] = {
        "language": voice.language,
        "accent": voice.language,
        "engine": "espeak",
        "name": voice.name,
        "names": dict(candidate.names),
        "rate": voice.rate,
        "pitch": voice.pitch,
        "range": voice.range,
        "energy": voice.energy,
        "style": style,
    }
    reference = Fields(before, "voice.json", code="bad_voice").object("reference")
    return told | ({"reference": dict(reference)} if reference else {})


def _told(candidate: Candidate) -> dict[str, Json]:
    voice = candidate.voice
    return {
        "name": voice.name,
        "language": voice.language,
        "words": [*candidate.words],
        "names": dict(candidate.names),
    }


def _measured(heard: Heard) -> dict[str, Json]:
    found = heard.measure
    return {
        "pitch_hz": round(found.pitch, 1),
        "spread_semitones": round(found.spread, 2),
        "centroid_hz": round(found.centroid, 1),
        "words_per_s": round(found.rate, 2),
        "lufs": round(heard.loudness, 2),
        "true_peak_dbtp": round(heard.peak, 2),
        "nearest_other_steps": round(heard.nearest, 2),
    }


def _recordings(folder: Folder) -> tuple[str, ...]:
    """Return the recordings of an earlier audition, which was of other voices."""
    return tuple(path for path in folder.listing() if path.startswith(f"{FOLDER}/"))
