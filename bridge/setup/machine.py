"""Looks at the machine: how much memory it has, how many cores, and which engines' packages are installed."""

from __future__ import annotations

import ctypes
import os
import sys
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from engines.catalogue import table as catalogue

GB = 1e9


@dataclass(frozen=True, slots=True)
class Machine:
    """`memory` in bytes (0: unknown), `cores` that this process may use, `engines` whose packages are installed."""

    memory: int
    cores: int
    engines: frozenset[str]

    def holds(self, size: float) -> bool:
        """Say whether `size` bytes of a model leave room for the rest: half of the memory, if that is known."""
        return not self.memory or size <= self.memory / 2


def look() -> Machine:
    """Look at this machine."""
    installed = (each.name for each in catalogue.ENGINES if all(find_spec(name) for name in each.packages))
    return Machine(memory(), _cores(), frozenset(installed))


def memory() -> int:
    """Return the bytes that this process may use: those of the machine, or of its container; 0 when unknown."""
    if sys.platform == "win32":
        return _of_windows()
    try:
        total = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError):
        return 0
    return min([total, *_of_container()])


def _of_container() -> list[int]:
    """Read the limits of a Linux control group, of either version."""
    found = []
    for name in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
        try:
            found.append(int(Path(name).read_text(encoding="ascii")))
        except (OSError, ValueError):  # not there, or "max"
            continue
    return [limit for limit in found if limit > 0]


def _of_windows() -> int:
    kilobytes = ctypes.c_ulonglong(0)
    library = getattr(ctypes, "windll", None)
    if library is None or not library.kernel32.GetPhysicallyInstalledSystemMemory(ctypes.byref(kilobytes)):
        return 0
    return kilobytes.value * 1024


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
