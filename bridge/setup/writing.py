"""Writes a configuration file that nobody but its owner can read, whole or not at all."""

from __future__ import annotations

import json
import os
import secrets
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Final, TypeAlias

from bridge.errors import ConfigError

Value: TypeAlias = str | int | float | bool | list[str]

HEAD: Final = "# Written by `companion setup`. Every key stands in docs/CONFIGURATION.md.\n"


def toml(settings: Mapping[str, Value]) -> str:
    """Write `section.key` settings as TOML, section by section; ConfigError for what TOML cannot hold."""
    tree: dict[str, dict[str, Value]] = {}
    for name, value in settings.items():
        section, _, key = name.partition(".")
        tree.setdefault(section, {})[key] = value
    lines = [HEAD]
    for section, keys in tree.items():
        lines += [f"\n[{section}]\n", *(f"{key} = {_value(value)}\n" for key, value in keys.items())]
    text = "".join(lines)
    try:
        read = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError("bad_setting", f"a setting cannot be written as TOML: {error}") from error
    assert read == tree
    return text


def write(path: Path, text: str, *, replace: bool) -> None:
    """Write the file with rights for its owner alone; ConfigError, with the path, when it is there or cannot be."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as file:
                file.write(text)
            if not replace:
                path.touch(0o600, exist_ok=False)  # it is ours from here on
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)
    except FileExistsError as error:
        raise ConfigError("exists", f"{path} is there and was left as it is") from error
    except OSError as error:
        raise ConfigError("not_written", f"cannot write {path}: {error.strerror or error}") from error


def _value(value: Value) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text.replace("\x7f", "\\u007f")  # the one character that JSON writes as it is and TOML does not take
