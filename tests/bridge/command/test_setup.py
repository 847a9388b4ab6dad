"""`companion setup`: it finds what is there, writes what works, and leaves alone what it was not told to touch."""

from __future__ import annotations

import io
import os
import stat
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from bridge.command import asking, cli, models
from bridge.setup import machine, nearby
from bridge.setup.config import load
from bridge.setup.machine import GB, Machine
from tests.bridge.ollama import ANSWER, running

ROOT = Path(__file__).parents[3]
EMBEDDED = {"dialogue": "card", "stt": "pocketsphinx", "tts": "espeak"}
DEAF = ("--set", "engines.stt=none")  # a recogniser takes seconds to start
BARE = frozenset({"silero", "energy", "pocketsphinx", "words", "card", "espeak", "articulation"})


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A machine with nothing: no server, no extra, no model, no variable; and an empty folder to write into."""
    monkeypatch.setattr(nearby, "PLACES", ())
    monkeypatch.setattr(machine, "look", lambda: Machine(int(8 * GB), 4, BARE))
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    for name in [name for name in os.environ if name.startswith(("COMPANION_", "OLLAMA_"))]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def here(monkeypatch: pytest.MonkeyPatch, *engines: str, gigabytes: float = 8) -> None:
    monkeypatch.setattr(machine, "look", lambda: Machine(int(gigabytes * GB), 4, BARE | frozenset(engines)))


def ollama_at(monkeypatch: pytest.MonkeyPatch, port: int) -> None:
    monkeypatch.setattr(nearby, "PLACES", (nearby.Place("Ollama", port, "/api/tags"),))


def typed(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(text))


def setup(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    status = cli.main(["setup", *arguments])
    said = capsys.readouterr()
    return status, said.out + said.err


def written(path: Path = Path("companion.toml")) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


# ------------------------------------------------------------------------------------------------ what is proposed


def test_a_machine_with_nothing_gets_a_working_default_and_is_told_what_would_be_better(
    capsys: pytest.CaptureFixture[str],
) -> None:
    status, said = setup(capsys, "--yes")
    assert status == 0, said
    assert written() == {"identity": {"path": "teacher"}, "engines": EMBEDDED}
    assert 'It works: Nora answers "' in said
    for better in ("ollama pull", "companion-bridge[openai]", "whisper:small.en", "piper:en_US-lessac-medium"):
        assert better in said
    assert "companion run --config companion.toml" in said
    load(Path("companion.toml"), {})


def test_an_ollama_that_runs_here_is_found_and_its_model_answers(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("httpx2")
    here(monkeypatch, "openai")
    with running() as ollama:
        ollama_at(monkeypatch, ollama.port)
        status, said = setup(capsys, "--yes", *DEAF)
        assert status == 0, said
        assert "Ollama runs here, with 2 language models." in said
        assert ANSWER in said
        assert set(ollama.asked) == {"llama3.2:1b"}
        assert written()["openai"] == {"base_url": f"http://127.0.0.1:{ollama.port}/v1", "model": "llama3.2:1b"}
        assert written()["engines"]["dialogue"] == "openai"
        assert "ollama pull" not in said


def test_another_of_its_models_is_chosen_by_number_or_by_name(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    here(monkeypatch, "openai")
    with running() as ollama:
        ollama_at(monkeypatch, ollama.port)
        typed(monkeypatch, "2\n\n2\n")
        status, said = setup(capsys, "--no-test")
        assert (status, written()["openai"]["model"]) == (0, "qwen3:4b"), said
        assert written()["identity"]["path"] == "guide"
        status, said = setup(capsys, "--yes", "--no-test", "--force", "--model", "qwen3:4b")
        assert (status, written()["openai"]["model"]) == (0, "qwen3:4b"), said
        status, said = setup(capsys, "--yes", "--no-test", "--force", "--model", "no such")
        assert (status, "no server here has the model 'no such'" in said) == (1, True)


def test_a_model_that_fails_gives_way_to_the_script(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("httpx2")
    here(monkeypatch, "openai")
    with running(answers=False) as ollama:
        ollama_at(monkeypatch, ollama.port)
        status, said = setup(capsys, "--yes", *DEAF)
        assert status == 0, said
        assert "card takes its place" in said
        assert "It works" in said
        assert written()["engines"]["dialogue"] == "card"


def test_without_the_package_the_script_is_proposed_and_the_package_named(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with running() as ollama:
        ollama_at(monkeypatch, ollama.port)
        status, said = setup(capsys, "--yes", "--no-test")
    assert (status, written()["engines"]["dialogue"]) == (0, "card")
    assert "pip install 'companion-bridge[openai]'" in said


def test_engines_that_do_not_start_give_way_to_the_embedded_ones(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["--whisper", "tiny", "--piper", "/no/voice.onnx", "--endpoint", "http://127.0.0.1:9/v1"]
    status, said = setup(capsys, "--yes", *arguments)
    assert status == 0, said
    assert written()["engines"] == EMBEDDED
    for engine in ("stt: whisper", "tts: piper", "dialogue: openai"):
        assert f"{engine} does not work" in said
    assert "companion models pull whisper:tiny" in said


def test_models_on_the_disk_are_proposed_and_others_are_fetched_only_when_agreed(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    here(monkeypatch, "whisper", "piper")
    pulled: list[str] = []

    def pull(every: list[Any], **options: object) -> bool:
        pulled.extend(each.label for each in every)
        return True

    monkeypatch.setattr(models, "pull", pull)
    assert setup(capsys, "--yes", "--no-test")[0] == 0
    assert (written()["engines"], pulled) == (EMBEDDED, [])
    assert setup(capsys, "--yes", "--no-test", "--force", "--pull")[0] == 0
    assert pulled == ["whisper:small.en", "piper:en_US-lessac-medium"]
    assert written()["whisper"]["model"] == "small.en"
    assert setup(capsys, "--yes", "--no-test", "--force", "--pull", "--offline")[0] == 0
    assert written()["engines"] == EMBEDDED
    typed(monkeypatch, "\n\n2\nno\n2\nyes\n")
    said = setup(capsys, "--no-test", "--force")[1]
    assert (written()["engines"]["stt"], written()["engines"]["tts"]) == ("pocketsphinx", "piper"), said
    monkeypatch.setattr(asking, "is_here", lambda engine, model: model == "tiny.en")
    assert setup(capsys, "--yes", "--no-test", "--force")[0] == 0
    assert written()["whisper"]["model"] == "tiny.en"


# ------------------------------------------------------------------------------------------------ what is asked


def test_it_works_piped_and_the_end_of_the_input_means_what_is_proposed(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    typed(monkeypatch, "2\ndeutsch\n")
    status, said = setup(capsys, "--no-test")
    assert status == 0, said
    assert written()["identity"] == {"path": "guide", "language": "de"}
    assert "German is not understood when it is spoken" in said
    assert "piper:de_DE-thorsten-medium" in said


@pytest.mark.parametrize("answers", ["9\n0\nx\n", "-1\n1.5\n２\n", "\x00\n\n", "\n" * 20])
def test_wrong_answers_end_in_what_is_proposed(
    answers: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    typed(monkeypatch, answers)
    status, said = setup(capsys, "--no-test")
    assert status == 0, said
    assert written()["identity"]["path"] in ("teacher", "guide")


def test_a_language_that_there_is_not_is_refused_and_nothing_is_written(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    typed(monkeypatch, "1\nenlgish\n")
    status, said = setup(capsys, "--no-test")
    assert (status, "did you mean en (English)" in said) == (1, True)
    status, said = setup(capsys, "--yes", "--language", "germn")
    assert (status, "did you mean de (German)" in said) == (1, True)
    assert not Path("companion.toml").exists()


def test_flags_go_before_questions_and_mistakes_are_told_first(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    arguments = ["--identity", "guide", "--language", "fr", "--port", "9000", "--set", "limits.idle_s=30"]
    arguments += ["--set", "server.origins=https://a.example,https://b.example", "--set", 'page.head=a "b" \\c']
    status, said = setup(capsys, "--yes", "--no-test", *arguments)
    assert status == 0, said
    assert written()["identity"] == {"path": "guide", "language": "fr"}
    assert written()["server"] == {"port": 9000, "origins": ["https://a.example", "https://b.example"]}
    assert written()["limits"] == {"idle_s": 30.0}
    assert load(Path("companion.toml"), {}).page.head == 'a "b" \\c'
    for wrong in (["--set", "server.prot=1"], ["--identity", "techer"], ["--port", "x"], ["--set", "nothing"]):
        status, said = setup(capsys, "--yes", "--force", "--no-test", *wrong)
        assert status == 1
        assert "Traceback" not in said


# ------------------------------------------------------------------------------------------------ what is written


def test_a_file_that_is_there_is_not_touched_unless_that_is_said(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = Path("companion.toml")
    path.write_text("# mine\n", encoding="utf-8")
    for answers in ("", "\n", "n\n", "no\n"):
        typed(monkeypatch, answers)
        status, said = setup(capsys, "--no-test")
        assert (status, "was left as it is" in said) == (1, True)
    assert setup(capsys, "--yes", "--no-test")[0] == 1
    assert path.read_text(encoding="utf-8") == "# mine\n"
    typed(monkeypatch, "y\n")
    assert setup(capsys, "--no-test")[0] == 0
    assert written()["engines"] == EMBEDDED
    path.write_text("# mine\n", encoding="utf-8")
    assert setup(capsys, "--yes", "--force", "--no-test")[0] == 0
    assert written()["engines"] == EMBEDDED


@pytest.mark.skipif(sys.platform == "win32", reason="rights of POSIX")
@pytest.mark.parametrize("before", [False, True])
def test_secrets_are_never_readable_by_others(capsys: pytest.CaptureFixture[str], before: bool) -> None:
    path = Path("below") / "here.toml"
    if before:
        path.parent.mkdir()
        path.write_text("")
        path.chmod(0o666)
    old = os.umask(0)
    try:
        arguments = ["--host", "0.0.0.0", "--set", "server.insecure=true", "--set", "openai.api_key=sk-hidden"]
        status, said = setup(capsys, "--yes", "--force", "--no-test", "--config", str(path), *arguments)
    finally:
        os.umask(old)
    assert status == 0, said
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert len(written(path)["auth"]["secret"]) >= 32
    assert "sk-hidden" not in said
    assert written(path)["auth"]["secret"] not in said
    assert [each.name for each in path.parent.iterdir()] == ["here.toml"]


def test_a_place_that_cannot_be_written_is_named(capsys: pytest.CaptureFixture[str], bare: Path) -> None:
    (bare / "file").write_text("")
    status, said = setup(capsys, "--yes", "--no-test", "--config", str(bare / "file" / "companion.toml"))
    assert status == 1
    assert str(bare / "file") in said


def test_the_program_itself_sets_up_from_a_pipe_in_another_encoding(bare: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bridge", "setup", "--no-test"],
        cwd=bare,
        env=os.environ | {"PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "cp1252", "OLLAMA_HOST": "127.0.0.1:9"},
        input="1\n中文\n".encode("utf-16"),
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert b"Traceback" not in done.stderr
    assert (bare / "companion.toml").exists() == (done.returncode == 0)
