"""What is proposed to a machine, by its memory, its cores, its language and what is installed."""

from __future__ import annotations

import pytest

from bridge.setup import machine
from bridge.setup.advice import LOW, PIPER, WHISPER, better, ears, minds, voices
from bridge.setup.languages import NAMES
from bridge.setup.machine import GB, Machine
from bridge.setup.models.needs import Repository, need
from bridge.setup.nearby import Mind

ALL = frozenset({"openai", "whisper", "piper"})


def of(gigabytes: float, cores: int = 4, engines: frozenset[str] = ALL) -> Machine:
    return Machine(int(gigabytes * GB), cores, engines)


def nothing(engine: str, model: str) -> bool:
    return False


def everything(engine: str, model: str) -> bool:
    return True


@pytest.mark.parametrize(
    ("gigabytes", "cores", "language", "sizes"),
    [
        (0.2, 4, "en", []),
        (0.5, 4, "en", ["tiny.en"]),
        (1, 4, "en-us", ["base.en", "tiny.en"]),
        (1, 1, "en-us", ["tiny.en", "base.en"]),
        (2, 4, "de", ["small", "tiny", "base"]),
        (2, 2, "de", ["base", "tiny", "small"]),
        (64, 8, "zh", ["small", "tiny", "base", "medium", "large-v3-turbo"]),
        (0, 4, "zh", ["small", "tiny", "base", "medium", "large-v3-turbo"]),
    ],
)
def test_sizes_of_whisper_follow_memory_and_cores(
    gigabytes: float, cores: int, language: str, sizes: list[str]
) -> None:
    options = ears(of(gigabytes, cores), language, everything)
    assert [
        option.settings["whisper.model"] for option in options if option.settings["engines.stt"] == "whisper"
    ] == sizes
    assert any(option.settings["engines.stt"] == "pocketsphinx" for option in options)


def test_what_is_here_is_proposed_before_what_would_have_to_be_fetched() -> None:
    assert ears(of(8), "en", nothing)[0].settings == {"engines.stt": "pocketsphinx"}
    assert ears(of(8), "en", lambda engine, model: model == "tiny.en")[0].settings["whisper.model"] == "tiny.en"
    assert voices(of(8), "de", nothing)[0].settings == {"engines.tts": "espeak"}
    assert voices(of(8), "de", everything)[0].settings["piper.model"] == "de_DE-thorsten-medium"
    fetched = [option.fetch for option in ears(of(8), "en", nothing)]
    assert fetched[1] == "whisper:small.en"
    assert ears(of(8, engines=frozenset()), "en", everything)[0].settings == {"engines.stt": "pocketsphinx"}


@pytest.mark.parametrize(
    ("language", "gigabytes", "voice"),
    [
        ("en", 8, "en_US-lessac-medium"),
        ("en-gb", 8, "en_GB-alan-medium"),
        ("en_GB", 1, "en_GB-alan-low"),
        ("en-us", 1, "en_US-lessac-low"),
        ("cmn", 8, "zh_CN-huayan-medium"),
        ("nb", 8, "no_NO-talesyntese-medium"),
        ("tlh", 8, ""),
    ],
)
def test_a_voice_follows_language_and_memory(language: str, gigabytes: float, voice: str) -> None:
    named = [option.settings.get("piper.model") for option in voices(of(gigabytes), language, everything)]
    assert [name for name in named if name] == ([voice] if voice else [])


@pytest.mark.parametrize("voice", [*PIPER.values(), *LOW.values()])
def test_every_voice_is_a_name_that_can_be_pulled(voice: str) -> None:
    source = need("piper", voice).source
    assert isinstance(source, Repository)
    assert source.name == "rhasspy/piper-voices"


def test_tables_know_the_names_that_others_know() -> None:
    assert {key.split("-")[0] for key in PIPER} <= set(NAMES)
    for size in WHISPER:
        assert isinstance(need("whisper", size).source, Repository)


def test_models_that_fit_the_memory_are_proposed_first() -> None:
    found = [
        Mind("Ollama", "u", "large", int(40 * GB)),
        Mind("Ollama", "u", "small", int(2 * GB)),
        Mind("LM Studio", "v", "x"),
    ]
    assert [option.settings.get("openai.model") for option in minds(found, of(16))] == ["small", "x", "large", None]
    assert minds(found, of(16, engines=frozenset()))[0].settings == {"engines.dialogue": "card"}
    assert minds([], of(16))[0].settings == {"engines.dialogue": "card"}


def test_what_would_be_better_is_told_with_commands_and_only_where_it_would_be() -> None:
    embedded = {"engines.dialogue": "card", "engines.stt": "pocketsphinx", "engines.tts": "espeak"}
    told = "\n".join(better(of(8, engines=frozenset()), "de", embedded))
    for command in (
        "ollama pull qwen3:4b",
        "[openai]",
        "[stt,models]",
        "whisper:small`",
        "[piper,models]",
        "piper:de_DE-thorsten-medium",
    ):
        assert command in told
    assert better(of(8), "de", {"engines.dialogue": "openai", "engines.stt": "whisper", "engines.tts": "piper"}) == []
    assert "pip install" not in "\n".join(better(of(8), "de", embedded))
    assert len(better(of(0.2), "tlh", embedded)) == 1


def test_this_machine_is_looked_at() -> None:
    found = machine.look()
    assert found.cores >= 1
    assert found.memory == 0 or found.memory > 2**26
    assert {"card", "energy", "words"} <= found.engines
    assert Machine(0, 1, frozenset()).holds(10 * GB)
    assert not of(1).holds(GB)
