"""`python -m bridge` is the command `companion`."""

from __future__ import annotations

from bridge.command.cli import main

raise SystemExit(main())
