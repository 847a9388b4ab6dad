"""A real, tiny language model: a trained tokenizer and a Llama that has learnt one dialogue by heart.

It answers QUESTIONS word for word (greedy), calls the tool DOOR when told to, and gives DEFAULT for anything else,
whatever the system prompt says. `tests.engines.tiny.lm_lessons` teaches it until it does, in some seconds on one core,
and a machine keeps it.
"""

from __future__ import annotations

import atexit
import functools
import json
import shutil
import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import engines.dialogue.prompting
from engines.api import Message, Request, Tool, ToolResult
from engines.identity import Identity, load_identity
from testkit.kept import kept

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
DOOR: Final = Tool("open_door", "Opens the door.", {"type": "object", "properties": {"speed": {"type": "string"}}})
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
PACKAGES: Final = ("torch", "transformers", "tokenizers", "peft")


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


async def _no_call(name: str, arguments: Mapping[str, object]) -> ToolResult:
    raise AssertionError("no tool may be called")


def asked(*history: Message, **more: Any) -> Request:
    """Return a request in the museum that ends with `history`; `more` are other fields of it."""
    fields: dict[str, Any] = {
        "session": "s",
        "occasion": "user",
        "user": "Ada",
        "language": "en-us",
        "now": datetime(2025, 3, 1, 12, tzinfo=UTC),
        "scene": {"place": "a quiet hall"},
        "tools": (),
        "call": _no_call,
    }
    return Request(history=history, **{**fields, **more})


@functools.cache
def persona() -> str:
    """Return the system message with which Ada is asked."""
    return engines.dialogue.prompting.prompt(asked(), person(), budget=10_000).messages[0]["content"]


@functools.cache
def lm_folder() -> Path:
    """Return the model's folder."""
    from tests.engines.tiny import lm_lessons

    return kept("lm", lm_lessons.build, files=_recipe(), packages=PACKAGES)


@functools.cache
def adapter_folder() -> Path:
    """Return the folder of a LoRA for it that says ADAPTED instead."""
    from tests.engines.tiny import lm_lessons

    base = lm_folder()
    made_of = [*_recipe(), base / "model.safetensors"]
    return kept("lm-adapter", lambda home: lm_lessons.build_adapter(home, base), files=made_of, packages=PACKAGES)


def _recipe() -> list[Path]:
    return [Path(__file__), Path(__file__).with_name("lm_lessons.py"), Path(str(engines.dialogue.prompting.__file__))]
