"""What one companion knows from documents, ready to be asked: passages for a turn, the sources of a reply, the gate."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from engines.api import Message, Passage, Resting
from engines.identity import Identity, IdentityError
from engines.identity.bundle import primary
from engines.identity.storage import names_below, read_files
from engines.identity.tongue import tongue_of
from engines.knowledge.checking.righting import said
from engines.knowledge.checking.sentence import Sentence, name_of
from engines.knowledge.checking.wording import wording_of
from engines.knowledge.gate import KnowledgeGate
from engines.knowledge.index import Index
from engines.knowledge.library import FOLDER, Library, read_library
from engines.words.text import sentences

PASSAGES: Final = 3  # for one turn
FACTS: Final = 4
FEW: Final = 2  # terms in words that point back to what was said before
ASKED: Final = 600  # characters of the user's words that are looked for
RESTS: Final = 0.6  # of what a sentence tells stands in the passage that it rests on
LEAST: Final = 3  # terms of a sentence that may rest on anything
SOURCES: Final = 3
READ: Final = 24  # sentences of a reply that are looked at
QUOTE: Final = 280  # characters


class Knowledge:
    """The passages, facts and rules of one companion; `language` is that of the identity, `most` how
    many passages a turn gets; without `sources` no reply is said to rest on any.

    `warnings` tell people what was left out. IdentityError `no_search` where SQLite cannot search texts.
    """

    def __init__(self, library: Library, language: str, *, most: int = PASSAGES, sources: bool = True) -> None:
        self.library = library
        self._most, self._sources = most, sources
        sample = " ".join(passage.text for passage in library.passages[:40])
        self.language = tongue_of(sample[:4000]) or primary(language)
        self._wording = wording_of(self.language)
        self._index = Index(library.passages, self._wording.vocabulary)
        self._subjects = [
            (name_of(text, self._wording), number)
            for number, fact in enumerate(library.facts)
            if not fact.drawn
            for text in (fact.subject, *fact.also)
        ]

    @property
    def warnings(self) -> tuple[str, ...]:
        """Tell people what was left out."""
        return self.library.warnings

    def gate(self) -> KnowledgeGate | None:
        """Return the gate that holds replies to facts and rules, None where there are none."""
        library = self.library
        return KnowledgeGate(library, self.language) if library.facts or library.rules else None

    def passages_for(self, history: Sequence[Message]) -> tuple[Passage, ...]:
        """Return what of the documents speaks of the user's last words, best first, given facts before all."""
        said_by_user = [message.text[-ASKED:] for message in history if message.role == "user"]
        if not self._most or not said_by_user or history[-1].role != "user":
            return ()
        last = said_by_user[-1]
        asked = [last]
        vocabulary = self._wording.vocabulary
        if len(vocabulary.terms(last)) <= FEW or not vocabulary.lists["pronouns"].isdisjoint(vocabulary.tokens(last)):
            asked += [message.text[-ASKED:] for message in history[-3:-1]]
        found = self._index.search(*asked, most=self._most)
        texts = [self.library.passages[each.number] for each in found]
        return (*self._facts_for(asked), *(Passage(each.text, each.place.cite()) for each in texts))

    def rests_on(self, reply: str) -> tuple[Resting, ...]:
        """Return the places of the documents that a reply rests on, those that bear most of it first."""
        weight: dict[int, float] = {}
        quotes: dict[int, str] = {}
        for sentence in sentences(reply)[:READ] if self._sources else ():
            terms = frozenset(self._wording.vocabulary.terms(sentence))
            if len(terms) < LEAST:
                continue
            for found in self._index.search(sentence, most=2):
                if (coverage := self._index.coverage(found.number, terms)) >= RESTS:
                    told = coverage * sum(self._index.told_by(term) for term in terms)
                    if told > weight.get(found.number, 0.0):
                        quotes[found.number] = self._quote(found.number, terms)
                    weight[found.number] = weight.get(found.number, 0.0) + told
                    break
        best = sorted(weight, key=lambda number: (-weight[number], number))[:SOURCES]
        places = [(self.library.passages[number].place, quotes[number]) for number in best]
        return tuple(Resting(place.title, place.file, place.page, quote) for place, quote in places)

    def _quote(self, number: int, terms: frozenset[str]) -> str:
        """Return the sentence of a passage that has most of the terms."""
        options = sentences(self.library.passages[number].text)
        return max(options, key=lambda text: len(terms & set(self._wording.vocabulary.terms(text))), default="")[:QUOTE]

    def _facts_for(self, asked: Sequence[str]) -> list[Passage]:
        """Return given facts about what is spoken of, those that share more words with the question first."""
        question = Sentence(asked[0], self._wording)
        others = [Sentence(text, self._wording) for text in asked[1:]]
        ranked: dict[int, int] = {}
        for name, number in self._subjects:
            rank = 2 * bool(question.find(name)) or int(any(each.find(name) for each in others))
            if rank:
                fact = self.library.facts[number]
                shared = question.held & {self._wording.stem(w) for w in self._wording.vocabulary.tokens(fact.relation)}
                ranked[number] = max(ranked.get(number, 0), rank + len(shared))
        best = sorted(ranked, key=lambda number: (-ranked[number], number))[:FACTS]
        facts = [self.library.facts[number] for number in best]
        return [Passage(said(fact, self._wording), fact.place.cite()) for fact in facts]


def knowledge_of(identity: Identity, *, most: int = PASSAGES, sources: bool = True) -> Knowledge | None:
    """Return what an identity knows from documents, None where it has none; IdentityError says what is wrong."""

    def read(name: str, most: int) -> bytes:
        data = read_files(identity.origin, {name: most}).get(name)
        if data is None:
            raise IdentityError("not_found", f"{identity.name} has no file {name}")
        return data

    library = read_library(names_below(identity.origin, FOLDER), read)
    return Knowledge(library, identity.language, most=most, sources=sources) if library else None
