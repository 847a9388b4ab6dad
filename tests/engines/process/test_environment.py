"""What a process inherits: everything that it may need, and no secret."""

from __future__ import annotations

import pytest

from engines.process.environment import inherited
from tests.engines.process.children import ask, opened, run

SECRET = "hunter2-hunter2-hunter2"


@pytest.mark.parametrize(
    "name",
    [
        "COMPANION_AUTH_SECRET", "COMPANION_OPENAI_API_KEY", "COMPANION_TOKEN", "OPENAI_API_KEY", "HF_TOKEN",
        "HUGGING_FACE_HUB_TOKEN", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "PGPASSWORD", "MYSQL_PWD_PASSWORD",
        "GITHUB_PAT", "azure_client_secret", "DB_PASS", "GOOGLE_APPLICATION_CREDENTIALS", "STRIPE_APIKEY", "NPM_AUTH",
        "SSH_KEY_PASSPHRASE", "DJANGO_SECRETKEY", "SESSION_COOKIE",
    ],
)  # fmt: skip
def test_a_secret_is_not_inherited(name: str) -> None:
    assert inherited({name: SECRET, "PATH": "/bin"}) == {"PATH": "/bin"}


def test_a_password_in_an_address_is_not_inherited_whatever_it_is_called() -> None:
    for value in ("http://ada:pw@proxy:3128", "postgres://u:p%40ss@db/x", "https://u:p/w@ss@host"):
        assert inherited({"HTTPS_PROXY": value}) == {}
    harmless = {"HTTPS_PROXY": "http://proxy:3128", "MAIL": "ada@example.org", "URL": "http://h/a:b/@c"}
    assert inherited(harmless) == harmless


def test_what_processes_need_is_inherited() -> None:
    paths = [
        "PATH",
        "HOME",
        "TMPDIR",
        "PYTHONPATH",
        "VIRTUAL_ENV",
        "APPDATA",
        "LD_LIBRARY_PATH",
        "ESPEAK_DATA_PATH",
        "PWD",
    ]
    names = ["LANG", "LC_ALL", "SYSTEMROOT", "OMP_NUM_THREADS", "CUDA_VISIBLE_DEVICES", "HF_HOME", "HF_HUB_OFFLINE"]
    names += ["TOKENIZERS_PARALLELISM", "KEYBOARD_LAYOUT", "XAUTHORITY", "COMPASS", "MONKEY", "AUTHOR", *paths]
    needed = dict.fromkeys(names, "x")
    assert inherited(needed) == needed


def test_a_real_process_has_no_secret_in_its_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMPANION_AUTH_SECRET", SECRET)
    monkeypatch.setenv("OPENAI_API_KEY", SECRET)
    monkeypatch.setenv("HTTP_PROXY", f"http://ada:{SECRET}@proxy:1")
    monkeypatch.setenv("OMP_NUM_THREADS", "3")

    async def test() -> None:
        async with opened() as child:
            (reply,) = await ask(child, "environment")
            assert SECRET not in str(reply)
            assert reply["value"]["OMP_NUM_THREADS"] == "3"

    run(test)
