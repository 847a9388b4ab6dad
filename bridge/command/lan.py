"""Opens the server to the home network (`companion serve --lan`): certificate, secret, an invitation as a QR code."""

from __future__ import annotations

import os
import secrets
import socket
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from msgspec import structs

from bridge import wallclock
from bridge.auth import issue
from bridge.errors import ConfigError
from bridge.setup.certificates import HOME, certificates
from bridge.setup.config import Config, check
from bridge.web.invitation import terminal

EVERYWHERE: Final = "0.0.0.0"  # noqa: S104 - that is what --lan asks for
GUEST: Final = "guest"
DAYS: Final = 30
SECRET: Final = "secret"  # noqa: S105 - the name of a file
# Nothing is sent there: the system is asked which of its addresses it would use.
ELSEWHERE: Final = ("192.0.2.1", 9)


@dataclass(frozen=True, slots=True)
class Invitation:
    """Where others reach this server, and the token that lets them in."""

    address: str
    token: str

    @property
    def link(self) -> str:
        """Return the address with the token behind it, which browsers do not send to servers."""
        return f"{self.address}#token={self.token}"

    def told(self) -> str:
        """Return what is said in the terminal."""
        code = terminal(self.link)
        return (
            f"{code}\non another device of this network: {self.address}\n"
            f"the code holds a token that is good for {DAYS} days; the first visit warns of the certificate: "
            f"install {self.address}ca.crt there, or go on once\n"
        )


def prepared(config: Config, *, folder: Path | None = None) -> tuple[Config, Invitation]:
    """Return the configuration of a server that the home network reaches by https, and the invitation to it.

    What is configured stays: an address, a certificate, a secret. ConfigError when a certificate cannot be made.
    """
    place = (folder or HOME).expanduser()
    reached = addresses()
    names = [*dict.fromkeys([*reached, f"{socket.gethostname()}.local".lower(), "localhost", "127.0.0.1"])]
    server, auth, page = config.server, config.auth, config.page
    if config.loopback:
        server = structs.replace(server, host=EVERYWHERE)
    if not server.tls_cert:
        made = certificates(names, now=wallclock.now(), folder=place)
        server = structs.replace(server, tls_cert=str(made.certificate), tls_key=str(made.key))
        page = structs.replace(page, ca=str(made.authority))
    if not auth.secret:
        auth = structs.replace(auth, secret=_secret(place))
    address = page.address or f"https://{reached[0]}:{server.port}/"
    page = structs.replace(page, address=address)
    ready = structs.replace(config, server=server, auth=auth, page=page)
    check(ready)
    lifetime = DAYS * 24 * 3600.0
    token = issue(auth.secret, GUEST, ["speak", "view"], now=wallclock.now(), lifetime=lifetime)
    return ready, Invitation(address, token)


def addresses() -> list[str]:
    """List this machine's addresses on its networks, the one that leads out first; never empty."""
    found = []
    with suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(ELSEWHERE)
        found.append(str(probe.getsockname()[0]))
    with suppress(OSError):
        found += [str(each[4][0]) for each in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)]
    outside = [each for each in dict.fromkeys(found) if not each.startswith("127.")]
    return outside or ["127.0.0.1"]


def _secret(place: Path) -> str:
    """Return the secret that is kept there, made once, so that tokens outlive a restart."""
    file = place / SECRET
    try:
        place.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not file.exists():
            with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
                out.write(secrets.token_urlsafe(32))
        return file.read_text("utf-8").strip()
    except (OSError, UnicodeError) as error:
        raise ConfigError("bad_lan", f"the secret in {file} cannot be read: {error}; delete it") from error
