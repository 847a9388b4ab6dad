"""Builds the configuration: one frozen value, from one TOML file, the environment and flags; later ones win.

Nothing else reads the environment. Unknown sections and keys are refused. Every key can be set as
`COMPANION_<SECTION>_<KEY>` in the environment and as `--set section.key=value` on the command line.
"""

from __future__ import annotations

import ipaddress
import re
import sys
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final, get_args, get_type_hints
from urllib.parse import urlsplit

import msgspec
from msgspec import Struct

from bridge.auth import check_secret
from bridge.errors import ConfigError
from bridge.setup.given import Given
from bridge.setup.nearest import did_you_mean
from bridge.setup.sections import (
    ArticulationSection,
    AuthSection,
    ClusterSection,
    CoquiSection,
    EmbeddingsSection,
    EnginesSection,
    GuardSection,
    IdentitySection,
    KnowledgeSection,
    KokoroSection,
    LimitsSection,
    LogSection,
    McpSection,
    MediapipeSection,
    MemorySection,
    ModelsSection,
    OpenaiSection,
    OutletsSection,
    PageSection,
    PiperSection,
    ProvenanceSection,
    RealtimeSection,
    RemoteSection,
    ServerSection,
    SightSection,
    SmartTurnSection,
    SpeakerNetSection,
    SpeechSection,
    TimbreSection,
    TransformersSection,
    TurnsSection,
    WebrtcSection,
    WhisperSection,
    XttsSection,
)
from engines.catalogue import table as catalogue
from engines.text.redaction import quoted

PLACE: Final = re.compile(r"[A-Za-z0-9-]{0,32}")
SPEECH_BYTES: Final = 52_000  # a second of media takes about so many


class Config(Struct, frozen=True, forbid_unknown_fields=True):
    """Everything that can be configured."""

    server: ServerSection = ServerSection()
    cluster: ClusterSection = ClusterSection()
    auth: AuthSection = AuthSection()
    limits: LimitsSection = LimitsSection()
    turns: TurnsSection = TurnsSection()
    engines: EnginesSection = EnginesSection()
    speech: SpeechSection = SpeechSection()
    whisper: WhisperSection = WhisperSection()
    smart_turn: SmartTurnSection = SmartTurnSection()
    timbre: TimbreSection = TimbreSection()
    speaker_net: SpeakerNetSection = SpeakerNetSection()
    sight: SightSection = SightSection()
    mediapipe: MediapipeSection = MediapipeSection()
    openai: OpenaiSection = OpenaiSection()
    realtime: RealtimeSection = RealtimeSection()
    coqui: CoquiSection = CoquiSection()
    xtts: XttsSection = XttsSection()
    piper: PiperSection = PiperSection()
    kokoro: KokoroSection = KokoroSection()
    articulation: ArticulationSection = ArticulationSection()
    identity: IdentitySection = IdentitySection()
    provenance: ProvenanceSection = ProvenanceSection()
    knowledge: KnowledgeSection = KnowledgeSection()
    memory: MemorySection = MemorySection()
    embeddings: EmbeddingsSection = EmbeddingsSection()
    outlets: OutletsSection = OutletsSection()
    page: PageSection = PageSection()
    transformers: TransformersSection = TransformersSection()
    guard: GuardSection = GuardSection()
    mcp: McpSection = McpSection()
    webrtc: WebrtcSection = WebrtcSection()
    remote: RemoteSection = RemoteSection()
    models: ModelsSection = ModelsSection()
    log: LogSection = LogSection()

    @property
    def loopback(self) -> bool:
        """Say whether only this machine can connect."""
        return is_this_machine(self.server.host)

    @property
    def token_required(self) -> bool:
        """Say whether a caller must bring a token."""
        return self.auth.required or not self.loopback


def is_this_machine(host: str) -> bool:
    """Say whether an address is reached from this machine alone."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def load(path: Path | None, environ: Mapping[str, str], settings: Iterable[str] = ()) -> Config:
    """Build the configuration from a file, `environ` and `section.key=value` settings, or raise ConfigError."""
    given = Given({field.name: type(field.default).__struct_fields__ for field in msgspec.structs.fields(Config)})
    if path is not None:
        given.file(_read(path), str(path))
    given.environment(environ)
    for setting in settings:
        given.command_line(setting)
    try:
        config = msgspec.convert(given.values, Config, strict=False)
    except msgspec.ValidationError as error:
        raise ConfigError("bad_config", _wrong_value(str(error), given)) from error
    for job in catalogue.JOBS:
        check_choice(job.name, getattr(config.engines, job.name))
    check(config)
    return config


def check_choice(job: str, name: str) -> None:
    """Raise ConfigError unless `engines.JOB` may be `name`."""
    known = catalogue.choices(job)
    if name in known:
        return
    does = next((each for each in catalogue.ENGINES if each.name == name), None)
    if does:
        hint = f"; that is a {catalogue.job(does.job).duty}: set engines.{does.job}"
    else:
        hint = did_you_mean(name, known) or f"; there are {', '.join(known)}"
    raise ConfigError(
        "bad_config", f"engines.{job} is {quoted(name)}: there is no such {catalogue.job(job).duty}{hint}"
    )


def check(config: Config) -> None:
    """Raise ConfigError unless it is safe to start with `config`."""
    server, auth = config.server, config.auth
    if bool(server.tls_cert) != bool(server.tls_key):
        raise ConfigError("bad_tls", "TLS needs both server.tls_cert and server.tls_key")
    if auth.secret:
        check_secret(auth.secret)
    if config.token_required and not auth.secret:
        raise ConfigError(
            "no_secret",
            f"listening on {server.host} needs tokens: set auth.secret (or COMPANION_AUTH_SECRET) to at least 32 bytes",
        )
    if config.limits.backlog_bytes < 2 * config.turns.lead_s * SPEECH_BYTES:
        raise ConfigError(
            "bad_config", "limits.backlog_bytes must hold twice turns.lead_s of speech, or every client counts as slow"
        )
    _check_cluster(config)
    _check_embeddings(config)
    endpoint = _host(config.openai.base_url, "openai")
    if not (config.openai.api_key.isascii() and config.openai.api_key.isprintable()):
        raise ConfigError("bad_config", "openai.api_key has characters that no header can carry: copy it again")
    if config.models.offline and config.engines.dialogue == "openai" and not is_this_machine(endpoint):
        raise ConfigError(
            "offline",
            f"offline, the dialogue cannot be asked of {config.openai.base_url}: set openai.base_url to this machine",
        )
    _check_realtime(config)
    if not config.loopback and not server.tls_cert and not server.insecure:
        raise ConfigError(
            "no_tls",
            f"listening on {server.host} needs TLS: set server.tls_cert and server.tls_key, or server.insecure = true "
            "behind a proxy that speaks TLS",
        )


def _check_realtime(config: Config) -> None:
    """Raise ConfigError where the address of a duplex model cannot be called."""
    section = config.realtime
    if config.engines.duplex != "realtime":
        return
    try:
        parts = urlsplit(section.url)
        good = parts.scheme in ("ws", "wss") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        good = False
    if not good:
        raise ConfigError(
            "bad_config",
            "realtime.url is no address: it must be one such as wss://HOST/v1/realtime or ws://HOST:PORT/...",
        )
    if not (section.api_key.isascii() and section.api_key.isprintable()):
        raise ConfigError("bad_config", "realtime.api_key has characters that no header can carry: copy it again")
    if config.models.offline and not is_this_machine(parts.hostname or ""):
        sentence = "offline, no duplex model elsewhere can be talked to: set realtime.url to this machine"
        raise ConfigError("offline", sentence)


def _check_cluster(config: Config) -> None:
    """Raise ConfigError where several processes or machines cannot serve as one."""
    workers, cluster = config.server.workers, config.cluster
    if workers > 1 and sys.platform != "linux":
        raise ConfigError("bad_config", "several workers (server.workers) need Linux: elsewhere run one")
    if workers > 1 and config.outlets.to:
        sentence = "outlets show one companion: serve them with one worker (server.workers = 1)"
        raise ConfigError("bad_config", sentence)
    if not cluster.peers:
        return
    parts = urlsplit(cluster.peers.replace("{place}", "place"))
    if "{place}" not in cluster.peers or parts.scheme not in ("ws", "wss"):
        sentence = 'cluster.peers is an address with {place} in it, such as "ws://{place}.bridge:8765"'
        raise ConfigError("bad_config", sentence)
    if not config.auth.secret:
        raise ConfigError("no_secret", "bridges that pass sessions on share auth.secret: it signs where a session is")
    if not PLACE.fullmatch(cluster.place):
        raise ConfigError("bad_config", "cluster.place has 0 to 32 letters, digits and hyphens")


def _check_embeddings(config: Config) -> None:
    """Raise ConfigError where an embedder cannot be asked."""
    given = config.embeddings
    if not given.base_url:
        return
    host = _host(given.base_url, "embeddings")
    if not given.model:
        raise ConfigError("bad_config", "embeddings.model is the name of the model at embeddings.base_url: set it")
    if not (given.api_key.isascii() and given.api_key.isprintable()):
        raise ConfigError("bad_config", "embeddings.api_key has characters that no header can carry: copy it again")
    if config.models.offline and not is_this_machine(host):
        sentence = f"offline, no vectors can be asked of {given.base_url}: set embeddings.base_url to this machine"
        raise ConfigError("offline", sentence)


def _host(address: str, section: str) -> str:
    """Return the host of an endpoint's address; ConfigError when it is no address of HTTP."""
    try:
        parts = urlsplit(address)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        good = False
    if not good:
        raise ConfigError(
            "bad_config",
            f"{section}.base_url is no address: it must be one such as http://127.0.0.1:11434/v1",
        )
    return parts.hostname or ""


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))  # editors on Windows begin files with a mark
    except OSError as error:
        raise ConfigError("no_config", f"cannot read {path}: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError("bad_config", f"{path} is not TOML: {error}") from error


def _wrong_value(error: str, given: Given) -> str:
    """Tell which setting has a value that it cannot have, where it was made and what is expected; not the value."""
    fit = re.fullmatch(r"(.*) - at `\$\.(\w+)\.(\w+).*`", error, re.DOTALL)
    if fit is None:
        return f"the configuration cannot be used: {error}"
    wrong, section, key = fit.groups()
    if enum := re.fullmatch("Invalid enum value '(.*)'", wrong, re.DOTALL):
        kind = get_type_hints(type(getattr(Config(), section)))[key]
        wrong = f"{quoted(enum[1])} is none of {', '.join(get_args(kind))}"
    return f"{section}.{key} ({given.origin(section, key)}): {wrong[:1].lower()}{wrong[1:]}"
