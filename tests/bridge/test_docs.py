"""docs/CONFIGURATION.md says what the code takes, key by key and flag by flag, and its recipes work."""

from __future__ import annotations

import contextlib
import io
import re
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

import jwt
import pytest

from bridge.auth import Caller, verify
from bridge.command import cli
from bridge.errors import ConfigError
from bridge.setup.config import load
from tests.bridge.configuration_tables import PAGE, SECTIONS, metrics, rows
from tests.pages import blocks, section, tables

TEXT = PAGE.read_text(encoding="utf-8")
ROOT = PAGE.parents[1]
SECRET = "s" * 32


def help_of(command: str) -> str:
    """What `companion COMMAND --help` prints."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out), pytest.raises(SystemExit):
        cli.main([command, "--help"])
    return out.getvalue()


# ---------------------------------------------------------------------------------------------- what may be wrong


def wrong_keys(text: str) -> Iterator[str]:
    """Sections whose table is not that of the code."""
    documented = re.findall(r"^## \[(\w+)\]$", text, re.MULTILINE)
    if documented != list(SECTIONS):
        yield "the sections differ"
    for name, struct in SECTIONS.items():
        found = tables(section(text, f"## [{name}]"))
        if not found or [tuple(row[:4]) for row in found[0]] != rows(struct):
            yield f"the table of [{name}] differs"
        elif not all(len(row) == 5 and row[4] for row in found[0]):
            yield f"a key of [{name}] has no meaning"


def wrong_flags(text: str) -> Iterator[str]:
    """Flags that a command takes and the page does not tell, or the other way round."""
    part = section(text, "## Flags")
    common = {row[0].strip("`").split()[0] for row in tables(part)[0]}
    told = set(re.findall(r"--[a-z]+", part))
    for command in ("serve", "run", "say", "setup", "token", "models", "doctor"):
        taken = set(re.findall(r"--[a-z]+", help_of(command))) - {"--help"}
        yield from (f"{command} does not take {flag}" for flag in common - taken)
        if command != "say":  # its own flags are not configuration
            yield from (f"{command} takes {flag}" for flag in taken - told)


def wrong_metrics(text: str) -> Iterator[str]:
    """Metrics that differ from those that are exposed."""
    found = [row for table in tables(text) for row in table if re.match(r"`companion_\w+`", row[0]) and len(row) == 3]
    if [(row[0].strip("`"), row[1]) for row in found] != metrics():
        yield "the metrics differ"
    named = set(re.findall(r"`(companion_[a-z_]+)`", text)) - {row[0].strip("`") for row in found}
    yield from (f"there is no metric {name}" for name in named)


CHECKS: tuple[Callable[[str], Iterator[str]], ...] = (wrong_keys, wrong_flags, wrong_metrics)


@pytest.mark.parametrize("check", CHECKS)
def test_the_page_is_what_the_code_takes(check: Callable[[str], Iterator[str]]) -> None:
    assert list(check(TEXT)) == []


@pytest.mark.parametrize(
    ("check", "true", "false"),
    [
        (wrong_keys, "## [auth]", "## [access]"),
        (wrong_keys, "| `limits.idle_s` | `600.0` |", "| `limits.idle_s` | `300.0` |"),
        (wrong_keys, "| `turns.lead_s` | `0.3` | ≥ 0.1, ≤ 5 |", "| `turns.lead_s` | `0.3` | ≥ 0, ≤ 5 |"),
        (
            wrong_keys,
            '| `engines.face` | `"articulation"` | `articulation`, `remote_face`, `none` |',
            '| `engines.face` | `"none"` | |',
        ),
        (wrong_keys, "`COMPANION_SERVER_PORT`", "`COMPANION_PORT`"),
        (wrong_flags, "| `--host HOST` |", "| `--address HOST` |"),
        (wrong_flags, "`--hours`", "hours"),
        (wrong_metrics, "| `companion_refused_total` | `code` |", "| `companion_refused_total` | |"),
        (wrong_metrics, "`companion_turn_seconds` at", "`companion_reply_seconds` at"),
    ],
)
def test_each_check_sees_a_mistake(check: Callable[[str], Iterator[str]], true: str, false: str) -> None:
    assert true in TEXT
    assert list(check(TEXT.replace(true, false, 1)))


# --------------------------------------------------------------------------------------------------- the recipes


def test_each_key_is_set_by_its_variable_and_its_flag() -> None:
    safe = {"COMPANION_AUTH_SECRET": SECRET}
    for name, struct in SECTIONS.items():
        for key, default, _, variable in rows(struct):
            path = key.strip("`")
            if path in ("server.tls_cert", "server.tls_key", "auth.secret"):
                continue
            value = default.strip('`"[]')
            by_variable = load(None, safe | {variable.strip("`"): value})
            by_flag = load(None, safe, [f"{path}={value}"])
            assert by_variable == by_flag, path
            assert getattr(by_flag, name) is not None


@pytest.mark.parametrize("example", blocks(TEXT, "toml"))
def test_each_file_that_is_shown_loads(example: str, tmp_path: Path) -> None:
    file = tmp_path / "companion.toml"
    file.write_text(example, encoding="utf-8")
    config = load(file, {"COMPANION_AUTH_SECRET": SECRET})
    for name, keys in tomllib.loads(example).items():
        for key, value in keys.items():
            assert getattr(getattr(config, name), key) == (tuple(value) if isinstance(value, list) else value)


def test_lists_in_the_environment_have_commas() -> None:
    (example,) = re.findall(r"`(COMPANION_SERVER_ORIGINS)=([^`]*)`", TEXT)
    assert load(None, dict([example])).server.origins == ("https://a.example", "https://b.example")


def test_what_is_not_safe_or_not_known_is_refused() -> None:
    for settings in (["server.host=0.0.0.0"], ["server.speed=1"], ["sound.rate=1"], ["auth.secret=short"]):
        with pytest.raises(ConfigError):
            load(None, {}, settings)
    assert load(None, {"COMPANION_TOKEN": "x", "COMPANION_CONFIG": "y"}) == load(None, {})


def test_the_token_that_is_shown_is_valid() -> None:
    (program,) = blocks(TEXT, "python")
    names: dict[str, object] = {}
    exec(program, names)
    (secret,) = re.findall(r'jwt.encode\(claims, "([^"]*)"', program)
    token = str(names["token"])
    issued = float(jwt.decode(token, options={"verify_signature": False})["exp"]) - 3600
    caller = verify(secret, token, now=issued)
    assert caller == Caller("ada", frozenset({"speak"}))


def test_no_page_names_a_path_of_the_machine_it_was_written_on() -> None:
    pages = [*(ROOT / "docs").glob("*.md"), ROOT / "CHANGELOG.md", ROOT / "protocol" / "SPEC.md"]
    assert len(pages) >= 4
    for page in pages:
        assert not re.findall(r"/(?:work|root|home|Users|tmp)/", page.read_text(encoding="utf-8")), page.name
