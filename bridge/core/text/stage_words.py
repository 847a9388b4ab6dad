"""The words that stage directions are made of, from `stage_words.toml`."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Final

_LISTS: Final = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))


def _words(name: str) -> frozenset[str]:
    return frozenset(_LISTS[name].split())


VERBS: Final = _words("verbs")
NOUNISH: Final = _words("nounish")
BARE: Final = _words("bare")
NOT_VERBS: Final = _words("not_verbs")
AUXILIARY: Final = _words("auxiliary")
SUBJECTS: Final = _words("subjects")
POSSESSIVES: Final = _words("possessives")
DETERMINERS: Final = _words("determiners")
ELSEWHERE: Final = _words("elsewhere")
FINAL: Final = _words("final_words") | {
    stem + suffix for stem in _LISTS["final_stems"].split() for suffix in _LISTS["final_suffixes"].split()
}
BEHIND: Final = _words("final_behind")
STEMS: Final = tuple(_LISTS["stems"].split())
