"""Finds the layout of a file and reads its dialogues, JSON lines one at a time."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from training.data import text
from training.data.dialogue import Dialogue
from training.data.sources import exports, persons, subtitles
from training.data.sources.records import dialogue
from training.data.sources.talk import Said, dialogues
from training.errors import TrainingError

LINES: Final = (".jsonl", ".ndjson")
LONGEST: Final = 4 * 2**20  # bytes of one JSON line


@dataclass(frozen=True, slots=True)
class Reading:
    """How files are read: whose manner is learned in chats, the language of documents, and an encoding to insist on."""

    speaker: str = ""
    language: str = "en"
    encoding: str = ""


def read(files: Iterable[Path], how: Reading) -> Iterator[Dialogue]:
    """Yield the dialogues of files and of the files in folders, in the order of their names.

    TrainingError `no_data`, `bad_layout` or `bad_encoding` names the file.
    """
    for path in files:
        if path.is_dir() and not (path / "card.json").is_file():
            inside = sorted(each for each in path.rglob("*") if each.is_file() and not each.name.startswith("."))
            if not inside:
                raise TrainingError("no_data", f"there are no files in {path}.")
            for each in inside:
                yield from _file(each, how)
        else:
            yield from _file(path, how)


def _file(file: Path, how: Reading) -> Iterator[Dialogue]:
    match file.suffix.lower():
        case suffix if suffix in LINES:
            yield from _lines(file, how)
        case ".json":
            yield from _json(file, how)
        case ".srt" | ".vtt":
            yield from dialogues(subtitles.srt(text.read(file, how.encoding)), how.speaker, file.name)
        case ".csv" | ".txt":
            yield from _export(file, how)
        case ".md" | ".markdown":
            said = text.read(file, how.encoding).encode()
            yield from persons.course(file.with_suffix(".md").name, said, how.language)
        case ".png" | ".charx" | "":
            yield from persons.card(file)
        case other:
            raise TrainingError("bad_layout", f"{file}: nothing is known of files that end in {other}.")


def _lines(file: Path, how: Reading) -> Iterator[Dialogue]:
    """Read a line at a time, so that a file need not fit into memory."""
    any_line = False
    try:
        with file.open("rb") as lines:
            for number, line in enumerate(iter(lambda: lines.readline(LONGEST + 1), b""), start=1):
                where = f"{file.name}, line {number}"
                if len(line) > LONGEST:
                    raise TrainingError("bad_layout", f"{where} is longer than {LONGEST // 2**20} MiB.")
                if line.strip():
                    any_line = True
                    yield dialogue(_parsed(text.decoded(line, where, how.encoding), where), where)
    except OSError as error:
        raise TrainingError("no_data", f"{file} cannot be read: {error.strerror or error}") from error
    if not any_line:
        raise TrainingError("no_data", f"{file} is empty.")


def _json(file: Path, how: Reading) -> Iterator[Dialogue]:
    value = _parsed(text.read(file, how.encoding), str(file))
    if exports.is_telegram(value):
        chats = [chat for chat in exports.telegram(value) if chat]
        ours = [chat for chat in chats if any(each.who == how.speaker for each in chat)]
        for chat in ours or chats[:1]:
            yield from dialogues(chat, how.speaker, file.name)
    elif exports.is_discord(value):
        channel = value["channel"] if isinstance(value["channel"], dict) else {}
        yield from dialogues(exports.discord(value), how.speaker, file.name, str(channel.get("name") or ""))
    elif isinstance(value, dict) and ("spec" in value or "mes_example" in value):
        yield from persons.card(file)
    elif isinstance(value, list) and not all(isinstance(each, dict) and "role" in each for each in value):
        for number, record in enumerate(value, start=1):
            yield dialogue(record, f"{file.name}, record {number}")
    else:
        yield dialogue(value, file.name)


def _export(file: Path, how: Reading) -> Iterator[Dialogue]:
    words = text.read(file, how.encoding)
    said: list[Said] | None = exports.wechat_table(words) if file.suffix.lower() == ".csv" else None
    said = said or exports.wechat_text(words)
    if said is None:
        raise TrainingError(
            "bad_layout",
            f"{file} is no chat in a layout that is known: a table with StrContent and NickName, or lines such as "
            "'2024-05-01 12:30:45 Name' with what was said under them.",
        )
    yield from dialogues(said, how.speaker, file.name)


def _parsed(words: str, where: str) -> Any:
    try:
        return json.loads(words)
    except (ValueError, RecursionError) as error:
        raise TrainingError("bad_layout", f"{where} is no JSON: {error}") from error
