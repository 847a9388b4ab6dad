"""Lists the stages by name and loads them on demand, so that none is imported that is not asked for."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from importlib import import_module
from typing import Final, Protocol, cast, runtime_checkable

from studio.errors import StudioError
from studio.stage import Stage


@dataclass(frozen=True, slots=True)
class Row:
    """One stage: where its class is ("studio.draft.stage:Draft", made without arguments) and what it does.

    `usual` stages are run by `identity new` after the draft, without options.
    """

    name: str
    place: str
    help: str
    usual: bool = False


@runtime_checkable
class Dated(Protocol):
    """A stage that must know which day it is: `Wish.options` has it as `on` (ISO 8601), where somebody said."""

    dated: bool


@runtime_checkable
class Optioned(Protocol):
    """A stage with options of its own on the command line; they arrive in `Wish.options` under their names."""

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Declare them."""
        ...


# In the order in which a person is made.
STAGES: Final[tuple[Row, ...]] = (
    Row("draft", "studio.draft.stage:Draft", "make a person of a sentence, into a folder"),
    Row("edit", "studio.draft.edit:Edit", "change a person by a sentence"),
    Row("knowledge", "studio.knowledge.stage:Knowledge", "learn from documents: passages, lessons, facts"),
    Row("voice", "studio.voice.stage:VoiceStage", "choose a voice, and hear candidates", usual=True),
    Row("head", "studio.head.stage:Head", "sculpt a 3D head of the person, as GLB and VRM"),
    Row("portrait", "studio.portrait.stage:Portrait", "paint a portrait, change it, or start from a picture"),
    Row(
        "puppet", "studio.video.puppet.stage:PuppetStage", "make one picture of the person into a portrait that speaks"
    ),
    Row("consent", "studio.consent:Consented", "write down, or withdraw, the consent of somebody real"),
    Row("evaluate", "studio.evaluate.stage:Evaluate", "judge files, texts and talk; write a report", usual=True),
    Row("review", "studio.review:Review", "approve or reject a person as they are now"),
    Row("seal", "studio.seal:Seal", "label and sign a person who was evaluated and approved"),
)


def load(name: str) -> Stage:
    """Return the stage of that name; StudioError `no_stage` when there is none."""
    row = next((row for row in STAGES if row.name == name), None)
    if row is None:
        names = ", ".join(row.name for row in STAGES)
        raise StudioError("no_stage", f"there is no stage {name}; there are: {names}")
    module, _, attribute = row.place.partition(":")
    return cast("Stage", getattr(import_module(module), attribute)())
