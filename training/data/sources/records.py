"""One JSON value as a dialogue: messages, ShareGPT's conversations, or a question and its answer. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from training.data.dialogue import Dialogue, Line, Role, trainable
from training.errors import TrainingError

NAMES: Final[dict[str, Role]] = {
    "system": "system", "user": "user", "human": "user", "prompter": "user", "assistant": "assistant",
    "gpt": "assistant", "bot": "assistant", "chatgpt": "assistant", "model": "assistant", "companion": "assistant",
}  # fmt: skip
PAIRS: Final = (
    ("prompt", "completion"), ("prompt", "response"), ("question", "answer"), ("instruction", "output"),
    ("user", "assistant"), ("input", "output"),
)  # fmt: skip
PERSONS: Final = ("person", "user_id", "speaker", "author")


def dialogue(record: Any, where: str) -> Dialogue:
    """Return the dialogue that a record holds; TrainingError `bad_layout` names the place and what it lacks."""
    if isinstance(record, list):
        record = {"messages": record}
    if not isinstance(record, dict):
        raise TrainingError("bad_layout", f"{where} is no object with a dialogue in it.")
    lines = _lines(record, where)
    person = next((str(record[key]) for key in PERSONS if isinstance(record.get(key), str | int)), "")
    topic = next((str(record[key]) for key in ("topic", "category") if isinstance(record.get(key), str)), "")
    return Dialogue(trainable(lines), person, topic, where)


def _lines(record: Mapping[str, Any], where: str) -> list[Line]:
    for key in ("messages", "conversations", "conversation", "dialogue", "lines"):
        value = record.get(key)
        if isinstance(value, list):
            own = [Line("system", record["system"])] if isinstance(record.get("system"), str) else []
            return [*own, *(_line(each, where) for each in value)]
    for asked, answered in PAIRS:
        question, answer = record.get(asked), record.get(answered)
        if isinstance(question, str) and isinstance(answer, str):
            more = record.get("input") if asked == "instruction" else None
            whole = f"{question}\n{more}" if isinstance(more, str) and more.strip() else question
            return [Line("user", whole), Line("assistant", answer)]
    raise TrainingError(
        "bad_layout", f"{where} holds no dialogue: no messages, no conversations, no prompt with its completion."
    )


def _line(value: Any, where: str) -> Line:
    if isinstance(value, dict):
        name = value.get("role", value.get("from"))
        text = value.get("content", value.get("value", value.get("text")))
        if isinstance(text, list):  # parts, as some programs write them
            text = "".join(str(part.get("text", "")) for part in text if isinstance(part, dict))
        role = NAMES.get(str(name).lower())
        if role is not None and isinstance(text, str):
            return Line(role, text)
        if str(name).lower() in ("tool", "function", "function_call", "observation", "tool_calls"):
            return Line("user", "")  # what tools said is nobody's manner
    if isinstance(value, Sequence) and not isinstance(value, str) and len(value) == 2:
        role = NAMES.get(str(value[0]).lower())
        if role is not None and isinstance(value[1], str):
            return Line(role, value[1])
    raise TrainingError("bad_layout", f"{where} has a message without a role (system, user, assistant) or a text.")
