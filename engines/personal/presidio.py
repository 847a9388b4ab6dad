"""Lets Presidio look for people and places with a spaCy model, beside the rules (extra `ner`); no model is fetched."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from typing import Any, Final

from engines.personal.kinds import Finder, Found, Kind

ENTITIES: Final[Mapping[str, Kind]] = {"PERSON": "person", "LOCATION": "address"}
SCORE: Final = 0.5


class Unavailable(RuntimeError):
    """Presidio or the model is not installed; the text says what to do."""


def presidio(model: str, *, language: str = "en", places: bool = False) -> Finder:
    """Return what finds people, and with `places` places, by the spaCy model installed as `model` or in that folder.

    Raises Unavailable when a package is missing.
    """
    for package, extra in (("presidio_analyzer", "ner"), ("spacy", "ner")):
        if find_spec(package) is None:
            raise Unavailable(f"names are found by a model with pip install 'companion-bridge[{extra}]'")
    import spacy
    from presidio_analyzer import AnalyzerEngine, RecognizerRegistry
    from presidio_analyzer.nlp_engine import SpacyNlpEngine
    from presidio_analyzer.predefined_recognizers import SpacyRecognizer

    try:
        loaded = spacy.load(model)
    except OSError as error:
        raise Unavailable(f"there is no spaCy model {model!r} here: {error}") from error

    class Loaded(SpacyNlpEngine):  # type: ignore[misc, unused-ignore]  # typed only where it is installed
        """Has its model already, and so asks nobody for one."""

        def __init__(self) -> None:
            super().__init__(models=[{"lang_code": language, "model_name": model}])
            vars(self)["nlp"] = {language: loaded}

        def load(self) -> None:
            """Load nothing."""

    wanted = list(ENTITIES) if places else ["PERSON"]
    registry = RecognizerRegistry(supported_languages=[language])
    registry.add_recognizer(SpacyRecognizer(supported_language=language, supported_entities=wanted))
    analyzer: Any = AnalyzerEngine(registry=registry, nlp_engine=Loaded(), supported_languages=[language])

    def find(text: str, region: str) -> Iterator[Found]:
        for each in analyzer.analyze(text=text, language=language, entities=wanted):
            if each.score >= SCORE:
                yield Found(each.start, each.end, ENTITIES[each.entity_type])

    return find
