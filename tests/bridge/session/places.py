"""A memory in a folder, for sessions that remember, and what stands in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from bridge.memory.database import Sqlite
from bridge.memory.keeper import Memory, Terms
from bridge.memory.session import Remembered
from bridge.memory.store import Owner, Store
from engines.memory.reading import told

ADA = Owner("ada", "mira")
NOW = 1_900_000_000.0


@dataclass
class Place:
    """Where the memory of a test is."""

    folder: Path
    now: float = NOW
    terms: Terms = field(default_factory=Terms)

    def remembered(self, *, agreed: bool = True, owner: Owner = ADA) -> Remembered:
        memory = Memory(
            str(self.folder / "memory.sqlite"), self.terms, now=lambda: self.now, home=self.folder, apart=False
        )
        if agreed:
            with self.store() as store:
                store.consent(owner, True, 0.0)
        return Remembered(memory, owner, agreed)

    def store(self) -> _Open:
        return _Open(self.folder / "memory.sqlite")

    def told(self, text: str, owner: Owner = ADA) -> None:
        with self.store() as store:
            store.consent(owner, True, 0.0)
            store.write(owner, told(text, "en"), session="before", turn=1, now=self.now - 86_400)

    def facts(self, owner: Owner = ADA) -> list[tuple[str, str]]:
        with self.store() as store:
            return [(each.fact.kind, each.fact.value) for each in store.everything(owner).facts]


@dataclass
class _Open:
    path: Path
    store: Store | None = None

    def __enter__(self) -> Store:
        self.store = Store(Sqlite(self.path))
        return self.store

    def __exit__(self, *_: object) -> None:
        assert self.store is not None
        self.store.close()
