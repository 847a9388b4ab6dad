"""The stage `draft`: from a sentence to attributes and a card, by the offline writer or by a model."""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from engines.identity.attributes import Attributes, read_attributes
from engines.identity.bundle import primary
from engines.identity.fields import Fields, Json, dump
from engines.identity.storage import CARD
from engines.identity.tongue import tongue_of
from engines.provenance.consent import CONSENT, read_consent
from studio.draft.drawing import Person, drawn
from studio.draft.figures import check_wish, is_known
from studio.draft.offline import TOOL, VERSION, OfflineWriter
from studio.draft.texts import Texts, document
from studio.draft.wanted import Wanted, over, wanted
from studio.errors import StudioError
from studio.folder import Folder
from studio.stage import Made, Progress, Wish
from studio.tongue.reading import reader
from studio.tongue.tables import LANGUAGES, supported, tongue
from studio.writer.models import Model, model_at

NAME: Final = "draft"
SENTENCE: Final = 2000  # characters of a wish
# What people may do with the person's appearance: VRM 1.0's words and its closed defaults.
LICENCE: Final[dict[str, Json]] = {
    "avatarPermission": "onlyAuthor",
    "allowExcessivelyViolentUsage": False,
    "allowExcessivelySexualUsage": False,
    "allowPoliticalOrReligiousUsage": False,
    "allowAntisocialOrHateUsage": False,
    "commercialUsage": "personalNonProfit",
    "creditNotation": "required",
    "allowRedistribution": False,
    "modification": "prohibited",
}


class Draft:
    """Makes a person of a sentence.

    Options: `name`; `like`, attributes to begin from; `consent`, that of a real person whom it is made after; `model`,
    the address or folder of a language model that writes it, with `model_name` among several at an address. A `model`
    given here is asked instead.
    """

    name = NAME
    version = VERSION

    def __init__(self, model: Model | None = None) -> None:
        self._model = model

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Declare what can be given on the command line."""
        parser.add_argument("--name", help="what the person is called, instead of an invented name")
        parser.add_argument("--model", metavar="URL|FOLDER", help="a language model to write it")
        parser.add_argument("--model-name", metavar="NAME", help="which of an endpoint's models")

    def run(self, folder: Folder, wish: Wish, progress: Progress) -> Made:
        """Return card.json and the facts; StudioError says what in the wish cannot be."""
        progress(0.05, "reading the wish")
        language, found = understood(wish)
        if model := self.model_of(wish):
            return self._by_model(model, wish, language, found, progress)
        progress(0.4, "thinking of somebody")
        person = _drawn(wish, language, found)
        progress(0.7, "writing")
        texts = OfflineWriter(person, tongue(language), wish.sentence).texts()
        return made(wish, found, person, texts, TOOL)

    def model_of(self, wish: Wish) -> Model | None:
        """Return the model that is to write, None for the offline writer."""
        return self._model or _model(wish)

    def _by_model(self, model: Model, wish: Wish, language: str, found: Wanted, progress: Progress) -> Made:
        from studio.writer.write import ModelWriter

        writer = ModelWriter(model)
        name = Fields(wish.options, "options", code="bad_wish").text("name", longest=100)
        try:
            person, texts = writer.write(
                found, tongue(language), wish.sentence, chance_of(wish), wish.seed, progress, name
            )
        finally:
            model.close()
        more: dict[str, Json] = {"tries": writer.tries, "mended": [*writer.notes]}
        return made(wish, found, person, texts, model.name, more)

    def person(self, wish: Wish) -> Person:
        """Return who would be made, without writing anything."""
        return _drawn(wish, *understood(wish))


def _model(wish: Wish) -> Model | None:
    options = Fields(wish.options, "options", code="bad_wish")
    place = options.text("model", longest=2000)
    if not place:
        return None
    key = os.environ.get("OPENAI_API_KEY", "")
    return model_at(place, name=options.text("model_name", longest=200), key=key)


_READ: Final = f"without a model it is read in {', '.join(LANGUAGES)} only"


def told_options(wish: Wish) -> dict[str, Json]:
    """Return what the report says of the options: all but where the model is, which may hold a password."""
    return {key: value for key, value in wish.options.items() if key != "model"} | {"language": wish.language}


def _drawn(wish: Wish, language: str, found: Wanted) -> Person:
    name = Fields(wish.options, "options", code="bad_wish").text("name", longest=100)
    return drawn(found, tongue(language), chance_of(wish), name=name)


def understood(wish: Wish) -> tuple[str, Wanted]:
    """Return the language to write in and what the wish wants; StudioError for what cannot be."""
    options = Fields(wish.options, "options", code="bad_wish")
    if len(wish.sentence) > SENTENCE:
        raise StudioError(
            "bad_wish", f"a wish has at most {SENTENCE} characters; a course goes into the knowledge stage"
        )
    by_model = "model" in wish.options
    asked = tongue_of(wish.sentence, wish.language or "en")
    if asked and asked not in LANGUAGES and not by_model:
        raise StudioError("bad_language", f"this wish seems to be in {asked!a}; {_READ}")
    read_in = _language_of(wish.sentence, wish.language)
    reading_ = reader(read_in).read(wish.sentence)
    name = options.text("name", longest=100)
    if not consented(options.object("consent")):
        check_wish(f"{wish.sentence}\n{name}", reading_)
    found = wanted(reading_, reader(read_in))
    if read_in == "en" and not (found.understood or wish.sentence.isascii() or by_model):
        raise StudioError("bad_language", f"nothing of this wish was understood; {_READ}")
    spoken = next((code for code in found.attributes.languages if code in LANGUAGES), "")
    language = wish.language or spoken or read_in
    tongue(language)  # or an error that names those there are
    return language, _like(found, options)


def _language_of(sentence: str, wanted_language: str) -> str:
    """Return the language that a wish is written in: by its words, else the one in which most of it is understood."""
    if (told := tongue_of(sentence)) in LANGUAGES:
        return told
    likely = dict.fromkeys((primary(wanted_language) if supported(wanted_language) else "en", "en", *LANGUAGES))
    unread = {code: sum(map(len, reader(code).read(sentence[:SENTENCE]).unread)) for code in likely}
    return min(unread, key=lambda code: unread[code])


def _like(found: Wanted, options: Fields) -> Wanted:
    """Return what is wanted laid over the attributes of somebody whom the person shall be like."""
    base = read_attributes(options.at("like"))
    if base == Attributes():
        return found
    return replace(found, attributes=over(base, found.attributes))


def consented(given: Mapping[str, Json]) -> bool:
    """Say whether a real person's consent came with the wish; IdentityError `bad_consent` when it is none."""
    if not given:
        return False
    if read_consent(given).subject == "synthetic":
        raise StudioError("bad_consent", "this consent is for an invented person; that of somebody real is needed")
    return True


def chance_of(wish: Wish) -> str:
    """Return the seed of chance: the wish's words count as well, so that two wishes give two people."""
    return f"{wish.seed}:{' '.join(wish.sentence.split())}"


def made(
    wish: Wish, found: Wanted, person: Person, texts: Texts, tool: str, more: Mapping[str, Json] | None = None
) -> Made:
    """Return what the stage gives: the card, the facts of identity.json, and the section of the report."""
    consent = wish.options.get("consent")
    if is_known(person.name.full) and not consent:
        raise StudioError("public_figure", f"{person.name.full} is a person known to the public")
    files = {CONSENT: dump(consent)} if isinstance(consent, dict) else {}
    card = document(person.name.full, person.name.short, texts, f"Companion Bridge, {tool}")
    facts: dict[str, Json] = {
        "language": person.attributes.accent
        if person.attributes.accent.startswith(person.language)
        else person.language,
        "description": texts.line,
        "attributes": person.attributes.as_json(),
        "looks": dict(person.attributes.looks()),
        "subject": "real" if consent else "synthetic",
        "licence": LICENCE,
    }
    section: dict[str, Json] = {
        "sentence": wish.sentence,
        "options": told_options(wish),
        "language": person.language,
        "understood": [{"words": words, "as": meaning} for words, meaning in found.understood],
        "not_understood": [*found.unread],
        "choices": [*found.choices],
        "attributes": person.attributes.as_json(),
        "name": person.name.full,
        **(more or {}),
    }
    return Made({CARD: dump(card), **files}, section, tool=tool, facts=facts)
