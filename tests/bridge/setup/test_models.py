"""What models are needed and whether they lie on this disk: by the table and the cache's layout alone."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from bridge.command import cli, doctor
from bridge.command.models import wanted
from bridge.errors import ConfigError
from bridge.setup import casting, load
from bridge.setup.config import Config
from bridge.setup.config import load as load_config
from bridge.setup.models.cache import cache_folder, damaged, find, located, remove
from bridge.setup.models.describe import describe, size
from bridge.setup.models.needs import Elsewhere, Local, Need, Repository, need, needed, needs
from engines.catalogue import table as catalogue
from engines.catalogue.listing import Listing

ROOT = Path(__file__).parents[3]
STORED = catalogue.stored()
COMMIT = "c" * 40


def folder(path: Path, **files: bytes) -> Path:
    path.mkdir(parents=True, exist_ok=True)
    for name, data in files.items():
        (path / name.replace("__", ".")).write_bytes(data)
    return path


WHISPER = {"config__json": b"{}", "model__bin": b"weights", "tokenizer__json": b"{}", "vocabulary__json": b"[]"}
LLAMA = {"config__json": b"{}", "model__safetensors": b"weights", "tokenizer__json": b"{}"}


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    return tmp_path / "hub"


def stored(cache: Path, name: str, files: dict[str, bytes], *, revision: str = "main") -> Path:
    """A snapshot as the hub's library lays it out."""
    store = cache / f"models--{name.replace('/', '--')}"
    (store / "blobs").mkdir(parents=True, exist_ok=True)
    (store / "refs").mkdir(exist_ok=True)
    (store / "refs" / revision).write_text(COMMIT)
    for path, data in files.items():
        blob = store / "blobs" / hashlib.sha256(data).hexdigest()
        blob.write_bytes(data)
        link = store / "snapshots" / COMMIT / path
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(blob)
    return store / "snapshots" / COMMIT


# ---------------------------------------------------------------------------------------------------- the table


@pytest.mark.parametrize(
    ("engine", "model", "source"),
    [
        ("whisper", "small", Repository("Systran/faster-whisper-small")),
        ("whisper", "large-v3-turbo@abc", Repository("mobiuslabsgmbh/faster-whisper-large-v3-turbo", "abc")),
        ("whisper", "me/mine", Repository("me/mine")),
        ("transformers", "Qwen/Qwen3-8B@refs/pr/1", Repository("Qwen/Qwen3-8B", "refs/pr/1")),
        ("xtts", "xtts_v2", Repository("coqui/XTTS-v2")),
        ("piper", "de_DE-thorsten-high", Repository("rhasspy/piper-voices")),
        ("kokoro", "v1.0", Repository("fastrtc/kokoro-onnx")),
        ("whisper", "~/models/nothing", Local(Path("~/models/nothing").expanduser())),
        ("transformers", "/models/nothing", Local(Path("/models/nothing"))),
    ],
)
def test_names_mean_repositories_and_paths_folders(engine: str, model: str, source: Repository | Local) -> None:
    assert need(engine, model).source == source


def test_a_revision_stands_behind_the_name() -> None:
    assert need("whisper", "small@v3").source == Repository("Systran/faster-whisper-small", "v3")


def test_there_is_one_way_to_pin_a_model_and_one_to_stay_offline() -> None:
    for key in ("revision", "offline"):
        with pytest.raises(ConfigError, match=f"there is no setting 'whisper.{key}'"):
            load_config(None, {}, [f"whisper.{key}=true"])


def test_what_is_known_of_the_sizes_is_what_the_library_knows() -> None:
    utils = pytest.importorskip("faster_whisper.utils")
    for size_, repository in utils._MODELS.items():
        assert need("whisper", size_).source == Repository(repository), size_


def test_a_voice_of_piper_is_two_files_of_a_large_repository() -> None:
    found = need("piper", "en_GB-alan-low")
    assert found.files == (
        "en/en_GB/alan/low/en_GB-alan-low.onnx",
        "en/en_GB/alan/low/en_GB-alan-low.onnx.json",
    )
    assert found.fills == {"model": "en/en_GB/alan/low/en_GB-alan-low.onnx"}


def test_coquis_own_names_are_not_the_hubs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TTS_HOME", str(tmp_path))
    found = need("coqui", "tts_models/en/ljspeech/vits")
    assert isinstance(found.source, Elsewhere)
    assert "download_model('tts_models/en/ljspeech/vits')" in describe(find(found))
    folder(tmp_path / "tts" / "tts_models--en--ljspeech--vits", config__json=b"{}", model_file__pth=b"w")
    assert find(found).state == "here"


@pytest.mark.parametrize(
    "model",
    [
        "",
        "no such",
        "a/b/c",
        "../a",
        "a/..b/../c",
        "a/b@",
        "a/b@ main",
        "a/b@-x",
        "a\x00/b",
        "small@",
        "x" * 300 + "/y",
    ],
)
def test_other_names_are_refused_with_what_is_possible(model: str) -> None:
    if model in ("small@", "a/b@"):  # nothing behind it: as if it were not there
        assert isinstance(need("whisper", model).source, Repository)
        return
    with pytest.raises(ConfigError, match="a model is a folder that exists") as caught:
        need("whisper", model) if model != "../a" else need("whisper", model, by="identity")
    assert caught.value.code == "bad_model"


def test_the_default_companion_needs_nothing() -> None:
    assert needs(Config(), {}) == []


def test_every_kind_of_model_has_an_extra_that_brings_its_engine() -> None:
    assert all(listing.extra for listing in STORED.values() if listing.packages != ("onnxruntime",))  # in every install


def test_the_table_is_read_without_any_model_library() -> None:
    code = "import sys, bridge.command.models; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert "bridge.setup.models.needs" in loaded
    assert loaded.isdisjoint({"torch", "transformers", "huggingface_hub", "ctranslate2", "numpy", "onnxruntime", "TTS"})


# ------------------------------------------------------------------------------------------------ folders


def test_a_whole_folder_is_here_and_stays_as_it_is_named(tmp_path: Path) -> None:
    path = folder(tmp_path / "small", **WHISPER)
    found = find(need("whisper", str(path)))
    assert (found.state, found.size) == ("here", 13)
    assert located(found.need) == {"model": str(path)}


@pytest.mark.parametrize("name", ["config__json", "model__bin", "tokenizer__json"])
def test_a_folder_that_lacks_a_file_or_has_it_empty_is_incomplete(tmp_path: Path, name: str) -> None:
    for number, files in enumerate(({k: v for k, v in WHISPER.items() if k != name}, WHISPER | {name: b""})):
        found = find(need("whisper", str(folder(tmp_path / str(number), **files))))
        assert (found.state, found.missing) == ("incomplete", (name.replace("__", "."),))
        assert located(found.need) == {}
        assert "copy the whole folder" in describe(found)


def test_every_shard_that_the_index_names_must_be_there(tmp_path: Path) -> None:
    index = json.dumps({"weight_map": {"a": "model-1.safetensors", "b": "model-2.safetensors"}}).encode()
    files = {"config__json": b"{}", "tokenizer__json": b"{}", "model__safetensors__index__json": index}
    path = folder(tmp_path / "llm", **files)
    (path / "model-1.safetensors").write_bytes(b"w")
    assert find(need("transformers", str(path))).missing == ("model-2.safetensors",)
    (path / "model-2.safetensors").write_bytes(b"w")
    assert find(need("transformers", str(path))).state == "here"
    for hostile in (b"", b"[]", b"{}", b"\xff", json.dumps({"weight_map": {"a": "../../etc/passwd"}}).encode()):
        (path / "model.safetensors.index.json").write_bytes(hostile)
        assert find(need("transformers", str(path))).state in ("incomplete", "here")
    assert find(need("transformers", str(path))).missing == ()  # a name outside the folder is no shard of it


def test_a_file_is_looked_at_with_what_lies_beside_it(tmp_path: Path) -> None:
    path = folder(tmp_path / "voice") / "en_US-me-low.onnx"
    path.write_bytes(b"w")
    assert find(need("piper", str(path))).missing == ("en_US-me-low.onnx.json",)
    (path.parent / "en_US-me-low.onnx.json").write_text("{}")
    assert located(need("piper", str(path))) == {"model": str(path)}


# ------------------------------------------------------------------------------------------------ the hub's cache


def test_a_model_in_the_cache_becomes_the_folder_of_its_commit(cache: Path) -> None:
    path = stored(cache, "me/mine", {k.replace("__", "."): v for k, v in LLAMA.items()})
    found = find(need("transformers", "me/mine"))
    assert (found.state, found.commit, found.folder) == ("here", COMMIT, path)
    assert located(found.need) == {"model": str(path)}
    assert find(need("transformers", f"me/mine@{COMMIT}")).state == "here"
    assert find(need("transformers", "me/mine@v2")).state == "missing"
    assert describe(found).startswith(f"{size(found.size)}  me/mine at cccccccccccc")


def test_kokoro_becomes_two_paths(cache: Path) -> None:
    path = stored(cache, "fastrtc/kokoro-onnx", {"kokoro-v1.0.onnx": b"w", "voices-v1.0.bin": b"v"})
    expected = {"model": str(path / "kokoro-v1.0.onnx"), "voices": str(path / "voices-v1.0.bin")}
    assert located(need("kokoro", "v1.0")) == expected


def test_damage_is_found_by_the_name_of_the_blob_and_removal_keeps_what_others_use(cache: Path) -> None:
    files = {"en/en_US/a/low/en_US-a-low.onnx": b"one", "en/en_US/a/low/en_US-a-low.onnx.json": b"{}"}
    others = {"en/en_US/b/low/en_US-b-low.onnx": b"two", "en/en_US/b/low/en_US-b-low.onnx.json": b"{}"}
    path = stored(cache, "rhasspy/piper-voices", files)
    for name, data in others.items():
        blob = path.parents[1] / "blobs" / hashlib.sha256(data).hexdigest()
        blob.write_bytes(data)
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).symlink_to(blob)
    one, two = find(need("piper", "en_US-a-low")), find(need("piper", "en_US-b-low"))
    assert list(damaged(one)) == []
    (path / "en/en_US/a/low/en_US-a-low.onnx").resolve().write_bytes(b"One")
    assert [file.name for file in damaged(one)] == ["en_US-a-low.onnx"]
    assert list(damaged(two)) == []
    assert remove(one) == 3  # "{}" is used by the other
    assert find(need("piper", "en_US-a-low")).state == "incomplete"
    assert find(need("piper", "en_US-b-low")).state == "here"
    assert remove(two) == 5
    assert find(need("piper", "en_US-b-low")).state == "missing"


def test_the_cache_is_where_the_hubs_library_has_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("HF_HUB_CACHE", "HF_HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    assert cache_folder() == Path.home() / ".cache" / "huggingface" / "hub"
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_folder() == tmp_path / "huggingface" / "hub"
    monkeypatch.setenv("HF_HOME", str(tmp_path / "home"))
    assert cache_folder() == tmp_path / "home" / "hub"
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "own"))
    assert cache_folder() == tmp_path / "own"


# --------------------------------------------------------------------------- configuration, identity, starting


class Section(__import__("msgspec").Struct):  # type: ignore[misc]  # as a section of the configuration
    """Stands for the section of an engine."""

    model: str = ""
    voices: str = ""


class Configured:
    """Stands for a configuration with engines that need models."""

    def __init__(self, **sections: Section) -> None:
        self.__dict__.update(sections)


def test_the_configuration_goes_before_the_identity() -> None:
    facts = {"models": {"transformers": "it/likes@v1", "piper": 7}}
    config = Configured(transformers=Section(), piper=Section(), xtts=Section())
    by_identity = needed(config, "transformers", facts)  # type: ignore[arg-type]  # has the sections that matter
    assert by_identity is not None
    assert (by_identity.source, by_identity.by) == (Repository("it/likes", "v1"), "identity")
    config = Configured(transformers=Section(model="i/like"))
    assert needed(config, "transformers", facts).source == Repository("i/like")  # type: ignore[arg-type, union-attr]
    assert needed(config, "silero", facts) is None  # type: ignore[arg-type]


@pytest.mark.parametrize("model", ["/etc", "../here", "~/x", "."])
def test_an_identity_names_no_folder_of_this_machine(model: str) -> None:
    with pytest.raises(ConfigError):
        needed(Configured(transformers=Section()), "transformers", {"models": {"transformers": model}})  # type: ignore[arg-type]


@pytest.mark.parametrize("facts", [{}, {"models": None}, {"models": []}, {"models": {"transformers": ""}}])
def test_an_identity_need_not_name_any(facts: dict[str, object]) -> None:
    assert needed(Configured(transformers=Section()), "transformers", facts) is None  # type: ignore[arg-type]


def test_an_identity_names_no_model_that_runs_code() -> None:
    with pytest.raises(ConfigError, match="if you trust it"):
        needed(Configured(xtts=Section()), "xtts", {"models": {"xtts": "evil/voice"}})  # type: ignore[arg-type]


def test_files_that_are_each_named_need_no_more() -> None:
    config = Configured(kokoro=Section(model="/a.onnx", voices="/v.bin"))
    assert needed(config, "kokoro", {}) is None  # type: ignore[arg-type]


def test_starting_without_a_model_says_which_command_brings_it(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    person = casting.identity("teacher")
    missing = need("whisper", "tiny")
    monkeypatch.setattr(casting, "needed", lambda config, choice, facts: missing)
    with pytest.raises(ConfigError, match="companion models pull whisper:tiny"):
        casting.equipped(Config(), STORED["whisper"], person)
    path = stored(cache, "Systran/faster-whisper-tiny", {k.replace("__", "."): v for k, v in WHISPER.items()})
    assert casting.equipped(Config(), STORED["whisper"], person)["model"] == str(path)


def test_doctor_says_what_is_missing_and_what_to_do(cache: Path) -> None:
    found = doctor._model(need("whisper", "tiny"))
    assert found.verdict == "missing"
    assert "companion models pull whisper:tiny" in found.detail
    stored(cache, "Systran/faster-whisper-tiny", {"config.json": b"{}"})
    assert doctor._model(need("whisper", "tiny")).verdict == "broken"


def test_a_missing_extra_is_one_sentence_with_the_command() -> None:
    whisper = replace(STORED["whisper"], where="engines.no_such_module:Whisper")
    with pytest.raises(ConfigError) as caught:
        load.engine(whisper)
    assert caught.value.message.endswith("which is not installed: pip install 'companion-bridge[stt]'")
    with pytest.raises(ConfigError, match="pip install no_such_module"):
        load.engine(Listing("vad", "other", "no_such_module:Other", "another"))


# ------------------------------------------------------------------------------------------------ the command


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    status = cli.main(["models", *arguments])
    said = capsys.readouterr()
    return status, said.out + said.err


def test_the_command_lists_checks_and_removes(cache: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "list")[0] == 0
    status, said = run(capsys, "list", "whisper:tiny")
    assert (status, "missing     whisper:tiny" in said) == (1, True)
    stored(cache, "Systran/faster-whisper-tiny", {k.replace("__", "."): v for k, v in WHISPER.items()})
    assert run(capsys, "check", "whisper:tiny")[0] == 0
    path = folder(tmp_path / "mine", **WHISPER)
    status, said = run(capsys, "check", f"whisper:{path}")
    assert (status, "a folder has no hashes" in said) == (0, True)
    status, said = run(capsys, "remove", f"whisper:{path}")
    assert (status, "remove it yourself" in said) == (1, True)
    assert path.is_dir()
    assert run(capsys, "remove")[0] == 1
    assert run(capsys, "remove", "whisper:tiny") == (0, "whisper:tiny: removed, 11 B are free\n")
    assert run(capsys, "remove", "whisper:tiny") == (0, "whisper:tiny: is not on this machine\n")


def test_models_are_those_of_the_configuration_unless_named() -> None:
    assert wanted(Config(), {}, []) == []
    (named,) = wanted(load_config(None, {}), {}, ["whisper:tiny"])
    assert isinstance(named, Need)


def test_sizes_are_for_people() -> None:
    assert [size(n) for n in (0, 999, 1000, 1_540_000, 15_400_000, 3_100_000_000)] == [
        *("0 B", "999 B", "1.0 kB", "1.5 MB", "15 MB", "3.1 GB")
    ]


def test_the_recognisers_model_is_found_by_its_name_in_the_configuration(cache: Path) -> None:
    person = casting.identity("teacher")
    config = load_config(None, {}, ["engines.stt=whisper", "whisper.model=tiny@v1"])
    assert [each.label for each in needs(config, person.facts)] == ["whisper:tiny@v1"]
    with pytest.raises(ConfigError, match="companion models pull whisper:tiny@v1"):
        casting.companion(config)
    files = {k.replace("__", "."): v for k, v in WHISPER.items()}
    path = stored(cache, "Systran/faster-whisper-tiny", files, revision="v1")
    assert casting.equipped(config, STORED["whisper"], person)["model"] == str(path)


def test_the_voices_models_are_found_by_their_names_in_the_configuration(cache: Path) -> None:
    person = casting.identity("teacher")
    path = stored(cache, "fastrtc/kokoro-onnx", {"kokoro-v1.0.onnx": b"w", "voices-v1.0.bin": b"v"})
    settings = casting.equipped(
        load_config(None, {}, ["engines.tts=kokoro", "kokoro.model=v1.0"]), STORED["kokoro"], person
    )
    assert (settings["model"], settings["voices"]) == (str(path / "kokoro-v1.0.onnx"), str(path / "voices-v1.0.bin"))
    with pytest.raises(ConfigError, match="companion models pull xtts:v2"):
        casting.equipped(load_config(None, {}, ["engines.tts=xtts", "xtts.model=v2"]), STORED["xtts"], person)


@pytest.mark.parametrize("address", ["https://api.example.org/v1", "http://10.0.0.7:8000/v1"])
def test_offline_no_endpoint_elsewhere_is_asked(address: str) -> None:
    settings = ["models.offline=true", "engines.dialogue=openai", f"openai.base_url={address}"]
    with pytest.raises(ConfigError, match=r"set openai\.base_url to this machine"):
        load_config(None, {}, settings)
    assert load_config(None, {}, settings[1:]).openai.base_url == address
    assert load_config(None, {}, settings[:2]).models.offline
