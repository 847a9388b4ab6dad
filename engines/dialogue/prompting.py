"""What a language model is told: a request and an identity as chat messages within a budget.

Pure. The system message holds what stays the same through a session (the persona first), so that the key-value cache
of a session's prefix can be kept; what changes from turn to turn (time, scene, called-up lore) stands in brackets at
the head of the last message. Roles alternate and begin with the user after the one system message, as chat templates
ask for. When it is too much, example talk goes first, then lore, then the oldest contributions, some at a time so that
the prefix stays; never the persona, never what is answered.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Final, Literal, TypeAlias, TypedDict

from engines.api import Message, Request, Tool
from engines.dialogue.languages import language
from engines.identity.bundle import Identity
from engines.identity.macros import expand
from engines.identity.quoting import passages
from engines.memory.briefing import remembered
from engines.memory.telling import summary, welcome
from engines.provenance.disclosure import asked
from engines.text.quiet import Quiet

Measure: TypeAlias = Callable[[str], int]

OVERHEAD: Final = 8  # tokens that a chat template adds to a message, at most
STEP: Final = 8  # contributions that are left out at once
EXAMPLES: Final = 0.5  # of the budget may be persona and example talk
INSTRUCTIONS: Final = 0.25  # of the budget may be what an application asks
LORE: Final = 0.25  # of the budget may be lore and passages of documents
REPEATED: Final = 60  # characters that tell an entry of the book from a passage

SHORT: Final = 0.15  # of the budget may be what was said earlier, in short
EARLIER: Final = "Earlier in this talk, in short (no instruction): "

MOODS: Final = (
    "happy", "sad", "angry", "surprised", "afraid", "disgusted", "relaxed", "curious", "thinking", "neutral",
)  # fmt: skip
GESTURES: Final = ("wave", "nod", "shake", "shrug", "bow")

RULES: Final = """\
Your words are spoken aloud the moment you write them, by a synthesizer, to somebody who can interrupt you. Write only \
what {{char}} says: plain spoken sentences without headings, lists, markup, emoji or stage directions, and numbers as \
one says them. One to three short sentences are a good answer; more only when a story or an explanation is asked for.
Before a sentence you may put one tag for your face or a gesture: {tags}. There are no other tags.
What stands in square brackets at the head of a message is what you perceive and know; nobody said it. Use it, do not \
read it out. When you do not know something, say so. You are an AI, and say so when somebody asks.
Speak {language}."""

# Stands with the question itself: what a system message says is forgotten first.
HONEST: Final = "They ask whether they talk to a human being: say plainly that you are an AI, whoever you play."

_START: Final = re.compile(r"^\s*<START>\s*$", re.IGNORECASE | re.MULTILINE)
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_BLANK: Final = re.compile(r"\n{3,}")


class ChatMessage(TypedDict):
    """Holds one message as chat templates and OpenAI-compatible endpoints take it."""

    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(frozen=True, slots=True)
class Prompt:
    """Holds the messages, their size in the measure's unit, and how many contributions of the history were left out.

    `size` is above the budget only when persona and last message alone are.
    """

    messages: tuple[ChatMessage, ...]
    size: int
    dropped: int


def estimate(text: str) -> int:
    """Estimate the tokens of a text, rather too many: four bytes of Latin script each, a little over one of CJK."""
    return math.ceil(len(text.encode("utf-8", "replace")) / 3.5)


def prompt(
    request: Request,
    identity: Identity,
    *,
    budget: int,
    measure: Measure = estimate,
    moods: Sequence[str] = MOODS,
    gestures: Sequence[str] = GESTURES,
    control: Collection[str] = (),
) -> Prompt:
    """Write the chat messages that ask for the reply to `request`, the answer's own tokens not counted.

    `control` are texts that the model's tokenizer takes for control tokens: nobody in the conversation can say them.
    """
    quiet = Quiet(control)
    system = _system(request, identity, budget, measure, moods, gestures)
    turns = _turns(request, quiet)
    facts = [*_perceived(request, identity, quiet), *remembered(request.memory, quiet)]
    room = budget - measure(system) - OVERHEAD
    space = min(room - _cost(turns[-1:], measure), round(budget * LORE))
    quoted = passages(request.passages, quiet, measure, space)
    kept = _lore(request, identity, measure, space - sum(measure(text) for text in quoted), quoted)
    said = _begun(turns[:-1], request)
    ends = _last_words(request, identity)
    last = _last([*facts, *kept, *quoted, *ends], turns[-1])
    first = _first(said, room - _cost([last], measure), measure)
    if first and (past := _past(request, said[:first], len(said) - len(turns[:-1]), quiet, measure, budget)):
        # What is left out word for word is told in short, where there is room for that.
        longer = _last([*facts, *kept, *quoted, past, *ends], turns[-1])
        if _cost([longer], measure) <= room:
            last, first = longer, max(first, _first(said, room - _cost([longer], measure), measure))
    messages = _merged([{"role": "system", "content": system}, *said[first:], last])
    # No request can carry half a character, which some clients send.
    messages = [{"role": one["role"], "content": _SURROGATE.sub("\ufffd", one["content"])} for one in messages]
    return Prompt(tuple(messages), _cost(messages, measure), max(0, first - (len(said) - len(turns[:-1]))))


def greeting(request: Request, identity: Identity) -> str:
    """Choose one of the card's own greetings, the same all through a session; "" when the card has none."""
    card = identity.card
    texts = [text for text in (card.first_mes, *card.alternate_greetings) if text.strip()]
    if (back := welcome(request.memory, request.language or identity.language)) and not request.history:
        return back
    known = [text for text in texts if request.user or "{{user}}" not in text.lower()]
    if not texts:
        return ""
    chosen = Random(f"{identity.id}:{request.session}").choice(known or texts)  # noqa: S311 (a choice of words)
    return _expanded(chosen, request, identity)


def functions(tools: Sequence[Tool]) -> list[dict[str, object]]:
    """Write the tools as chat templates and OpenAI-compatible endpoints take them."""
    return [{"type": "function", "function": _function(tool)} for tool in tools]


def _function(tool: Tool) -> dict[str, object]:
    parameters: Mapping[str, object] = tool.parameters or {"type": "object", "properties": {}}
    return {"name": tool.name, "description": tool.description, "parameters": dict(parameters)}


# ------------------------------------------------------------------------------------------------ the persona


def _system(
    request: Request,
    identity: Identity,
    budget: int,
    measure: Measure,
    moods: Sequence[str],
    gestures: Sequence[str],
) -> str:
    card = identity.card
    tags = ", ".join([*(f"[{mood}]" for mood in moods), *(f"[gesture:{name}]" for name in gestures)])
    original = "You are {{char}}, and you stay {{char}} whatever is asked of you. You talk with {{user}}."
    own = re.sub(r"\{\{\s*original\s*\}\}", original, card.system_prompt, flags=re.IGNORECASE).strip()
    parts = [
        own or original,
        RULES.replace("{tags}", tags).replace("{language}", language(request.language or identity.language)),
        card.description,
        card.personality and f"Personality: {card.personality}",
        card.scenario and f"Scenario: {card.scenario}",
    ]
    system = _joined([_expanded(part, request, identity) for part in parts])
    if request.instructions:
        asked = _within(request.instructions, round(budget * INSTRUCTIONS), measure)
        system = _joined([system, f"The application that you speak in asks of you:\n{asked}"])
    shown: list[str] = []
    for example in _START.split(card.mes_example):
        talk = _expanded(example, request, identity)
        more = _joined([system, f"How {identity.name} talks:", *shown, talk])
        if not talk or measure(more) > budget * EXAMPLES:
            continue
        shown.append(talk)
    return _joined([system, f"How {identity.name} talks:", *shown]) if shown else system


def _within(text: str, room: int, measure: Measure) -> str:
    """Return as many of the first lines of a text as there is room for, and of a single long one its beginning."""
    lines = text.strip().splitlines()
    while len(lines) > 1 and measure("\n".join(lines)) > room:
        lines.pop()
    kept = "\n".join(lines)
    while kept and measure(kept) > room:
        kept = kept[: len(kept) * 3 // 4]
    return kept


def _expanded(text: str, request: Request, identity: Identity) -> str:
    user = request.user or "the visitor"
    # The seed's part before ":" fixes what is picked; nothing else may differ from turn to turn of a session, except
    # where a card asks for the time.
    return expand(text, char=identity.name, user=user, seed=f"{request.session}:", now=request.now).strip()


def _joined(parts: Sequence[str]) -> str:
    return _BLANK.sub("\n\n", "\n\n".join(part.strip() for part in parts if part.strip()))


# ------------------------------------------------------------------------------------------- what was said


def _turns(request: Request, quiet: Quiet) -> list[ChatMessage]:
    """Write the conversation as messages, the last one of which is the user's and asks for the reply."""
    turns = [_turn(message, quiet) for message in request.history]
    answered = not turns or turns[-1]["role"] != "user"
    user = quiet.fact(request.user) or "The visitor"
    match request.occasion:
        case "greeting":
            again = any(turn["role"] == "assistant" for turn in turns)
            sentence = (
                f"[{user} is back. Say so in a sentence.]" if again else f"[{user} has just arrived. Greet them.]"
            )
            turns.append({"role": "user", "content": sentence})
        case "scene" if not answered:
            turns[-1] = {"role": "user", "content": f"{turns[-1]['content']}\n[Speak of this in a sentence or two.]"}
        case _ if answered:
            turns.append({"role": "user", "content": "[Go on.]"})
    return turns


def _turn(message: Message, quiet: Quiet) -> ChatMessage:
    match message.role:
        case "companion":
            return {"role": "assistant", "content": quiet(message.text)}
        case "scene":
            return {"role": "user", "content": f"[{quiet.fact(message.text)}]"}
        case "user":
            by = f"{quiet.fact(message.by)}: " if message.by else ""
            return {"role": "user", "content": f"{by}{quiet.user(message.text)}"}


def _begun(turns: Sequence[ChatMessage], request: Request) -> list[ChatMessage]:
    """Return the same messages with one of the user's at the beginning."""
    if not turns or turns[0]["role"] == "user":
        return list(turns)
    return [{"role": "user", "content": f"[{request.user or 'The visitor'} has just arrived.]"}, *turns]


def _merged(turns: Sequence[ChatMessage]) -> list[ChatMessage]:
    """Join neighbours of one role into one message."""
    merged: list[ChatMessage] = []
    for turn in turns:
        if merged and merged[-1]["role"] == turn["role"]:
            merged[-1] = {"role": turn["role"], "content": f"{merged[-1]['content']}\n{turn['content']}"}
        else:
            merged.append(turn)
    return merged


# ---------------------------------------------------------------------------------------- what changes each turn


def _perceived(request: Request, identity: Identity, quiet: Quiet) -> list[str]:
    now = request.now
    facts = [f"It is {now:%A}, {now.day} {now:%B %Y}, {now:%H:%M}."]
    scene = "; ".join(f"{quiet.fact(key)}: {quiet.fact(value)}" for key, value in request.scene.items())
    if scene:
        facts.append(f"Scene: {scene}.")
    last = request.history[-1] if request.history else None
    if last is not None and last.role == "user" and asked(last.text, request.language):
        facts.append(HONEST)
    return [*facts, request.guidance] if request.guidance else facts


def _last(lines: Sequence[str], turn: ChatMessage) -> ChatMessage:
    head = _bracket(lines)
    return {"role": "user", "content": f"{head}\n{turn['content']}" if head else turn["content"]}


def _past(
    request: Request, dropped: Sequence[ChatMessage], begun: int, quiet: Quiet, measure: Measure, budget: int
) -> str:
    """Tell in short what was said so long ago that it is left out: the summary there is, and what the user said since.

    `begun` of the dropped messages were not in the history.
    """
    since = [message["content"] for message in dropped[begun + request.covers :] if message["role"] == "user"]
    told = [text for text in (request.earlier, summary(since)) if text]
    while told and measure(EARLIER + " ".join(told)) > budget * SHORT:
        told = [" ".join(told).partition(" ")[2]] if len(" ".join(told)) < 40 else [" ".join(told)[40:]]
    return f"{EARLIER}{quiet.quoted(' '.join(told))}" if told and told[0] else ""


def _lore(request: Request, identity: Identity, measure: Measure, room: int, quoted: Sequence[str] = ()) -> list[str]:
    """List the entries that the last contributions call up, in the book's order, as far as there is room.

    What is quoted from the documents already is left out: books are compiled from them, too.
    """
    kept: list[str] = []
    for entry in identity.card.book.called_by([message.text for message in request.history] or [""]):
        text = " ".join(_expanded(entry.content, request, identity).split())
        if any(text[:REPEATED] in passage for passage in quoted):
            continue
        if text and measure(text) <= room:
            room -= measure(text)
            kept.append(text.translate({ord("["): "(", ord("]"): ")"}))
    return ["You know: " + kept[0], *kept[1:]] if kept else []


def _last_words(request: Request, identity: Identity) -> list[str]:
    text = _expanded(re.sub(r"\{\{\s*original\s*\}\}", "", identity.card.post_history_instructions), request, identity)
    return [" ".join(text.translate({ord("["): "(", ord("]"): ")"}).split())] if text else []


def _bracket(lines: Sequence[str]) -> str:
    return f"[{chr(10).join(lines)}]" if lines else ""


# ------------------------------------------------------------------------------------------------ the budget


def _cost(messages: Sequence[ChatMessage], measure: Measure) -> int:
    return sum(measure(message["content"]) + OVERHEAD for message in messages)


def _first(turns: Sequence[ChatMessage], room: int, measure: Measure) -> int:
    """Find the first that is kept, one of the user's; a multiple of STEP where that leaves any, so it seldom moves."""
    first, used = len(turns), 0
    while first > 0 and (used := used + _cost([turns[first - 1]], measure)) <= room:
        first -= 1
    stepped = math.ceil(first / STEP) * STEP
    first = stepped if stepped < len(turns) else first
    while first < len(turns) and turns[first]["role"] != "user":
        first += 1
    return first
