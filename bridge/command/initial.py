"""Writes what a new companion begins with (`companion init`): a commented configuration and an identity to fill in."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from bridge.errors import ConfigError

CONFIGURATION: Final = "companion.toml"
LONGEST: Final = 60  # characters of a name

TOML: Final = """\
# The configuration of {name}. Everything that stands here may be left out; docs/CONFIGURATION.md has every key.
# Start it with: companion serve --config companion.toml

[identity]
path = "identities/{folder}"      # the folder beside this file: card.json, identity.json
# language = "de"                 # instead of the card's own

[server]
# host = "0.0.0.0"                # other machines, too: takes TLS and a secret; see `companion serve --lan`
port = 8765

[engines]
# dialogue = "openai"             # a language model behind an OpenAI-compatible address; "card": no model
# stt = "whisper"                 # hears better; pip install 'companion-bridge[stt]'
# tts = "piper"                   # sounds better; pip install 'companion-bridge[piper]'

[openai]
# base_url = "http://127.0.0.1:11434/v1"   # Ollama
# model = "llama3.2"

[log]
# level = "debug"
"""

CARD: Final[Mapping[str, object]] = {
    "description": "{name} is somebody whom you have not described yet. Say here who they are: where they come from, "
    "what they do, what they love and what they cannot stand.",
    "personality": "Friendly, attentive, brief.",
    "scenario": "{{user}} has come for a chat.",
    "first_mes": "[happy] Hello, I am {{char}}. What brings you here?",
    "mes_example": "<START>\n{{user}}: What do you do all day?\n{{char}}: I wait for somebody to ask me that.\n"
    "<START>\n{{user}}: Tell me something I do not know.\n{{char}}: Honey does not go bad. I find that comforting.\n",
    "creator_notes": "Written by companion init. Change every line of it.",
    "system_prompt": "",
    "post_history_instructions": "",
    "alternate_greetings": [],
    "tags": [],
    "creator": "",
    "character_version": "0.1",
    "extensions": {"companion_bridge": {"questions": ["Who are you?", "What do you do all day?"]}},
}
FACTS: Final[Mapping[str, object]] = {
    "language": "en",
    "attributes": {"age": 30, "temperament": ["warm", "curious"], "languages": ["en"]},
}


def begin(folder: Path, *, name: str = "Ada", force: bool = False) -> Iterator[str]:
    """Write the files into `folder` and tell each; nothing is written if one is there, unless `force`.

    ConfigError `bad_name` for a name that no folder can have, `file_there` for a file that is.
    """
    name = " ".join(name.split())
    slug = re.sub(r"[^\w-]+", "-", name.lower()).strip("-_")
    if not slug or len(name) > LONGEST:
        raise ConfigError("bad_name", f"a name has 1 to {LONGEST} characters, letters or digits among them")
    card = {key: _named(value, name) for key, value in CARD.items()}
    files = {
        folder / CONFIGURATION: TOML.format(name=name, folder=slug),
        folder / "identities" / slug / "card.json": _json(
            {"spec": "chara_card_v3", "spec_version": "3.0", "data": {"name": name, **card}}
        ),
        folder / "identities" / slug / "identity.json": _json(FACTS),
    }
    there = [file for file in files if file.exists()]
    if there and not force:
        raise ConfigError("file_there", f"{there[0]} is there already; companion init --force writes in its place")
    for file, text in files.items():
        file.parent.mkdir(parents=True, exist_ok=True)
        passing = file.with_suffix(f"{file.suffix}.new")
        passing.write_text(text, "utf-8")
        passing.replace(file)
        yield f"{file}"
    yield f"next: cd {folder}; companion serve --config {CONFIGURATION}; then change the card, it is heard at once"


def _named(value: object, name: str) -> object:
    return value.replace("{name}", name) if isinstance(value, str) else value


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"
