"""The door that the bridge lends to a federation: its address, its certificate, its tokens."""

from __future__ import annotations

from pathlib import Path

import pytest

from bridge.auth import issue
from bridge.command.gate import training_gate
from bridge.errors import ConfigError

SECRET = "a secret of thirty-two bytes, or more"


@pytest.fixture(autouse=True)
def _plain(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("COMPANION_AUTH_SECRET", "COMPANION_SERVER_HOST"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("bridge.wallclock.now", lambda: 1000.0)


def test_on_this_machine_anybody_may_come_in_under_any_name() -> None:
    gate = training_gate(None, "", 0)
    assert (gate.host, gate.port, gate.tls) == ("127.0.0.1", 8765, None)
    assert gate.admit("") == ("", "")
    assert training_gate(None, "localhost", 9000).port == 9000


def test_a_token_names_the_site_and_needs_the_right(tmp_path: Path) -> None:
    file = tmp_path / "companion.toml"
    file.write_text(f'[auth]\nrequired = true\nsecret = "{SECRET}"\n', "utf-8")
    gate = training_gate(file, "", 0)
    good = issue(SECRET, "north", ["train"], now=900.0, lifetime=500.0)
    assert gate.admit(good) == ("north", "")
    for token, why in (
        ("", "asks for a token"),
        ("nonsense", "not valid"),
        (issue(SECRET, "north", ["speak", "studio"], now=900.0, lifetime=500.0), "right to train"),
        (issue(SECRET, "north", ["train"], now=10.0, lifetime=500.0), "expired"),
    ):
        name, refusal = gate.admit(token)
        assert name == ""
        assert why in refusal


def test_elsewhere_it_takes_a_certificate_and_tokens() -> None:
    with pytest.raises(ConfigError, match="needs tokens"):
        training_gate(None, "0.0.0.0", 0)
