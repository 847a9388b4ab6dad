"""How a companion speaks of itself: in the first person, and in forms that agree with who it is."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from engines.dialogue.card.book import read_book
from engines.dialogue.card.engine import CardDialogue
from engines.dialogue.card.language import shipped_language
from engines.dialogue.card.person import hindi
from engines.dialogue.card.person.gender import Gender, agreeing, gender_of
from engines.dialogue.card.person.rewriting import LANGUAGES, own_sentence, rules
from engines.identity import Identity, load_identity, shipped
from engines.words.text import plain
from tests.engines.dialogue.screenplay import Scene

NAMES: dict[str, tuple[str, Gender]] = {
    "de": ("Lena", "female"), "fr": ("Zoé", "female"), "es": ("Ana", "female"), "it": ("Luca", "male"),
    "pt": ("Inês", "female"),
}  # fmt: skip
# What a card says, and what its character says; nothing after the arrow where it is to be quoted.
SAID = """
de Lena ist eine Schmiedin aus Bremen. > Ich bin eine Schmiedin aus Bremen.
de Sie arbeitet nachts und hasst Hitze. > Ich arbeite nachts und hasse Hitze.
de Im Sommer liest sie gern am Fluss. > Im Sommer lese ich gern am Fluss.
de Wenn sie traurig ist, singt sie. > Wenn ich traurig bin, singe ich.
de Ihr Haus steht am Meer. > Mein Haus steht am Meer.
de Sie wünscht sich einen Hund. > Ich wünsche mir einen Hund.
de Sie freut sich auf Besuch. > Ich freue mich auf Besuch.
de Ihr gefällt der Regen. > Mir gefällt der Regen.
de Sie spricht wenig, aber sie hört gern zu. > Ich spreche wenig, aber ich höre gern zu.
de Kinder lernen bei Lena das Schmieden. > Kinder lernen bei mir das Schmieden.
de Lena fährt oft mit ihrem Rad und verspricht nie etwas. > Ich fahre oft mit meinem Rad und verspreche nie etwas.
de Sie war früher Lehrerin und konnte gut singen. > Ich war früher Lehrerin und konnte gut singen.
de Lena heißt eigentlich Magdalena. > Ich heiße eigentlich Magdalena.
de Das Dorf liegt am Meer. > Das Dorf liegt am Meer.
de Alle vertrauen Lena. >
de Lenas Hund heißt Bruno. >
de Sie kennt {{user}} seit Jahren. >
fr Zoé est une forgeronne de Lyon. > Je suis une forgeronne de Lyon.
fr Elle aime le thé et déteste la pluie. > J'aime le thé et déteste la pluie.
fr Elle ne parle jamais de son père. > Je ne parle jamais de mon père.
fr Elle habite près du port. > J'habite près du port.
fr Elle s'appelle Zoé. > Je m'appelle Zoé.
fr Elle se lève tôt et lit beaucoup. > Je me lève tôt et lis beaucoup.
fr On l'appelle la tempête. > On m'appelle la tempête.
fr Les enfants adorent ses histoires. > Les enfants adorent mes histoires.
fr Elle était professeure et voulait voyager. > J'étais professeure et voulais voyager.
fr Elle hait le mensonge. > Je hais le mensonge.
fr Elle y va chaque jour. > J'y vais chaque jour.
fr Elle viendra demain. > Je viendrai demain.
fr Le village est petit. > Le village est petit.
fr Tout le monde parle à Zoé. >
fr C'est une femme calme. >
es Ana es una herrera de Sevilla. > Soy una herrera de Sevilla.
es Vive en una casa junto al mar y trabaja de noche. > Vivo en una casa junto al mar y trabajo de noche.
es Le gusta el té. > Me gusta el té.
es A Ana le encantan los gatos. > Me encantan los gatos.
es Ella no habla nunca de su padre. > No hablo nunca de mi padre.
es Nació en Cádiz. > Nací en Cádiz.
es Es tranquila y paciente. > Soy tranquila y paciente.
es Quiere reírse más. > Quiero reírme más.
es Todos confían en Ana. > Todos confían en mí.
es Se levanta temprano y lee mucho. > Me levanto temprano y leo mucho.
es Siempre sueña con viajar. > Siempre sueño con viajar.
es El pueblo es pequeño. > El pueblo es pequeño.
es Los niños adoran sus historias. >
es Repasa sus notas cada noche. >
it Luca è un fabbro di Torino. > Sono un fabbro di Torino.
it Vive in una casa vicino al mare e lavora di notte. > Vivo in una casa vicino al mare e lavoro di notte.
it Gli piace il tè. > Mi piace il tè.
it Lui non parla mai di suo padre. > Non parlo mai di mio padre.
it È nato a Bari. > Sono nato a Bari.
it Preferisce il silenzio e capisce i cani. > Preferisco il silenzio e capisco i cani.
it Si alza presto e legge molto. > Mi alzo presto e leggo molto.
it Vuole riposarsi. > Voglio riposarmi.
it Tutti si fidano di Luca. > Tutti si fidano di me.
it Luca, il fabbro. >
it Il paese è piccolo. > Il paese è piccolo.
pt Inês é uma ferreira do Porto. > Eu sou uma ferreira do Porto.
pt Ela vive numa casa junto ao mar e trabalha à noite. > Eu vivo numa casa junto ao mar e trabalho à noite.
pt Gosta de chá. > Gosto de chá.
pt Ela não fala nunca do seu pai. > Eu não falo nunca do meu pai.
pt Nasceu em Braga. > Nasci em Braga.
pt Tem trinta anos e conhece todos. > Tenho trinta anos e conheço todos.
pt Ela se levanta cedo e lê muito. > Eu me levanto cedo e leio muito.
pt A aldeia é pequena. > A aldeia é pequena.
pt A casa dela é azul. >
"""


@pytest.mark.parametrize("line", SAID.strip().splitlines())
def test_a_sentence_of_the_card_in_the_first_person(line: str) -> None:
    code, _, rest = line.partition(" ")
    said, _, own = rest.partition(" >")
    name, gender = NAMES[code]
    turned = own_sentence(said, [name], code, gender, name=name, told=True)
    assert (turned.text if turned else "") == own.strip()


@pytest.mark.parametrize(
    ("code", "said"),
    [("de", "Sie ist Ärztin."), ("es", "Es un pueblo."), ("it", "Si dice che piova."), ("pt", "É uma cidade."),
     ("es", "Se vende pan.")],
)  # fmt: skip
def test_what_may_mean_somebody_else_is_quoted(code: str, said: str) -> None:
    """After a sentence about the sister "she" may be the sister."""
    name, gender = NAMES[code]
    assert own_sentence(said, [name], code, gender, name=name, told=False) is None


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_tables_are_whole(code: str) -> None:
    table = rules(code)
    assert table.subjects["female"].isdisjoint(table.subjects["male"])
    assert table.named
    assert table.possessive["female"]
    assert all(table.first(verb) for verb in table.known)
    assert all(own and own != "=" for own in table.verbs.values())


@pytest.mark.parametrize(
    ("said", "own"),
    [
        ("मीरा चाय पीती है।", "मैं चाय पीती हूँ।"),
        ("वह दिल्ली में रहती है और संगीत सिखाती है।", "मैं दिल्ली में रहती हूँ और संगीत सिखाती हूँ।"),
        ("उसका घर नदी के पास है।", "मेरा घर नदी के पास है।"), ("मीरा ने संगीत सीखा।", "मैंने संगीत सीखा।"),
        ("मीरा को बारिश पसंद है।", "मुझे बारिश पसंद है।"), ("गाँव छोटा है।", "गाँव छोटा है।"), ("सब मीरा को जानते हैं।", ""),
        ("वह कल आएगी।", "मैं कल आऊँगी।"),
    ],
)  # fmt: skip
def test_a_hindi_sentence_in_the_first_person(said: str, own: str) -> None:
    turned = hindi.own_sentence(said, ["मीरा"], told=True)
    assert (turned.text if turned else "") == own


# ------------------------------------------------------------------------------------------------ forms that agree


def person(tmp_path: Path, language: str, facts: dict[str, Any] | None = None, **fields: str) -> Identity:
    folder = tmp_path / "person"
    folder.mkdir(exist_ok=True)
    card = {"spec": "chara_card_v3", "spec_version": "3.0", "data": {"name": "Kim", **fields}}
    (folder / "card.json").write_text(json.dumps(card), encoding="utf-8")
    (folder / "identity.json").write_text(json.dumps({"language": language, **(facts or {})}), encoding="utf-8")
    return load_identity(folder)


@pytest.mark.parametrize(
    ("language", "facts", "description", "gender"),
    [
        ("fr", {}, "Kim est forgeronne. Elle aime le thé.", "female"),
        ("fr", {}, "Kim est forgeron. Il aime le thé.", "male"),
        ("fr", {}, "Kim aime le thé.", ""),
        ("fr", {"looks": {"presentation": "female"}}, "Il y a du thé. Il aime le thé.", "female"),
        ("fr", {"attributes": {"presentation": "male"}, "looks": {"presentation": "female"}}, "Elle.", "male"),
        ("fr", {"attributes": {"presentation": "androgynous"}}, "Kim aime le thé.", ""),
        ("es", {}, "Una mujer de Sevilla.", "female"),
        ("hi", {}, "वह दिल्ली में रहती है।", "female"),
        ("en", {}, "She keeps bees. A brother says he hates them.", ""),
        ("ko", {}, "그녀는 꽃을 좋아한다.", ""),
    ],
)
def test_how_a_companion_is_spoken_of(
    language: str, facts: dict[str, Any], description: str, gender: Gender, tmp_path: Path
) -> None:
    assert gender_of(person(tmp_path, language, facts, description=description)) == gender


def test_a_translation_keeps_what_the_original_tells() -> None:
    assert gender_of(load_identity(shipped()["teacher"]).speaking("zh")) == "female"


def test_forms_agree() -> None:
    forms = ("Je suis {content|contente}.", "Cela me plaît, {{user}}.", "{{random::a|b}} {topic}")
    assert agreeing(forms, "female") == ("Je suis contente.", "Cela me plaît, {{user}}.", "{{random::a|b}} {topic}")
    assert agreeing(forms, "male")[0] == "Je suis content."
    assert agreeing(forms, "") == forms[1:]
    assert agreeing(forms[:1], "") == ("Je suis content.",)


CODES = ("ar", "de", "es", "fr", "hi", "it", "pt")


@pytest.mark.parametrize("code", CODES)
def test_a_table_has_both_forms_and_no_mark_is_left(code: str) -> None:
    said: dict[str, list[str]] = {}
    for gender in ("female", "male", ""):
        language = shipped_language(code, gender)
        forms = [form for key in language.says for form in language.says[key]]
        forms += [form for intent in language.intents for form in intent.say]
        assert [form for form in forms if re.search(r"(?<!\{)\{[^{}]*\|", form)] == []
        said[gender] = forms
    assert len(said["female"]) == len(said["male"]) >= len(said[""])
    assert sum(a != b for a, b in zip(said["female"], said["male"], strict=True)) >= (1 if code == "de" else 3)


def test_hindi_speaks_of_itself_as_a_woman_throughout() -> None:
    language = shipped_language("hi", "female")
    forms = [form for forms in language.says.values() for form in forms]
    forms += [form for intent in language.intents for form in intent.say]
    own = re.compile(r"(?:ता|रहा) हूँ|ूँगा|(?<!\S)मैं(?!ने)[^।]*(?:रहा था|सकता|जानता)")
    assert [form for form in forms if own.search(form)] == []


def test_a_french_card_speaks_in_its_own_person_and_form(tmp_path: Path) -> None:
    description = "Kim est une forgeronne de Lyon. Elle aime le thé et déteste la pluie. Tout le monde parle à Kim."
    identity = person(tmp_path, "fr", description=description, first_mes="Bonjour, entrez donc dans la forge.")
    persona = read_book(identity).persona
    assert persona.sentences[:2] == ("Je suis une forgeronne de Lyon.", "J'aime le thé et déteste la pluie.")
    assert persona.quoted == {"Tout le monde parle à Kim."}
    talk = Scene(CardDialogue(identity))
    said = [plain(talk.say(line)) for line in ("Qui es-tu ?", "Encore.", "Je m'appelle Ada.", "Quel âge as-tu ?")]
    assert "Je suis une forgeronne de Lyon." in said[0]
    assert "on a écrit sur moi : Tout le monde parle à Kim" in " ".join(said) or "Tout" not in " ".join(said)
    assert not any(re.search(r"\b(Enchanté,|content\b|né\.)", line) for line in said)
