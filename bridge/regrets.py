"""What the companion says when what it thinks with has failed, in the languages that are known here.

An identity has sentences of its own in identity.json: `"sorry"` and `"away"`.
"""

from __future__ import annotations

from typing import Final

# By primary language: said when a reply breaks off, and before the script stands in for a language model.
REGRETS: Final = {
    "cs": ("Promiňte, ztratil jsem nit.", "Můj jazykový model teď neodpovídá, mluvím proto podle scénáře."),
    "da": ("Undskyld, jeg tabte tråden.", "Min sprogmodel svarer ikke lige nu, så jeg taler efter manuskript."),
    "de": (
        "Entschuldigung, ich habe den Faden verloren.",
        "Mein Sprachmodell antwortet gerade nicht, darum spreche ich nach Drehbuch.",
    ),
    "en": ("Sorry, I have lost my thread.", "My language model does not answer just now, so I speak from my script."),
    "es": (
        "Perdona, he perdido el hilo.",
        "Mi modelo de lenguaje no responde ahora mismo, así que hablo según mi guion.",
    ),
    "fr": (
        "Pardon, j'ai perdu le fil.",
        "Mon modèle de langage ne répond pas en ce moment, je parle donc d'après mon script.",
    ),
    "it": (
        "Scusa, ho perso il filo.",
        "Il mio modello linguistico ora non risponde, perciò parlo seguendo il copione.",
    ),
    "nl": ("Sorry, ik ben de draad kwijt.", "Mijn taalmodel antwoordt nu niet, dus ik spreek volgens mijn script."),
    "pl": ("Przepraszam, zgubiłam wątek.", "Mój model językowy teraz nie odpowiada, więc mówię według scenariusza."),
    "pt": ("Desculpe, perdi o fio.", "O meu modelo de linguagem não responde agora, por isso falo pelo guião."),
    "sv": ("Förlåt, jag tappade tråden.", "Min språkmodell svarar inte just nu, så jag talar efter manus."),
}


def regrets(language: str, *, sorry: str = "", away: str = "") -> tuple[str, str]:
    """The two sentences in `language` (BCP-47), an identity's own before ours; "" where there is none to be said."""
    known = REGRETS.get(language.replace("_", "-").partition("-")[0].lower(), ("", ""))
    return sorry or known[0], away or known[1]
