"""Serves clients of OpenAI's Realtime API at `/v1/realtime`, each with a session as the bridge's own clients have."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Awaitable, Callable, Mapping
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed

from bridge import wallclock
from bridge.auth import Caller, authorize
from bridge.core.budget import Budget
from bridge.errors import BridgeError, report
from bridge.metrics import Metrics
from bridge.realtime.conversation import Conversation
from bridge.realtime.incoming import FaceWish, SessionPatch
from bridge.realtime.settings import Settings
from bridge.server.headers import bearer, listed, offered
from bridge.server.hosting import Hosting
from bridge.server.realtime.call import Call
from bridge.server.realtime.pipe import Socket
from bridge.setup.config import Config
from protocol.errors import ProtocolError

log = logging.getLogger("bridge.server.realtime.room")

KEY: Final = "openai-insecure-api-key."
BETA: Final = "openai-beta.realtime-v1"
EVENT_BYTES: Final = 2_097_152  # of one event: a little over half a minute of sound
NAME: Final = 64


class RealtimeRoom:
    """The Realtime side of one server; `charge` has a connection spend of its user's budget."""

    def __init__(
        self, config: Config, hosting: Hosting, metrics: Metrics, charge: Callable[[Caller, Budget], Awaitable[None]]
    ) -> None:
        self._config = config
        self._hosting = hosting
        self._metrics = metrics
        self._charge = charge

    async def serve(self, socket: ServerConnection, budget: Budget, admit: Callable[[], None]) -> None:
        """Serve one client until it goes."""
        self._metrics.connections.inc()
        conversation = self._conversation(socket)
        call = Call(Socket(socket), conversation, self._hosting, self._config, budget, self._metrics)
        try:
            caller = self._authorize(socket)
            await self._charge(caller, budget)
            admit()
            socket.protocol.max_message_size = EVENT_BYTES
            await call.open(caller)
            await call.serve(caller)
        except (ProtocolError, BridgeError) as error:
            self._metrics.refused(error.code)
            log.info("refused", extra={"code": error.code})
            call.line.finish(report(error, fatal=True))
            await call.line.write()
        except ConnectionClosed:
            pass
        finally:
            self._metrics.connections.dec()

    def _conversation(self, socket: ServerConnection) -> Conversation:
        request = socket.request
        headers = request.headers if request else None
        beta = headers is not None and ("realtime=v1" in listed(headers, "OpenAI-Beta") or bool(offered(headers, BETA)))
        return conversing(self._config, self._hosting, queried(request.path if request else ""), beta=beta)

    def _authorize(self, socket: ServerConnection) -> Caller:
        headers = socket.request.headers if socket.request else None
        token = (bearer(headers) or offered(headers, KEY)) if headers is not None else ""
        return admitted(self._config, token)


def admitted(config: Config, token: str) -> Caller:
    """Return who calls; AuthError when they may not."""
    return authorize(config.auth.secret, token, required=config.token_required, now=wallclock.now(), right="speak")


def conversing(
    config: Config,
    hosting: Hosting,
    asked: Mapping[str, str],
    *,
    beta: bool,
    session: SessionPatch | None = None,
) -> Conversation:
    """Return a new client's conversation: what its address asks for, and for a call what was posted with the offer."""
    model = asked.get("model", "")
    if session is not None and isinstance(session.model, str):
        model = session.model
    model, face = model[:NAME], asked.get("companion_face", "")[:NAME]
    settings = Settings(
        id=f"sess_{secrets.token_hex(8)}",
        model=model or "companion",
        identity=model,
        face=FaceWish(profile=face) if face else None,
        tracks=session is not None,
    )
    return Conversation(
        settings.patched(session) if session is not None else settings,
        session=secrets.token_hex(4),
        beta=beta,
        rate=hosting.rate,
        longest_text=config.limits.text_chars,
    )


def queried(url: str) -> dict[str, str]:
    """Return what an address asks for behind its `?`; nothing where that cannot be read."""
    try:
        return dict(parse_qsl(urlsplit(url).query, max_num_fields=16))
    except ValueError:
        return {}
