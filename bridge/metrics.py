"""Counts for Prometheus what the server does. Holds no personal data: no names, no words, no addresses."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Literal

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from bridge.work import WorkCollector
from engines.catalogue import table as catalogue
from engines.guard.verdicts import Flag
from engines.jobs import Engine, Engines
from engines.measures.work import Measured

STAGES: Final = ("transcript", "first_token", "first_speech", "first_media")
_BUCKETS: Final = (0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 5.0, 10.0)
_OUTCOMES: Final = ("used", "withdrawn", "outdated", "failed")
_ENGINE_CODES: Final = tuple(dict.fromkeys(job.code for job in catalogue.JOBS))


class Metrics:
    """The counters of one server."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        own = self._registry
        self.sessions = Gauge("companion_sessions", "Sessions that are open, parked ones included", registry=own)
        self.connections = Gauge("companion_connections", "WebSocket connections that are open", registry=own)
        self.turns = Counter("companion_turns", "Replies begun", registry=own)
        self.interrupted = Counter("companion_interrupted", "Replies cut by the user", registry=own)
        self.resumed = Counter("companion_resumed", "Sessions taken up again after a lost connection", registry=own)
        self.faces_shed = Counter("companion_faces_shed", "Media sent without face for a slow client", registry=own)
        self.mic_refused = Counter("companion_mic_refused", "Microphone frames that were not valid", registry=own)
        self.rate_limited = Counter("companion_rate_limited", "Client messages over the rate limit", registry=own)
        self._store_away = Gauge(
            "companion_store_away",
            "1 while the shared store does not answer and each process counts for itself",
            registry=own,
        )
        self._store_losses = Counter("companion_store_losses", "Times that the shared store went away", registry=own)
        self._refused = Counter("companion_refused", "Connections refused, by code", ["code"], registry=own)
        self._failed = Counter("companion_engine_failures", "Engine failures, by code", ["code"], registry=own)
        self._engines = Gauge("companion_engine", "1 for each engine that runs", ["job", "engine"], registry=own)
        self.identities = Gauge("companion_identities", "Identities that are loaded, by language", registry=own)
        self._reloads = Counter(
            "companion_identity_changes",
            "Identities that changed on disk: taken, or kept as they were",
            ["outcome"],
            registry=own,
        )
        self._stages = Histogram(
            "companion_turn_seconds",
            "Seconds from the end of the user's turn to each stage of the reply",
            ["stage"],
            buckets=_BUCKETS,
            registry=own,
        )
        self._judged = Counter(
            "companion_judged",
            "Verdicts of the gates that did not simply allow, of replies that somebody asked for",
            ["gate", "side", "ruling", "category"],
            registry=own,
        )
        self._speculations = Counter(
            "companion_speculations", "Replies begun before the user's turn was over", ["outcome"], registry=own
        )
        self.wasted = Counter(
            "companion_speculation_wasted_seconds", "Time for which replies ran that were not used", registry=own
        )
        self._ahead = Histogram(
            "companion_speculation_lead_seconds",
            "How long before it was due a reply that was used had been begun",
            buckets=_BUCKETS,
            registry=own,
        )
        self._by_outcome = {outcome: self._speculations.labels(outcome) for outcome in _OUTCOMES}
        self._by_change = {outcome: self._reloads.labels(outcome) for outcome in ("taken", "kept")}
        self._by_stage = {stage: self._stages.labels(stage) for stage in STAGES}
        self._by_code = {code: self._failed.labels(code) for code in _ENGINE_CODES}
        self._work = WorkCollector()
        own.register(self._work)

    def watch(self, engines: Engines) -> None:
        """Include from now on what these engines measure of themselves."""
        self._work.sources += [engine for engine in engines.all() if isinstance(engine, Measured)]
        for job in catalogue.JOBS:
            if (engine := getattr(engines, job.name)) is not None:
                self._engines.labels(job.name, engine.name).set(1)

    def watch_more(self, engines: Iterable[Engine]) -> None:
        """Include engines of a further companion, until `unwatch`."""
        self._work.sources += [engine for engine in engines if isinstance(engine, Measured)]

    def unwatch(self, engines: Iterable[Engine]) -> None:
        """Leave them out again."""
        gone = {id(engine) for engine in engines}
        self._work.sources[:] = [source for source in self._work.sources if id(source) not in gone]

    def reloaded(self, outcome: Literal["taken", "kept"]) -> None:
        """Record that an identity changed on disk, and whether the new one could be used."""
        self._by_change[outcome].inc()

    def stage(self, stage: str, seconds: float) -> None:
        """Record that one of STAGES was reached `seconds` after the user's turn was over."""
        self._by_stage[stage].observe(max(0.0, seconds))

    def speculated(self, outcome: str, seconds: float) -> None:
        """Record how a reply begun ahead ended after `seconds`: used, withdrawn, outdated or failed."""
        self._by_outcome[outcome].inc()
        if outcome == "used":
            self._ahead.observe(seconds)
        else:
            self.wasted.inc(seconds)

    def engine_failed(self, code: str) -> None:
        """Record that an engine failed a turn."""
        if code in self._by_code:
            self._by_code[code].inc()

    def judged(self, flag: Flag) -> None:
        """Record a verdict that did not simply allow."""
        ruling = "again" if flag.anew else flag.verdict.ruling
        self._judged.labels(flag.gate, flag.side, ruling, flag.verdict.category).inc()

    def store_away(self, away: bool) -> None:
        """Record that the shared store went away, or came back."""
        self._store_away.set(away)
        if away:
            self._store_losses.inc()

    def refused(self, code: str) -> None:
        """Record that a connection was refused with `code`."""
        self._refused.labels(code).inc()

    def text(self) -> bytes:
        """Write all of it in Prometheus text format."""
        return generate_latest(self._registry)
