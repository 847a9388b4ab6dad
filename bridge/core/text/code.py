"""What becomes of a block of code in speech: it is announced in a sentence, left out, or read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

Way: TypeAlias = Literal["announce", "skip", "read"]

ANNOUNCED: Final = {
    "en": "Here is some code.",
    "zh": "这里有一段代码。",
    "ja": "ここにコードがあります。",
    "ko": "여기 코드가 있습니다.",
    "de": "Hier steht etwas Code.",
    "fr": "Voici un peu de code.",
    "es": "Aquí hay un poco de código.",
    "pt": "Aqui está um pouco de código.",
    "it": "Ecco un po' di codice.",
    "ru": "Здесь немного кода.",
    "hi": "यहाँ कुछ कोड है।",
    "ar": "هنا بعض الشفرة.",
}


@dataclass(frozen=True, slots=True)
class Code:
    """`words` announce a block of code, "" nothing does; `read` speaks the code itself."""

    words: str = ""
    read: bool = False


def code(way: Way, language: str) -> Code:
    """Return what a setting (`announce`, `skip`, `read`) means in a language."""
    base = language.lower().replace("_", "-").split("-")[0]
    base = {"cmn": "zh", "yue": "zh"}.get(base, base)
    return Code(ANNOUNCED.get(base, ANNOUNCED["en"]) if way == "announce" else "", way == "read")
