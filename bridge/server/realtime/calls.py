"""Takes calls over WebRTC at `/v1/realtime/calls`: an SDP offer is posted, the answer comes back, the session runs."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Final

import msgspec
from websockets.datastructures import Headers
from websockets.http11 import Request, Response

from bridge.auth import Caller
from bridge.core.budget import Budget
from bridge.errors import AuthError, BridgeError, Overloaded
from bridge.logs import anatomy
from bridge.metrics import Metrics
from bridge.realtime.offer import Offer, read
from bridge.realtime.refused import Refused
from bridge.realtime.speaker import Due, Speaker
from bridge.server.headers import bearer, single
from bridge.server.hosting import Hosting
from bridge.server.posted import CALLS
from bridge.server.realtime.call import Call
from bridge.server.realtime.peer import Peer
from bridge.server.realtime.pipe import Gone
from bridge.server.realtime.room import admitted, conversing, queried
from bridge.setup.config import Config
from protocol.errors import ProtocolError

log = logging.getLogger("bridge.server.realtime.calls")

ANSWER_S: Final = 8.0  # that an answer may take: its candidates are asked for
STATUS: Final = {
    "webrtc_missing": HTTPStatus.NOT_IMPLEMENTED,
    "unsupported_content_type": HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    "forbidden": HTTPStatus.FORBIDDEN,
    "rate_limited": HTTPStatus.TOO_MANY_REQUESTS,
}


class Calls:
    """The calls of one server, each a task of `group`."""

    def __init__(
        self,
        config: Config,
        hosting: Hosting,
        metrics: Metrics,
        charge: Callable[[Caller, Budget], Awaitable[None]],
        open_budget: Callable[[], Budget],
        group: asyncio.TaskGroup,
    ) -> None:
        self._config = config
        self._hosting = hosting
        self._metrics = metrics
        self._charge = charge
        self._open_budget = open_budget
        self._group = group
        self._answering = 0
        self._awaited: set[Peer] = set()  # which were answered and have not connected

    def end(self) -> None:
        """Wait for nobody any more."""
        for peer in self._awaited:
            peer.abort()

    async def answer(self, request: Request, body: bytes) -> Response:
        """Return the answer to an offer, and have the call begin; else why there is none."""
        self._answering += 1
        try:
            if self._answering > self._config.limits.handshakes:
                raise Overloaded("server_full", "too many calls begin at once", retry_after=1.0)
            return await self._answer(request, body)
        except Refused as refused:
            self._metrics.refused(refused.code)
            return _error(
                STATUS.get(refused.code, HTTPStatus.BAD_REQUEST), refused.code, refused.message, refused.param
            )
        except BridgeError as error:
            self._metrics.refused(error.code)
            return _error(_status(error), error.code, error.message, retry_after=error.retry_after)
        except ProtocolError as error:
            self._metrics.refused(error.code)
            return _error(HTTPStatus.BAD_REQUEST, error.code, error.message)
        finally:
            self._answering -= 1

    async def _answer(self, request: Request, body: bytes) -> Response:
        caller = admitted(self._config, bearer(request.headers))
        budget = self._open_budget()
        await self._charge(caller, budget)
        offer = read(single(request.headers, "Content-Type"), body)
        peer = Peer(self._config.webrtc, loopback=self._config.loopback)
        try:
            async with asyncio.timeout(ANSWER_S):
                answer, call = await self._begin(peer, offer, request, budget)
            await call.open(caller)
        except TimeoutError as error:
            await peer.close(0, "")
            raise Refused("invalid_sdp", "there was no answer to this offer in time", "sdp") from error
        except BaseException:
            await peer.close(0, "")
            raise
        self._group.create_task(self._serve(call, caller, peer))
        where = f"{CALLS}/rtc_{secrets.token_hex(8)}"
        return _response(HTTPStatus.CREATED, "application/sdp", answer.encode(), ("Location", where))

    async def _begin(self, peer: Peer, offer: Offer, request: Request, budget: Budget) -> tuple[str, Call]:
        conversation = conversing(self._config, self._hosting, queried(request.path), beta=False, session=offer.session)
        speaker = Speaker(conversation.event)
        call = Call(peer, conversation, self._hosting, self._config, budget, self._metrics, speaker)

        def due(events: list[Due], origin: int | None) -> None:
            call.line.due(events, origin)

        return await peer.answer(offer.sdp, speaker.pull, due), call

    async def _serve(self, call: Call, caller: Caller, peer: Peer) -> None:
        """Serve a call until it is over."""
        self._metrics.connections.inc()
        hearing = asyncio.create_task(_hear(call, peer))
        self._awaited.add(peer)
        try:
            async with asyncio.timeout(self._config.webrtc.connect_s):
                await peer.connected()
            self._awaited.discard(peer)
            await call.serve(caller)
        except (Gone, TimeoutError):
            log.info("a call did not connect")
        except Exception as error:  # as for a room: it ends with this, and no other does
            log.error("call failed", extra={"error": anatomy(error)})
        finally:
            self._awaited.discard(peer)
            self._metrics.connections.dec()
            call.part()
            hearing.cancel()
            await asyncio.gather(hearing, peer.close(0, ""), return_exceptions=True)


async def _hear(call: Call, peer: Peer) -> None:
    async for pcm in peer.sounds():
        call.hear(pcm)


def _status(error: BridgeError) -> HTTPStatus:
    if error.code in STATUS:
        return STATUS[error.code]
    if isinstance(error, AuthError):
        return HTTPStatus.UNAUTHORIZED
    return HTTPStatus.SERVICE_UNAVAILABLE if isinstance(error, Overloaded) else HTTPStatus.BAD_REQUEST


def _error(status: HTTPStatus, code: str, sentence: str, param: str = "", *, retry_after: float = 0.0) -> Response:
    kind = "server_error" if status >= HTTPStatus.INTERNAL_SERVER_ERROR else "invalid_request_error"
    told = {"error": {"type": kind, "code": code, "message": sentence, "param": param or None}}
    more = [("Retry-After", str(max(1, round(retry_after))))] if retry_after else []
    return _response(status, "application/json", msgspec.json.encode(told), *more)


def _response(status: HTTPStatus, kind: str, body: bytes, *more: tuple[str, str]) -> Response:
    headers = Headers(
        [
            ("Content-Type", kind),
            ("Content-Length", str(len(body))),
            ("Cache-Control", "no-store"),
            ("Connection", "close"),
            *more,
        ]
    )
    return Response(status.value, status.phrase, headers, body)
