"""SPEC.md says what the code does: every message, field, bound, default, example, code, limit and channel."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterator

import pytest

from bridge.core import outbox, rate
from bridge.server import connection
from bridge.session import listen, scene, tool_calls
from bridge.session.companion import Rules
from bridge.setup.config import Config
from engines.face.emotion import emotion_names
from engines.face.rigs import ANGLE, PROFILES, UNIT
from protocol import codec, errors, vectors
from protocol.messages import MEDIA_RATE, MIC_RATE, Hello
from tests.pages import blocks, section, tables
from tests.protocol.spec_tables import CLIENT, SERVER, SPEC, heading, name, rows

TEXT = SPEC.read_text(encoding="utf-8")


# ---------------------------------------------------------------------------------------------- what may be wrong


def wrong_fields(text: str) -> Iterator[str]:
    """Messages whose table is not that of the code."""
    for struct in (*CLIENT, *SERVER):
        part = section(text, heading(struct))
        expected = rows(struct)
        found = tables(part)[0] if expected and tables(part) else []
        if not part:
            yield f"{heading(struct)} is missing"
        if [tuple(row[:4]) for row in found] != expected:
            yield f"the table of {heading(struct)} differs"
        if not all(len(row) == 5 and row[4] for row in found):
            yield f"a field of {heading(struct)} has no meaning"
    messages = re.findall(r"^### (\w+ \((?:client|server)\))$", text, re.MULTILINE)
    yield from (
        f"there is no message {title}" for title in messages if f"### {title}" not in map(heading, (*CLIENT, *SERVER))
    )


def wrong_examples(text: str) -> Iterator[str]:
    """Examples that are not what they stand for."""
    for struct in (*CLIENT, *SERVER):
        decode = codec.JSON.decode_client if struct in CLIENT else codec.JSON.decode_server
        examples = re.findall(r"^Example: `(.*)`$", section(text, heading(struct)), re.MULTILINE)
        if len(examples) != (name(struct) != "welcome"):
            yield f"{heading(struct)} has {len(examples)} examples"
        yield from (f"{example} is not a {name(struct)}" for example in examples if type(decode(example)) is not struct)


def wrong_codes(text: str) -> Iterator[str]:
    """Error and close codes that differ from the code."""
    part = section(text, "## 12 ")
    fatal, lasting = tables(part)
    closes = {code.strip("`"): close for code, close, *_ in fatal if code != "no error"}
    if closes != {code: str(close) for code, close in errors.CLOSE_CODES.items()}:
        yield "the fatal codes differ"
    if [row[0].strip("`") for row in lasting] != list(dict.fromkeys(row[0].strip("`") for row in lasting)):
        yield "a lasting code stands twice"
    if {row[0].strip("`") for row in lasting} != errors.LASTING_CODES:
        yield "the lasting codes differ"


def wrong_limits(text: str) -> Iterator[str]:
    """Limits that differ from the defaults or the constants."""
    limits, turns, rules = Config().limits, Config().turns, Rules()
    expected = {
        "WebSocket message": f"{limits.message_bytes} bytes",
        "`text`": f"{limits.text_chars} characters",
        "`tools[].parameters`": f"{codec.MAX_DEPTH} levels",
        "messages": f"{limits.messages_per_s} a second on average, {2 * limits.messages_per_s} at once",
        "bad messages": f"{connection.BAD_MESSAGES} a connection",
        "first message": f"{limits.hello_s:g} s",
        "silence of the client": f"{limits.idle_s:g} s",
        "utterance": f"{limits.utterance_s:g} s",
        "utterances that wait": f"{rules.utterances_at_once} a session",
        "recogniser": f"{turns.transcript_wait_s:g} s",
        "reply": f"{limits.reply_s:g} s of sound",
        "dialogue engine silent": f"{turns.first_word_s:g} s before the first word, {turns.stall_s:g} s later",
        "synthesizer silent": f"{turns.speech_stall_s:g} s",
        "tool": f"{tool_calls.TIMEOUT:g} s",
        "scene states": f"{scene.MAX_STATES} a session",
        "microphone gap": f"{listen.MAX_GAP / MIC_RATE:g} s",
        "sessions": f"{limits.sessions}, {limits.sessions_per_user} a user",
        "viewers": f"{limits.viewers_per_session} a session",
        "unsent bytes": f"*{rules.shed_at}* · {limits.backlog_bytes}",
        "bytes kept": f"{outbox.MAX_BYTES}*",
        "resume": f"{limits.resume_s:g} s",
    }
    found = {row[0]: row[1] for row in tables(section(text, "## 13 "))[0]}
    for start, value in expected.items():
        cells = [cell for what, cell in found.items() if re.match(rf"{re.escape(start)}($|[ ,(])", what)]
        if not any(value in cell.replace("*", "") or value in cell for cell in cells):
            yield f"the limit {start!r} is not told as {value!r}"
    if f"{rate.PATIENCE:g} s on end" not in section(text, "## 13 ").replace("*", ""):
        yield "the patience with a flood differs"


def wrong_faces(text: str) -> Iterator[str]:
    """Profiles, ranges, frame rates and moods that differ from the code."""
    part = section(text, "### 6.4 ")
    ranges, profiles = tables(part)
    expected = {
        f"`{profile}`": f"{len(names)}: " * bool(names) + " ".join(f"`{n}`" for n in names) or "0"
        for profile, (shapes, angles) in PROFILES.items()
        for names in [shapes + angles]
    }
    if {row[0]: row[1] for row in profiles} != expected:
        yield "the profiles differ"
    for (low, high), cells in zip((UNIT, ANGLE), ranges, strict=True):
        if json.loads(cells[0].strip("`")) != [low, high]:
            yield f"the range {cells[0]} differs"
        for byte, cell in zip((0, 51, 128, 255), cells[1:], strict=True):
            if abs(low + (high - low) * byte / 255 - float(cell.split()[0])) > 0.0005:
                yield f"byte {byte} of {cells[0]} is not {cell}"
    rates = ", ".join(str(fps) for fps in range(10, 121) if MEDIA_RATE % fps == 0)
    if f"must divide 48000: {rates} |" not in section(text, heading(Hello)):
        yield "the frame rates differ"
    moods = re.split(r"\sor\snear\s", section(text, "### cue ").split("Emotions are ")[1])[0]
    if tuple(re.findall(r"`(\w+)`", moods)) != emotion_names():
        yield "the moods differ"


def wrong_vectors(text: str) -> Iterator[str]:
    """Golden vectors that are not listed, or do not exist."""
    part = section(text, "## 16 ")
    for label, known in (("Client", vectors.CLIENT), ("Server", vectors.SERVER)):
        found = re.search(rf"^{label}: ([^.]*)\.", part, re.MULTILINE)
        if found is None or re.findall(r"`(\w+)`", found[1]) != list(known):
            yield f"the {label.lower()}'s vectors differ"


def wrong_trace(text: str) -> Iterator[str]:
    """Lines of the recorded conversation that could not have travelled."""
    block = blocks(section(text, "## 1 "), "text")[0]
    for way, rest in re.findall(r"^\d\.\d{3} (->|<-) (\{.*)$", block, re.MULTILINE):
        if '"type":"welcome"' in rest:
            continue
        plain = re.sub(r"<(\d+) bytes>", lambda size: base64.b64encode(bytes(int(size[1]))).decode(), rest)
        _, end = json.JSONDecoder().raw_decode(plain)
        decode = codec.JSON.decode_client if way == "->" else codec.JSON.decode_server
        try:
            decode(plain[:end])
        except errors.RemoteProtocolError as error:
            yield f"{rest}: {error.message}"


CHECKS: tuple[Callable[[str], Iterator[str]], ...] = (
    wrong_fields,
    wrong_examples,
    wrong_codes,
    wrong_limits,
    wrong_faces,
    wrong_vectors,
    wrong_trace,
)


@pytest.mark.parametrize("check", CHECKS)
def test_the_contract_is_what_the_code_does(check: Callable[[str], Iterator[str]]) -> None:
    assert list(check(TEXT)) == []


@pytest.mark.parametrize(
    ("check", "true", "false"),
    [
        (wrong_fields, "### ping (client)", "### pinging (client)"),
        (wrong_fields, "| `lead_ms` | int | | required |", "| `lead_ms` | float | | required |"),
        (wrong_fields, "| `on` | bool | | required | true: down |", "| `on` | bool | | required | |"),
        (wrong_fields, "≤ 1920 bytes", "≤ 1922 bytes"),
        (wrong_fields, "| `tools[].name` |", "| `tools[].title` |"),
        (wrong_examples, 'Example: `{"type":"bye"}`', 'Example: `{"type":"ping","stamp":1}`'),
        (wrong_codes, "| `idle_timeout` | 4030 |", "| `idle_timeout` | 4033 |"),
        (wrong_codes, "| `bad_mic` |", "| `bad_microphone` |"),
        (wrong_limits, "| utterance | 30 s |", "| utterance | 60 s |"),
        (wrong_limits, "*16 levels deep*", "*32 levels deep*"),
        (wrong_faces, "`jawOpen` `mouthClose` `mouthFunnel`", "`mouthClose` `jawOpen` `mouthFunnel`"),
        (wrong_faces, "| -0.5 | -0.301 |", "| -0.5 | -0.3 |"),
        (wrong_vectors, "`media_shed`", "`media_faceless`"),
        (wrong_trace, '"pts":1438,"end"', '"pts":-1438,"end"'),
    ],
)
def test_each_check_sees_a_mistake(check: Callable[[str], Iterator[str]], true: str, false: str) -> None:
    assert true in TEXT
    assert list(check(TEXT.replace(true, false, 1)))


def test_every_replayable_message_is_named_among_the_replayed() -> None:
    replayed = re.search(r"\*\*Replayed\*\*:(.*?)\n- ", section(TEXT, "## 9 "), re.DOTALL)
    assert replayed is not None
    numbered = {name(struct) for struct in SERVER if "seq" in struct.__struct_fields__} - {"welcome"}
    assert set(re.findall(r"`(\w+)`", replayed[1])) - {"seq"} == numbered
