"""The configuration: what wins, what is refused, and when it is not safe to start."""

from __future__ import annotations

from pathlib import Path

import pytest

from bridge.core.timeline import MEDIA_RATE
from bridge.errors import ConfigError
from bridge.session.companion import Rules
from bridge.setup.config import Config, check, load
from bridge.setup.rules import rules

SECRET = "a secret that is long enough for HS256"


def refused(
    path: Path | None = None, environ: dict[str, str] | None = None, settings: tuple[str, ...] = ()
) -> ConfigError:
    with pytest.raises(ConfigError) as error:
        load(path, environ or {}, settings)
    return error.value


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "companion.toml"
    path.write_text('[server]\nport = 9000\norigins = ["https://a.example"]\n[limits]\nidle_s = 30\n', encoding="utf-8")
    return path


def test_nothing_said_is_a_safe_default() -> None:
    config = load(None, {})
    assert config == Config()
    assert config.server.host == "127.0.0.1"
    assert config.loopback
    assert not config.token_required


def test_what_is_tested_by_default_is_what_ships() -> None:
    assert rules(Config()) == Rules()


def test_flags_win_over_the_environment_and_that_over_the_file(file: Path) -> None:
    assert load(file, {}).server.port == 9000
    assert load(file, {"COMPANION_SERVER_PORT": "9001"}).server.port == 9001
    assert load(file, {"COMPANION_SERVER_PORT": "9001"}, ["server.port=9002"]).server.port == 9002
    assert load(file, {"COMPANION_SERVER_PORT": "9001"}, ["server.port=1", "server.port=2"]).server.port == 2
    assert load(file, {}).limits.idle_s == 30.0


def test_every_kind_of_value_can_be_set_as_text() -> None:
    config = load(
        None,
        {"COMPANION_SERVER_INSECURE": "true", "COMPANION_LIMITS_RESUME_S": "2.5", "PATH": "/bin", "COMPANION_": "x"},
        ["server.origins=https://a.example, https://b.example", "log.level=debug", "auth.secret=" + SECRET],
    )
    assert config.server.insecure is True
    assert config.limits.resume_s == 2.5
    assert config.server.origins == ("https://a.example", "https://b.example")
    assert config.log.level == "debug"
    assert config.auth.secret == SECRET


@pytest.mark.parametrize(
    "text",
    [
        "[server]\nprot = 1\n",
        "[sever]\nport = 1\n",
        "port = 1\n",
        "[server]\nport = -1\n",
        "[server]\nport = 65536\n",
        '[server]\nport = "many"\n',
        "[limits]\nidle_s = 0\n",
        "[limits]\nidle_s = nan\n",
        "[limits]\nidle_s = inf\n",
        "[limits]\nsessions = 0\n",
        "[limits]\nmessage_bytes = 10\n",
        '[log]\nlevel = "loud"\n',
        '[engines]\nstt = "magic"\n',
        "[server\n",
        "server = 1\n",
        "[[server]]\nport = 1\n",
    ],
)
def test_what_is_wrong_in_the_file_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "companion.toml"
    path.write_text(text, encoding="utf-8")
    error = refused(path)
    assert error.code == "bad_config"
    assert error.message


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    assert "none.toml" in refused(tmp_path / "none.toml").message
    binary = tmp_path / "binary.toml"
    binary.write_bytes(b"\xff\xfe\x00")
    assert refused(binary).code == "bad_config"
    assert refused(tmp_path).code == "no_config"


@pytest.mark.parametrize(
    "setting", ["", "server", "server.port", "port=1", "=", ".=", "nothing.port=1", "server.prot=1"]
)
def test_a_setting_that_is_none_is_refused(setting: str) -> None:
    assert refused(settings=(setting,)).code in ("bad_setting", "bad_config")


@pytest.mark.parametrize("url", ["", "http://host/v1/realtime", "host:1", "ws://", "ws://[", "ws://host:0/"])
def test_a_duplex_model_needs_an_address_that_can_be_called(url: str) -> None:
    error = refused(settings=("engines.duplex=realtime", f"realtime.url={url}"))
    assert error.code == "bad_config"
    assert "realtime.url" in error.message


def test_offline_a_duplex_model_must_be_on_this_machine() -> None:
    here = ("engines.duplex=realtime", "models.offline=true", "realtime.url=ws://127.0.0.1:1/v1/realtime")
    assert load(None, {}, here).realtime.url
    error = refused(settings=(*here, "realtime.url=wss://host/v1/realtime"))
    assert error.code == "offline"


def test_a_misspelt_key_in_the_environment_is_refused_but_other_programs_names_are_not() -> None:
    assert refused(environ={"COMPANION_SERVER_PROT": "1"}).code == "bad_config"
    assert load(None, {"COMPANION_HOME": "/home/ada", "COMPANIONSHIP": "x"}) == Config()


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),
        ("::", False),
        ("192.168.1.5", False),
        ("bridge.example", False),
    ],
)
def test_what_is_this_machine_only(host: str, loopback: bool) -> None:
    config = load(None, {}, [f"server.host={host}", f"auth.secret={SECRET}", "server.insecure=true"])
    assert config.loopback is loopback
    assert config.token_required is not loopback


def test_other_machines_need_tokens_and_tls() -> None:
    assert refused(settings=("server.host=0.0.0.0",)).code == "no_secret"
    assert refused(settings=("server.host=0.0.0.0", f"auth.secret={SECRET}")).code == "no_tls"
    assert refused(settings=("server.host=0.0.0.0", "auth.secret=short")).code == "bad_secret"
    load(None, {}, ["server.host=0.0.0.0", f"auth.secret={SECRET}", "server.insecure=true"])
    load(None, {}, ["server.host=0.0.0.0", f"auth.secret={SECRET}", "server.tls_cert=c.pem", "server.tls_key=k.pem"])


def test_half_of_a_key_pair_is_refused() -> None:
    assert refused(settings=("server.tls_cert=c.pem",)).code == "bad_tls"
    assert refused(settings=("server.tls_key=k.pem",)).code == "bad_tls"


def test_tokens_can_be_asked_for_on_this_machine_too() -> None:
    assert refused(settings=("auth.required=true",)).code == "no_secret"
    assert load(None, {}, ["auth.required=true", f"auth.secret={SECRET}"]).token_required


def test_a_secret_is_never_told_in_an_error() -> None:
    for settings in ((f"auth.secret={SECRET}", "server.port=x"), ("auth.secret=short-and-private",)):
        message = refused(settings=settings).message
        assert SECRET not in message
        assert "short-and-private" not in message


def test_a_secret_is_never_told_by_the_configuration_itself() -> None:
    settings = [f"auth.secret={SECRET}", "openai.api_key=sk-private", "openai.base_url=http://bob:private@host/v1"]
    config = load(None, {}, settings)
    for shown in (repr(config), str(config), f"{config.auth}", repr(config.openai), repr([config])):
        assert SECRET not in shown
        assert "private" not in shown
    assert "base_url='http://***@host/v1'" in repr(config)
    assert repr(Config().auth) == "AuthSection(secret='', required=False)"


def test_the_rules_of_a_session_come_from_the_configuration() -> None:
    config = load(
        None, {}, ["turns.lead_s=0.5", "limits.reply_s=7", "turns.barge_in_after_s=0.6", "turns.silence_after_s=0.2"]
    )
    made = rules(config)
    assert made.lead == MEDIA_RATE // 2
    assert made.longest_reply == 7.0
    assert made.policy.barge_in_after == 0.6
    assert made.hysteresis.stop_after == 0.2
    check(config)


def test_the_configuration_cannot_be_changed_afterwards() -> None:
    with pytest.raises(AttributeError):
        Config().server.port = 1  # type: ignore[misc]  # that is the point
