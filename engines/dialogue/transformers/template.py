"""A conversation as the text that a model was trained on: its own chat template, or a safe one where it has none."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from engines.api import EngineError, Tool
from engines.dialogue.marks import Mark, Marks

CHATML: Final = (
    "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
LLAMA3: Final = (
    "{{ bos_token }}{% for m in messages %}<|start_header_id|>{{ m.role }}<|end_header_id|>\n\n{{ m.content }}"
    "<|eot_id|>{% endfor %}{% if add_generation_prompt %}<|start_header_id|>assistant<|end_header_id|>\n\n{% endif %}"
)
# A model that was never taught to chat continues a transcript.
TRANSCRIPT: Final = (
    "{{ bos_token or '' }}{% for m in messages %}{% if m.role == 'system' %}{{ m.content }}\n\n"
    "{% elif m.role == 'assistant' %}Companion: {{ m.content }}\n{% else %}User: {{ m.content }}\n{% endif %}"
    "{% endfor %}{% if add_generation_prompt %}Companion:{% endif %}"
)
TRANSCRIPT_STOPS: Final = ("\nUser:", "\nCompanion:")
ENDS: Final = ("<|im_end|>", "<|eot_id|>", "<|eom_id|>", "<end_of_turn>", "<|end|>", "<|endoftext|>", "</s>")


@dataclass(frozen=True, slots=True)
class Template:
    """Writes a conversation for one tokenizer.

    `kind` says which template it is: the model's "own", "chatml", "llama3" or "transcript"; `stops` end a message
    besides the `ends`, which are tokens; `hidden` are tokens that are never shown.
    """

    tokenizer: Any
    kind: str
    text: str
    stops: tuple[str, ...]
    ends: frozenset[int]
    hidden: frozenset[int]
    tools: bool  # the template writes the tools itself
    system: bool  # it knows the role "system"
    control: tuple[str, ...]  # texts that the tokenizer takes for control tokens
    _specials: re.Pattern[str]

    def render(self, messages: Sequence[dict[str, Any]], tools: Sequence[Tool], *, thinking: bool) -> tuple[str, bool]:
        """Write the prompt, and say whether it ends inside a thought; EngineError if it cannot be written."""
        chat = [self._safe(message) for message in messages]
        if tools and not self.tools:
            chat = _described(chat, tools)
        if not self.system:
            chat = _without_system(chat)
        options: dict[str, Any] = {"tools": [schema(tool) for tool in tools]} if tools and self.tools else {}
        try:
            text: str = self.tokenizer.apply_chat_template(
                chat,
                chat_template=self.text,
                add_generation_prompt=True,
                tokenize=False,
                enable_thinking=thinking,
                **options,
            )
        except Exception as error:  # a template is a program of the model's author
            sentence = f"The model's chat template failed: {' '.join(str(error).split())[:200]}"
            raise EngineError("dialogue_failed", sentence) from error
        opened = text.rstrip().endswith("<think>")
        if opened and not thinking:
            return f"{text.rstrip()}\n\n</think>\n\n", False
        return text, opened

    def encode(self, text: str) -> list[int]:
        """Return token ids; the template has written the special ones."""
        ids: list[int] = self.tokenizer.encode(text, add_special_tokens=False)
        return ids

    def _safe(self, message: dict[str, Any]) -> dict[str, Any]:
        """Return the message without anything that the tokenizer would read as its end."""
        content = message.get("content")
        if not isinstance(content, str):
            return message
        return {**message, "content": self._specials.sub(lambda match: f"{match[0][0]} {match[0][1:]}", content)}


def template_of(tokenizer: Any, config: Any) -> Template:
    """Make the template for a tokenizer and the model's generation settings."""
    own = tokenizer.chat_template
    if isinstance(own, dict):
        own = own.get("tool_use") or own.get("default") or next(iter(own.values()))
    vocabulary = tokenizer.get_vocab()
    if own:
        kind, text = "own", own
    elif "<|im_start|>" in vocabulary and "<|im_end|>" in vocabulary:
        kind, text = "chatml", CHATML
    elif "<|start_header_id|>" in vocabulary and "<|eot_id|>" in vocabulary:
        kind, text = "llama3", LLAMA3
    else:
        kind, text = "transcript", TRANSCRIPT
    named = getattr(config, "eos_token_id", None)
    ends = {vocabulary[name] for name in ENDS if name in vocabulary}
    ends |= set(named) if isinstance(named, list | tuple) else ({named} if named is not None else set())
    ends |= {tokenizer.eos_token_id} - {None}
    added = {token.content: index for index, token in tokenizer.added_tokens_decoder.items()}
    shown = {index for content, index in added.items() if _meaningful(content)}
    pattern = "|".join(re.escape(content) for content in sorted(added, key=len, reverse=True) if len(content) > 1)
    template = Template(
        tokenizer,
        kind,
        text,
        TRANSCRIPT_STOPS if kind == "transcript" else (),
        frozenset(ends),
        frozenset(set(tokenizer.all_special_ids) - shown),
        "tools" in text,
        True,
        tuple(sorted(content for content in added if len(content) > 1)),
        re.compile(pattern or r"(?!)"),
    )
    return _tried(template)


def _meaningful(token: str) -> bool:
    """Say whether a special token means something to `Reading`, and is therefore shown to it."""
    found = Marks().find(token, final=True)
    return isinstance(found, Mark) and found.end - found.at == len(token) and found.name not in ("", "|end|")


def _tried(template: Template) -> Template:
    """Find by asking whether it takes a system message; EngineError if it takes not even a user's."""
    user = [{"role": "user", "content": "Hello."}]
    try:
        text, _ = template.render([{"role": "system", "content": "0b5e55ed"}, *user], (), thinking=False)
    except EngineError:
        text = ""
    if "0b5e55ed" in text:
        return template
    without = Template(
        template.tokenizer,
        template.kind,
        template.text,
        template.stops,
        template.ends,
        template.hidden,
        template.tools,
        False,
        template.control,
        template._specials,
    )
    without.render([{"role": "system", "content": "x"}, *user], (), thinking=False)
    return without


def schema(tool: Tool) -> dict[str, Any]:
    """Write a tool as templates and servers take it."""
    parameters = dict(tool.parameters) or {"type": "object", "properties": {}}
    return {
        "type": "function",
        "function": {"name": tool.name, "description": tool.description, "parameters": parameters},
    }


def _described(chat: list[dict[str, Any]], tools: Sequence[Tool]) -> list[dict[str, Any]]:
    """Describe tools in words, as Hermes does, for a template that knows none."""
    lines = "\n".join(json.dumps(schema(tool), ensure_ascii=False) for tool in tools)
    text = (
        f"You may call these tools:\n<tools>\n{lines}\n</tools>\nTo call one, write nothing but\n"
        '<tool_call>\n{"name": "...", "arguments": {...}}\n</tool_call>\nand wait for its answer.'
    )
    described: list[dict[str, Any]] = []
    for message in chat:
        role, content = message["role"], message.get("content") or ""
        calls = "".join(
            f"<tool_call>\n{json.dumps(call['function'], ensure_ascii=False)}\n</tool_call>"
            for call in message.get("tool_calls", ())
        )
        if role == "tool":
            described.append({"role": "user", "content": f"<tool_response>\n{content}\n</tool_response>"})
        else:
            described.append({"role": role, "content": f"{content}{calls}"})
    if described and described[0]["role"] == "system":
        described[0] = {"role": "system", "content": f"{described[0]['content']}\n\n{text}"}
    else:
        described.insert(0, {"role": "system", "content": text})
    return described


def _without_system(chat: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Put the persona before the first words of the user, for a template that knows no system message."""
    system = "\n\n".join(message["content"] for message in chat if message["role"] == "system")
    rest = [message for message in chat if message["role"] != "system"]
    if system and rest:
        rest[0] = {**rest[0], "content": f"{system}\n\n{rest[0]['content']}"}
    return rest
