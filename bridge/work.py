"""Collects for Prometheus what models do, on each device and in processes, by asking the engines at each scrape."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from engines.measures.work import QUEUE_BOUNDS, Measured, Work

LABELS: Final = ("device", "stage")

_COUNTERS: Final = (
    ("items", "items", "Pieces of work done: requests, windows, tokens of one session"),
    ("batches", "batches", "Runs of a model; items over batches is the batch size"),
    ("busy_seconds", "busy", "Seconds that the device worked"),
    ("tokens", "tokens", "Tokens written"),
    ("audio_seconds", "audio", "Seconds of audio heard or spoken; busy over audio is the real-time factor"),
    ("restarts", "restarts", "Processes that were started because the one before was gone"),
)
_GAUGES: Final = (
    ("waiting", "waiting", "Items that wait for the device"),
    ("batch_limit", "batch_limit", "Items that one batch may hold now; it shrinks when memory runs out"),
    ("tokens_per_second", "tokens_per_second", "Tokens a second of device time, of late"),
    ("real_time_factor", "real_time_factor", "Device seconds for a second of audio, of late"),
)
_KINDS: Final = ("failed", "cancelled", "out_of_memory", "hung")


class WorkCollector(Collector):
    """Asks the engines in `sources`; several that share a device tell of it once."""

    def __init__(self) -> None:
        self.sources: list[Measured] = []

    def collect(self) -> Iterator[Metric]:
        """Yield every metric, also when there is nothing to tell."""
        works = distinct(work for source in self.sources for work in source.work())
        for name, field, text in _COUNTERS:
            counter = CounterMetricFamily(f"companion_work_{name}", text, labels=LABELS)
            for work in works:
                counter.add_metric((work.device, work.stage), getattr(work, field))
            yield counter
        for name, field, text in _GAUGES:
            gauge = GaugeMetricFamily(f"companion_work_{name}", text, labels=LABELS)
            for work in works:
                gauge.add_metric((work.device, work.stage), getattr(work, field))
            yield gauge
        lost = CounterMetricFamily("companion_work_lost", "Items that were not done, by kind", labels=(*LABELS, "kind"))
        queue = HistogramMetricFamily("companion_work_queue_seconds", "Seconds that items waited", labels=LABELS)
        for work in works:
            for kind in _KINDS:
                lost.add_metric((work.device, work.stage, kind), getattr(work, kind))
            queue.add_metric((work.device, work.stage), _buckets(work), work.queue_sum)
        yield lost
        yield queue


def distinct(works: Iterable[Work]) -> list[Work]:
    """Keep one for each device and stage, the last that was told."""
    return list({(work.device, work.stage): work for work in works}.values())


def _buckets(work: Work) -> list[tuple[str, float]]:
    total, buckets = 0, []
    for bound, count in zip([*map(str, QUEUE_BOUNDS), "+Inf"], work.queue, strict=True):
        total += count
        buckets.append((bound, float(total)))
    return buckets
