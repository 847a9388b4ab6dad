"""Credentials are hidden wherever text is shown, and quoted values stay short."""

from __future__ import annotations

import pytest

from bridge.errors import ConfigError
from engines.api import EngineError
from engines.text.redaction import QUOTED, quoted, redacted

PASSWORD = "pa55w0rd"


@pytest.mark.parametrize(
    "text",
    [
        f"http://bob:{PASSWORD}@127.0.0.1:11434/v1 does not answer",
        f"http://{PASSWORD}@host/v1",
        f"('https://bob:a/{PASSWORD}@b@host/v1')",
        f"https://host/v1?api_key={PASSWORD}&model=x",
        f"https://host/v1?model=x&access_token={PASSWORD}",
        f"Authorization: Bearer {PASSWORD}",
        f"authorization: basic {PASSWORD}==",
        f"wss://host/?token={PASSWORD}#a",
    ],
)
def test_credentials_are_hidden(text: str) -> None:
    assert PASSWORD in text
    assert PASSWORD not in redacted(text)
    assert PASSWORD not in str(ConfigError("x", text))
    assert PASSWORD not in EngineError("x", text).message
    assert PASSWORD not in quoted(text)


@pytest.mark.parametrize(
    "text",
    [
        "http://127.0.0.1:11434/v1 does not answer",
        "mail ada@example.org about http://host/v1",
        "a basic idea",
        "the key=value form",
        "https://host/v1?model=key",
        "",
    ],
)
def test_everything_else_is_left_alone(text: str) -> None:
    assert redacted(text) == text


def test_what_is_not_secret_of_an_address_stays() -> None:
    assert redacted(f"http://bob:{PASSWORD}@host:1/v1?q=1 failed") == "http://***@host:1/v1?q=1 failed"


def test_a_quoted_value_is_short_and_on_one_line() -> None:
    assert quoted("a\nb") == r"'a\nb'"
    assert len(quoted("x" * 200_000)) <= QUOTED + 6
    assert quoted("x" * QUOTED) == repr("x" * QUOTED)
