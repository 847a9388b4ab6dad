"""Serves clients of OpenAI's Realtime API at `/v1/realtime`, each with a session as the bridge's own clients have."""

from __future__ import annotations

import contextlib
import logging
import secrets
from collections.abc import Awaitable, Callable
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
from bridge.realtime.incoming import FaceWish
from bridge.realtime.settings import Settings
from bridge.server.headers import bearer, listed, offered
from bridge.server.hosting import Hosting
from bridge.server.realtime.call import Call
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
        call = Call(socket, conversation, self._hosting, self._config, budget, self._metrics)
        try:
            caller = self._authorize(socket)
            await self._charge(caller, budget)
            admit()
            socket.protocol.max_message_size = EVENT_BYTES
            await call.serve(caller)
        except (ProtocolError, BridgeError) as error:
            self._metrics.refused(error.code)
            log.info("refused", extra={"code": error.code})
            call.line.finish(report(error, fatal=True))
            with contextlib.suppress(ConnectionClosed):
                await call.line.write()
        except ConnectionClosed:
            pass
        finally:
            self._metrics.connections.dec()

    def _conversation(self, socket: ServerConnection) -> Conversation:
        request = socket.request
        asked = _asked(request.path if request else "")
        model = asked.get("model", "")[:NAME]
        headers = request.headers if request else None
        beta = headers is not None and ("realtime=v1" in listed(headers, "OpenAI-Beta") or bool(offered(headers, BETA)))
        face = asked.get("companion_face", "")[:NAME]
        settings = Settings(
            id=f"sess_{secrets.token_hex(8)}",
            model=model or "companion",
            identity=model,
            face=FaceWish(profile=face) if face else None,
        )
        return Conversation(
            settings,
            session=secrets.token_hex(4),
            beta=beta,
            rate=self._hosting.rate,
            longest_text=self._config.limits.text_chars,
        )

    def _authorize(self, socket: ServerConnection) -> Caller:
        headers = socket.request.headers if socket.request else None
        token = (bearer(headers) or offered(headers, KEY)) if headers is not None else ""
        return authorize(
            self._config.auth.secret,
            token,
            required=self._config.token_required,
            now=wallclock.now(),
            right="speak",
        )


def _asked(url: str) -> dict[str, str]:
    try:
        return dict(parse_qsl(urlsplit(url).query, max_num_fields=16))
    except ValueError:
        return {}
