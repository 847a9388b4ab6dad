"""Writes structured logs to standard error: an event, and facts about it as fields, without words and names."""

from __future__ import annotations

import json
import logging
import sys
import traceback
from typing import Final, Literal

from engines.text.redaction import redacted

_PLAIN: Final = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


def _fields(record: logging.LogRecord) -> dict[str, object]:
    return {key: value for key, value in vars(record).items() if key not in _PLAIN}


class JsonLines(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """Format the record as JSON."""
        line: dict[str, object] = {
            "at": self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
            **_fields(record),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return redacted(json.dumps(line, default=str))


class Text(logging.Formatter):
    """One readable line, with the fields as key=value."""

    def format(self, record: logging.LogRecord) -> str:
        """Format the record as text."""
        facts = "".join(f" {key}={value}" for key, value in _fields(record).items())
        line = f"{self.formatTime(record, '%H:%M:%S')} {record.levelname.lower():7} {record.getMessage()}{facts}"
        return redacted(f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line)


def anatomy(error: BaseException) -> str:
    """Describe where an exception came from: types and lines of code, but not its message, which may quote people."""
    kinds = [type(error).__name__, *traceback.format_tb(error.__traceback__)]
    inner = error.exceptions if isinstance(error, BaseExceptionGroup) else ()
    return "\n".join([*(line.rstrip() for line in kinds), *(anatomy(each) for each in inner)])


def configure(level: str, style: Literal["text", "json"]) -> None:
    """Send the logs of the bridge to standard error."""
    stream = logging.StreamHandler(sys.stderr)
    stream.setFormatter(JsonLines() if style == "json" else Text())
    root = logging.getLogger()
    root.handlers[:] = [stream]
    root.setLevel(level.upper())
    # The socket library logs every handshake that a port scanner breaks off.
    logging.getLogger("websockets").setLevel(logging.ERROR)
    # The client of language models and what it stands on log each request, on a low level with what was said.
    for name in ("openai", "httpx", "httpx2", "httpcore", "httpcore2", "faster_whisper"):
        logging.getLogger(name).setLevel(logging.WARNING)
