"""Knows a question when it was the last thing said, and how a nod is put into words."""

from __future__ import annotations

from typing import Final

from engines.api import Message

MARKS: Final = ("?", "？", "؟", ";")  # that end a question; the last is the Greek one
CLOSING: Final = "\"'»”’)]】」』 \n😀😊🙂"  # may stand behind it
# By primary language code: yes, no.
WORDS: Final = {
    "ar": ("نعم.", "لا."),
    "de": ("Ja.", "Nein."),
    "en": ("Yes.", "No."),
    "es": ("Sí.", "No."),
    "fr": ("Oui.", "Non."),
    "hi": ("हाँ।", "नहीं।"),
    "it": ("Sì.", "No."),
    "ja": ("はい。", "いいえ。"),
    "ko": ("네.", "아니요."),
    "nl": ("Ja.", "Nee."),
    "pt": ("Sim.", "Não."),
    "zh": ("是的。", "不是。"),
}


def asks(said: Message) -> bool:
    """Return whether a contribution is the companion's and ends with a question."""
    if said.role != "companion":
        return False
    text = said.text.rstrip(CLOSING)
    return text.endswith(MARKS[:-1]) or (text.endswith(MARKS[-1]) and any("α" <= letter <= "ω" for letter in text))


def answer(yes: bool, language: str) -> str:
    """Return a yes or a no in a language (BCP-47), in English where the language is not known here."""
    code = language.replace("_", "-").partition("-")[0].lower()
    return WORDS.get({"cmn": "zh", "yue": "zh"}.get(code, code), WORDS["en"])[0 if yes else 1]
