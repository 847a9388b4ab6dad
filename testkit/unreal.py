"""The core of the Unreal plugin without an engine: compiled with the programs that the tests execute.

Each build is kept outside the repository (`testkit.kept`) for the sources and the compiler that made it.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from functools import cache
from pathlib import Path
from typing import Final

from testkit.kept import kept
from testkit.player import Player, running

ROOT: Final = Path(__file__).parents[1]
PLUGIN: Final = ROOT / "unreal_client_sample" / "Plugins" / "CompanionBridge"
CORE: Final = PLUGIN / "Source" / "CompanionCore"
HARNESS: Final = ROOT / "tests" / "unreal" / "harness"
WARNINGS: Final = ("-Wall", "-Wextra", "-Wshadow", "-Wconversion", "-Werror")
# As the engine compiles: neither exceptions nor type information.
DIALECT: Final = ("-std=c++17", "-fno-exceptions", "-fno-rtti", "-pthread")
KINDS: Final = {
    "checked": ("-g1", "-O1", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"),
    "threads": ("-g1", "-O1", "-fsanitize=thread"),
    "fast": ("-O2",),
    "plain": ("-O0",),
}
CHECKED: Final = (
    "traces",
    "vectors",
    "fuzz",
    "clock",
    "device",
    "player",
)  # programs that sanitizers watch, built in one go
SINK: Final = HARNESS / "sinks" / "quiet.h"
DECODER: Final = ("Memory", "Room", "ServerMessages", "Value", "Wire")  # the core's files that read messages
TIMEOUT_S: Final = 600


def missing(compiler: str = "g++") -> str:
    """Return what is missing to compile, or nothing."""
    return "" if shutil.which(compiler) else f"{compiler} is not installed"


@cache
def sources() -> tuple[Path, ...]:
    """Return the core's source files."""
    return tuple(sorted((CORE / "Private").glob("*.cpp")))


def compiled(command: Sequence[str]) -> None:
    """Run a compiler; AssertionError with what it said when it is not pleased."""
    done = subprocess.run(list(command), capture_output=True, text=True, timeout=TIMEOUT_S, check=False)
    assert done.returncode == 0, done.stderr


def _version(compiler: str) -> str:
    return subprocess.run([compiler, "--version"], capture_output=True, text=True, timeout=60, check=True).stdout


def objects(kind: str, folder: Path, compiler: str = "g++") -> list[Path]:
    """Compile the core into a folder; return what can be linked."""
    folder.mkdir(parents=True, exist_ok=True)
    made = [folder / f"{source.stem}.o" for source in sources()]
    flags = (*DIALECT, *WARNINGS, *KINDS[kind], f"-I{CORE / 'Public'}", "-c")
    commands = [[compiler, *flags, str(each), "-o", str(out)] for each, out in zip(sources(), made, strict=True)]
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(compiled, commands))
    return made


def headers() -> list[Path]:
    """Return the core's headers."""
    return sorted((CORE / "Public").rglob("*.h"))


def core(kind: str, compiler: str = "g++") -> list[Path]:
    """Return the core as it can be linked, kept for its sources: all programs of a kind share it."""

    def make(folder: Path) -> None:
        objects(kind, folder, compiler)

    more = " ".join((kind, *KINDS[kind], _version(compiler)))
    return sorted(kept("unreal-core", make, files=[*sources(), *headers()], more=more).glob("*.o"))


def linked(kind: str, out: Path, *parts: Path, compiler: str = "g++") -> None:
    """Compile sources of the harness and of the core, and link them with what is compiled already."""
    flags = (*DIALECT, "-Wall", "-Wextra", "-Werror", *KINDS[kind], f"-I{CORE / 'Public'}", f"-I{HARNESS}")
    end = ["-c"] if out.suffix == ".o" else []
    compiled([compiler, *flags, *end, *map(str, parts), "-o", str(out)])


def programs(kind: str, *names: str, compiler: str = "g++") -> Path:
    """Return a folder with these programs of the harness, built in one of `KINDS`; kept for their sources."""

    parts = core(kind, compiler)

    def make(folder: Path) -> None:
        commands = [(name, HARNESS / f"{name}.cpp") for name in names]
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(lambda each: linked(kind, folder / each[0], each[1], *parts, compiler=compiler), commands))

    files = [*sources(), *headers(), *sorted(HARNESS.glob("*.h"))]
    files += [HARNESS / f"{name}.cpp" for name in names]
    files += [SINK] if "speed" in names else []
    return kept("unreal", make, files=files, more=" ".join((kind, *names, *KINDS[kind], _version(compiler))))


def fuzzer() -> Path:
    """Return libFuzzer's program over the decoder, made by clang; kept for its sources."""
    flags = ("-g", "-O1", "-fsanitize=fuzzer,address,undefined", "-fno-sanitize-recover=all")
    parts = [HARNESS / "decoder.cpp", *(each for each in sources() if each.stem in DECODER)]

    def make(folder: Path) -> None:
        include = (f"-I{CORE / 'Public'}", f"-I{HARNESS}")
        compiled(["clang++", *DIALECT, *flags, *include, *map(str, parts), "-o", str(folder / "decoder")])

    files = [*parts, *headers(), SINK, *sorted(HARNESS.glob("*.h"))]
    return kept("unreal-fuzzer", make, files=files, more=" ".join((*flags, _version("clang++")))) / "decoder"


def seeds(vectors: Path, folder: Path) -> None:
    """Write each golden vector as an input of the fuzzer, in both subprotocols."""
    for path in [*vectors.glob("*.msgpack"), *vectors.glob("*.json")]:
        (folder / path.name).write_bytes(path.read_bytes())


def playing(url: str, *options: str) -> AbstractContextManager[Player]:
    """Yield the client without an engine, watched by sanitizers, that talks to `url`."""
    return running([str(programs("checked", *CHECKED) / "player"), url, *options])
