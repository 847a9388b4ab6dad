"""`companion conformance`: say whether a server keeps the protocol's rules."""

from __future__ import annotations

from protocol.conformance.__main__ import add_server_arguments as add_arguments
from protocol.conformance.__main__ import judge_address as run

__all__ = ["add_arguments", "run"]
