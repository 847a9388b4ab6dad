"""How lines of chat are read aloud, in the companion's language. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Phrases:
    """Sentences with {who}, and {text} or {gift}; `somebody` is whoever has no name that can be said.

    `topic` asks for a {topic} as a listener would.
    """

    asks: str
    writes: str
    thanks: str
    somebody: str
    thank_you: str
    topic: str


_ALL: Final = {
    "en": Phrases("{who} asks: {text}", "{who} writes: {text}", "{who} gives {gift}. Thank you, {who}!", "Somebody",
                  "Thank you!", "Tell me about {topic}."),
    "de": Phrases("{who} fragt: {text}", "{who} schreibt: {text}", "{who} gibt {gift}. Danke, {who}!", "Jemand",
                  "Danke!", "Erzähl mir von {topic}."),
    "fr": Phrases("{who} demande : {text}", "{who} écrit : {text}", "{who} donne {gift}. Merci, {who} !", "Quelqu'un",
                  "Merci !", "Parle-moi de {topic}."),
    "es": Phrases("{who} pregunta: {text}", "{who} escribe: {text}", "{who} da {gift}. ¡Gracias, {who}!", "Alguien",
                  "¡Gracias!", "Háblame de {topic}."),
    "it": Phrases("{who} chiede: {text}", "{who} scrive: {text}", "{who} dona {gift}. Grazie, {who}!", "Qualcuno",
                  "Grazie!", "Parlami di {topic}."),
    "pt": Phrases("{who} pergunta: {text}", "{who} escreve: {text}", "{who} dá {gift}. Obrigado, {who}!", "Alguém",
                  "Obrigado!", "Fala-me de {topic}."),
    "nl": Phrases("{who} vraagt: {text}", "{who} schrijft: {text}", "{who} geeft {gift}. Dank je, {who}!", "Iemand",
                  "Dank je!", "Vertel me over {topic}."),
    "ja": Phrases("{who}さんの質問です。{text}", "{who}さんから。{text}", "{who}さんから{gift}。ありがとうございます！",
                  "どなたか", "ありがとうございます！", "{topic}について教えてください。"),
    "zh": Phrases("{who}问：{text}", "{who}说：{text}", "{who}送出{gift}，谢谢{who}！", "有人", "谢谢！",
                  "给我讲讲{topic}。"),
    "ko": Phrases("{who} 님의 질문입니다. {text}", "{who} 님의 말씀입니다. {text}",
                  "{who} 님이 {gift} 후원. 감사합니다!",
                  "어떤 분", "감사합니다!", "{topic}에 대해 이야기해 주세요."),
}  # fmt: skip


def phrases(language: str) -> Phrases:
    """Return those of a language (BCP-47), English where it is not known."""
    code = language.replace("_", "-").partition("-")[0].lower()
    return _ALL.get({"cmn": "zh", "yue": "zh"}.get(code, code), _ALL["en"])
