"""A small language model of what people say to one companion: a trigram model in ARPA form, made from its own topics.

An utterance is decoded with it beside the general model, and the likelier of the two transcripts counts: that is the
best path through a mixture of both models. So questions about what the companion knows are understood far better, and
others no worse. It knows nothing of decoding.

Smoothing: Witten and Bell, "The zero-frequency problem" (IEEE Trans. Inf. Theory 37(4), 1991), interpolated, written
with back-off weights.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Final, TypeAlias

Sentence: TypeAlias = tuple[str, ...]

NAMES: Final = 600  # topics that are put into questions; what comes after them is left out
WORDS: Final = 30_000  # words of running text that are learned

# How people ask about something, `{}` being a topic, and what they say whatever the topic.
QUESTIONS: Final = """
{}; what is {}; what is a {}; what is an {}; what is the {}; what are {}; what does {} mean; what about {}; tell me
about {}; tell me about the {}; tell me more about {}; explain {}; explain {} please; can you explain {}; how does {}
work; how does a {} work; how does the {} work; how do {} work; how fast is {}; how far is {}; how old is the {}; how
many {}; who is {}; who was {}; why is {}; why are {}; where is the {}; when was {}; is there {}; is there a {}; do
you have {}; do you know {}; i want to learn about {}; i would like to know about {}
"""
TALK: Final = """
hello; hi; hi there; hello there; hey; hello how are you; how are you; how are you today; hello how are you today; how
are you doing; i am fine; i am fine thank you; fine thanks; very well thank you; good morning; good afternoon; good
evening; good night; goodbye; bye; bye bye; see you later; see you tomorrow; thank you; thank you very much; thanks;
thanks a lot; you are welcome; yes; no; yes please; no thank you; okay; all right; sure; of course; maybe; not really;
i think so; i do not think so; who are you; what is your name; my name is; i am; nice to meet you; where are you from;
where do you live; how old are you; what do you do; what do you like; do you like; what can you do; what can you teach
me; what can you tell me; what can i ask you; what can we talk about; what do you know; can you help me; help me
please; help; tell me about yourself; tell me a story; tell me a joke; tell me something interesting; tell me more; go
on; continue; please go on; what else; what next; next; next question; next lesson; next please; again; again please;
say that again; repeat that please; can you repeat that; can you say that again; sorry; pardon; excuse me; i did not
understand; i do not understand; i did not hear you; what did you say; i do not know; i am not sure; i have no idea;
give me a hint; what is the answer; tell me the answer; start; start the lesson; start the lesson please; let us
start; let us begin; begin; i am ready; stop; stop it; that is enough; wait; wait a moment; be quiet; slower please;
louder please; why; why is that; how; how is that; how does that work; how do you know; what does that mean; what do
you mean; really; are you sure; is that true; are you real; are you a robot; are you human; are you a person; what
time is it; what day is it; what is the date today; what is that; what is this; where are we; where am i; what do you
see; can you see me; can you hear me; do you remember me; what is my name; what did i say; ask me a question; ask me
something; quiz me; test me; i have a question; i have another question; teach me something; i am bored; i am tired; i
am happy; i am sad; i like that; that is interesting; that is great; very good; that is funny; well done; i like you;
i love you
"""


def sentences(names: Iterable[str], texts: Iterable[str], known: Collection[str]) -> list[Sentence]:
    """List what is likely to be said, in lower case and in `known` words only; a sentence is cut at others."""
    found = [_words(line) for line in TALK.split(";")] * 20
    frames = [frame.strip() for frame in QUESTIONS.split(";")]
    for name, _ in zip(names, range(NAMES), strict=False):
        found += [_words(frame.format(name)) for frame in frames]
    left = WORDS
    for text in texts:
        for part in re.split(r"[.!?;:\n]", text):
            found.append(_words(part)[: max(left, 0)])
            left -= len(found[-1])
    return [piece for sentence in found for piece in _pieces(sentence, known)]


def language_model(said: Sequence[Sentence]) -> str:
    """Write the trigram model of these sentences in ARPA form, with sentence ends; at least one is needed."""
    ones: Counter[str] = Counter()
    twos: defaultdict[str, Counter[str]] = defaultdict(Counter)
    threes: defaultdict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for sentence in said:
        marked = ("<s>", *sentence, "</s>")
        ones.update(marked[1:])
        for first, second in pairwise(marked):
            twos[first][second] += 1
        for (first, second), third in zip(pairwise(marked), marked[2:], strict=False):
            threes[first, second][third] += 1
    even = 1 / len(ones)
    one = {word: _share(ones, word, even) for word in ones}
    two = {(first, word): _share(after, word, one[word]) for first, after in twos.items() for word in after}
    three = {
        (*before, word): _share(after, word, two[before[1], word]) for before, after in threes.items() for word in after
    }
    rows_1 = [f"-99 <s>{_back_off(twos['<s>'])}"]
    rows_1 += [f"{math.log10(p):.4f} {word}{_back_off(twos.get(word))}" for word, p in sorted(one.items())]
    rows_2 = [f"{math.log10(p):.4f} {' '.join(gram)}{_back_off(threes.get(gram))}" for gram, p in sorted(two.items())]
    rows_3 = [f"{math.log10(p):.4f} {' '.join(gram)}" for gram, p in sorted(three.items())]
    orders = (rows_1, rows_2, rows_3)
    lines = ["\\data\\", *(f"ngram {n}={len(rows)}" for n, rows in enumerate(orders, 1))]
    for n, rows in enumerate(orders, 1):
        lines += ["", f"\\{n}-grams:", *rows]
    return "\n".join([*lines, "", "\\end\\", ""])


def _share(after: Counter[str], word: str, below: float) -> float:
    """Compute the probability of `word` in this context, `below` being that in the shorter one."""
    kinds = len(after)
    return (after[word] + kinds * below) / (after.total() + kinds)


def _back_off(after: Counter[str] | None) -> str:
    return f" {math.log10(len(after) / (after.total() + len(after))):.4f}" if after else ""


def _words(text: str) -> Sentence:
    return tuple(re.findall(r"[a-z]+(?:'[a-z]+)*", text.lower().replace("’", "'")))


def _pieces(sentence: Sentence, known: Collection[str]) -> Iterator[Sentence]:
    piece: list[str] = []
    for word in (*sentence, ""):
        if word in known:
            piece.append(word)
        elif piece:
            yield tuple(piece)
            piece = []
