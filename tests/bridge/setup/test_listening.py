"""Why the server cannot listen, with the next step; from real sockets where that is possible."""

from __future__ import annotations

import asyncio
import errno
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from bridge.command import cli, doctor, serving
from bridge.errors import ConfigError
from bridge.setup.config import load
from bridge.setup.listening import probe, why
from bridge.setup.sections import ServerSection


@pytest.fixture
def busy() -> Iterator[int]:
    """A port on which somebody listens."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield other.getsockname()[1]


@pytest.fixture
def nothing_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Engines that must not be made."""

    def fail(config: object) -> None:
        pytest.fail("the engines are made before it is known that the server can listen")

    monkeypatch.setattr("bridge.setup.casting.companion", fail)


@pytest.mark.usefixtures("nothing_starts")
def test_a_busy_port_says_the_next_step(busy: int, capsys: pytest.CaptureFixture[str]) -> None:
    config = load(None, {}, [f"server.port={busy}", "engines.stt=none"])

    async def start() -> None:
        async with serving.opened(config):
            pytest.fail("it listens on a port that is not free")

    with pytest.raises(ConfigError) as caught:
        asyncio.run(start())
    assert f"port {busy} on 127.0.0.1 is in use" in caught.value.message
    assert f"--port {busy + 1}" in caught.value.message or "--port 8765" in caught.value.message
    (found,) = [each for each in asyncio.run(doctor.examine(config)) if each.what == f"port {busy}"]
    assert (found.verdict, "server.port" in found.detail) == ("broken", True)


@pytest.mark.parametrize("host", ["localhost", "::1", "0.0.0.0", "::"])
@pytest.mark.usefixtures("nothing_starts")
def test_a_port_is_busy_under_other_names_of_this_machine(host: str) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as other:
        try:
            other.bind(("::1" if family == socket.AF_INET6 else "127.0.0.1", 0))
        except OSError:
            pytest.skip("no IPv6 here")
        other.listen()
        with pytest.raises(OSError, match="in use"):
            probe(ServerSection(host=host, port=other.getsockname()[1]))


def test_looking_leaves_the_port_free() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        port = other.getsockname()[1]
    for _ in range(3):
        probe(ServerSection(port=port))
    probe(ServerSection(port=0))


@pytest.mark.usefixtures("nothing_starts")
def test_a_bad_certificate_is_told_before_anything_starts(tmp_path: Path) -> None:
    config = load(None, {}, [f"server.tls_cert={tmp_path / 'none.pem'}", f"server.tls_key={tmp_path / 'none.key'}"])

    async def start() -> None:
        async with serving.opened(config):
            pytest.fail("it listens without its certificate")

    with pytest.raises(ConfigError, match="tls_cert"):
        asyncio.run(start())


@pytest.mark.usefixtures("nothing_starts")
def test_an_address_of_nobody_here_says_the_next_step() -> None:
    settings = ["server.host=192.0.2.1", "auth.secret=" + "s" * 32, "server.insecure=true", "engines.stt=none"]

    async def start() -> None:
        async with serving.opened(load(None, {}, settings)):
            pytest.fail("it listens on an address of another machine")

    with pytest.raises(ConfigError, match=r"192\.0\.2\.1 is no address of this machine: set server\.host"):
        asyncio.run(start())


@pytest.mark.parametrize(
    ("error", "step"),
    [
        (OSError(errno.EADDRINUSE, "x"), "server.port"),
        (OSError(10048, "x"), "--port"),
        (OSError(errno.EACCES, "x"), "above 1023"),
        (OSError(10013, "x"), "above 1023"),
        (OSError(errno.EADDRNOTAVAIL, "x"), "server.host"),
        (socket.gaierror(-2, "x"), "server.host"),
        (OSError("whatever it is"), "whatever it is"),
    ],
)
def test_every_reason_names_a_setting(error: OSError, step: str) -> None:
    said = why(ServerSection(), error)
    assert step in said
    assert "server." in said


def test_file_errors_name_the_path(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("x")
    missing = str(tmp_path / "none.pem")
    cases = (
        ["say", "Hi.", "--out", str(tmp_path / "file")],
        ["say", "Hi.", "--out", str(tmp_path / "file" / "below")],
        ["doctor", "--config", str(tmp_path)],
        ["serve", "--config", missing],
        ["serve", "--port", "0", "--set", f"server.tls_cert={missing}", "--set", f"server.tls_key={missing}"],
        ["say", "Hi.", "--out", str(tmp_path), "--identity", missing],
    )
    for arguments in cases:
        assert cli.main(arguments) == 1
        assert str(tmp_path) in capsys.readouterr().err, arguments
