"""A process that is killed loses nothing that it was told is kept; files that cannot be read are kept aside."""

from __future__ import annotations

import logging
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
WRITER = """
import sys
from pathlib import Path
from bridge.memory.database import Sqlite
from bridge.memory.store import Owner, Store
from engines.memory.facts import Fact
store, begin = Store(Sqlite(Path(sys.argv[1]))), int(sys.argv[2])
owner = Owner("ada", "teacher")
store.consent(owner, True, 0.0)
for number in range(begin, begin + 100_000):
    note = f"note {number % 300}"
    facts = [Fact("place", f"place {number}"), Fact("note", note)]
    store.write(owner, facts, session="s", turn=number, now=float(number))
    if number % 7 == 3:
        store.forget(owner, [each.number for each in store.everything(owner).facts if each.fact.value == note])
    sys.stdout.write(f"{number}\\n")
    sys.stdout.flush()
"""


def test_a_hundred_kills_lose_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    path, said, chance = tmp_path / "memory.sqlite", -1, random.Random(7)
    for _ in range(KILLS):
        with subprocess.Popen(
            [sys.executable, "-c", WRITER, str(path), str(said + 1)], stdout=subprocess.PIPE, text=True
        ) as child:
            assert child.stdout is not None
            for _ in range(chance.randrange(1, 12)):
                said = int(child.stdout.readline())
            child.send_signal(signal.SIGKILL)
            # What it had said before it was killed counts too.
            rest = [line for line in child.stdout.read().splitlines(keepends=True) if line.endswith("\n")]
            said = int(rest[-1]) if rest else said
        store = Store(Sqlite(path))
        facts = [each.fact for each in store.everything(ADA).facts]
        store.close()
        (place,) = [fact.value for fact in facts if fact.kind == "place"]
        assert int(place.split()[1]) in (said, said + 1)
        assert (Fact("note", f"note {said % 300}") in facts) == (said % 7 != 3) or place != f"place {said}"
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
