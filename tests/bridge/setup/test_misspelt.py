"""A setting that is misspelt is refused with where it was made, what was probably meant, and nothing secret."""

from __future__ import annotations

from pathlib import Path

import pytest

from bridge.errors import ConfigError
from bridge.setup import casting
from bridge.setup.config import Config, load
from bridge.setup.nearest import did_you_mean, nearest

LONG = "x" * 200_000


def refused(text: str = "", *, path: Path | None = None, environ: dict[str, str] | None = None) -> str:
    with pytest.raises(ConfigError) as caught:
        load(path, environ or {}, [text] if text else [])
    return caught.value.message


@pytest.mark.parametrize(
    ("setting", "meant"),
    [
        ("server.prot=1", "did you mean server.port?"),
        ("sever.port=1", "did you mean server?"),
        ("server.idle_s=1", "did you mean limits.idle_s?"),
        ("turns.bargein_after_s=1", "did you mean turns.barge_in_after_s?"),
        ("engine.stt=whisper", "did you mean engines?"),
        ("engines.sst=whisper", "did you mean engines.stt?"),
        ("engines.stt=wisper", "did you mean whisper?"),
        ("engines.stt=Whisper", "did you mean whisper?"),
        ("engines.stt=espeak", "set engines.tts"),
        ("engines.dialogue=ollama", "there are card, transformers, openai"),
        ("engines.tts=none", "there are espeak, piper"),
        ("engines.face=articulated", "did you mean articulation?"),
        ("whisper.modle=tiny", "did you mean whisper.model?"),
        ("server.speed=1", "there is no setting 'server.speed'"),
    ],
)
def test_what_was_probably_meant_is_said(setting: str, meant: str) -> None:
    assert meant in refused(setting)


def test_a_value_that_is_none_of_few_is_told_with_those() -> None:
    assert refused("log.level=loud") == "log.level (--set): 'loud' is none of debug, info, warning, error"
    assert "none of cpu, cuda" in refused("piper.device=gpu")


def test_where_it_was_made_is_said(tmp_path: Path) -> None:
    path = tmp_path / "companion.toml"
    for text in ("[server]\nprot = 1\n", "[server]\nport = 'x'\n", "[sever]\nport = 1\n", "port = 1\n", "[server\n"):
        path.write_text(text, encoding="utf-8")
        assert str(path) in refused(path=path)
    assert "COMPANION_SERVER_PROT" in refused(environ={"COMPANION_SERVER_PROT": "1"})
    assert "COMPANION_SERVER_PORT" in refused(environ={"COMPANION_SERVER_PORT": "x"})
    assert "server.port (--set)" in refused("server.port=x")
    assert "server.port (--set)" in refused("server.port=70000")


def test_a_variable_that_nearly_names_a_setting_is_not_ignored() -> None:
    assert "did you mean COMPANION_SERVER_PORT?" in refused(environ={"COMPANION_SEVER_PORT": "1"})
    assert "did you mean COMPANION_OPENAI_API_KEY?" in refused(environ={"COMPANION_OPENAPI_API_KEY": "1"})
    others = {"COMPANION_HOME": "x", "COMPANION_TOKEN": "x", "COMPANION_CONFIG": "x", "COMPANION_APP_DIR": "x"}
    assert load(None, others) == Config()


def test_a_file_that_begins_with_a_mark_is_read(tmp_path: Path) -> None:
    path = tmp_path / "companion.toml"
    path.write_bytes(b"\xef\xbb\xbf[server]\r\nport = 9000\r\n")
    assert load(path, {}).server.port == 9000


@pytest.mark.parametrize(
    "setting",
    [
        f"engines.stt={LONG}",
        f"{LONG}.a=1",
        f"server.{LONG}=1",
        LONG,
        f"openai.base_url={LONG}",
        f"log.level={LONG}",
        f"piper.device={LONG}",
    ],
)
def test_a_long_mistake_makes_a_short_sentence(setting: str) -> None:
    assert len(refused(setting)) < 400


@pytest.mark.parametrize(
    "setting",
    [
        "openai.base_url=ftp://bob:hunter2@host",
        "openai.base_url=bob:hunter2@host",
        "openai.base_url=http://bob:hunter2@",
        "openai.base_url=http://bob:hunter2@[::1",
        "openai.base_url=http://bob:hunter2@host:port",
        "openai.api_key=hunter2\n",
        "openai.api_key=hunter2\u2026",
        "auth.secret=hunter2",
        "auth.secret:hunter2",
        "limits.idle_s=http://a:hunter2@b",
    ],
)
def test_a_wrong_secret_is_not_told(setting: str) -> None:
    told = refused(setting)
    assert "hunter2" not in told
    assert "." in told


def test_offline_an_address_with_a_password_is_not_told() -> None:
    settings = ["models.offline=true", "engines.dialogue=openai", "openai.base_url=http://bob:hunter2@example.org/v1"]
    with pytest.raises(ConfigError) as caught:
        load(None, {}, settings)
    assert "hunter2" not in caught.value.message
    assert "example.org" in caught.value.message


def test_a_misspelt_identity_is_refused_with_the_nearest() -> None:
    for name, meant in (
        ("techer", "teacher"),
        ("Guide", "guide"),
        ("nobody at all", "shipped ones are: guide, teacher"),
    ):
        with pytest.raises(ConfigError) as caught:
            casting.identity(name)
        assert meant in caught.value.message
        assert "identity.path" in caught.value.message


def test_similar_names_are_found_whatever_their_case() -> None:
    assert nearest("WISPER", ("whisper", "none")) == ["whisper"]
    assert did_you_mean("", ("a", "b")) == ""
    assert did_you_mean(LONG, ("xxxx", "b")) == ""
