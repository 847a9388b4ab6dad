"""Asks for a companion's parts one by one (`companion setup`); each answer is settings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from bridge.command import models
from bridge.command.output import tell
from bridge.command.questions import Questions
from bridge.command.wishes import Wishes
from bridge.errors import ConfigError
from bridge.setup import advice, casting, nearby
from bridge.setup.advice import Option
from bridge.setup.config import load as load_config
from bridge.setup.languages import check, guessed, named
from bridge.setup.machine import Machine
from bridge.setup.models.cache import find
from bridge.setup.models.needs import need
from engines.catalogue import table as catalogue
from engines.identity import shipped
from engines.text.redaction import quoted

KEY: Final = "COMPANION_OPENAI_API_KEY"


def identity(wish: Wishes, ask: Questions) -> dict[str, str]:
    if "identity.path" in wish.settings:
        casting.identity(wish.settings["identity.path"])
        return {name: value for name, value in wish.settings.items() if name.startswith("identity.")}
    names = sorted(shipped(), key=lambda name: name != "teacher")
    people = [casting.identity(name) for name in names]
    labels = [f"{person.name}: {person.description}" for person in people]
    number = ask.choose("Who should speak?", [*labels, "a card of your own (a folder, .charx, .json or .png)"])
    if number < len(names):
        path = names[number]
    else:
        path = ask.text("path of the card", names[0])
        casting.identity(path)
    told = {name: value for name, value in wish.settings.items() if name == "identity.language"}
    return {"identity.path": path} | told


def language(settings: dict[str, str], ask: Questions) -> str:
    """Settle the language, and return it; the identity's own is proposed and needs no setting."""
    config = load_config(None, {}, [f"{name}={value}" for name, value in settings.items()])
    own = casting.chosen_language(config, casting.identity(settings["identity.path"]))
    if "identity.language" in settings:
        return own
    answer = ask.text(f"\nWhich language should it speak? {named(own)} is its own; a name or a tag such as de", own)
    tag = guessed(answer) or answer
    check(tag)
    if tag != own:
        settings["identity.language"] = tag
    return tag


def mind(wish: Wishes, ask: Questions, here: Machine) -> dict[str, str]:
    """Choose what thinks, of what runs on this machine; ConfigError when the model that is wished for does not."""
    if "engines.dialogue" in wish.settings:
        return _key(wish, ask)
    found = nearby.find(nearby.places(wish.environ))
    for server in dict.fromkeys(each.server for each in found):
        count = sum(each.server == server for each in found)
        tell(f"{server} runs here, with {count} language model{'s' if count > 1 else ''}.")
    if found and "openai" not in here.engines:
        tell("Talking to it needs a package: pip install 'companion-bridge[openai]'")
    options = advice.minds(found, here)
    wanted = wish.settings.get("openai.model")
    if wanted is not None:
        options = [option for option in options if option.settings.get("openai.model") == wanted]
        if not options:
            raise ConfigError("no_model", f"no server here has the model {quoted(wanted)}: give its --endpoint too")
    return options[ask.choose("What should it think with?", [option.label for option in options])].settings


def _key(wish: Wishes, ask: Questions) -> dict[str, str]:
    """Ask for the key of an address, where none was given; what is typed is not shown."""
    if wish.settings["engines.dialogue"] != "openai" or "openai.api_key" in wish.settings:
        return {}
    key = "" if KEY in wish.environ else ask.secret(f"API key of that address (none: press Enter; better set {KEY})")
    return {"openai.api_key": key} if key else {}


def engine(wish: Wishes, ask: Questions, job: str, question: str, options: Sequence[Option]) -> dict[str, str]:
    """Choose an engine for a job; a model that is not here is fetched when that is agreed to."""
    if engine := wish.settings.get(f"engines.{job}"):
        model = wish.settings.get(f"{engine}.model", "")
        if model and engine in catalogue.stored() and not is_here(engine, model):
            _fetch(f"{engine}:{model}", wish, ask)
        return {}
    if wish.pull and not wish.offline:
        options = sorted(options, key=lambda option: not option.fetch)
    labels = [f"{option.label}{' (to be fetched)' if option.fetch else ''}" for option in options]
    option = options[ask.choose(question, labels)]
    if option.fetch and not _fetch(option.fetch, wish, ask):
        option = next(each for each in options if not each.fetch)
        tell(f"{option.label} it is, then.")
    return option.settings


def _fetch(name: str, wish: Wishes, ask: Questions) -> bool:
    """Fetch a model if that is agreed to; whether it is here then."""
    if wish.offline or not (wish.pull or ask.agree(f"Fetch {name} from the Hugging Face Hub now?", proposed=False)):
        tell(f"{name} is not on this machine: companion models pull {name}")
        return False
    engine, _, model = name.partition(":")
    try:
        return models.pull([need(engine, model)], progress=False)
    except ConfigError as error:
        tell(error.message)
        return False


def is_here(engine: str, model: str) -> bool:
    """Say whether a model is on this disk."""
    return find(need(engine, model)).state == "here"
