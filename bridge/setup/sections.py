"""Declares every section of the configuration: keys, defaults, bounds. What uses a section reads it from `Config`."""

from __future__ import annotations

from typing import Annotated, Final, Literal, TypeAlias

import msgspec
from msgspec import Meta, Struct

from bridge.core.budget import Allowance
from bridge.core.timeline import seconds
from bridge.session.companion import Rules
from engines.text.redaction import HIDDEN, redacted

Seconds: TypeAlias = Annotated[float, Meta(gt=0, le=86_400)]
Whole: TypeAlias = Annotated[int, Meta(ge=1, le=1_000_000)]

SECRETS: Final = frozenset({"secret", "api_key", "ice_credential"})  # keys whose values are told to nobody

# Defaults of how a session runs stand in its rules, so that what is tested is what ships.
_RULES: Final = Rules()
_TURNS: Final = _RULES.policy
_SPEECH: Final = _RULES.hysteresis
_SIGHTED: Final = _RULES.sighted
_ALLOWANCE: Final = Allowance()


class Discreet(Struct, frozen=True):
    """A section that may hold secrets: its repr, which logs and tracebacks show, hides them."""

    def __repr__(self) -> str:
        """Write it as a Struct does, without secrets and the logins of addresses."""
        told = {
            name: HIDDEN if name in SECRETS and value else value for name, value in msgspec.structs.asdict(self).items()
        }
        return redacted(f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in told.items())})")


class ServerSection(Struct, frozen=True, forbid_unknown_fields=True):
    """Where to listen. Outside loopback, TLS (or `insecure = true`) and an auth secret are required."""

    host: str = "127.0.0.1"
    port: Annotated[int, Meta(ge=0, le=65_535)] = 8765
    tls_cert: str = ""
    tls_key: str = ""
    insecure: bool = False
    origins: tuple[str, ...] = ()  # browser origins beside loopback ones, e.g. "https://example.org"; "*" for all
    workers: Annotated[int, Meta(ge=1, le=256)] = 1  # processes that serve the port together; see docs/SCALING.md
    drain_s: Seconds = 30.0
    retry_after_s: Seconds = 5.0


class ClusterSection(Discreet, frozen=True, forbid_unknown_fields=True):
    """Bridges on several machines behind one balancer; see docs/SCALING.md."""

    place: str = ""  # what this bridge is called in the names of its sessions; "": the machine's name
    peers: str = ""  # where the others are, e.g. "ws://{place}.bridge:8765"; "": there are none
    store: str = ""  # redis://HOST:PORT/N of a Redis or Valkey that all share; "": each process counts for itself


class AuthSection(Discreet, frozen=True, forbid_unknown_fields=True):
    """Tokens; `required` also on loopback."""

    secret: str = ""
    required: bool = False


class LimitsSection(Struct, frozen=True, forbid_unknown_fields=True):
    """What a client, a user and all of them together may take."""

    sessions: Whole = 100
    sessions_per_user: Whole = 8
    viewers_per_session: Whole = 16
    rooms: Annotated[int, Meta(ge=0, le=100_000)] = 32  # 0: there are none
    people_per_room: Annotated[int, Meta(ge=1, le=1000)] = 50
    companions_per_room: Annotated[int, Meta(ge=1, le=8)] = 4
    message_bytes: Annotated[int, Meta(ge=4096, le=16_777_216)] = _RULES.message_bytes
    messages_per_s: Whole = _RULES.messages_per_s
    bytes_per_s: Annotated[int, Meta(ge=65_536, le=1_000_000_000)] = round(_ALLOWANCE.bytes)
    values_per_s: Annotated[int, Meta(ge=1024, le=1_000_000_000)] = round(_ALLOWANCE.values)
    turns_per_s: Annotated[float, Meta(ge=0.1, le=100_000)] = _ALLOWANCE.turns
    handshakes: Annotated[int, Meta(ge=8, le=100_000)] = 256
    handshakes_per_address: Annotated[int, Meta(ge=4, le=100_000)] = 128
    text_chars: Annotated[int, Meta(ge=1, le=8192)] = _RULES.text_chars
    idle_s: Seconds = _RULES.idle_after
    resume_s: Seconds = _RULES.resume_after
    hello_s: Seconds = 10.0
    utterance_s: Seconds = _RULES.longest_utterance
    reply_s: Seconds = _RULES.longest_reply
    backlog_bytes: Annotated[int, Meta(ge=65_536, le=67_108_864)] = 1_048_576


class TurnsSection(Struct, frozen=True, forbid_unknown_fields=True):
    """Turn-taking; see bridge/core/turns.py and bridge/core/segmenter.py."""

    endpoint_after_s: Annotated[float, Meta(ge=0, le=10)] = _TURNS.endpoint_after
    endpoint_least_s: Annotated[float, Meta(ge=0, le=10)] = _TURNS.endpoint_least
    endpoint_most_s: Annotated[float, Meta(ge=0, le=10)] = _TURNS.endpoint_most
    close_after_s: Annotated[float, Meta(ge=0, le=5)] = _TURNS.close_after
    close_voice_after_s: Annotated[float, Meta(ge=0, le=5)] = _TURNS.close_voice_after
    voice_trust: Annotated[float, Meta(ge=0, le=1)] = _TURNS.voice_trust
    speculate_tries: Annotated[int, Meta(ge=0, le=10)] = _TURNS.tries
    stable_after_s: Annotated[float, Meta(ge=0, le=2)] = _TURNS.stable_after
    hold_for_s: Annotated[float, Meta(gt=0, le=60)] = _TURNS.hold_for
    barge_in_after_s: Annotated[float, Meta(ge=0, le=10)] = _TURNS.barge_in_after
    reopen_within_s: Annotated[float, Meta(ge=0, le=5)] = _TURNS.reopen_within
    transcript_wait_s: Seconds = _RULES.limits.transcript
    speech_enter: Annotated[float, Meta(gt=0, le=1)] = _SPEECH.enter
    speech_leave: Annotated[float, Meta(gt=0, le=1)] = _SPEECH.leave
    speech_after_s: Annotated[float, Meta(ge=0, le=2)] = _SPEECH.start_after
    silence_after_s: Annotated[float, Meta(gt=0, le=5)] = _SPEECH.stop_after
    lead_s: Annotated[float, Meta(ge=0.1, le=5)] = seconds(_RULES.lead)
    first_word_s: Seconds = _RULES.limits.first_word
    stall_s: Seconds = _RULES.limits.stall
    speech_stall_s: Seconds = _RULES.limits.speech


class EnginesSection(Struct, frozen=True, forbid_unknown_fields=True):
    """Which engine of the catalogue does each job; "none" leaves it out where that is possible."""

    vad: str = "silero"
    stt: str = "pocketsphinx"
    dialogue: str = "card"
    tts: str = "espeak"
    face: str = "articulation"
    ending: str = "words"
    intonation: str = "none"
    diarizer: str = "none"
    sight: str = "none"
    duplex: str = "none"
    stt_workers: Annotated[int, Meta(ge=0, le=64)] = 0  # 0: as many as fit this machine


class SpeechSection(Struct, frozen=True, forbid_unknown_fields=True):
    """How a reply is spoken, whatever the voice: a block of code is announced, left out, or read symbol by symbol."""

    code: Literal["announce", "read", "skip"] = _RULES.code_blocks


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
    hints: bool = True  # tell the model the names and topics of the conversation before it listens


class SmartTurnSection(Struct, frozen=True, forbid_unknown_fields=True):
    """The judge of intonation `smart_turn`; see docs/TURN_TAKING.md."""

    model: str = "v3.2"  # a version, an identifier on the Hugging Face Hub, the path of a folder or of the .onnx
    threads: Annotated[int, Meta(ge=0, le=256)] = 0  # 0: half of the CPU's, at most 4
    batch: Annotated[int, Meta(ge=1, le=64)] = 8


class TimbreSection(Struct, frozen=True, forbid_unknown_fields=True):
    """What tells voices apart, `timbre`; see docs/ROOMS.md."""

    most: Annotated[int, Meta(ge=1, le=32)] = 8  # voices in a session


class SpeakerNetSection(Struct, frozen=True, forbid_unknown_fields=True):
    """What tells voices apart by a net of your own, `speaker_net`; see docs/ROOMS.md."""

    model: str = ""  # the path of the .onnx or of its folder, or an identifier on the Hugging Face Hub
    alike: Annotated[float, Meta(ge=0.2, le=0.95)] = 0.65  # cosine of two utterances of one voice
    most: Annotated[int, Meta(ge=1, le=32)] = 8  # voices in a session
    threads: Annotated[int, Meta(ge=0, le=256)] = 0  # 0: half of the CPU's, at most 4


class MediapipeSection(Struct, frozen=True, forbid_unknown_fields=True):
    """The reader of faces `mediapipe`; see docs/SIGHT.md."""

    model: str = "face_landmarker"  # the path of face_landmarker.task or of its folder
    faces: Annotated[int, Meta(ge=1, le=4)] = 2  # that are followed at once
    cameras: Annotated[int, Meta(ge=1, le=64)] = 8  # whose pictures are read at once


class SightSection(Struct, frozen=True, forbid_unknown_fields=True):
    """What a companion makes of the user's face, whoever reads it; see docs/SIGHT.md."""

    seen: bool = _SIGHTED.seen  # heed the faces that clients read themselves
    expressions: bool = _SIGHTED.expressions  # tell the dialogue what the user's face does
    greet: bool = _SIGHTED.greet  # who comes, and say goodbye to who goes
    answers: bool = _SIGHTED.answers  # take a nod or a shake of the head for an answer to a question
    mirror: Annotated[float, Meta(ge=0, le=1)] = (
        _SIGHTED.mirror
    )  # share of the user's smile that the companion's face returns
    regard: bool = _SIGHTED.regard  # the companion's eyes meet the user's


class OpenaiSection(Discreet, frozen=True, forbid_unknown_fields=True):
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
    thought_open: bool = False  # its answers begin inside a thought
    offered: tuple[str, ...] = ()  # models that people may choose from
    vision: bool = False  # show it the pictures that tools bring
    fallback: bool = True  # to the identity's script, if it has one


class RealtimeSection(Discreet, frozen=True, forbid_unknown_fields=True):
    """The duplex engine `realtime`: a model that hears and speaks by itself, at an address; see docs/DUPLEX.md."""

    url: str = ""  # e.g. "wss://HOST/v1/realtime"
    api_key: str = ""
    model: str = ""  # "": the server's own
    voice: str = ""  # "": the server's own
    transcription: str = "whisper-1"  # what writes the user's words there; "": nothing
    detection: Literal["server_vad", "semantic_vad", "none"] = "server_vad"  # how it finds turns; none: as it will
    interrupts: bool = True  # speech that it hears ends what it says
    unwritten: bool = False  # let it be heard although it does not write what it says, and nobody can judge it
    hear_rate: Annotated[int, Meta(ge=8000, le=48_000)] = 24_000  # samples per second that it hears
    speak_rate: Annotated[int, Meta(ge=8000, le=48_000)] = 24_000  # and speaks
    beta: bool = False  # it takes the beta's names alone
    connect_s: Seconds = 5.0


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


class KnowledgeSection(Struct, frozen=True, forbid_unknown_fields=True):
    """What the identity knows from documents; see docs/KNOWLEDGE.md."""

    passages: Annotated[int, Meta(ge=0, le=8)] = 3  # of the documents, for one turn of a language model
    check: bool = True  # hold what is said to facts and rules
    sources: bool = True  # tell clients what a reply rests on


class IdentitySection(Struct, frozen=True, forbid_unknown_fields=True):
    """Who speaks: a shipped identity's name or the path of a card, in its own language or another; and who else may."""

    path: str = "teacher"
    language: str = ""  # a BCP-47 tag; "": the identity's
    others: Literal["auto", "yes", "no"] = (
        "auto"  # whether clients may ask for others; auto: on loopback, or by `folder`
    )
    folder: str = ""  # of identities; "": ~/.companion-bridge/identities
    loaded: Annotated[int, Meta(ge=1, le=256)] = 8  # at once


class ProvenanceSection(Struct, frozen=True, forbid_unknown_fields=True):
    """What says that speech was made by a machine; see docs/PROVENANCE.md."""

    mark: bool = True
    key: str = ""  # a file; "": the public key, with which everybody can detect
    keys: str = ""  # a folder; "": ~/.companion-bridge/keys
    trust: str = ""  # a file of certificates
    producer: str = ""
    china: bool = False


class MemorySection(Discreet, frozen=True, forbid_unknown_fields=True):
    """What the companion remembers of people from session to session; see docs/MEMORY.md."""

    keep: Literal["ask", "always", "never"] = "ask"  # ask: of those who agree; always: of everybody who does not refuse
    store: str = ""  # a file, or postgresql://NAME@HOST/DATABASE; "": ~/.companion-bridge/memory/memory.sqlite
    days: Annotated[float, Meta(ge=0, le=36_500)] = 365.0  # that what nobody speaks of is kept; 0: for ever
    tokens: Annotated[int, Meta(ge=0, le=4000)] = 300  # that a turn may be told
    model: bool = True  # let a language model read what was told, too
    scrub: bool = False  # keep nothing that names or reaches people


class EmbeddingsSection(Discreet, frozen=True, forbid_unknown_fields=True):
    """What lets memory find what other words told; see docs/MEMORY.md. Without an address and a model: words alone."""

    base_url: str = ""  # of an OpenAI-compatible endpoint, such as http://127.0.0.1:11434/v1
    model: str = ""  # its name there; without an address the folder of a sentence model
    api_key: str = ""
    wait_s: Annotated[float, Meta(gt=0, le=0.2)] = 0.1  # that a turn waits for it


class OutletsSection(Discreet, frozen=True, forbid_unknown_fields=True):
    """Where else the face goes: addresses such as `vmc://127.0.0.1:39539`; `abroad` allows other machines' too."""

    to: tuple[str, ...] = ()
    abroad: bool = False
    performer: str = ""  # whose face is shown while the companion is silent: "client", or an address to listen at
    tokens: str = ""  # the file of VTube Studio's tokens; "" for one beside the user's other settings


class PageSection(Struct, frozen=True, forbid_unknown_fields=True):
    """The page in the browser: where the packages for 3D heads are ("": of this user), and a head for all to see.

    `address` is where other devices reach it, for the invitation; `ca` the certificate of the authority that they need.
    """

    three: str = ""
    head: str = ""
    address: str = ""
    ca: str = ""


class TransformersSection(Struct, frozen=True, forbid_unknown_fields=True):
    """The local language model; see engines/dialogue/transformers/engine.py."""

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


class GuardSection(Discreet, frozen=True, forbid_unknown_fields=True):
    """The content filter; see docs/SAFETY.md."""

    enabled: bool = True
    audience: Literal["everyone", "teen", "adult"] = "everyone"
    region: str = ""  # a country's two letters, whose help lines are told; "": guessed from the language
    remind_s: Annotated[float, Meta(ge=0, le=86_400)] = 10_800.0  # 0: never; only for adults
    queue: str = ""  # a folder; "": this user's; "none": no queue
    queue_words: bool = False  # keep what was said, and not only a mark of it
    model_url: str = ""  # of an OpenAI-compatible endpoint that has a guard model
    model: str = ""
    api_key: str = ""
    model_folder: str = ""  # or a guard model on this disk
    model_device: str = "cpu"
    model_wait_s: Annotated[float, Meta(gt=0, le=1.5)] = 0.8


class McpSection(Struct, frozen=True, forbid_unknown_fields=True):
    """Tools of MCP servers; see docs/MCP.md."""

    servers: tuple[str, ...] = ()  # NAME=COMMAND or NAME=ADDRESS
    allow: tuple[str, ...] = ()  # NAME.TOOL, or a pattern such as NAME.*: what the companion may use
    timeout_s: Annotated[float, Meta(gt=0, le=60)] = 8.0  # of a call
    result_chars: Annotated[int, Meta(ge=100, le=32_768)] = 4000


class WebrtcSection(Discreet, frozen=True, forbid_unknown_fields=True):
    """Calls over WebRTC; see docs/REALTIME.md."""

    addresses: tuple[str, ...] = ()  # of this machine, to offer; none: 127.0.0.1 on loopback, else all that it has
    ice_servers: tuple[str, ...] = ()  # "stun:HOST:PORT", "turn:HOST:PORT", "turns:HOST:PORT"; one of each is used
    ice_username: str = ""  # at the TURN server
    ice_credential: str = ""
    connect_s: Annotated[float, Meta(gt=0, le=60)] = 15.0  # after the answer, until the client has connected


class RemoteSection(Discreet, frozen=True, forbid_unknown_fields=True):
    """Engines in another process or on another machine; see docs/SCALING.md."""

    address: str = "ws://127.0.0.1:8900"  # what `companion engines` or Ray Serve listens at
    api_key: str = ""  # what both ends share
    patience_s: Annotated[float, Meta(gt=0, le=60)] = 5.0  # that a request may wait for its turn there


class ModelsSection(Struct, frozen=True, forbid_unknown_fields=True):
    """Models on disk; `offline` keeps every library from the network. See docs/MODELS.md."""

    offline: bool = False


class LogSection(Struct, frozen=True, forbid_unknown_fields=True):
    """Logs go to standard error; they hold no words, names or addresses."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["text", "json"] = "text"
    traces: str = ""  # where spans of turns go: OTLP over HTTP, e.g. "http://127.0.0.1:4318"; "": nowhere
