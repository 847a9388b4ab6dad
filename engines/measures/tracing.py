"""Spans of what a turn does, by OpenTelemetry where its API is installed; else nothing is recorded and nothing costs.

Who records them and where they go is told once, at the start of a process; without that the API does nothing either.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, Final, TypeVar

try:
    from opentelemetry import propagate, trace
except ImportError:  # the extra `otel` brings it
    _there = False
else:
    _there = True

T = TypeVar("T")

SCOPE: Final = "companion-bridge"
PARENT: Final = "traceparent"


def carried() -> str:
    """Return the span that is running as W3C's `traceparent`, "" where none is."""
    if not _there:
        return ""
    carrier: dict[str, str] = {}
    propagate.inject(carrier)
    return carrier.get(PARENT, "")


@contextmanager
def span(name: str, parent: str = "", **told: Any) -> Iterator[None]:
    """Record a span around the body; `parent` is one of another process, `told` are its attributes: never words."""
    if not _there:
        yield
        return
    context = propagate.extract({PARENT: parent}) if parent else None
    # What ends it is no news of OpenTelemetry's: an exception's message may quote what a person said.
    with trace.get_tracer(SCOPE).start_as_current_span(
        name, context=context, attributes=told, record_exception=False, set_status_on_exception=False
    ):
        yield


async def traced(name: str, body: Callable[[], Coroutine[Any, Any, T]], **told: Any) -> T:
    """Record a span around what `body` makes; it is made only when this begins, since a task may end before."""
    with span(name, **told):
        return await body()


def event(name: str, **told: Any) -> None:
    """Note that something happened within the span that is running."""
    if _there:
        trace.get_current_span().add_event(name, told)
