"""Turns Hindi sentences about a character into the character's own: "वह चाय पीती है" becomes "मैं चाय पीती हूँ".

A verb agrees with its subject at the end of the sentence, so only a sentence that begins with the character is turned.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from engines.dialogue.card.person.rewriting import USER, Own

_OTHER: Final = re.compile(r"(?<!\S)(?:वह|वे|उसने|उन्होंने|उसका|उसकी|उसके|उनका|उनकी|उनके|उसे|उन्हें|उसको|उनको)(?=\s|[,।?!])")
_MINE: Final = {
    "उसने": "मैंने", "उन्होंने": "मैंने", "उसका": "मेरा", "उसकी": "मेरी", "उसके": "मेरे", "उनका": "मेरा", "उनकी": "मेरी",
    "उनके": "मेरे", "उसे": "मुझे", "उन्हें": "मुझे", "उसको": "मुझको", "उनको": "मुझको",
}  # fmt: skip
_ENDS: Final = re.compile(r"(?<=\s)(?:है|हैं)(?=\s*(?:[।.!,]|और\s|पर\s|लेकिन\s|$))")
_FUTURE: Final = re.compile(r"(?<=\S)([ेए])ग(ा|ी)(?=\s*[।.!])")


def own_sentence(line: str, names: Sequence[str], *, told: bool) -> Own | None:
    """Return a sentence as the character with one of `names` says it, None when that cannot be told for certain."""
    if USER in line:
        return None
    subject = next((each for each in (*sorted(names, key=len, reverse=True), "वह", "वे") if _begins(line, each)), "")
    rest = line[len(subject) :] if subject else line
    if any(each and each in rest for each in names) or re.search(r"(?<!\S)(?:वह|वे)(?=\s)", rest):
        return None
    if not subject:
        turned = _mine(line)
        return None if turned != line and not told else Own(turned, about=False)
    if subject in ("वह", "वे") and not told:
        return None
    if by := re.match(r"\s+(ने|को|का|की|के)\s", rest):
        own = {"ने": "मैंने", "को": "मुझे", "का": "मेरा", "की": "मेरी", "के": "मेरे"}[by[1]]
        return Own(own + " " + _mine(rest[by.end() :]), about=by[1] in ("ने", "को"))
    if re.match(r"\s+(से|में|पर|तक|और)\s", rest):
        return None
    return Own("मैं" + _FUTURE.sub(_future, _ENDS.sub("हूँ", _mine(rest))), about=True)


def _future(match: re.Match[str]) -> str:
    return ("ूँग" if match[1] == "े" else "ऊँग") + match[2]


def _begins(line: str, word: str) -> bool:
    return bool(word) and line.startswith(word) and not line[len(word) : len(word) + 1].strip(" ,।")


def _mine(text: str) -> str:
    return _OTHER.sub(lambda match: _MINE.get(match[0], match[0]), text)
