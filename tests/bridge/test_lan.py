"""The server on a home network: its certificates, its secret, and the invitation."""

from __future__ import annotations

import ssl
import stat
import sys
from pathlib import Path

import pytest

from bridge import wallclock
from bridge.auth import verify
from bridge.command import lan
from bridge.errors import BridgeError, ConfigError
from bridge.setup.certificates import DAYS, FRESH_DAYS, certificates
from bridge.setup.config import Config
from bridge.setup.sections import AuthSection, PageSection, ServerSection
from bridge.web import invitation
from tests.bridge.peers import SECRET, http, run, serving, token

NOW = 1_800_000_000.0
DAY = 24 * 3600.0
NAMES = ["192.168.1.20", "workshop.local", "localhost"]

x509 = pytest.importorskip("cryptography.x509")
pytest.importorskip("segno")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "lan"


def test_a_certificate_is_of_its_own_authority_and_names_every_address(folder: Path) -> None:
    made = certificates(NAMES, now=NOW, folder=folder)
    own = x509.load_pem_x509_certificate(made.certificate.read_bytes())
    authority = x509.load_pem_x509_certificate(made.authority.read_bytes())
    own.verify_directly_issued_by(authority)
    told = own.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert [str(each) for each in told.get_values_for_type(x509.IPAddress)] == ["192.168.1.20"]
    assert told.get_values_for_type(x509.DNSName) == ["workshop.local", "localhost"]
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made.certificate, made.key)
    ssl.create_default_context(cafile=str(made.authority))
    if sys.platform != "win32":
        for secret in (made.key, folder / "ca.key"):
            assert stat.S_IMODE(secret.stat().st_mode) == 0o600


def test_it_is_made_anew_for_another_address_or_near_its_end_and_the_authority_stays(folder: Path) -> None:
    first = certificates(NAMES, now=NOW, folder=folder).certificate.read_bytes()
    authority = (folder / "ca.pem").read_bytes()
    assert certificates(NAMES[:1], now=NOW + DAY, folder=folder).certificate.read_bytes() == first
    moved = certificates(["10.0.0.7", *NAMES], now=NOW + DAY, folder=folder).certificate.read_bytes()
    assert moved != first
    late = NOW + (DAYS - FRESH_DAYS) * DAY + 3 * DAY
    assert certificates(NAMES, now=late, folder=folder).certificate.read_bytes() != moved
    assert (folder / "ca.pem").read_bytes() == authority
    certificates(NAMES, now=NOW + 3640 * DAY, folder=folder)
    assert (folder / "ca.pem").read_bytes() != authority


def test_files_that_are_none_are_told_with_their_folder(folder: Path) -> None:
    certificates(NAMES, now=NOW, folder=folder)
    (folder / "ca.pem").write_text("nonsense")
    with pytest.raises(ConfigError, match="delete it") as told:
        certificates(NAMES, now=NOW, folder=folder)
    assert str(folder) in told.value.message


def test_a_certificate_of_somebody_else_is_replaced(folder: Path, tmp_path: Path) -> None:
    made = certificates(NAMES, now=NOW, folder=folder)
    other = certificates(NAMES, now=NOW, folder=tmp_path / "other")
    made.certificate.write_bytes(other.certificate.read_bytes())
    again = x509.load_pem_x509_certificate(certificates(NAMES, now=NOW, folder=folder).certificate.read_bytes())
    again.verify_directly_issued_by(x509.load_pem_x509_certificate(made.authority.read_bytes()))


def test_without_the_extra_the_next_step_is_told(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cryptography", None)
    with pytest.raises(ConfigError, match=r"companion-bridge\[lan\]"):
        certificates(NAMES, now=NOW, folder=folder)
    monkeypatch.setitem(sys.modules, "segno", None)
    assert invitation.terminal("https://x/") == ""
    with pytest.raises(BridgeError, match=r"companion-bridge\[lan\]"):
        invitation.svg("https://x/")


def test_the_network_gets_https_tokens_and_an_invitation(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lan, "addresses", lambda: ["192.168.1.20"])
    ready, invited = lan.prepared(Config(), folder=folder)
    assert (ready.server.host, ready.page.address) == ("0.0.0.0", "https://192.168.1.20:8765/")
    assert Path(ready.server.tls_cert).is_file()
    assert ready.token_required
    caller = verify(ready.auth.secret, invited.token, now=wallclock.now())
    assert caller.rights == {"speak", "view"}
    told = invited.told()
    assert "https://192.168.1.20:8765/" in told
    assert "▀" in told or "▄" in told or "█" in told
    # A secret that is kept lets tokens outlive a restart.
    again, _ = lan.prepared(Config(), folder=folder)
    assert again.auth.secret == ready.auth.secret


def test_what_is_configured_stays(folder: Path, tmp_path: Path) -> None:
    made = certificates(NAMES, now=NOW, folder=tmp_path / "mine")
    given = Config(
        server=ServerSection(host="192.168.7.7", tls_cert=str(made.certificate), tls_key=str(made.key)),
        auth=AuthSection(secret=SECRET),
        page=PageSection(address="https://companion.example/"),
    )
    ready, invited = lan.prepared(given, folder=folder)
    assert (ready.server, ready.auth, ready.page) == (given.server, given.auth, given.page)
    assert invited.address == "https://companion.example/"


def test_a_secret_that_cannot_be_read_is_told(folder: Path) -> None:
    (folder / lan.SECRET).mkdir(parents=True)
    with pytest.raises(ConfigError, match="delete it"):
        lan.prepared(Config(), folder=folder)


def test_this_machine_has_an_address() -> None:
    assert lan.addresses()


def test_the_page_gets_the_code_of_whoever_asks_and_the_authority(folder: Path) -> None:
    made = certificates(NAMES, now=NOW, folder=folder)

    async def body() -> None:
        page = {"address": "https://192.168.1.20:8765/", "ca": str(made.authority)}
        async with serving(auth={"secret": SECRET, "required": True}, page=page) as server:
            status, drawn = await http(server, "GET /invite.svg HTTP/1.1", f"Authorization: Bearer {token('ada')}")
            assert (status, drawn[:4]) == (200, "<svg")
            assert (await http(server, "GET /invite.svg HTTP/1.1"))[0] == 401
            status, pem = await http(server, "GET /ca.crt HTTP/1.1")
            assert (status, pem.strip()) == (200, made.authority.read_text().strip())
            made.authority.unlink()
            assert (await http(server, "GET /ca.crt HTTP/1.1"))[0] == 404
        async with serving() as server:
            assert (await http(server, "GET /invite.svg HTTP/1.1"))[0] == 404
            assert (await http(server, "GET /ca.crt HTTP/1.1"))[0] == 404

    run(body)
