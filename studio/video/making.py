"""Makes a film of people and scenes: speaks, lays out, draws, writes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from engines.identity import Identity, IdentityError, load_identity
from engines.identity.fields import parse_object
from engines.identity.pictures import head as picture
from engines.provenance import consent as consents
from engines.provenance.labels.label import Label
from engines.provenance.signing import keys as keyring
from engines.provenance.signing.keys import Keys
from engines.provenance.signing.trouble import SigningError
from studio.errors import StudioError
from studio.stage import Progress
from studio.video.captions import Caption
from studio.video.cut import Cut, cut
from studio.video.export.motion import Motion, written
from studio.video.film import Format, beside, write
from studio.video.frames import Scenery, drawn, moments
from studio.video.framing import TOGETHER, ground, placed, size_of
from studio.video.looks.choosing import recipe
from studio.video.script import Line, Scene
from studio.video.track import Speaker, Track, track

SPEAKING: Final = 0.12  # of the whole work
DRESSING: Final = 0.18


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of the cast: as the script names them, their identity's folder or file, how they are shown."""

    name: str
    path: Path
    look: str


@dataclass(frozen=True, slots=True)
class Film:
    """How a film is to be; `background` "" is the usual one, `together` 0 by the script, `keys` "" the usual place.

    `on` (ISO 8601) is the day, for the consent of somebody real. `also` are suffixes of `export.motion.KINDS`: files
    beside the film, of each person's movement.
    """

    path: Path
    tall: int = 720
    fps: int = 30
    background: str = ""
    together: int = 0
    jobs: int = 1
    fine: int = 2
    keys: str = ""
    on: str = ""
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Result:
    """What was made."""

    seconds: float
    count: int
    captions: tuple[Caption, ...]
    signed: bool
    files: tuple[Path, ...] = ()


def make(
    people: Mapping[str, Person], scenes: Sequence[Scene], film: Film, speaker: Speaker, progress: Progress
) -> Result:
    """Make the film of `people` by their names in the scenes; StudioError, IdentityError or EngineError.

    Everything that can be wrong with the wish is told before anything is spoken.
    """
    together = _together(film, scenes)
    size = size_of(film.tall, together)
    clear = film.background == "none"
    form = Format(film.path.suffix.lower(), size, alpha=clear)
    form.check()
    behind = ground(film.background or "grey", size)
    keys = _keys(film.keys)
    identities = {who: load_identity(person.path) for who, person in people.items()}
    for person in identities.values():
        _allowed(person, film.on)
    spoken = _speak(people, scenes, film.fps, speaker, progress)
    first = next(iter(spoken.values()))
    laid = cut(scenes, spoken, fps=film.fps, rate=first.rate)
    progress(SPEAKING, "making the appearances")
    seen = tuple(laid.frames)
    own_ground = not film.background and together < TOGETHER
    recipes = {who: recipe(identities[who], people[who].look, fine=film.fine, own_ground=own_ground) for who in seen}
    scenery = Scenery(recipes, behind, size)
    shots = placed(laid, together)

    def told(done: int) -> None:
        progress(DRESSING + (1 - DRESSING) * done / max(1, laid.count), f"frame {done} of {laid.count}")

    exported = _exported(film, laid, identities)
    write(
        film.path,
        laid,
        drawn(scenery, moments(laid, shots), film.jobs),
        form,
        label=_label([identities[who] for who in seen], film.path),
        keys=keys,
        told=told,
    )
    files = _beside(exported)
    return Result(laid.seconds, laid.count, laid.captions, keys is not None and form.suffix == ".mp4", files)


# ------------------------------------------------------------------------------------------------ parts


def _together(film: Film, scenes: Sequence[Scene]) -> int:
    return film.together or (TOGETHER if any(len(scene.people) == TOGETHER for scene in scenes) else 1)


def _speak(
    people: Mapping[str, Person], scenes: Sequence[Scene], fps: int, speaker: Speaker, progress: Progress
) -> dict[tuple[int, int], Track]:
    wanted = [
        (number, place, beat)
        for number, scene in enumerate(scenes)
        for place, beat in enumerate(scene.beats)
        if isinstance(beat, Line)
    ]
    found = {}
    for done, (number, place, line) in enumerate(wanted):
        person = people[line.who]
        progress(SPEAKING * done / len(wanted), f"{person.name} speaks")
        found[number, place] = track(speaker(person.path, line.text, fps))
    if len({each.rate for each in found.values()}) > 1:
        raise StudioError("bad_script", "the voices speak at different rates of samples")
    return found


def _label(people: Sequence[Identity], path: Path) -> Label:
    names = ", ".join(dict.fromkeys(person.name for person in people))
    return Label("compositeSynthetic", f"{names}: {path.name}", content=people[0].id[:32])


def _allowed(person: Identity, on: str) -> None:
    """Raise where somebody real is seen or heard without a consent that holds; IdentityError says what is missing."""
    needs = consents.needs(person.facts, clips=person.voice.reference is not None)
    if not needs:
        return
    if not on:
        raise StudioError("bad_wish", "say which day it is, for the consent: --created 2026-11-30")
    try:
        raw = parse_object(person.asset(consents.CONSENT), consents.CONSENT)
    except IdentityError:
        raw = {}
    consents.check(consents.read_consent(raw) if raw else None, needs, date.fromisoformat(on[:10]))


def _exported(film: Film, laid: Cut, identities: Mapping[str, Identity]) -> dict[Path, bytes]:
    """Return the bytes of the files beside the film by their places; several people have theirs each."""
    found = {}
    for who, frames in laid.frames.items():
        head = picture(identities[who])
        motion = Motion(identities[who].name, laid.fps, frames, head.data if head else b"")
        for suffix in film.also:
            name = f"{film.path.stem}.{_named(who)}" if len(laid.frames) > 1 else film.path.stem
            found[film.path.with_name(f"{name}{suffix}")] = written(suffix, motion)
    return found


def _beside(exported: Mapping[Path, bytes]) -> tuple[Path, ...]:
    for path, data in exported.items():
        with beside(path) as part:
            part.write_bytes(data)
    return tuple(exported)


def _named(who: str) -> str:
    return "".join(char if char.isalnum() else "_" for char in who)


def _keys(folder: str) -> Keys | None:
    """Return the keys of this machine, None where it has none and nobody named any."""
    try:
        return keyring.load(keyring.place(folder))
    except SigningError as error:
        if folder:
            raise StudioError(error.code, error.message) from error
        return None
