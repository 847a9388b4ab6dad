"""Puts what several processes count into one text, in Prometheus' format: each series says whose it is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import Metric
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.registry import Collector


class _Told(Collector):
    def __init__(self, families: Iterable[Metric]) -> None:
        self._families = list(families)

    def collect(self) -> Iterator[Metric]:
        """Yield what was put together."""
        yield from self._families


def together(told: Mapping[str, bytes]) -> bytes:
    """Return one text of many, by the name of whose they are; every sample has that as its label `worker`."""
    families: dict[str, Metric] = {}
    for worker, text in sorted(told.items()):
        for found in text_string_to_metric_families(text.decode()):
            family = families.setdefault(found.name, Metric(found.name, found.documentation, found.type))
            for sample in found.samples:
                family.samples.append(sample._replace(labels={**sample.labels, "worker": worker}))
    registry = CollectorRegistry()
    registry.register(_Told(families.values()))
    return generate_latest(registry)
