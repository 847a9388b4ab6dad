"""Whose fault it was, and the fixed list of codes that travel in `error` and as close reasons."""

from __future__ import annotations

from typing import Final


class ProtocolError(Exception):
    """The wire contract was broken; use one of the two subclasses, which say by whom."""

    def __init__(self, code: str, message: str) -> None:
        if type(self) is ProtocolError:
            raise TypeError("raise LocalProtocolError or RemoteProtocolError")
        super().__init__(message)
        self.code = code
        self.message = message


class LocalProtocolError(ProtocolError):
    """We tried to send something that the contract forbids: a bug of ours."""


class RemoteProtocolError(ProtocolError):
    """The other end sent something that the contract forbids; `code` is what it should be told."""


# Fatal codes and the WebSocket close code that goes with each; the close reason is the code's name.
CLOSE_CODES: Final = {
    "bad_message": 4000,
    "unsupported_version": 4001,
    "hello_expected": 4002,
    "hello_timeout": 4003,
    "rate_limited": 4004,
    "unknown_companion": 4005,
    "unsupported": 4006,
    "unknown_identity": 4007,
    "unauthorized": 4010,
    "token_expired": 4011,
    "forbidden": 4012,
    "no_such_session": 4013,
    "server_full": 4020,
    "user_full": 4021,
    "idle_timeout": 4030,
    "slow_client": 4031,
    "session_taken": 4032,
    "internal": 4090,
    "going_away": 1001,
}

# Codes of errors after which the connection goes on.
LASTING_CODES: Final = frozenset(
    {
        "bad_message",
        "unknown_type",
        "unsupported",
        "unknown_companion",
        "bad_mic",
        "bad_playhead",
        "bad_seen",
        "bad_camera",
        "unknown_call",
        "empty_text",
        "rate_limited",
        "stt_failed",
        "dialogue_failed",
        "tts_failed",
        "face_failed",
        "sight_failed",
        "turn_too_long",
        "unanswered",
        "stt_slow",
    }
)
