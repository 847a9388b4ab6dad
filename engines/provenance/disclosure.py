"""Says in many languages that a companion is an AI, and notices when somebody asks. Nothing turns it off.

The sentences stand in disclosure.toml. It knows no card, no engine and no wire.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from importlib.resources import files
from typing import Final

LONGEST: Final = 2000  # characters of what was said that are looked at: its end, where a question stands
NAME: Final = 60  # characters of a name that a sentence holds
FALLBACK: Final = "en"


@dataclass(frozen=True, slots=True)
class Disclosure:
    """What people are told: in the language `locale`; `told` is shown, `spoken` said, `draft` shown while unsealed."""

    locale: str
    told: str
    spoken: str
    draft: str


_SENTENCES: Final = tomllib.loads((files("engines.provenance") / "disclosure.toml").read_text(encoding="utf-8"))
_ASKS: Final = {code: re.compile("|".join(row["asks"]), re.IGNORECASE) for code, row in _SENTENCES.items()}
LANGUAGES: Final = tuple(_SENTENCES)


def disclosure(name: str, *languages: str) -> Disclosure:
    """Return what is told about the companion called `name`, in the first of the languages (BCP-47) that is known."""
    code = next((code for code in map(_primary, languages) if code in _SENTENCES), FALLBACK)
    row = _SENTENCES[code]
    short = name if len(name) <= NAME else f"{name[: NAME - 1]}…"
    return Disclosure(code, row["told"].replace("{name}", short), row["spoken"], row["draft"])


def asked(text: str, language: str = "") -> str:
    """Return the code of the language in which `text` asks whether one talks to a human being, "" if it does not.

    `language` is the one that is likely; English is always looked for, and every other where that one is not known.
    """
    words = " ".join(text[-LONGEST:].replace("\u2019", "'").split())
    code = _primary(language)
    likely = (code, FALLBACK) if code in _ASKS else LANGUAGES
    return next((each for each in dict.fromkeys(likely) if _ASKS[each].search(words)), "")


def _primary(language: str) -> str:
    code = language.replace("_", "-").partition("-")[0].lower()
    return {"cmn": "zh", "yue": "zh", "in": "id", "iw": "he"}.get(code, code)
