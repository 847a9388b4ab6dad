"""The commands and paths that the pages name exist: targets of make, `companion` and its settings, modules, files."""

from __future__ import annotations

import contextlib
import io
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import pytest

from bridge.command.arguments import parser
from bridge.errors import ConfigError
from bridge.setup.config import load
from studio.command import cli as studio
from tests.repository.pages import ROOT, Page, names, page, read, tracked
from training.command import cli as training

SHELLS = ("sh", "bash", "bat", "console")
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
ROOMS = "bench|bridge|docs|engines|identities|outlets|protocol|requirements|studio|talk|testkit|tests|tools|training"
OUTSIDE = ("venv", "pip", "pytest", "build")  # modules of Python's and of others that the pages run
EXERCISE = "docs/EXERCISE.md"  # of an engine that is not there; tests of its own
NEEDED = ("git", "cd", "make")  # what CONTRIBUTING asks of a newcomer's machine


def run_lines(content: Page) -> Iterator[str]:
    """The lines of the page's shell blocks, those that go on put together."""
    for language, text in content.blocks:
        if language in SHELLS:
            yield from text.replace("\\\n", " ").replace("\\", "/").splitlines()


def commands(lines: Iterable[str]) -> Iterator[list[str]]:
    """The commands in lines for a shell, as words."""
    for line in lines:
        for part in re.split(r"&&|;", line):
            with contextlib.suppress(ValueError):  # an apostrophe in a sentence
                if words := shlex.split(part, comments=True):
                    yield words


def told(content: Page) -> Iterator[list[str]]:
    """What the page tells its readers to run, in blocks and within sentences."""
    spans = (span for span in content.spans if re.match(r"(\.venv/bin/)?(make|companion|python3? -m) ", span))
    return commands([*run_lines(content), *spans])


def fault(words: list[str]) -> str:
    """What is wrong with a command; "" if nothing is, or if it is none of ours."""
    match [words[0].rsplit("/", 1)[-1], *words[1:]]:
        case ["make", *rest]:
            return next((fault for word in rest if (fault := _make(word))), "")
        case ["companion", *rest]:
            return _companion(rest)
        case ["python" | "python3", "-m", module, *rest]:
            return _module(module, rest)
    return ""


def _make(word: str) -> str:
    if "=" in word:
        name = word.split("=")[0]
        return "" if f"$({name})" in MAKEFILE or _from_environment(name) else f"nothing reads {word}"
    known = re.search(rf"^{re.escape(word)}:", MAKEFILE, re.MULTILINE)
    return "" if known else f"there is no `make {word}`"


def _companion(words: list[str]) -> str:
    said = io.StringIO()
    if words == ["COMMAND", "--help"]:
        return ""
    try:
        with contextlib.redirect_stderr(said), contextlib.redirect_stdout(io.StringIO()):
            if words[:1] == ["identity"]:
                if words[1:] not in (["COMMAND"], ["--help"]):
                    studio.check(words[1:])
                return ""
            if words[:1] == ["train"]:
                if words[1:] not in (["COMMAND"], ["--help"]):
                    training.check(words[1:])
                return ""
            options = parser().parse_args(words)
            load(None, {}, getattr(options, "set", None) or [])
    except SystemExit as end:
        named_only = (
            len(words) == 1 + (words[0] in ("identity", "train")) and "arguments are required" in said.getvalue()
        )
        return "" if end.code in (0, None) or named_only else f"{shlex.join(words)}: {said.getvalue().splitlines()[-1]}"
    except ConfigError as error:
        return f"{shlex.join(words)}: {error.message}"
    return ""


def _module(module: str, words: list[str]) -> str:
    if module == "pytest":
        paths = [word.split("::")[0] for word in words if word.startswith("tests")]
        return next((f"there is no {path}" for path in paths if not (ROOT / path).exists()), "")
    path = ROOT.joinpath(*module.split("."))
    exists = path.with_suffix(".py").is_file() or (path / "__main__.py").is_file()
    return "" if exists or module in OUTSIDE else f"there is no module {module}"


def lost(content: Page) -> Iterator[str]:
    """Paths of the repository that the page names and that do not exist, those aside that git ignores."""
    for span in content.spans:
        if re.fullmatch(rf"({ROOMS})/[\w./-]+", span) and not (ROOT / span).exists() and not _ignored(span):
            yield f"there is no {span}"


@cache
def _from_environment(variable: str) -> bool:
    sources = (ROOT / name for name in tracked() if name.startswith("bench/") and name.endswith(".py"))
    return any(f'"{variable}"' in source.read_text(encoding="utf-8") for source in sources)


@cache
def _ignored(path: str) -> bool:
    return subprocess.run(["git", "check-ignore", "-q", path], cwd=ROOT, check=False).returncode == 0


def test_every_command_of_every_page_is_one() -> None:
    found = {name: [fault(words) for words in told(page(name))] for name in names() if name != EXERCISE}
    assert sum(map(len, found.values())) > 100
    assert [f"{name}: {wrong}" for name, faults in found.items() for wrong in faults if wrong] == []


def test_every_path_of_every_page_is_there() -> None:
    assert [f"{name}: {wrong}" for name in names() if name != EXERCISE for wrong in lost(page(name))] == []


def test_contributing_asks_for_nothing_that_it_does_not_bring() -> None:
    for words in commands(run_lines(page("CONTRIBUTING.md"))):
        program = Path(words[0])
        assert words[0] in NEEDED or program.parts[0] == ".venv" or (ROOT / program).is_file(), words


@pytest.mark.skipif(shutil.which("sh") is None, reason="there is no shell")
def test_every_shell_block_can_be_read_by_a_shell() -> None:
    for name in names():
        for language, text in page(name).blocks:
            if language == "sh":
                done = subprocess.run(["sh", "-n"], input=text, capture_output=True, text=True, check=False)
                assert done.returncode == 0, f"{name}: {done.stderr}"


@pytest.mark.skipif(shutil.which("make") is None, reason="there is no make")
def test_make_knows_what_every_target_of_contributing_takes(tmp_path: Path) -> None:
    for words in told(page("CONTRIBUTING.md")):
        if words[0] == "make":
            command = ["make", "--dry-run", *words[1:], f"VENV={tmp_path}"]
            done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    "text",
    [
        "`make nothing`",
        "```sh\nmake lock NOTHING=1\n```",
        "```sh\nexport X=1 && make nothing\n```",
        "`companion nothing`",
        "`companion run --nothing`",
        "`companion run --set engines.tts=nothing`",
        "```bat\n.venv\\Scripts\\companion nothing\n```",
        "`python -m bridge.nothing`",
        "```sh\n.venv/bin/python -m pytest \\\n    tests/nothing.py\n```",
    ],
)
def test_a_command_that_is_none_is_found(text: str) -> None:
    assert [wrong for words in told(read(text)) if (wrong := fault(words))]


def test_a_path_that_is_lost_is_found() -> None:
    assert list(lost(read("`bridge/nothing.py`, `bridge/core/`, `tests/web/out/`"))) == [
        "there is no bridge/nothing.py"
    ]
