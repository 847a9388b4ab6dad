"""python -m protocol.playout                     check the traces against the reference model
python -m protocol.playout --write             write them anew
python -m protocol.playout --judge OBSERVED    judge what a client made of them (vectors/playout/README.md)
"""

from __future__ import annotations

import sys
from pathlib import Path

from protocol.playout.judge import judged
from protocol.playout.traces import FOLDER, expected


def main(arguments: list[str]) -> int:
    """Do as the arguments say; 1 if anything differs."""
    match arguments:
        case ["--judge", name]:
            faults = judged(Path(name).read_text(encoding="utf-8").splitlines())
            sys.stdout.write("".join(f"{fault}\n" for fault in faults))
            return int(bool(faults))
        case ["--write"]:
            FOLDER.mkdir(exist_ok=True)
            for path in FOLDER.glob("*.json"):
                path.unlink()
            for name, content in expected().items():
                (FOLDER / name).write_bytes(content)
            return 0
        case []:
            found = {path.name: path.read_bytes() for path in FOLDER.glob("*.json")}
            wanted = expected()
            for name in sorted(found.keys() | wanted.keys()):
                if found.get(name) != wanted.get(name):
                    sys.stderr.write(f"{name} differs from the reference model\n")
            return int(found != wanted)
        case _:
            sys.stderr.write(__doc__ or "")
            return 2


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
