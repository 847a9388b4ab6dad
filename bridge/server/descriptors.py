"""How many sockets this process may have open."""

from __future__ import annotations

import contextlib
import sys
from typing import Final

PLENTY: Final = 65_536  # where the system sets no limit for a process


def descriptors(wanted: int) -> int:
    """Return how many file descriptors this process may have, raised to `wanted` if the system lets it."""
    if sys.platform == "win32":
        return PLENTY
    import resource  # is not there on Windows

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY:
        return PLENTY
    if soft < wanted:
        most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, most), hard))
            soft = max(soft, most)
    return soft
