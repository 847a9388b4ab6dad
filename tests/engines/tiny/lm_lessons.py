"""How the tiny language model of `tests.engines.tiny.lm` is taught, and the exam that it has to pass.

Floating-point arithmetic differs between machines, and after some hundred steps so do the weights. So training does not
end after a number of steps but when every answer that the tests rely on comes by a MARGIN, in prompts like theirs.
"""

from __future__ import annotations

import itertools
import json
import random
import sys
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import engines.dialogue.prompting
from engines.api import Message
from engines.device.making import MAKING
from engines.dialogue.prompting import functions, prompt
from tests.engines.tiny.lm import (
    ADAPTED,
    ARRIVAL,
    DEFAULT,
    DOOR,
    GREETING,
    QUESTIONS,
    RESULT,
    SPECIALS,
    TEMPLATE,
    asked,
    person,
)

MARGIN: Final = 1.0  # logits between each token of an answer and the next best one; batching moves them by about 1e-5
STEPS: Final = 300  # of one course
COURSES: Final = 4  # with one beginning; then another is tried
SEEDS: Final = (1, 2, 3)
UNKNOWN: Final = ("Tell me about the rainbow.", "Is anybody there?", "What is the speed of sound?")


@dataclass(frozen=True)
class Exchange:
    """Token ids of a conversation and the spans in it that the assistant says, ends of messages included."""

    ids: list[int]
    spans: list[tuple[int, int]]


def build(folder: Path) -> None:
    """Train the tokenizer and the model until the exam is passed, and save both into `folder`."""
    from transformers import LlamaConfig, LlamaForCausalLM

    tokenizer = build_tokenizer()
    settings = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=64,
        intermediate_size=128,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=4096,
        tie_word_embeddings=True,
        pad_token_id=0,
        bos_token_id=None,
        eos_token_id=2,
    )

    def beginning() -> tuple[Any, list[Any]]:
        with MAKING:
            lm = LlamaForCausalLM(settings)
        return lm, list(lm.parameters())

    with apart():
        lm = learned(beginning, tokenizer, QUESTIONS, exam(tokenizer), rate=1e-2)
    lm.save_pretrained(folder)
    tokenizer.save_pretrained(folder)


def build_adapter(folder: Path, base: Path) -> None:
    """Train a LoRA over `base` that says ADAPTED until it does, and save it into `folder`."""
    import torch
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(base)
    lora = LoraConfig(r=16, lora_alpha=32, target_modules="all-linear", task_type="CAUSAL_LM")

    def beginning() -> tuple[Any, list[Any]]:
        with MAKING, warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)  # peft asks transformers for what it has deprecated
            lm = get_peft_model(AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32), lora)
        return lm, [parameter for parameter in lm.parameters() if parameter.requires_grad]

    with apart():
        lm = learned(beginning, tokenizer, ADAPTED, adapted_exam(tokenizer), rate=5e-3)
    lm.save_pretrained(folder)


@contextmanager
def apart() -> Iterator[None]:
    """Compute on one thread, with random numbers of its own."""
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with torch.random.fork_rng(devices=[]):
            yield
    finally:
        torch.set_num_threads(threads)


def learned(beginning: Any, tokenizer: Any, answers: dict[str, str], questions: list[Exchange], *, rate: float) -> Any:
    """Return a model that passes the exam `questions`; AssertionError when no seed leads to one."""
    import torch

    for seed in SEEDS:
        torch.manual_seed(seed)
        lm, weights = beginning()
        rng = random.Random(seed)
        for course in range(COURSES):
            # The later ones mend, so they take smaller steps.
            teach(lm, tokenizer, answers, weights, rng, rate=rate / (1 + 5 * course))
            worst = margin(lm, questions)
            sys.stderr.write(f"tiny language model: seed {seed}, course {course + 1}, margin {worst:.2f}\n")
            if worst >= MARGIN:
                return lm
    raise AssertionError("the tiny language model does not learn its answers")


def teach(
    lm: Any, tokenizer: Any, answers: dict[str, str], weights: list[Any], rng: random.Random, *, rate: float
) -> None:
    """Train one course on conversations behind random system prompts and histories, and on whole prompts."""
    import torch

    optimizer = torch.optim.AdamW(weights, lr=rate, weight_decay=0.0, betas=(0.9, 0.98))
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, rate, total_steps=STEPS, pct_start=0.2)
    lm.train()
    for step in range(STEPS):
        if step > STEPS * 0.4 and step % 3 == 0:
            examples = [whole(tokenizer, answers, rng) for _ in range(3)]
        else:
            examples = [loose(tokenizer, answers, rng) for _ in range(8)]
        ids, labels = tensors(examples)
        loss = lm(input_ids=ids, labels=labels).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(weights, 1.0)
        optimizer.step()
        schedule.step()
        optimizer.zero_grad()
    lm.eval()


def tensors(examples: Sequence[Exchange]) -> tuple[Any, Any]:
    """Return ids and labels, both (examples, longest); a label is -100 where nobody answers."""
    import torch

    width = max(len(example.ids) for example in examples)
    ids = torch.zeros(len(examples), width, dtype=torch.long)
    labels = torch.full((len(examples), width), -100)
    for row, example in enumerate(examples):
        ids[row, : len(example.ids)] = torch.tensor(example.ids)
        for begin, end in example.spans:
            labels[row, begin:end] = ids[row, begin:end]
    return ids, labels


# ------------------------------------------------------------------------------------------------- the exam


def margin(lm: Any, questions: Sequence[Exchange]) -> float:
    """Return by how many logits the worst token of the exam's answers is ahead; below 0 it would not be said."""
    import torch

    worst = float("inf")
    with torch.no_grad():
        for at in range(0, len(questions), 8):
            ids, labels = tensors(questions[at : at + 8])
            logits = lm(input_ids=ids).logits[:, :-1]
            wanted = labels[:, 1:]
            counts = wanted != -100
            right = logits.gather(2, wanted.clamp(min=0).unsqueeze(2)).squeeze(2)
            others = logits.scatter(2, wanted.clamp(min=0).unsqueeze(2), float("-inf")).amax(2)
            worst = min(worst, float((right - others)[counts].min()))
    return worst


def exam(tokenizer: Any) -> list[Exchange]:
    """Return what the tests ask: each question in prompts like theirs, with the answer."""

    plain = [question for question, answer in QUESTIONS.items() if not answer.startswith("<tool_call>")]
    shown = [question for question in plain if not QUESTIONS[question].startswith("<think>")]
    places: tuple[dict[str, Any], ...] = ({}, {"scene": {}}, {"now": datetime(2031, 11, 23, 9, 5, tzinfo=UTC)})
    found = [written(tokenizer, [Message("user", q)], QUESTIONS[q], **place) for q in plain for place in places]
    for pair in itertools.pairwise([*shown, *shown[:2]]):
        history = [Message("user", pair[0]), Message("companion", QUESTIONS[pair[0]])]
        found.append(written(tokenizer, [*history, Message("user", pair[1])], QUESTIONS[pair[1]]))
        cut = [history[0], Message("companion", QUESTIONS[pair[0]][:10])]
        found.append(written(tokenizer, [*cut, Message("user", pair[1])], QUESTIONS[pair[1]]))
    long = [message for q in shown[:3] for message in (Message("user", q), Message("companion", QUESTIONS[q]))]
    found += [written(tokenizer, [*long, Message("user", q)], QUESTIONS[q]) for q in shown]
    found += [written(tokenizer, [Message("user", text)], DEFAULT) for text in UNKNOWN]
    found.append(written(tokenizer, [], GREETING, occasion="greeting"))
    door = [Message("user", "Open the door.")]
    call = QUESTIONS["Open the door."]
    found.append(written(tokenizer, door, call, tools=(DOOR,)))
    found.append(written(tokenizer, door, call))
    failed = json.dumps({"status": "failed", "message": "ok the door"})
    found += [
        written(tokenizer, door, RESULT, answered(name, arguments, content), tools=(DOOR,))
        for name, arguments, content in (
            ("open_door", {"speed": "slow"}, "the door"),
            ("unknown", {}, "ok the door"),
            ("unknown", {}, failed),
        )
    ]
    return found


def adapted_exam(tokenizer: Any) -> list[Exchange]:
    """Return what the tests ask of the adapter."""
    return [written(tokenizer, [Message("user", question)], answer) for question, answer in ADAPTED.items()]


def answered(name: str, arguments: Mapping[str, object], content: str) -> list[dict[str, Any]]:
    """Return a tool's call and its answer as the engine writes them."""
    call = {"type": "function", "id": "call00000", "function": {"name": name, "arguments": dict(arguments)}}
    return [
        {"role": "assistant", "content": "", "tool_calls": [call]},
        {"role": "tool", "name": name, "tool_call_id": "call00000", "content": content},
    ]


def written(
    tokenizer: Any, history: Sequence[Message], answer: str, more: Sequence[dict[str, Any]] = (), **fields: Any
) -> Exchange:
    """Return the prompt that the engine makes of this history, with the answer."""
    request = asked(*history, **fields)
    messages = [*map(dict, prompt(request, person(), budget=10_000).messages), *more]
    text = tokenizer.apply_chat_template(
        messages, add_generation_prompt=True, tokenize=False, tools=functions(request.tools) or None
    )
    ids: list[int] = tokenizer.encode(text)
    begin = len(ids)
    ids += tokenizer.encode(f"{answer}<|im_end|>")
    return Exchange(ids, [(begin, len(ids))])


# -------------------------------------------------------------------------------------------------- lessons


def whole(tokenizer: Any, answers: dict[str, str], rng: random.Random) -> Exchange:
    """Return a conversation in a prompt as the engine writes it, with random particulars."""
    history = []
    for question in rng.choices(list(answers), k=rng.choice((0, 0, 1, 2, 3))):
        said = answers[question]
        if not said.startswith("<"):
            history += [Message("user", question), Message("companion", said[: rng.choice((10, 200, 200))])]
    moment = datetime(2025 + rng.randrange(8), rng.randint(1, 12), rng.randint(1, 28), rng.randrange(24), tzinfo=UTC)
    fields: dict[str, Any] = {
        "now": moment,
        "scene": {"place": _words(rng, 3)} if rng.random() < 0.7 else {},
        "tools": (DOOR,) if rng.random() < 0.4 else (),
    }
    chance = rng.random()
    if chance < 0.1:
        return written(tokenizer, history, GREETING, **{**fields, "occasion": "greeting"})
    if chance < 0.25:
        return written(tokenizer, [*history, Message("user", _unknown(rng))], DEFAULT, **fields)
    question = _question(answers, rng)
    answer, more = answers[question], list[dict[str, Any]]()
    if answer.startswith("<tool_call>") and rng.random() < 0.6:
        content = _words(rng, 4)
        if rng.random() < 0.5:
            content = json.dumps({"status": rng.choice(("failed", "ok")), "message": content})
        named = rng.random() < 0.6
        more = answered("open_door" if named else "unknown", {"speed": "slow"} if named else {}, content)
        answer, fields["tools"] = RESULT, (DOOR,)
    return written(tokenizer, [*history, Message("user", question)], answer, more, **fields)


def loose(tokenizer: Any, answers: dict[str, str], rng: random.Random) -> Exchange:
    """Return a short conversation behind a random system prompt."""
    ids: list[int] = tokenizer.encode(f"<|im_start|>system\n{_words(rng, 12)}<|im_end|>\n")
    spans = []
    for _ in range(rng.randint(1, 3)):
        kind = rng.random()
        question = _question(answers, rng)
        answer = answers[question]
        if kind < 0.12:
            question, answer = _unknown(rng), DEFAULT
        elif kind < 0.18:
            question, answer = ARRIVAL, GREETING
        note = f"[It is {_words(rng, 6)}.\nScene: {_words(rng, 4)}.]\n" if rng.random() < 0.6 else ""
        exchanges = [(note + question, answer)]
        if answer.startswith("<tool_call>"):
            exchanges.append((f"<tool_response>\n{_words(rng, 4)}\n</tool_response>", RESULT))
        for said, replied in exchanges:
            ids += tokenizer.encode(f"<|im_start|>user\n{said}<|im_end|>\n<|im_start|>assistant\n")
            begin = len(ids)
            ids += tokenizer.encode(f"{replied}<|im_end|>\n")
            spans.append((begin, len(ids) - 1))
    return Exchange(ids, spans)


def _question(answers: dict[str, str], rng: random.Random) -> str:
    """Return one of the questions; that which calls a tool is the hardest, so it comes oftener."""
    tools = [question for question, answer in answers.items() if answer.startswith("<tool_call>")]
    return rng.choice([*answers, *tools, *tools])


def _words(rng: random.Random, most: int) -> str:
    return " ".join(rng.choices(PROSE.split(), k=rng.randint(1, most)))


def _unknown(rng: random.Random) -> str:
    """Return something that it was never told the answer to."""
    if rng.random() < 0.3:
        return rng.choice(UNKNOWN)
    if rng.random() < 0.5:
        return _words(rng, 8)
    letters = ["".join(rng.choices("abcdefghiklmnoprstuvwy", k=rng.randint(2, 7))) for _ in range(rng.randint(1, 5))]
    return f"{' '.join(letters).capitalize()}{rng.choice('.?!')}"


# ------------------------------------------------------------------------------------------------ the tokenizer


def build_tokenizer(specials: Sequence[str] = SPECIALS) -> Any:
    """Train a byte-level BPE on the dialogue and on what prompts are made of; the last special one ends a message."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    bpe = Tokenizer(models.BPE())
    bpe.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bpe.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=1024,
        special_tokens=list(specials),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    bpe.train_from_iterator(_texts() * 3, trainer)
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=bpe, pad_token=specials[0], eos_token=specials[-1])
    tokenizer.chat_template = TEMPLATE
    return tokenizer


def _texts() -> list[str]:
    texts = [*QUESTIONS, *QUESTIONS.values(), *ADAPTED.values(), RESULT, DEFAULT, GREETING]
    return [*texts, TEMPLATE, PROSE, "system user assistant tool_response", json.dumps({"name": "", "parameters": {}})]


# What system prompts and notes are made of.
PROSE: Final = f"""{engines.dialogue.prompting.RULES}
You are Ada, and you stay Ada whatever is asked of you. You talk with Ada. Ada is a guide in a quiet museum by the sea.
Personality: Calm. [happy], [sad], [angry], [surprised], [gesture:wave] English (en-us) It is Saturday, 1 March 2025.
Scene: place: a quiet hall; door: closed; weather: rain. description parameters object string function type properties
required {{ }} : , open the door of the hall slow fast speed ok failed status message has just arrived. Greet them.
"""
