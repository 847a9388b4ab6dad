"""Asks a model questions as the live server would, for the page that shows answers before and after."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from training.tune.model import BaseModel

MOST: Final = 60  # tokens of an answer
QUESTIONS: Final = {
    "en": ("Who are you?", "What is light?", "I do not understand this.", "Why is the sky blue?", "Goodbye!"),
    "zh": ("你是谁？", "光是什么？", "我听不懂。", "天空为什么是蓝色的？", "再见！"),
}


def questions(language: str) -> tuple[str, ...]:
    """Return five questions in a language, English ones where there are none."""
    return QUESTIONS.get(language.partition("-")[0].lower(), QUESTIONS["en"])


def ask(model: Any, base: BaseModel, asked: Sequence[str], system: str, *, most: int = MOST) -> list[str]:
    """Return the likeliest answers to questions, each in a conversation of its own."""
    import torch

    model.eval()
    answers = []
    for question in asked:
        chat = [*([{"role": "system", "content": system}] if system else []), {"role": "user", "content": question}]
        text, _ = base.template.render(chat, (), thinking=False)
        ids = torch.tensor([base.template.encode(text)], device=base.device)
        with torch.no_grad():
            written = model.generate(
                input_ids=ids,
                attention_mask=torch.ones_like(ids),
                max_new_tokens=most,
                do_sample=False,
                eos_token_id=sorted(base.template.ends),
                pad_token_id=base.tokenizer.pad_token_id or 0,
            )
        answers.append(str(base.tokenizer.decode(written[0][ids.shape[1] :], skip_special_tokens=True)).strip())
    return answers
