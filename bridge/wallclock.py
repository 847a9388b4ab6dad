"""The wall clock, which is read nowhere else: for tokens that expire, and for a companion asked what time it is."""

from __future__ import annotations

import time
from datetime import datetime


def now() -> float:
    """Seconds since 1970."""
    return time.time()


def here() -> datetime:
    """The local date and time where the server stands."""
    return datetime.now().astimezone()
