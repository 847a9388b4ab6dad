"""The two databases that memory can be kept in, through one thin interface: SQLite in a file, PostgreSQL by address.

Both take SQL with `?` for values and give rows as tuples. What differs is how a text is found by its words. Everything
here blocks; `keeper` calls it in a thread of its own.
"""

from __future__ import annotations

import logging
import re
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Protocol, TypeAlias

from engines.text.redaction import redacted

log = logging.getLogger("bridge.memory.database")

Row: TypeAlias = tuple[Any, ...]

FILE: Final = "memory.sqlite"
VERSION: Final = 1  # of the tables
BUSY_MS: Final = 5000  # that another process may hold the file
CONNECT_S: Final = 5
FOUND: Final = 40  # rows that a search gives
ASIDE: Final = 100  # broken files that are kept

TABLES: Final = (
    """CREATE TABLE IF NOT EXISTS person (
        id {key}, who TEXT NOT NULL, identity TEXT NOT NULL, consent INTEGER NOT NULL, consent_at {real} NOT NULL,
        UNIQUE (who, identity))""",
    """CREATE TABLE IF NOT EXISTS fact (
        id {key}, owner BIGINT NOT NULL REFERENCES person (id) ON DELETE CASCADE, kind TEXT NOT NULL,
        slot TEXT NOT NULL, about TEXT NOT NULL, value TEXT NOT NULL, said TEXT NOT NULL, session TEXT NOT NULL,
        turn INTEGER NOT NULL, at {real} NOT NULL, seen {real} NOT NULL, confidence {real} NOT NULL,
        replaced INTEGER NOT NULL DEFAULT 0, words TEXT NOT NULL DEFAULT '')""",
    "CREATE INDEX IF NOT EXISTS fact_owner ON fact (owner, slot)",
    """CREATE TABLE IF NOT EXISTS episode (
        id {key}, owner BIGINT NOT NULL REFERENCES person (id) ON DELETE CASCADE, session TEXT NOT NULL,
        at {real} NOT NULL, text TEXT NOT NULL, UNIQUE (owner, session))""",
    # An older program of the same version may use the file: what it deletes takes the vector along.
    """CREATE TABLE IF NOT EXISTS vector (
        fact BIGINT PRIMARY KEY REFERENCES fact (id) ON DELETE CASCADE, model TEXT NOT NULL, data {bytes} NOT NULL)""",
)


class DatabaseError(Exception):
    """The database cannot be used; the message is a sentence for people."""


class Database(Protocol):
    """What a store needs of a database."""

    @property
    def failures(self) -> tuple[type[Exception], ...]:
        """Return what its calls raise when it is away or broken."""
        ...

    def run(self, sql: str, values: Sequence[object] = ()) -> list[Row]:
        """Carry out one statement and return its rows, none for one that gives none."""
        ...

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Make what is run within it one change: all of it is kept, or nothing."""
        ...

    def index(self, number: int, words: str) -> None:
        """Let the fact `number` be found by these words."""
        ...

    def forget(self, numbers: Sequence[int]) -> None:
        """Let these facts no longer be found."""
        ...

    def matching(self, owner: int, words: Sequence[str]) -> list[int]:
        """Return the numbers of an owner's facts that have one of the words, at most FOUND."""
        ...

    def scour(self) -> None:
        """Leave nothing on the disk of what was deleted, as far as the database can."""
        ...

    def close(self) -> None:
        """Let go of it."""
        ...


class Sqlite:
    """A database in a file of this machine.

    A file that is empty, torn or of another program is put aside, with a line in the log, and a new one is begun.
    """

    failures: tuple[type[Exception], ...] = (sqlite3.Error, OSError)

    def __init__(self, path: Path) -> None:
        self._path = path
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._put_aside_if_broken()
        self._connection = _opened(path)
        self._begin()

    def run(self, sql: str, values: Sequence[object] = ()) -> list[Row]:
        """Carry out one statement."""
        return self._connection.execute(sql, values).fetchall()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Make one change of it."""
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")

    def index(self, number: int, words: str) -> None:
        """Put it into the full-text index."""
        self.run("INSERT INTO fact_words (rowid, words) VALUES (?, ?)", (number, words))

    def forget(self, numbers: Sequence[int]) -> None:
        """Take them out of the full-text index."""
        for number in numbers:
            self.run("DELETE FROM fact_words WHERE rowid = ?", (number,))

    def matching(self, owner: int, words: Sequence[str]) -> list[int]:
        """Ask the full-text index, the best first."""
        query = " OR ".join(f'"{word}"*' if len(word) > 2 else f'"{word}"' for word in map(_bare, words) if word)
        if not query:
            return []
        sql = (
            "SELECT fact.id FROM fact_words JOIN fact ON fact.id = fact_words.rowid "
            "WHERE fact_words MATCH ? AND fact.owner = ? ORDER BY bm25(fact_words), fact.id LIMIT ?"
        )
        return [number for (number,) in self.run(sql, (query, owner, FOUND))]

    def scour(self) -> None:
        """Have the index forget too, and empty the log of changes into the file, whose free pages are zeros."""
        self.run("INSERT INTO fact_words (fact_words) VALUES ('optimize')")
        self.run("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    # ------------------------------------------------------------------------------------------------ beginning

    def _begin(self) -> None:
        version = self.run("PRAGMA user_version")[0][0]
        if version > VERSION:
            self.close()
            raise DatabaseError(f"{self._path} was written by a newer version of this program")
        with self.transaction():
            for table in TABLES:
                self.run(table.format(key="INTEGER PRIMARY KEY AUTOINCREMENT", real="REAL", bytes="BLOB"))
            self.run("CREATE VIRTUAL TABLE IF NOT EXISTS fact_words USING fts5 (words, tokenize = 'unicode61')")
            self.run(f"PRAGMA user_version = {VERSION}")

    def _put_aside_if_broken(self) -> None:
        path = self._path
        if not path.exists():
            return
        why = "it is empty" if path.stat().st_size == 0 else _fault(path)
        if not why:
            return
        number = next(n for n in range(1, ASIDE + 1) if n == ASIDE or not _beside(path, f".broken-{n}").exists())
        for ending in ("", "-wal", "-shm"):
            file = _beside(path, ending)
            if file.exists():
                file.replace(_beside(path, f".broken-{number}{ending}"))
        log.warning(
            "the memory could not be read and is kept aside; a new one is begun",
            extra={"file": _beside(path, f".broken-{number}").name, "reason": why},
        )


class Postgres:
    """A database of a PostgreSQL server."""

    def __init__(self, address: str) -> None:
        try:
            import psycopg
        except ImportError as error:
            raise DatabaseError(
                "memory in PostgreSQL needs a package: pip install 'companion-bridge[memory]'"
            ) from error
        self.failures: tuple[type[Exception], ...] = (psycopg.Error, OSError)
        try:
            self._connection: Any = psycopg.connect(address, autocommit=True, connect_timeout=CONNECT_S)
            self._begin()
        except psycopg.Error as error:
            told = redacted(str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__)
            raise DatabaseError(f"the PostgreSQL server cannot be used: {told}") from error

    def run(self, sql: str, values: Sequence[object] = ()) -> list[Row]:
        """Carry out one statement."""
        cursor = self._connection.execute(sql.replace("?", "%s") if values else sql, values or None)
        return cursor.fetchall() if cursor.description is not None else []

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Make one change of it."""
        with self._connection.transaction():
            yield

    def index(self, number: int, words: str) -> None:
        """Keep its words beside it."""
        self.run("UPDATE fact SET words = ? WHERE id = ?", (words, number))

    def forget(self, numbers: Sequence[int]) -> None:
        """Do nothing: the words stand beside the fact."""

    def matching(self, owner: int, words: Sequence[str]) -> list[int]:
        """Ask by words, the best first."""
        bare = [word for word in map(_bare, words) if word]
        if not bare:
            return []
        query = " | ".join(f"{word}:*" if len(word) > 2 else word for word in bare)
        sql = (
            "SELECT id FROM fact WHERE owner = ? AND to_tsvector('simple', words) @@ to_tsquery('simple', ?) "
            "ORDER BY ts_rank(to_tsvector('simple', words), to_tsquery('simple', ?)) DESC, id LIMIT ?"
        )
        return [number for (number,) in self.run(sql, (owner, query, query, FOUND))]

    def scour(self) -> None:
        """Do nothing: the server's own vacuum does it."""

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def _begin(self) -> None:
        with self.transaction():
            # Two servers that begin at once make the tables once.
            self.run("SELECT pg_advisory_xact_lock(7236921)")
            self.run("CREATE TABLE IF NOT EXISTS memory_version (version INTEGER NOT NULL)")
            found = self.run("SELECT version FROM memory_version")
            if found and found[0][0] > VERSION:
                raise DatabaseError("the tables of the PostgreSQL server were made by a newer version of this program")
            for table in TABLES:
                self.run(table.format(key="BIGSERIAL PRIMARY KEY", real="DOUBLE PRECISION", bytes="BYTEA"))
            if not found:
                self.run("INSERT INTO memory_version (version) VALUES (?)", (VERSION,))


def absent(store: str, home: Path) -> bool:
    """Say whether there is no database yet where the address says, which is known of files only."""
    scheme, apart, rest = store.partition("://")
    if apart and scheme != "sqlite":
        return False
    return not (Path(rest if apart else store).expanduser() if store else home / FILE).exists()


def opened(store: str, home: Path) -> Database:
    """Open the database of an address: "" is a file in `home`, a path a file, postgresql:// a server."""
    if not store:
        return Sqlite(home / FILE)
    scheme, apart, rest = store.partition("://")
    if apart and scheme in ("postgresql", "postgres"):
        return Postgres(store)
    if apart and scheme != "sqlite":
        raise DatabaseError("memory.store is a file, sqlite:///FILE or postgresql://NAME@HOST/DATABASE")
    return Sqlite(Path(rest if apart else store).expanduser())


def _opened(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=BUSY_MS / 1000)
    path.chmod(0o600)
    # With the log of changes a process that is killed loses nothing; FULL keeps it through a power cut too.
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON", "secure_delete = ON"):
        connection.execute(f"PRAGMA {pragma}")
    return connection


def _fault(path: Path) -> str:
    """Say what is wrong with a file, "" for nothing."""
    try:
        connection = sqlite3.connect(path, timeout=BUSY_MS / 1000)
        try:
            found = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        finally:
            connection.close()
    except sqlite3.OperationalError as error:
        # Busy or not readable is no reason to put a file aside.
        return "" if "locked" in str(error) or "unable to open" in str(error) else str(error)
    except sqlite3.DatabaseError as error:
        return str(error)
    return "" if found == "ok" else str(found)


def _beside(path: Path, ending: str) -> Path:
    return path.with_name(path.name + ending)


def _bare(word: str) -> str:
    """Return a word that no query language reads as anything else."""
    return re.sub(r"[^\w]", "", word)
