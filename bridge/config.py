"""The configuration: one frozen value, from one TOML file, the environment and flags; later ones win.

Nothing else reads the environment. Unknown sections and keys are refused. Every key can be set as
`COMPANION_<SECTION>_<KEY>` in the environment and as `--set section.key=value` on the command line.
"""

from __future__ import annotations

import ipaddress
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Literal, TypeAlias
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta, Struct

from bridge.auth import check_secret
from bridge.errors import ConfigError

Seconds: TypeAlias = Annotated[float, Meta(gt=0, le=86_400)]
Whole: TypeAlias = Annotated[int, Meta(ge=1, le=1_000_000)]
PREFIX: Final = "COMPANION_"
SPEECH_BYTES: Final = 52_000  # a second of media takes about so many


class ServerSection(Struct, frozen=True, forbid_unknown_fields=True):
    """Where to listen. Outside loopback, TLS (or `insecure = true`) and an auth secret are required."""

    host: str = "127.0.0.1"
    port: Annotated[int, Meta(ge=0, le=65_535)] = 8765
    tls_cert: str = ""
    tls_key: str = ""
    insecure: bool = False
    origins: tuple[str, ...] = ()  # browser origins beside loopback ones, e.g. "https://example.org"; "*" for all
    drain_s: Seconds = 30.0
    retry_after_s: Seconds = 5.0


class AuthSection(Struct, frozen=True, forbid_unknown_fields=True):
    """Tokens; `required` also on loopback."""

    secret: str = ""
    required: bool = False


class LimitsSection(Struct, frozen=True, forbid_unknown_fields=True):
    """What a client, a user and all of them together may take."""

    sessions: Whole = 100
    sessions_per_user: Whole = 8
    viewers_per_session: Whole = 16
    message_bytes: Annotated[int, Meta(ge=4096, le=16_777_216)] = 294_912
    messages_per_s: Whole = 200
    text_chars: Annotated[int, Meta(ge=1, le=8192)] = 2000
    idle_s: Seconds = 600.0
    resume_s: Seconds = 60.0
    hello_s: Seconds = 10.0
    utterance_s: Seconds = 30.0
    reply_s: Seconds = 120.0
    backlog_bytes: Annotated[int, Meta(ge=65_536, le=67_108_864)] = 1_048_576


class TurnsSection(Struct, frozen=True, forbid_unknown_fields=True):
    """Turn-taking; see bridge/core/turns.py and bridge/core/segmenter.py."""

    endpoint_after_s: Annotated[float, Meta(ge=0, le=10)] = 0.25
    endpoint_least_s: Annotated[float, Meta(ge=0, le=10)] = 0.0
    endpoint_most_s: Annotated[float, Meta(ge=0, le=10)] = 1.0
    close_after_s: Annotated[float, Meta(ge=0, le=5)] = 0.15
    speculate_tries: Annotated[int, Meta(ge=0, le=10)] = 2
    stable_after_s: Annotated[float, Meta(ge=0, le=2)] = 0.15
    hold_for_s: Annotated[float, Meta(gt=0, le=60)] = 5.0
    barge_in_after_s: Annotated[float, Meta(ge=0, le=10)] = 0.4
    transcript_wait_s: Seconds = 8.0
    speech_enter: Annotated[float, Meta(gt=0, le=1)] = 0.5
    speech_leave: Annotated[float, Meta(gt=0, le=1)] = 0.35
    speech_after_s: Annotated[float, Meta(ge=0, le=2)] = 0.06
    silence_after_s: Annotated[float, Meta(gt=0, le=5)] = 0.3
    lead_s: Annotated[float, Meta(ge=0.1, le=5)] = 0.3
    first_word_s: Seconds = 30.0
    stall_s: Seconds = 15.0


class EnginesSection(Struct, frozen=True, forbid_unknown_fields=True):
    """Which engine does each job; "none" leaves it out."""

    vad: Literal["silero", "energy"] = "silero"
    stt: Literal["pocketsphinx", "whisper", "none"] = "pocketsphinx"
    dialogue: Literal["card", "transformers", "openai"] = "card"
    tts: Literal["espeak", "coqui", "xtts", "piper", "kokoro"] = "espeak"
    face: Literal["articulation", "none"] = "articulation"
    ending: Literal["words", "none"] = "words"
    stt_workers: Annotated[int, Meta(ge=0, le=64)] = 0  # 0: as many as fit this machine


class WhisperSection(Struct, frozen=True, forbid_unknown_fields=True):
    """The recogniser `whisper` (faster-whisper); see docs/HEARING.md."""

    model: str = "small"  # a size, an identifier on the Hugging Face Hub, or the path of a folder
    device: str = "auto"  # auto, cpu, cuda, cuda:N
    compute_type: str = "auto"  # float16 on a GPU, int8 on a CPU, or one of CTranslate2's
    language: str = ""  # a code such as "de"; "": the session's; "auto": detected in each utterance
    beam: Annotated[int, Meta(ge=1, le=16)] = 1  # of finals
    threads: Annotated[int, Meta(ge=0, le=256)] = 0  # of a CPU; 0: CTranslate2's choice
    batch: Annotated[int, Meta(ge=1, le=128)] = 8
    partial_s: Annotated[float, Meta(ge=0.1, le=5)] = 0.6
    trim_s: Annotated[float, Meta(ge=11, le=30)] = 15.0
    no_speech: Annotated[float, Meta(ge=0, le=1)] = 0.6
    logprob: Annotated[float, Meta(ge=-10, le=0)] = -1.0
    compression: Annotated[float, Meta(ge=1, le=100)] = 2.4


class OpenaiSection(Struct, frozen=True, forbid_unknown_fields=True):
    """The dialogue engine `openai`: any OpenAI-compatible endpoint; see docs/ENDPOINTS.md."""

    base_url: str = "http://127.0.0.1:11434/v1"
    model: str = ""  # "": the first that the endpoint has
    api_key: str = ""
    connect_s: Seconds = 3.0
    first_token_s: Seconds = 15.0
    stall_s: Seconds = 8.0
    temperature: Annotated[float, Meta(ge=0, le=2)] = 0.8
    max_tokens: Annotated[int, Meta(ge=1, le=100_000)] = 400
    context_tokens: Annotated[int, Meta(ge=512, le=10_000_000)] = 4096
    retries: Annotated[int, Meta(ge=0, le=10)] = 2
    tool_rounds: Annotated[int, Meta(ge=0, le=32)] = 4
    fallback: bool = True  # to the identity's script, if it has one


class CoquiSection(Struct, frozen=True, forbid_unknown_fields=True):
    """A VITS voice of Coqui; see docs/VOICES.md."""

    model: str = ""
    device: str = "auto"
    speaker: str = ""
    batch: Annotated[int, Meta(ge=1, le=256)] = 16
    threads: Annotated[int, Meta(ge=0, le=256)] = 0


class XttsSection(Struct, frozen=True, forbid_unknown_fields=True):
    """XTTS, which clones voices; see docs/VOICES.md."""

    model: str = ""
    device: str = "auto"
    speaker: str = ""
    early: bool = False
    batch: Annotated[int, Meta(ge=1, le=256)] = 16
    threads: Annotated[int, Meta(ge=0, le=256)] = 0


class PiperSection(Struct, frozen=True, forbid_unknown_fields=True):
    """A Piper voice; see docs/VOICES.md."""

    model: str = ""
    speaker: str = ""
    device: Literal["cpu", "cuda"] = "cpu"
    threads: Annotated[int, Meta(ge=0, le=256)] = 1


class KokoroSection(Struct, frozen=True, forbid_unknown_fields=True):
    """Kokoro and its voices; see docs/VOICES.md."""

    model: str = ""
    voices: str = ""
    voice: str = ""
    device: Literal["cpu", "cuda"] = "cpu"
    threads: Annotated[int, Meta(ge=0, le=256)] = 1


class ArticulationSection(Struct, frozen=True, forbid_unknown_fields=True):
    """The face `articulation`; see docs/FACE.md."""

    lead_ms: Annotated[float, Meta(ge=0, le=100)] = 25.0


class IdentitySection(Struct, frozen=True, forbid_unknown_fields=True):
    """Who speaks: a shipped identity's name, or the path of a folder, .charx, .json or .png card."""

    path: str = "teacher"


class PageSection(Struct, frozen=True, forbid_unknown_fields=True):
    """The page in the browser: where the packages for 3D heads are ("": of this user), and a head for all to see."""

    three: str = ""
    head: str = ""


class TransformersSection(Struct, frozen=True, forbid_unknown_fields=True):
    """The local language model; see engines/dialogue_transformers.py."""

    model: str = ""
    device: str = "auto"
    dtype: Literal["auto", "float32", "float16", "bfloat16"] = "auto"
    attention: Literal["auto", "sdpa", "eager"] = "auto"
    context: Annotated[int, Meta(ge=256, le=1_048_576)] = 4096
    batch: Annotated[int, Meta(ge=1, le=1024)] = 16
    prefill: Annotated[int, Meta(ge=16, le=65_536)] = 512
    max_tokens: Annotated[int, Meta(ge=1, le=65_536)] = 300
    temperature: Annotated[float, Meta(ge=0, le=5)] = 0.7
    top_p: Annotated[float, Meta(gt=0, le=1)] = 0.9
    top_k: Annotated[int, Meta(ge=0, le=1000)] = 40
    min_p: Annotated[float, Meta(ge=0, le=1)] = 0.0
    repetition_penalty: Annotated[float, Meta(gt=0, le=10)] = 1.0
    seed: Annotated[int, Meta(ge=0, le=2_147_483_647)] = 0
    stop: tuple[str, ...] = ()
    thinking: bool = False
    adapter: str = ""
    graphs: bool = True
    threads: Annotated[int, Meta(ge=0, le=256)] = 0
    step_s: Seconds = 60.0


class ModelsSection(Struct, frozen=True, forbid_unknown_fields=True):
    """Models on disk; `offline` keeps every library from the network. See docs/MODELS.md."""

    offline: bool = False


class LogSection(Struct, frozen=True, forbid_unknown_fields=True):
    """Logs go to standard error; they hold no words, names or addresses."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["text", "json"] = "text"


class Config(Struct, frozen=True, forbid_unknown_fields=True):
    """Everything that can be configured."""

    server: ServerSection = ServerSection()
    auth: AuthSection = AuthSection()
    limits: LimitsSection = LimitsSection()
    turns: TurnsSection = TurnsSection()
    engines: EnginesSection = EnginesSection()
    whisper: WhisperSection = WhisperSection()
    openai: OpenaiSection = OpenaiSection()
    coqui: CoquiSection = CoquiSection()
    xtts: XttsSection = XttsSection()
    piper: PiperSection = PiperSection()
    kokoro: KokoroSection = KokoroSection()
    articulation: ArticulationSection = ArticulationSection()
    identity: IdentitySection = IdentitySection()
    page: PageSection = PageSection()
    transformers: TransformersSection = TransformersSection()
    models: ModelsSection = ModelsSection()
    log: LogSection = LogSection()

    @property
    def loopback(self) -> bool:
        """Whether only this machine can connect."""
        return _is_this_machine(self.server.host)

    @property
    def token_required(self) -> bool:
        """Whether a caller must bring a token."""
        return self.auth.required or not self.loopback


def _is_this_machine(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def load(path: Path | None, environ: Mapping[str, str], settings: Iterable[str] = ()) -> Config:
    """The configuration from the file at `path`, `environ` and `section.key=value` settings, or a ConfigError."""
    tree: dict[str, dict[str, Any]] = {}
    if path is not None:
        _merge(tree, _read(path), str(path))
    for name, value in environ.items():
        section, _, key = name.removeprefix(PREFIX).lower().partition("_")
        if name.startswith(PREFIX) and key and section in Config.__struct_fields__:
            _set(tree, section, key, value, name)
    for setting in settings:
        name, equals, value = setting.partition("=")
        section, dot, key = name.partition(".")
        if not equals or not dot:
            raise ConfigError("bad_setting", f"--set takes section.key=value, not {setting!r}")
        _set(tree, section, key, value, name)
    try:
        config = msgspec.convert(tree, Config, strict=False)
    except msgspec.ValidationError as error:
        raise ConfigError("bad_config", f"the configuration cannot be used: {error}") from error
    check(config)
    return config


def check(config: Config) -> None:
    """ConfigError unless it is safe to start with `config`."""
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
    endpoint = urlsplit(config.openai.base_url).hostname or ""
    if config.models.offline and str(config.engines.dialogue) == "openai" and not _is_this_machine(endpoint):
        raise ConfigError(
            "offline",
            f"offline, the dialogue cannot be asked of {config.openai.base_url}: set openai.base_url to this machine",
        )
    if not config.loopback and not server.tls_cert and not server.insecure:
        raise ConfigError(
            "no_tls",
            f"listening on {server.host} needs TLS: set server.tls_cert and server.tls_key, or server.insecure = true "
            "behind a proxy that speaks TLS",
        )


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError("no_config", f"cannot read {path}: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError("bad_config", f"{path} is not TOML: {error}") from error


def _merge(tree: dict[str, dict[str, Any]], more: dict[str, Any], origin: str) -> None:
    for section, keys in more.items():
        if not isinstance(keys, dict):
            raise ConfigError("bad_config", f"{origin}: {section} must be a section")
        tree.setdefault(section, {}).update(keys)


def _set(tree: dict[str, dict[str, Any]], section: str, key: str, value: str, origin: str) -> None:
    kind = Config.__annotations__.get(section)
    if kind is None:
        raise ConfigError("bad_setting", f"{origin}: there is no section {section!r}")
    plural = (section, key) in (("server", "origins"), ("transformers", "stop"))
    tree.setdefault(section, {})[key] = [item.strip() for item in value.split(",")] if plural else value
