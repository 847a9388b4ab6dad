"""Stands for `python -m studio`: `python program.py COMMAND ...` does what its tests ask of a child process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path


def tell(value: object) -> None:
    print(json.dumps(value), flush=True)


def main() -> None:
    command = sys.argv[1]
    if command == "--help":
        print("usage: studio\n\n  new       make\n  voice     choose\n  edit      change\n  evaluate  look")
    elif command == "hang":
        # With a grandchild, which must not be left behind either.
        other = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
        Path("pids").write_text(f"{os.getpid()} {other.pid}")
        tell({"progress": 0.1, "doing": "waiting"})
        time.sleep(600)
    elif command == "show":
        tell({"done": {"state": {"stale": {"voice": ["identity.json#attributes"]}}, "lineage": []}})
    elif command == "fail":
        tell({"error": {"code": "public_figure", "message": "nobody without consent"}})
        sys.exit(1)
    elif command == "silent":
        print("a library says something", flush=True)
    elif command == "flood":
        for _ in range(200):
            print("x" * 200_000, flush=True)
    elif command == "line":
        print("x" * 5_000_000, flush=True)
    elif command == "environment":
        tell({"done": {"names": sorted(os.environ), "cwd": str(Path.cwd())}})
    else:
        print("[1, 2", "noise", sep="\n", flush=True)
        tell({"progress": 0.5, "doing": "half"})
        tell({"progress": "much", "doing": 3})
        tell({"done": {"arguments": sys.argv[1:]}})


main()
