"""Sends spans of turns to whoever collects them, where the configuration names one."""

from __future__ import annotations

import atexit

from bridge.errors import ConfigError
from bridge.setup.config import Config
from bridge.version import VERSION

PATH = "/v1/traces"


def begin(config: Config, service: str) -> None:
    """Record spans from now on, if they are to go anywhere; ConfigError when the packages for it are not installed."""
    if not config.log.traces:
        return
    try:
        from opentelemetry import trace
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError as error:
        sentence = f"log.traces needs the package {error.name!r}: pip install 'companion-bridge[otel]'"
        raise ConfigError("missing_package", sentence) from error
    provider = TracerProvider(resource=Resource.create({"service.name": service, "service.version": VERSION}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=f"{config.log.traces.rstrip('/')}{PATH}")))
    trace.set_tracer_provider(provider)
    atexit.register(provider.shutdown)
