"""The machine under the measurement: pins processes, reads what they cost, and says what it is. Linux only."""

from __future__ import annotations

import asyncio
import os
import platform
from importlib import metadata
from pathlib import Path

FIFO_PRIORITY = 10
PACKAGES = ("websockets", "msgspec", "msgpack", "uvloop", "numpy", "onnxruntime", "pocketsphinx", "espeakng-loader")


def settle(core: int) -> str:
    """Pin this process to a core (modulo those there are) and ask for SCHED_FIFO; says what it got."""
    cores = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {cores[core % len(cores)]})
    try:
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(FIFO_PRIORITY))
    except PermissionError:
        return f"core {cores[core % len(cores)]}, normal scheduling"
    return f"core {cores[core % len(cores)]}, SCHED_FIFO"


def runner() -> asyncio.Runner:
    """Return an event loop: uvloop where it is installed."""
    try:
        import uvloop
    except ModuleNotFoundError:
        return asyncio.Runner()
    return asyncio.Runner(loop_factory=uvloop.new_event_loop)


def cpu_seconds(pid: int) -> float:
    """Return User and system time of all threads that live now, to the nanosecond."""
    total = 0
    for task in Path(f"/proc/{pid}/task").iterdir():
        total += int((task / "schedstat").read_text().split()[0])
    return total / 1e9


def memory_mb(pid: int) -> tuple[float, float]:
    """Return resident memory now and at its peak, in MB (10^6 bytes)."""
    fields = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines() if ":" in line)
    return int(fields["VmRSS"].split()[0]) * 1024 / 1e6, int(fields["VmHWM"].split()[0]) * 1024 / 1e6


def describe() -> list[tuple[str, str]]:
    """Return what a reader needs to judge the numbers: processor, cores, system and versions."""
    models = [line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")]
    found = [("processor", models[0].split(":", 1)[1].strip() if models else platform.machine())]
    found.append(("cores used", str(len(os.sched_getaffinity(0)))))
    found.append(("load before", " ".join(f"{value:.2f}" for value in os.getloadavg())))
    found.append(("system", f"{platform.system()} {platform.release()}"))
    found.append(("Python", platform.python_version()))
    for name in PACKAGES:
        try:
            found.append((name, metadata.version(name)))
        except metadata.PackageNotFoundError:
            found.append((name, "not installed"))
    return found
