"""Holds what a companion says as the host of a meeting, in the languages that it can host in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Lines:
    """The host's sentences; `{item}`, `{minutes}`, `{name}` and `{text}` are filled in."""

    begins: str
    next: str
    lasts: str
    word: str
    left: str
    up: str
    decided: str
    over: str


LINES: Final = {
    "en": Lines(
        begins="Welcome, everybody. Let us begin with {item}.",
        next="The next item is {item}.",
        lasts="We have {minutes} minutes for it.",
        word="{name}, you have the word.",
        left="About {minutes} minutes are left for {item}.",
        up="The time for {item} is up.",
        decided="I have noted as decided: {text}",
        over="That was the last item. Thank you all; the minutes are written.",
    ),
    "de": Lines(
        begins="Willkommen zusammen. Wir beginnen mit {item}.",
        next="Der nächste Punkt ist {item}.",
        lasts="Dafür haben wir {minutes} Minuten.",
        word="{name}, du hast das Wort.",
        left="Für {item} bleiben noch etwa {minutes} Minuten.",
        up="Die Zeit für {item} ist um.",
        decided="Als beschlossen habe ich notiert: {text}",
        over="Das war der letzte Punkt. Danke euch allen; das Protokoll ist geschrieben.",
    ),
    "es": Lines(
        begins="Bienvenidos todos. Empezamos con {item}.",
        next="El siguiente punto es {item}.",
        lasts="Tenemos {minutes} minutos para ello.",
        word="{name}, tienes la palabra.",
        left="Quedan unos {minutes} minutos para {item}.",
        up="El tiempo para {item} se ha acabado.",
        decided="He anotado como decidido: {text}",
        over="Ese era el último punto. Gracias a todos; el acta está escrita.",
    ),
    "fr": Lines(
        begins="Bienvenue à tous. Commençons par {item}.",
        next="Le point suivant est {item}.",
        lasts="Nous avons {minutes} minutes pour cela.",
        word="{name}, tu as la parole.",
        left="Il reste environ {minutes} minutes pour {item}.",
        up="Le temps pour {item} est écoulé.",
        decided="J'ai noté comme décidé : {text}",
        over="C'était le dernier point. Merci à tous ; le compte rendu est écrit.",
    ),
    "zh": Lines(
        begins="欢迎大家。我们先谈{item}。",
        next="下一项是{item}。",
        lasts="我们有{minutes}分钟。",
        word="{name}，请发言。",
        left="{item}还剩大约{minutes}分钟。",
        up="{item}的时间到了。",
        decided="我记下的决定是：{text}",
        over="这是最后一项。谢谢大家，会议记录已经写好。",
    ),
}


def lines(language: str) -> Lines:
    """Return the sentences in a language (BCP-47), in English where it has none."""
    return LINES.get(language.replace("_", "-").partition("-")[0].lower(), LINES["en"])
