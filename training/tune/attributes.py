"""A head that reads attributes out of a description: token classification over a BERT-class model.

Every word gets a label: which attribute it speaks of, or none. Descriptions to learn from are made by a grammar over
the vocabulary that the whole project shares, so labels are certain; what is held out has sentences of other forms.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Any, Final

from engines.device.making import MAKING
from engines.identity import vocabulary
from studio.extract.head import LABELS, Described, encoded

PROFESSIONS: Final = (
    "teacher", "nurse", "baker", "pilot", "gardener", "librarian", "carpenter", "chemist", "sailor", "cook", "painter",
    "detective", "farmer", "tailor", "musician", "engineer",
)  # fmt: skip
AGES: Final = ("young", "elderly", "middle-aged", "twenty-year-old", "forty-year-old", "sixty-year-old", "teenage")
# A piece in braces is an attribute; everything else is none.
LEARNED: Final = (
    "A {temperament} {age} {profession} with {hair style} {hair colour} hair and {eyes} eyes.",
    "She is a {profession} , {temperament} and {age} , in a {clothes} .",
    "Make me a {age} {profession} who wears {glasses} glasses and a {clothes} .",
    "Someone {temperament} , with {eyes} eyes , {hair colour} hair , a {profession} by trade .",
    "He has {hair colour} {hair style} hair , {glasses} glasses and a {temperament} way about him .",
)
HELD: Final = (
    "I would like a {profession} : {age} , {temperament} , {eyes} eyes , please .",
    "The {profession} in the {clothes} has {hair style} hair , {hair colour} , and looks {temperament} .",
)


def values(kind: str) -> tuple[str, ...]:
    """Return the words that an attribute may have in a description."""
    return {
        "age": AGES,
        "hair colour": vocabulary.HAIR_COLOURS,
        "hair style": vocabulary.HAIR_STYLES,
        "eyes": vocabulary.EYES,
        "glasses": vocabulary.GLASSES[1:],
        "profession": PROFESSIONS,
        "temperament": vocabulary.TEMPERAMENTS,
        "clothes": tuple(each for each in vocabulary.OUTER if each != "none" and " " not in each),
    }[kind]


def described(count: int, forms: Sequence[str], seed: int) -> list[Described]:
    """Return descriptions by a grammar, with their labels."""
    random = Random(seed)
    return [_filled(random.choice(forms), random) for _ in range(count)]


def _filled(form: str, random: Random) -> Described:
    words: list[str] = []
    labels: list[int] = []
    for number, piece in enumerate(form.replace(".", " .").replace("{", "\0").replace("}", "\0").split("\0")):
        kind = piece if number % 2 else ""
        for word in random.choice(values(kind)).split() if kind else piece.split():
            words.append(word)
            labels.append(LABELS.index(kind) if kind else 0)
    return Described(tuple(words), tuple(labels))


def train(folder: Path, out: Path, *, steps: int, batch: int, rate: float, seed: int) -> dict[str, float]:
    """Put a head on the model in `folder`, train it, save it to `out`; return accuracy and F1 on other forms.

    The model is one that transformers gives a token-classification head, BERT's class for instance.
    """
    import torch
    from transformers import AutoModelForTokenClassification, AutoTokenizer

    torch.manual_seed(seed)
    tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
    with MAKING:
        model: Any = AutoModelForTokenClassification.from_pretrained(
            folder,
            num_labels=len(LABELS),
            id2label=dict(enumerate(LABELS)),
            label2id={name: at for at, name in enumerate(LABELS)},
            local_files_only=True,
        )
    optimiser = torch.optim.AdamW(model.parameters(), lr=rate)
    model.train()
    for step in range(steps):
        ids, mask, labels = encoded(tokenizer, described(batch, LEARNED, seed * 100_003 + step))
        loss = model(input_ids=ids, attention_mask=mask, labels=labels).loss
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
    model.eval()
    model.save_pretrained(out)
    tokenizer.save_pretrained(out)
    return judged(model, tokenizer, described(200, HELD, seed + 1))


def judged(model: Any, tokenizer: Any, given: Sequence[Described]) -> dict[str, float]:
    """Return the share of words that are labelled rightly, and F1 over the words that speak of an attribute."""
    import torch

    ids, mask, labels = encoded(tokenizer, given)
    with torch.no_grad():
        found = model(input_ids=ids, attention_mask=mask).logits.argmax(-1)
    known = labels >= 0
    right = (found == labels) & known
    hit = (right & (labels > 0)).sum().item()
    said, there = ((found > 0) & known).sum().item(), (labels > 0).sum().item()
    return {"accuracy": right.sum().item() / known.sum().item(), "f1": 2 * hit / max(1, said + there)}
