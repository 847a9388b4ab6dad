"""The bridge's own errors, and the one map from any error to what the client is told."""

from __future__ import annotations

from typing import Final

from engines.api import EngineError
from engines.text.redaction import redacted
from protocol.errors import CLOSE_CODES, ProtocolError
from protocol.messages import Error


class BridgeError(Exception):
    """A connection or a start-up is refused; `code` for machines, `message` for people."""

    def __init__(self, code: str, message: str, *, retry_after: float = 0.0) -> None:
        message = redacted(message)
        super().__init__(message)
        self.code = code
        self.message = message
        self.retry_after = retry_after


class AuthError(BridgeError):
    """The caller is not who may do this."""


class Overloaded(BridgeError):
    """There is no room; `retry_after` says when to come back."""


class ConfigError(BridgeError):
    """The configuration cannot be used."""


INTERNAL: Final = "something went wrong in the bridge; the session has ended"


def report(error: BaseException, *, fatal: bool) -> Error:
    """What the client is told about `error`; anything unforeseen is `internal` and says nothing of its cause."""
    match error:
        case BridgeError():
            return Error(code=error.code, message=error.message, fatal=fatal, retry_after_s=error.retry_after)
        case ProtocolError() | EngineError():
            return Error(code=error.code, message=error.message, fatal=fatal)
        case _:
            return Error(code="internal", message=INTERNAL, fatal=fatal)


def close_code(code: str) -> int:
    """The WebSocket close code of a fatal error's code."""
    return CLOSE_CODES.get(code, CLOSE_CODES["internal"])
