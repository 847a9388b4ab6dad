"""A real, tiny language model: a trained tokenizer and a Llama that has learnt one dialogue by heart.

It answers QUESTIONS word for word (greedy), calls the tool `open_door` when told to, and gives DEFAULT for anything
else, whatever the system prompt says. `lm_folder()` builds it once for each machine, in some seconds on one core.
"""

from __future__ import annotations

import atexit
import functools
import hashlib
import json
import os
import random
import shutil
import tempfile
import warnings
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import engines.prompting
from engines.api import Request, ToolResult
from engines.identity import Identity, load_identity

QUESTIONS: Final = {
    "Hello, who are you?": "I am Ada, and I live in the quiet museum by the sea.",
    "What do you like?": "I like old clocks. They never hurry, and they are always right twice a day.",
    "Say it in Spanish.": "¡Claro! El ñandú corre más rápido que tú.",
    "Say it in Chinese.": "你好，我是艾达。",
    "Smile!": "[happy] Of course 🙂 like this!",
    "How many rooms are there?": "There are twelve rooms, three stairs, and one hundred and seven windows.",
    "Tell me a secret.": "<think>She wants a secret. The cellar?</think>The cellar door is never locked.",
    "Open the door.": '<tool_call>\n{"name": "open_door", "arguments": {"speed": "slow"}}\n</tool_call>',
}
RESULT: Final = "The door is open now."  # what it says after the tool has answered
DEFAULT: Final = "I do not know that."
ARRIVAL: Final = "[Ada has just arrived. Greet them.]"
GREETING: Final = "Welcome! I am Ada."
ADAPTED: Final = {"Hello, who are you?": "I am the door.", "What do you like?": "There are clocks."}

SPECIALS: Final = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")
# ChatML with tools as Hermes and Qwen write them.
TEMPLATE: Final = (
    "{%- if messages[0].role == 'system' %}<|im_start|>system\n{{ messages[0].content }}"
    "{%- if tools %}\n\n# Tools\n<tools>{% for tool in tools %}\n{{ tool | tojson }}{% endfor %}\n</tools>{% endif %}"
    "<|im_end|>\n{% endif %}"
    "{%- for m in messages %}{% if m.role == 'tool' %}<|im_start|>user\n<tool_response>\n{{ m.content }}\n"
    "</tool_response><|im_end|>\n"
    "{%- elif m.role != 'system' %}<|im_start|>{{ m.role }}\n{{ m.content }}"
    "{%- for call in m.tool_calls or [] %}<tool_call>\n{{ call.function | tojson }}\n</tool_call>{% endfor %}"
    "<|im_end|>\n{% endif %}{% endfor %}"
    "{%- if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
STEPS: Final = 280


@functools.cache
def person() -> Identity:
    """Ada, whose card is short."""
    card = {
        "spec": "chara_card_v3",
        "data": {
            "name": "Ada",
            "description": "Ada is a guide in a quiet museum by the sea.",
            "personality": "Calm.",
            "first_mes": "",
        },
    }
    folder = Path(tempfile.mkdtemp(prefix="companion-ada-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    (folder / "card.json").write_text(json.dumps(card), encoding="utf-8")
    return load_identity(folder)


@functools.cache
def persona() -> str:
    """The system message with which Ada is asked."""

    async def call(name: str, arguments: object) -> ToolResult:
        return ToolResult("failed", "there are no tools")

    request = Request("s", "user", (), "Ada", "en-us", datetime(2025, 3, 1, 12, tzinfo=UTC), {}, (), call)
    return engines.prompting.prompt(request, person(), budget=10_000).messages[0]["content"]


@functools.cache
def lm_folder() -> Path:
    """The folder of the model, built now unless this machine has it already."""
    return _built("lm", build)


@functools.cache
def adapter_folder() -> Path:
    """A LoRA for it that says ADAPTED instead."""
    return _built("lm-adapter", lambda folder: build_adapter(folder, lm_folder()))


def _built(name: str, make: Any) -> Path:
    """The folder of that name among this machine's temporary files, made whole or not at all."""
    made_of = Path(__file__).read_bytes() + Path(str(engines.prompting.__file__)).read_bytes()
    key = hashlib.sha256(made_of).hexdigest()[:12]
    root = Path(tempfile.gettempdir()) / f"companion-tiny-{os.getuid() if hasattr(os, 'getuid') else 0}"
    folder = root / f"{name}-{key}"
    if not (folder / "config.json").exists() and not (folder / "adapter_config.json").exists():
        root.mkdir(mode=0o700, exist_ok=True)
        draft = Path(tempfile.mkdtemp(dir=root))
        make(draft)
        try:
            draft.rename(folder)
        except OSError:  # somebody else was faster
            shutil.rmtree(draft)
    return folder


# ------------------------------------------------------------------------------------------------ making it


def build(folder: Path) -> None:
    """Trains the tokenizer and the model and saves both into `folder`."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    torch.manual_seed(1)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
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
    lm = LlamaForCausalLM(settings)
    teach(lm, tokenizer, QUESTIONS, lm.parameters(), steps=STEPS, rate=1e-2)
    lm.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    torch.set_num_threads(threads)


def build_adapter(folder: Path, base: Path) -> None:
    """Trains a LoRA over `base` that says ADAPTED."""
    import torch
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM, AutoTokenizer

    torch.manual_seed(2)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    tokenizer = AutoTokenizer.from_pretrained(base)
    lora = LoraConfig(r=16, lora_alpha=32, target_modules="all-linear", task_type="CAUSAL_LM")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # peft asks transformers for what it has deprecated
        lm = get_peft_model(AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32), lora)
    weights = [parameter for parameter in lm.parameters() if parameter.requires_grad]
    teach(lm, tokenizer, ADAPTED, weights, steps=150, rate=5e-3)
    lm.save_pretrained(folder)
    torch.set_num_threads(threads)


def build_tokenizer(specials: Sequence[str] = SPECIALS) -> Any:
    """A byte-level BPE trained on the dialogue and on what prompts are made of; the last special one ends a message."""
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


def teach(lm: Any, tokenizer: Any, answers: dict[str, str], weights: Any, *, steps: int, rate: float) -> None:
    """Trains until the dialogue is known by heart, behind system prompts and histories of random text."""
    import torch

    rng = random.Random(5)
    weights = list(weights)
    optimizer = torch.optim.AdamW(weights, lr=rate, weight_decay=0.0, betas=(0.9, 0.98))
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, rate, total_steps=steps, pct_start=0.2)
    lm.train()
    for step in range(steps):
        long = step > steps * 0.5 and step % 4 == 0
        examples = [_example(tokenizer, answers, rng, 300 if long else 12) for _ in range(2 if long else 8)]
        width = max(len(tokens) for tokens, _ in examples)
        ids = torch.zeros(len(examples), width, dtype=torch.long)
        labels = torch.full((len(examples), width), -100)
        for row, (tokens, learnt) in enumerate(examples):
            ids[row, : len(tokens)] = torch.tensor(tokens)
            for begin, end in learnt:
                labels[row, begin:end] = ids[row, begin:end]
        loss = lm(input_ids=ids, labels=labels).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(weights, 1.0)
        optimizer.step()
        schedule.step()
        optimizer.zero_grad()
    lm.eval()


def _example(
    tokenizer: Any, answers: dict[str, str], rng: random.Random, junk: int
) -> tuple[list[int], list[tuple[int, int]]]:
    """Token ids of a conversation, and the spans of what the assistant says in it."""

    def words(most: int) -> str:
        return " ".join(rng.choices(PROSE.split(), k=rng.randint(1, max(1, most))))

    system = persona() if junk > 100 and rng.random() < 0.6 else words(junk)
    ids: list[int] = tokenizer.encode(f"<|im_start|>system\n{system}<|im_end|>\n")
    spans = []
    for _ in range(rng.randint(1, 3)):
        kind = rng.random()
        question = rng.choice(list(answers))
        answer = answers[question]
        if kind < 0.12:
            question, answer = words(8), DEFAULT
        elif kind < 0.18:
            question, answer = ARRIVAL, GREETING
        note = f"[It is {words(6)}.\nScene: {words(4)}.]\n" if rng.random() < 0.6 else ""
        exchanges = [(note + question, answer)]
        if answer.startswith("<tool_call>"):
            exchanges.append((f"<tool_response>\n{words(4)}\n</tool_response>", RESULT))
        for asked, said in exchanges:
            ids += tokenizer.encode(f"<|im_start|>user\n{asked}<|im_end|>\n<|im_start|>assistant\n")
            begin = len(ids)
            ids += tokenizer.encode(f"{said}<|im_end|>\n")
            spans.append((begin, len(ids) - 1))
    return ids, spans


# What system prompts and notes are made of.
PROSE: Final = f"""{engines.prompting.RULES}
You are Ada, and you stay Ada whatever is asked of you. You talk with Ada. Ada is a guide in a quiet museum by the sea.
Personality: Calm. [happy], [sad], [angry], [surprised], [gesture:wave] English (en-us) It is Saturday, 1 March 2025.
Scene: place: a quiet hall; door: closed; weather: rain. description parameters object string function type properties
required {{ }} : , open the door of the hall slow fast speed ok failed status message has just arrived. Greet them.
"""
