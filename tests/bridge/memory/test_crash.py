"""A process that is killed loses nothing that it was told is kept; files that cannot be read are kept aside."""

from __future__ import annotations

import logging
import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from bridge.memory.database import DatabaseError, Sqlite
from bridge.memory.store import Owner, Store
from engines.memory.facts import Fact

ADA = Owner("ada", "teacher")
KILLS = 100
# One process has everything imported and forks a writer each time it is told where to begin: to start Python a hundred
# times would take a minute. A writer says its number first, then each turn that is kept.
MOTHER = """
import os
import sys
from pathlib import Path
from bridge.memory.database import Sqlite
from bridge.memory.store import Owner, Store
from engines.memory.facts import Fact

def tell(what):
    os.write(1, f"{what}\\n".encode())

def write(begin):
    tell(os.getpid())
    store, owner = Store(Sqlite(Path(sys.argv[1]))), Owner("ada", "teacher")
    store.consent(owner, True, 0.0)
    for number in range(begin, begin + 100_000):
        note = f"note {number % 300}"
        facts = [Fact("place", f"place {number}"), Fact("note", note)]
        store.write(owner, facts, session="s", turn=number, now=float(number))
        if number % 7 == 3:
            store.forget(owner, [each.number for each in store.everything(owner).facts if each.fact.value == note])
        tell(number)

for line in sys.stdin:
    if not (child := os.fork()):
        write(int(line))
        os._exit(1)
    _, status = os.waitpid(child, 0)
    tell(f"ended by {os.WTERMSIG(status)}")
"""


def test_a_hundred_kills_lose_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    path, said, chance = tmp_path / "memory.sqlite", -1, random.Random(7)
    with subprocess.Popen(
        [sys.executable, "-c", MOTHER, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as mother:
        assert mother.stdin is not None
        assert mother.stdout is not None
        for _ in range(KILLS):
            mother.stdin.write(f"{said + 1}\n")
            mother.stdin.flush()
            writer = int(mother.stdout.readline())
            for _ in range(chance.randrange(1, 12)):
                said = int(mother.stdout.readline())
            os.kill(writer, signal.SIGKILL)
            # What it had said before it was killed counts too.
            while (line := mother.stdout.readline()) != f"ended by {signal.SIGKILL:d}\n":
                said = int(line)
            store = Store(Sqlite(path))
            facts = [each.fact for each in store.everything(ADA).facts]
            store.close()
            (place,) = [fact.value for fact in facts if fact.kind == "place"]
            assert int(place.split()[1]) in (said, said + 1)
            assert (Fact("note", f"note {said % 300}") in facts) == (said % 7 != 3) or place != f"place {said}"
        mother.stdin.close()
    assert said > KILLS
    assert not list(tmp_path.glob("*.broken*"))


@pytest.mark.parametrize("content", [b"", b"no database at all, but long enough " * 40, b"SQLite format 3\x00torn"])
def test_a_file_that_cannot_be_read_is_kept_aside_with_a_sentence(
    content: bytes, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "memory.sqlite"
    path.write_bytes(content)
    with caplog.at_level(logging.WARNING):
        store = Store(Sqlite(path))
    store.consent(ADA, True, 0.0)
    assert store.write(ADA, [Fact("name", "Ada")], session="s", turn=1, now=1.0)
    store.close()
    assert (tmp_path / "memory.sqlite.broken-1").read_bytes() == content
    assert "kept aside" in caplog.text


def test_a_torn_file_is_kept_aside(tmp_path: Path) -> None:
    path = tmp_path / "memory.sqlite"
    store = Store(Sqlite(path))
    store.consent(ADA, True, 0.0)
    for number in range(300):
        store.write(
            ADA, [Fact("note", f"a note of some length with the number {number}")], session="s", turn=1, now=1.0
        )
    store.close()
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    again = Store(Sqlite(path))
    assert again.everything(ADA).facts == ()
    again.close()
    assert (tmp_path / "memory.sqlite.broken-1").stat().st_size == len(whole) // 2


def test_a_file_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "memory.sqlite"
    database = Sqlite(path)
    database.run("PRAGMA user_version = 99")
    database.close()
    with pytest.raises(DatabaseError, match="newer version"):
        Sqlite(path)
    assert not list(tmp_path.glob("*.broken*"))
