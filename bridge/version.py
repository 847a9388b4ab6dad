"""What this server calls itself."""

from __future__ import annotations

from typing import Final

VERSION: Final = "0.1.0"
SERVER: Final = f"companion-bridge/{VERSION}"
