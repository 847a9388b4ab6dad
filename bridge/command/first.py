"""Sets a companion up (`companion setup`): asks, writes the configuration, and starts it once to see that it works."""

from __future__ import annotations

import io
import sys

from bridge import logs
from bridge.command import asking, trial
from bridge.command.output import tell
from bridge.command.questions import Questions
from bridge.command.wishes import Wishes
from bridge.errors import BridgeError, ConfigError
from bridge.setup import advice, casting, machine
from bridge.setup.config import Config
from bridge.setup.config import load as load_config
from bridge.setup.machine import GB
from bridge.setup.writing import Value, toml, write
from engines.api import EngineError
from engines.catalogue import table as catalogue


def run(wish: Wishes) -> int:
    """Ask, write, try; 0 when what was written works."""
    logs.configure("error", "text")
    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(errors="replace")
    ask = Questions(asks=not wish.yes)
    load_config(None, wish.environ, [f"{name}={value}" for name, value in wish.settings.items()])  # mistakes first
    replace = _may_replace(wish, ask)
    here = machine.look()
    memory = f"{here.memory / GB:.0f} GB of memory" if here.memory else "an unknown amount of memory"
    tell(f"This machine has {here.cores} cores and {memory}.")
    settings = asking.identity(wish, ask)
    language = asking.language(settings, ask)
    settings |= asking.mind(wish, ask, here)
    settings |= asking.engine(wish, ask, "stt", "How should it hear you?", advice.ears(here, language, asking.is_here))
    settings |= asking.engine(wish, ask, "tts", "How should it sound?", advice.voices(here, language, asking.is_here))
    settings = {**settings, **wish.settings}
    write(wish.path, toml(_typed(settings)), replace=replace)
    tell(f"\nwrote {wish.path}, which only you can read")
    good = _tested(wish, settings) if wish.tests else True
    for gap in casting.lacking(_loaded(wish), casting.identity(settings["identity.path"])):
        tell(f"{gap.told} To mend it {gap.mend}.")
    if said := advice.better(here, language, settings):
        tell("\nWhat would be better:")
        for line in said:
            tell(f"- {line}")
    first, verb = ("Talk to it", "run") if good else ("It does not work yet; see why", "doctor")
    tell(f"\n{first}: companion {verb} --config {wish.path}")
    return 0 if good else 1


def _may_replace(wish: Wishes, ask: Questions) -> bool:
    if not wish.path.exists() or wish.force:
        return wish.force
    if ask.agree(f"{wish.path} is there. Write a new one in its place?", proposed=False):
        return True
    raise ConfigError(
        "exists", f"{wish.path} is there and was left as it is: --force replaces it, --config FILE writes another"
    )


def _tested(wish: Wishes, settings: dict[str, str]) -> bool:
    """Start what was written; an engine that does not work gives way to the embedded one, and that is written."""
    tell("\nStarting it ...")
    for job, found in trial.engines(_loaded(wish)):
        if found.verdict != "works":
            tell(f"{found.what} does not work: {found.detail}")
            if not _embedded(wish, settings, job):
                return False
    while True:
        try:
            tell(f"It works: {trial.conversation(_loaded(wish))}.")
        except (BridgeError, EngineError) as error:
            tell(error.message)
            failed = [job.name for job in catalogue.JOBS if job.code == error.code]
            if not any(_embedded(wish, settings, job) for job in failed):
                return False
        else:
            return True


def _embedded(wish: Wishes, settings: dict[str, str], job: str) -> bool:
    """Write the embedded engine in the place of another; False when there was no other."""
    default = catalogue.choices(job)[0]
    if settings.get(f"engines.{job}", default) == default:
        return False
    tell(f"{default} takes its place.")
    settings[f"engines.{job}"] = default
    write(wish.path, toml(_typed(settings)), replace=True)
    return True


def _loaded(wish: Wishes) -> Config:
    """Load what was written, as `companion run --config` would."""
    return load_config(wish.path, wish.environ)


def _typed(settings: dict[str, str]) -> dict[str, Value]:
    """Give numbers, truth and lists the types that TOML has for them."""
    config = load_config(None, {}, [f"{name}={value}" for name, value in settings.items()])
    typed: dict[str, Value] = {}
    for name in settings:
        section, _, key = name.partition(".")
        value = getattr(getattr(config, section), key)
        typed[name] = list(value) if isinstance(value, tuple) else value
    return typed
