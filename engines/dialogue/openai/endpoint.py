"""The HTTP of an OpenAI-compatible endpoint: its models, an answer as a stream of chunks, failures of a kind."""

from __future__ import annotations

import asyncio
import ipaddress
import json
import logging
import re
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import aclosing, asynccontextmanager
from datetime import datetime
from functools import cache
from typing import Any, Final
from urllib.parse import SplitResult, unquote, urlsplit, urlunsplit

from engines.api import EngineError, Failure, Stream
from engines.dialogue.openai.events import Events, NotAStream, Overlong, Unpacking
from engines.dialogue.openai.failures import (
    CODE,
    EndpointError,
    away,
    broken,
    foreign,
    late,
    overlong,
    refusal,
    shown,
    wait_of,
)
from engines.dialogue.openai.wire import Chunk, Complaint, complaint, complaint_of, models

log = logging.getLogger("engines.openai")

ERROR: Final = 16_384  # bytes of an error's body
LIST: Final = 1 << 20  # bytes of a list of models
TOLD: Final = 300  # characters of an endpoint's words in the debug log
_HEADER: Final = re.compile(r"[\x21-\x7e]*")


class Endpoint:
    """Speak HTTP with one address, which may hold a name and a password; `key` is sent as a bearer token, "" for none.

    `connect_s` bounds the waiting for a connection. Everything raises EndpointError.
    """

    def __init__(self, base_url: str, *, key: str = "", connect_s: float = 3.0) -> None:
        self._base = _split(base_url)
        self.url = shown(self._base)
        self.here = _here(self._base.hostname or "")  # on this machine
        self._key = key.strip()
        self._connect = connect_s
        self._client: Any = None

    async def close(self) -> None:
        """Close its connections."""
        if self._client is not None:
            client, self._client = self._client, None
            await client.aclose()

    async def models(self, within: float) -> list[str]:
        """Ask which models there are, within so many seconds."""
        try:
            async with asyncio.timeout(within), self._asked("GET", "/models", None, within) as response:
                if response.status_code != 200:
                    raise await self._refused(response, {}, None)
                return models(await self._body(response, LIST))
        except TimeoutError as error:
            raise late(self.url, begun=False) from error
        except ValueError as error:
            raise foreign(self.url) from error

    @asynccontextmanager
    async def answer(
        self, body: Mapping[str, Any], *, within: float, now: datetime
    ) -> AsyncIterator[Stream[Chunk | None]]:
        """Ask for an answer; yields its chunks as they come, and None where the answer says that it is whole.

        `within` bounds the waiting for the head of the answer, in seconds; the reader of the stream bounds the rest.
        `now` is what a date in `Retry-After` is compared with.
        """
        async with self._asked("POST", "/chat/completions", body, within) as response:
            if response.status_code != 200:
                raise await self._refused(response, body, now)
            async with aclosing(self._chunks(response, body)) as chunks:
                yield chunks

    async def _chunks(self, response: Any, body: Mapping[str, Any]) -> Stream[Chunk | None]:
        """Yield the events of a body; its errors are failures of a kind."""
        events = Events()
        whole = False
        try:
            unpacking = Unpacking(_coding(response))
            async with aclosing(response.aiter_raw()) as pieces:
                async for piece in pieces:
                    for block in unpacking.push(piece):
                        for one in events.push(block):
                            yield self._good(one, body)
                    if events.done:
                        break
            for one in events.finish():
                whole = any(choice.message for choice in one.choices or ())
                yield self._good(one, body)
            if events.done or whole:
                yield None
        except Overlong as error:
            raise overlong(self.url) from error
        except NotAStream as error:
            raise foreign(self.url) from error
        except ValueError as error:
            log.debug("the endpoint sent what cannot be read", extra={"reason": str(error)[:TOLD]})
            raise broken(self.url, "sent what is not an answer") from error
        except _faults() as error:
            raise self._lost(error) from error

    def _good(self, chunk: Chunk, body: Mapping[str, Any]) -> Chunk:
        """Return the same chunk, unless it tells of an error."""
        if chunk.failed:
            told = complaint_of(chunk)
            self._note(told.status, told)
            raise self._refusal(told.status, told, body)
        return chunk

    # ---------------------------------------------------------------------------------------------- requests

    @asynccontextmanager
    async def _asked(self, method: str, path: str, body: Mapping[str, Any] | None, within: float) -> AsyncIterator[Any]:
        client = self._opened()
        content = None if body is None else json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")
        try:
            request = client.build_request(method, self._at(path), headers=self._headers(), content=content)
            async with asyncio.timeout(within):
                response = await client.send(request, stream=True)
        except TimeoutError as error:
            raise late(self.url, begun=False) from error
        except _faults() as error:
            raise self._lost(error) from error
        try:
            yield response
        finally:
            await response.aclose()

    def _at(self, path: str) -> str:
        host = self._base.netloc.rpartition("@")[2]
        return urlunsplit((self._base.scheme, host, self._base.path.rstrip("/") + path, self._base.query, ""))

    def _headers(self) -> dict[str, str]:
        # A packed stream comes in lumps, and saves nothing on the small pieces of an answer.
        headers = {"Accept": "text/event-stream, application/json", "Accept-Encoding": "identity"}
        headers["Content-Type"] = "application/json"
        if self._key:
            headers["Authorization"] = f"Bearer {self._key}"
        return headers

    def _opened(self) -> Any:
        if self._client is None:
            try:
                import httpx2
            except ImportError as error:
                sentence = "An OpenAI-compatible endpoint needs a package: pip install 'companion-bridge[openai]'"
                raise EngineError(CODE, sentence, kind=Failure.MISSING) from error
            if self._base.scheme not in ("http", "https") or not self._base.hostname:
                sentence = "openai.base_url is no address: it begins with http:// or https://, and ends in /v1."
                raise EndpointError(sentence, Failure.FOREIGN, setting="openai.base_url")
            if not _HEADER.fullmatch(self._key):
                sentence = "openai.api_key holds what no key can: white space, or letters of another script."
                raise EndpointError(sentence, Failure.REFUSED, setting="openai.api_key")
            name, password = self._base.username or "", self._base.password or ""
            self._client = httpx2.AsyncClient(
                auth=(unquote(name), unquote(password)) if (name or password) and not self._key else None,
                timeout=httpx2.Timeout(None, connect=self._connect),
                limits=httpx2.Limits(max_connections=1000, max_keepalive_connections=100),
                follow_redirects=True,
                trust_env=not _here(self._base.hostname),
                verify=_trust(self._base.scheme),
            )
        return self._client

    # ---------------------------------------------------------------------------------------------- failures

    async def _refused(self, response: Any, body: Mapping[str, Any], now: datetime | None) -> EndpointError:
        """Make the failure that a response of another status than 200 stands for."""
        told = complaint(await self._body(response, ERROR))
        self._note(response.status_code, told)
        return self._refusal(response.status_code, told, body, wait_of(response.headers, now))

    def _refusal(
        self, status: int, told: Complaint, body: Mapping[str, Any], wait: float | None = None
    ) -> EndpointError:
        sent = [name for name in body if name not in ("model", "messages", "stream")]
        failure = refusal(status, told, url=self.url, model=str(body.get("model", "")), sent=sent, wait=wait)
        failure.status = status
        return failure

    async def _body(self, response: Any, most: int) -> bytes:
        """Read at most so many bytes of a body that is no stream."""
        body = bytearray()
        try:
            unpacking = Unpacking(_coding(response))
            async with aclosing(response.aiter_raw()) as pieces:
                async for piece in pieces:
                    for block in unpacking.push(piece):
                        body += block[: most - len(body)]
                    if len(body) >= most:
                        break
        except _faults() as error:
            if response.status_code == 200:
                raise self._lost(error) from error
        return bytes(body)

    def _lost(self, error: Exception) -> EndpointError:
        """Make the failure that an error of the HTTP client stands for."""
        import httpx2

        log.debug("the endpoint was lost", extra={"reason": type(error).__name__})
        match error:
            case httpx2.ConnectError() | httpx2.ConnectTimeout():
                return away(self.url)
            case httpx2.TimeoutException():
                return late(self.url, begun=False)
            case httpx2.InvalidURL() | httpx2.UnsupportedProtocol() | httpx2.TooManyRedirects():
                return foreign(self.url)
            case _:
                return broken(self.url)

    def _note(self, status: int, told: Complaint) -> None:
        """Write the endpoint's own words to the debug log, without the key."""
        words = told.message[:TOLD]
        for secret in (self._key, self._base.password or ""):
            words = words.replace(secret, "...") if secret else words
        log.debug("the endpoint refused", extra={"status": status, "code": told.code, "reason": words})


@cache
def _faults() -> tuple[type[Exception], ...]:
    """List what the HTTP client raises when it cannot reach the other end, or loses it."""
    import httpx2

    return (httpx2.HTTPError, httpx2.StreamError, httpx2.InvalidURL, OSError)


def _coding(response: Any) -> str:
    """Say how a body is packed."""
    return str(response.headers.get("content-encoding", "")).strip().lower()


def _split(url: str) -> SplitResult:
    """Split an address into its parts; all are empty when it is none."""
    try:
        parts = urlsplit(url)
        _ = parts.port  # is only looked at when it is asked for
    except ValueError:
        return SplitResult("", "", "", "", "")
    return parts


def _trust(scheme: str) -> ssl.SSLContext | bool:
    """Choose whom to trust: the usual authorities, or nobody where no TLS is spoken, which spares reading them."""
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT) if scheme == "http" else True


def _here(host: str) -> bool:
    """Say whether an address is on this machine, where no proxy of the environment belongs in between."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
