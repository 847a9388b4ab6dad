"""Whatever is written into files, variables, flags and answers: a configuration, or one short sentence."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bridge.errors import BridgeError
from bridge.setup.config import Config, load
from bridge.setup.languages import check, gaps, guessed
from bridge.setup.models.needs import needs
from bridge.setup.sections import SECRETS
from bridge.setup.writing import toml
from engines.process.environment import inherited
from engines.text.redaction import quoted, redacted

NAMES = [
    f"{section}.{key}" for section in Config.__struct_fields__ for key in getattr(Config(), section).__struct_fields__
]
TEXT = st.text(max_size=60)
NAME = st.sampled_from(NAMES)
VARIABLE = NAME.map(lambda name: name.replace(".", "_").upper())
VALUE = st.one_of(st.text(), st.integers(-(2**40), 2**40), st.booleans(), st.lists(st.text()))
T = TypeVar("T")


def outcome(make: Callable[[], T]) -> T | BridgeError:
    """What it makes, or the error for people that it ends in; nothing else may be raised."""
    try:
        return make()
    except BridgeError as error:
        return error


def tried(path: Path | None, environ: dict[str, str], flags: list[str]) -> Config | None:
    made = outcome(lambda: load(path, environ, flags))
    if isinstance(made, BridgeError):
        assert 0 < len(made.message) < 500
        return None
    return made


@given(st.one_of(TEXT, st.builds("{}={}".format, st.one_of(NAME, TEXT), TEXT)))
@example("a.b=c")
@example("openai.base_url=http://[")
@example("openai.base_url=http://a:99999999999/")
@example("server.host=\x00")
def test_any_flag(flag: str) -> None:
    if (config := tried(None, {}, [flag])) is not None:
        repr(config)
        assert isinstance(gaps(config, "de"), tuple)
        lacking = outcome(lambda: needs(config, {}))
        assert isinstance(lacking, list) or len(lacking.message) < 500


@given(
    st.dictionaries(
        st.builds("COMPANION_{}".format, st.one_of(TEXT, NAME.map(lambda n: n.replace(".", "_").upper()))), TEXT
    )
)
def test_any_variables(environ: dict[str, str]) -> None:
    tried(None, environ, [])
    assert inherited(environ) == {}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.one_of(st.binary(max_size=200), st.builds("[{}]\n{} = {}\n".format, TEXT, TEXT, TEXT).map(str.encode)))
def test_any_file(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "companion.toml"
    path.write_bytes(data)
    tried(path, {}, [])


@given(
    st.dictionaries(
        NAME, st.one_of(st.text(), st.integers(-(2**40), 2**40), st.booleans(), st.lists(st.text())), min_size=1
    )
)
def test_what_is_written_is_what_is_read(values: dict[str, Any]) -> None:
    read = tomllib.loads(toml(values))
    assert {f"{section}.{key}": value for section, keys in read.items() for key, value in keys.items()} == values


@given(TEXT)
@example("en-")
@example("ﬁ")
@example("İ")
def test_any_language(tag: str) -> None:
    refused = outcome(lambda: check(tag))
    if isinstance(refused, BridgeError):
        assert refused.code == "unknown_language"
        assert len(refused.message) < 500
    if code := guessed(tag):
        check(code)


@given(TEXT, st.text(alphabet="abc@:/?&= .", max_size=30))
def test_no_login_of_an_address_is_shown_however_it_is_written(password: str, around: str) -> None:
    secret = "".join(char for char in password if char.isalnum()) + "hunter2"
    for text in (f"{around} http://{secret}@host", f"http://bob:{secret}@{around}", f"x?token={secret} {around}"):
        assert secret not in redacted(text)
        assert secret not in quoted(text)


@pytest.mark.parametrize("name", [name for name in NAMES if name.partition(".")[2] in SECRETS])
def test_every_key_that_is_secret_is_hidden(name: str) -> None:
    section, _, key = name.partition(".")
    config = load(None, {}, [f"{name}={'hunter2' * 8}"])
    assert getattr(getattr(config, section), key) == "hunter2" * 8
    assert "hunter2" not in repr(config)
