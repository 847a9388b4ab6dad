"""Dialogues as tokens with the places that are learned: what the assistant says, nothing else.

A prompt is written by the template that the live server uses, and what follows it is tokenised apart, as a model that
generates sees it. Where the template rewrites earlier turns (as those of thinking models do), each answer becomes an
example of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from engines.dialogue.transformers.template import Template
from training.data.dialogue import Dialogue, Line
from training.errors import TrainingError

NEAR: Final = 8  # tokens after an answer among which its end stands


@dataclass(frozen=True, slots=True)
class Example:
    """Token ids, for each whether it is learned, and the person whose words they are."""

    ids: tuple[int, ...]
    learn: tuple[bool, ...]
    person: str = ""

    @property
    def learned(self) -> int:
        """Count the tokens that are learned."""
        return sum(self.learn)


@dataclass(frozen=True, slots=True)
class Written:
    """Examples, and how many answers were left out because they do not fit."""

    examples: tuple[Example, ...]
    left_out: int


def examples(dialogues: Iterable[Dialogue], template: Template, *, system: str = "", longest: int = 1024) -> Written:
    """Write dialogues as examples of at most `longest` tokens.

    `system` is the persona that the live server would send, before a dialogue's own system lines. A dialogue that is
    longer is cut into windows, each beginning with what a user says. TrainingError `no_data` when nothing is left.
    """
    made: list[Example] = []
    left_out, end = 0, ending(template)
    for each in dialogues:
        told = [line.text for line in each.lines if line.role == "system"]
        persona = "\n\n".join(text for text in (system, *told) if text)
        talk = [line for line in each.lines if line.role != "system"]
        for window, lost in _windows(talk, template, persona, longest, end):
            left_out += lost
            made += [Example(tuple(ids), tuple(learn), each.person) for ids, learn in window]
    if not made:
        raise TrainingError(
            "no_data",
            f"No dialogue has an answer that fits {longest} tokens; give --longest a larger number, or other data.",
        )
    return Written(tuple(made), left_out)


def _windows(
    talk: Sequence[Line], template: Template, persona: str, longest: int, end: str
) -> Iterable[tuple[list[tuple[list[int], list[bool]]], int]]:
    """Yield what is written of each window, and how many answers of it do not fit."""
    begin = 0
    while begin < len(talk):
        reached, fitting = begin, []
        for stop in range(begin + 2, len(talk) + 1, 2):
            written = write(talk[begin:stop], template, persona, end)
            if any(len(ids) > longest for ids, _ in written):
                break
            reached, fitting = stop, written
        if reached == begin:  # not even one exchange fits
            yield [], 1
            begin += 2
        else:
            yield fitting, 0
            begin = reached


def write(
    talk: Sequence[Line], template: Template, persona: str = "", end: str | None = None
) -> list[tuple[list[int], list[bool]]]:
    """Return ids and learned places of a talk that begins with a user: one pair, or one an answer.

    `end` is what `ending` says of the template.
    """
    end = ending(template) if end is None else end
    chat: list[dict[str, Any]] = [{"role": "system", "content": persona}] if persona else []
    pieces: list[tuple[str, str]] = []  # the prompt before each answer, and the answer with its end
    for line in talk:
        if line.role == "assistant":
            prompt, _ = template.render(chat, (), thinking=False)
            pieces.append((prompt, _plain(line.text, template) + end))
        chat.append({"role": line.role, "content": line.text})
    whole: list[tuple[list[int], list[bool]]] = []
    ids: list[int] = []
    learn: list[bool] = []
    before = ""
    for prompt, answer in pieces:
        if before and prompt.startswith(before):
            more = template.encode(prompt[len(before) :])
        elif before:  # the template has rewritten what was said before
            whole.append((ids, learn))
            ids, learn, more = [], [], template.encode(prompt)
        else:
            more = template.encode(prompt)
        said = template.encode(answer)
        ids, learn = [*ids, *more, *said], [*learn, *[False] * len(more), *[True] * len(said)]
        before = prompt + answer
    return [*whole, (ids, learn)] if ids else whole


def ending(template: Template) -> str:
    """Return the text that ends an answer: the token that the template writes after one, which stops the server."""
    mark = "0b5e55ed"
    chat: list[dict[str, Any]] = [{"role": "user", "content": "Hi."}, {"role": "assistant", "content": mark}]
    rendered, _ = template.render([*chat, {"role": "user", "content": "Bye."}], (), thinking=False)
    written = template.encode(rendered.partition(mark)[2])[:NEAR]
    stop = next((token for token in written if token in template.ends), None)
    if stop is None:
        return str(template.tokenizer.eos_token or "\n")
    return str(template.tokenizer.convert_ids_to_tokens([stop])[0])


def _plain(text: str, template: Template) -> str:
    """Break what the tokenizer would read as a control token, as the template does in a prompt."""
    for token in template.control:
        text = text.replace(token, f"{token[0]} {token[1:]}")
    return text
