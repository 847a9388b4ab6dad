"""The marks that language models write between their words: what they look like, and what each one means.

Gathered from the chat templates and documentation of the model families: ChatML, Llama 2 to 4, Mistral, Gemma, Phi,
Qwen, DeepSeek, Kimi, GLM, Cohere, Granite, and OpenAI's Harmony format. A mark is known by a name in lower case:
"think" and "/think" for all spellings of a thought, "tool_call" and "/tool_call" for a call, "|im_end|" for a control
token. Pure tables and one function.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

ATTRIBUTES: Final = 200  # characters of a tag's attributes
NAME: Final = 60  # characters of a control token's name

THOUGHTS: Final = frozenset(
    {
        "think", "thinking", "thought", "thoughts", "reasoning", "reflection", "analysis", "scratchpad", "seed:think",
        "antthinking", "inner_thoughts", "inner_monologue", "chain_of_thought",
    }
)  # fmt: skip
CALLS: Final = frozenset({"tool_call", "toolcall", "function_call", "functioncall"})
# Tags around what is meant to be said, around several calls, and control tokens that look like tags.
EMPTY: Final = frozenset(
    {
        "answer", "final_answer", "final", "response", "reply", "output", "tool_calls", "function_calls", "tools", "s",
        "unk", "pad", "bos", "eos", "eot", "eod", "sep", "cls", "mask", "sop", "eop", "im_start", "im_end",
        "end_of_turn", "end_of_utterance", "start_of_image", "end_of_image", "image_soft_token", "begin_of_text",
        "end_of_text", "endoftext",
    }
)  # fmt: skip
# Tags that open something else, by the name of the mark.
OTHERS: Final = {
    "function": "function", "invoke": "invoke", "tool_response": "result", "tool_result": "result",
    "tool_results": "result", "start_of_turn": "role", "channel": "channel", "turn": "role", "tool": "tool",
}  # fmt: skip
TAGS: Final = THOUGHTS | CALLS | EMPTY | OTHERS.keys()
ENDING_TAGS: Final = frozenset({"/s", "eos", "eot", "eod", "im_end", "end_of_turn", "end_of_text", "endoftext"})
NUMBERED: Final = ("unused", "extra_id_", "reserved_")
HALVES: Final = frozenset({"channel", "tool_call", "tool_response", "turn", "tool", "think"})

# How a control token that is no pair of brackets says that something begins and ends.
BEGINS: Final = (("", ""), ("begin_of_", ""), ("start_of_", ""), ("begin_", ""), ("start_", ""), ("", "_start"))
CLOSES: Final = (("/", ""), ("end_of_", ""), ("end_", ""), ("", "_end"))
# Control tokens between bars that mean more than "nothing"; every other one is dropped.
PIPES: Final = {
    **{f"{begin}{name}{end}": "think" for name in THOUGHTS for begin, end in BEGINS},
    **{f"{begin}{name}{end}": "/think" for name in THOUGHTS for begin, end in CLOSES},
    "python_tag": "python", "tool_call": "list", "/tool_call": "/tool_call", "tool_call_begin": "begin",
    "tool_call_end": "|tool_call_end|", "tool_call_argument_begin": "|sep|", "tool_sep": "|sep|",
    "start_action": "action", "end_action": "|end_action|", "tool_calls": "list",
    "start": "start", "channel": "|channel|", "message": "|message|", "constrain": "|constrain|", "call": "|call|",
    "end": "|end|", "return": "|end|", "im_end": "|end|", "eot_id": "|end|", "eom_id": "|end|", "endoftext": "|end|",
    "end_of_text": "|end|", "eot": "|end|", "eom": "|end|", "end_of_turn_token": "|end|", "end_of_sentence": "|end|",
    "eos": "|end|", "end_of_turn": "|end|", "im_start": "role", "start_header_id": "role",
    "header_start": "role", "end_header_id": "", "header_end": "",
    "user": "user", "human": "user", "system": "user", "observation": "user", "tool": "user", "user_token": "user",
    "assistant": "assistant", "bot": "assistant", "model": "assistant", "chatbot_token": "assistant",
    "start_of_turn_token": "",
}  # fmt: skip

LITERALS: Final = {
    "[think]": "think", "[/think]": "/think", "[/thinking]": "/think",
    "[THINK]": "think", "[/THINK]": "/think", "[THINKING]": "think", "[/THINKING]": "/think",
    "◁think▷": "think", "◁/think▷": "/think", "◁thinking▷": "think", "◁/thinking▷": "/think",
    "[TOOL_CALLS]": "mistral", "[INST]": "user", "[/INST]": "/user", "<<SYS>>": "user", "<</SYS>>": "/user",
    "[SYSTEM_PROMPT]": "user", "[/SYSTEM_PROMPT]": "/user", "[AVAILABLE_TOOLS]": "user", "[/AVAILABLE_TOOLS]": "/user",
    "[TOOL_RESULTS]": "results", "[/TOOL_RESULTS]": "/results", "[gMASK]": "", "[EOS]": "|end|", "[BOS]": "",
    "[PAD]": "", "[UNK]": "", "[CLS]": "", "[SEP]": "", "[ARGS]": "[ARGS]", "[CALL_ID]": "[CALL_ID]",
    "[TOOL_CONTENT]": "",
}  # fmt: skip

# What a chat template may take for its own marks, besides control tokens between bars.
CONTROL: Final = (
    *(text for text in LITERALS if text.isupper()),
    "<s>", "</s>", "<bos>", "<eos>", "<start_of_turn>", "<end_of_turn>", "<end_of_utterance>",
)  # fmt: skip

_TAG: Final = re.compile(rf"<(/?)([A-Za-z][\w:.]{{0,30}})(=[^<>\s]{{1,80}}|\s[^<>\n]{{0,{ATTRIBUTES}}})?(/?)>")
_TAG_BEGUN: Final = re.compile(rf"</?([A-Za-z][\w:.]{{0,30}})?(=[^<>\s]{{0,80}}|\s[^<>\n]{{0,{ATTRIBUTES}}})?[/|]?")
_PIPE: Final = re.compile(rf"<[|｜]\s?([^|｜<>\n]{{1,{NAME}}}?)\s?[|｜]>")
_PIPE_BEGUN: Final = re.compile(rf"<[|｜][^|｜<>\n]{{0,{NAME + 2}}}[|｜]?")
_HALF: Final = re.compile(r"<\|([a-z_]{2,20})>|<([a-z_]{2,20})\|>")
# Bytes and numbered tokens that no tokenizer should show.
_BYTE: Final = re.compile(r"<(?:0x[0-9A-Fa-f]{2}|unused\d{1,4}|extra_id_\d{1,4}|reserved_\d{1,5})>", re.IGNORECASE)
_BYTE_BEGUN: Final = re.compile(r"<(?:0(?:x[0-9A-Fa-f]{0,2})?|(?:unused|extra_id_|reserved_)\d{0,5})?", re.IGNORECASE)
_ATTRIBUTE: Final = re.compile(r"""name\s*=\s*["']?([\w.-]{1,80})""")
_TAG_PREFIXES: Final = frozenset(name[:size] for name in (*TAGS, *NUMBERED) for size in range(1, len(name) + 1))


@dataclass(frozen=True, slots=True)
class Mark:
    """Holds a mark at `at`..`end` of a text: its name, "" when it means nothing, and the `value` that it carries."""

    name: str
    at: int
    end: int
    value: str = ""


class Marks:
    """Find marks, and `more` exact texts with the names that are given for them."""

    def __init__(self, more: Mapping[str, str] | None = None) -> None:
        self._literals = {**LITERALS, **(more or {})}
        self._prefixes = frozenset(text[:size] for text in self._literals for size in range(1, len(text) + 1))
        self._begins = re.compile("[" + re.escape("".join({"<", *(text[0] for text in self._literals)})) + "]")

    def find(self, text: str, at: int = 0, *, final: bool) -> Mark | int:
        """Find the first mark from `at` on; without one, where a mark may have begun (the text's length: nowhere).

        `final` says that nothing follows, so that nothing can have begun.
        """
        while found := self._begins.search(text, at):
            at = found.start()
            mark = self._at(text, at, final=final)
            if mark is not None:
                return mark
            at += 1
        return len(text)

    def _at(self, text: str, at: int, *, final: bool) -> Mark | int | None:
        literal = self._literal(text, at)
        if literal is not None and not (literal == at and final):
            return literal
        if text[at] != "<":
            return None
        if found := _PIPE.match(text, at):
            name = found[1].strip().lower().replace("▁", "_").replace(" ", "_")
            return Mark(PIPES.get(name, ""), at, found.end())
        if found := _HALF.match(text, at):
            name = found[1] or found[2]
            if name in HALVES:
                return Mark(_half(name, closing=not found[1]), at, found.end())
        if (found := _TAG.match(text, at)) and found[2].lower() in TAGS:
            return _tag(found)
        if found := _BYTE.match(text, at):
            return Mark("", at, found.end())
        return at if not final and _begun(text, at) else None

    def _literal(self, text: str, at: int) -> Mark | int | None:
        """Find the longest mark of exact text; `at` itself when one may have begun."""
        best: Mark | None = None
        for end in range(at + 1, len(text) + 1):
            piece = text[at:end]
            if piece not in self._prefixes:
                return best
            if piece in self._literals:
                best = Mark(self._literals[piece], at, end)
        return best or at


def _tag(found: re.Match[str]) -> Mark:
    closing, name, more = bool(found[1]), found[2].lower(), found[3] or ""
    if found[4]:  # closes itself
        return Mark("", found.start(), found.end())
    if name in THOUGHTS:
        mark = "think"
    elif name in CALLS:
        mark = "tool_call"
    elif f"{found[1]}{name}" in ENDING_TAGS:
        return Mark("|end|", found.start(), found.end())
    elif name in EMPTY:
        return Mark("", found.start(), found.end())
    else:
        mark = OTHERS[name]
    value = more[1:] if more.startswith("=") else ""
    if not value and (named := _ATTRIBUTE.search(more)):
        value = named[1]
    if mark in ("channel", "tool") or (mark == "function" and not value and not closing):
        mark, closing = "", False
    return Mark(f"/{mark}" if closing else mark, found.start(), found.end(), value.strip("\"'"))


def _half(name: str, *, closing: bool) -> str:
    names = {"channel": "half", "tool_call": "tool_call", "tool_response": "result", "turn": "role", "think": "think"}
    mark = names.get(name, "")
    if mark == "role" and closing:
        return "|end|"
    return f"/{mark}" if closing and mark else mark


def _begun(text: str, at: int) -> bool:
    """Say whether the rest of the text may be the beginning of a mark that starts with "<"."""
    if len(text) - at > ATTRIBUTES + 40:
        return False
    if found := _TAG_BEGUN.fullmatch(text, at):
        name = (found[1] or "").lower()
        if name in TAGS if found[2] else not name or name in _TAG_PREFIXES:
            return True
    return bool(_PIPE_BEGUN.fullmatch(text, at) or _BYTE_BEGUN.fullmatch(text, at))
