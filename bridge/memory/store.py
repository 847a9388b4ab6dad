"""What is kept of each person by each identity: read, written, replaced, forgotten. Blocks; time is an argument.

A person is who was authenticated, never a name that somebody told. Every statement names the owner that it is about.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, cast

from bridge.memory.database import Database, Row
from engines.memory.facts import Episode, Fact, Kind, Stored, bounded, distinct
from engines.memory.recall import indexed, sought
from engines.memory.vectors import described, nearest

FACTS: Final = 500  # that hold, of one person by one identity; the least worth goes
OLDER: Final = 1000  # that were replaced
EPISODES: Final = 100
EPISODE: Final = 1000  # characters
DAY: Final = 86_400.0

_FACT: Final = "id, kind, about, value, said, session, turn, at, seen, confidence, replaced"


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose memory it is: the user who was authenticated, and the identity that remembers."""

    who: str
    identity: str


@dataclass(frozen=True, slots=True)
class Kept:
    """All that is remembered of one person by one identity, or what of it was found.

    `near` are the numbers of the facts that mean much the same as what was asked, the nearest first.
    """

    facts: tuple[Stored, ...] = ()
    episodes: tuple[Episode, ...] = ()
    near: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Vector:
    """What was asked, as a vector of a model; facts that have one of the same model are compared with it."""

    model: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Standing:
    """What an owner has agreed to: None when they were never asked; how much is kept."""

    consent: bool | None = None
    facts: int = 0


class Store:
    """The memory in one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def close(self) -> None:
        """Let go of the database."""
        self._database.close()

    # -------------------------------------------------------------------------------------------------- consent

    def standing(self, owner: Owner) -> Standing:
        """Return what was agreed to."""
        found = self._database.run(
            "SELECT consent, (SELECT count(*) FROM fact WHERE fact.owner = person.id AND replaced = 0) FROM person "
            "WHERE who = ? AND identity = ?",
            (owner.who, owner.identity),
        )
        return Standing(bool(found[0][0]), found[0][1]) if found else Standing()

    def consent(self, owner: Owner, agreed: bool, now: float) -> None:
        """Note whether a person agrees to be remembered; nothing that is kept is touched."""
        with self._database.transaction():
            self._database.run(
                "INSERT INTO person (who, identity, consent, consent_at) VALUES (?, ?, ?, ?) "
                "ON CONFLICT (who, identity) "
                "DO UPDATE SET consent = excluded.consent, consent_at = excluded.consent_at",
                (owner.who, owner.identity, int(agreed), now),
            )

    # -------------------------------------------------------------------------------------------------- writing

    def write(self, owner: Owner, facts: Iterable[Fact], *, session: str, turn: int, now: float) -> tuple[int, ...]:
        """Keep facts and return their numbers; one in the same slot is replaced, the same one is confirmed.

        Nothing is written for somebody who has not agreed.
        """
        kept = [fact for fact in map(bounded, distinct(facts)) if fact is not None]
        with self._database.transaction():
            number = self._agreed(owner)
            if number is None or not kept:
                return ()
            written = tuple(self._keep(number, fact, session, turn, now) for fact in kept)
            self._trim(number)
        return written

    def episode(self, owner: Owner, episode: Episode) -> None:
        """Keep what a session was about; a later summary of the same session takes its place."""
        text = " ".join(episode.text.split())[:EPISODE]
        with self._database.transaction():
            number = self._agreed(owner)
            if number is None or not text:
                return
            self._database.run(
                "INSERT INTO episode (owner, session, at, text) VALUES (?, ?, ?, ?) "
                "ON CONFLICT (owner, session) DO UPDATE SET text = excluded.text, at = excluded.at",
                (number, episode.session, episode.at, text),
            )
            self._database.run(
                "DELETE FROM episode WHERE owner = ? AND id NOT IN "
                "(SELECT id FROM episode WHERE owner = ? ORDER BY at DESC, id DESC LIMIT ?)",
                (number, number, EPISODES),
            )

    def _keep(self, owner: int, fact: Fact, session: str, turn: int, now: float) -> int:
        run = self._database.run
        same = run("SELECT id, kind, value FROM fact WHERE owner = ? AND slot = ? AND replaced = 0", (owner, fact.slot))
        for number, kind, value in same:
            if (kind, value.casefold()) == (fact.kind, fact.value.casefold()):
                run("UPDATE fact SET seen = ?, confidence = ? WHERE id = ?", (now, max(0.5, fact.confidence), number))
                return int(number)
        for number, *_ in same:
            run("UPDATE fact SET replaced = 1 WHERE id = ?", (number,))
        found = run(
            "INSERT INTO fact (owner, kind, slot, about, value, said, session, turn, at, seen, confidence, replaced) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0) RETURNING id",
            (
                *(owner, fact.kind, fact.slot, fact.about, fact.value, fact.said),
                *(session, turn, now, now, fact.confidence),
            ),
        )
        number = int(found[0][0])
        self._database.index(number, indexed(fact.kind, fact.about, fact.value, fact.said))
        return number

    def _trim(self, owner: int) -> None:
        for replaced, most in ((0, FACTS), (1, OLDER)):
            stored = self._facts("owner = ? AND replaced = ?", owner, replaced)
            if len(stored) > most:
                by_worth = sorted(stored, key=lambda each: (each.fact.importance, each.seen))
                self._delete([each.number for each in by_worth[: len(stored) - most]])

    def given(self, owner: Owner, now: float) -> None:
        """Take an owner who was never asked for one who has agreed."""
        if self.standing(owner).consent is None:
            self.consent(owner, True, now)

    def _agreed(self, owner: Owner) -> int | None:
        """Return the number of an owner who has agreed, None for anybody else."""
        found = self._database.run(
            "SELECT id FROM person WHERE who = ? AND identity = ? AND consent = 1", (owner.who, owner.identity)
        )
        return int(found[0][0]) if found else None

    # -------------------------------------------------------------------------------------------------- reading

    def everything(self, owner: Owner, *, older: bool = False) -> Kept:
        """Return all that is kept, with `older` what was replaced too; facts by number, episodes by time."""
        number = self._number(owner)
        if number is None:
            return Kept()
        stored = self._facts("owner = ? AND replaced <= ? ORDER BY id", number, int(older))
        return Kept(tuple(stored), self._episodes(number, EPISODES))

    def find(self, owner: Owner, text: str, *, most: int, vector: Vector | None = None) -> Kept:
        """Return what has a word of `text`, and beside it what matters most and is newest, at most `most`.

        With `vector` what means much the same is found too.
        """
        number = self._number(owner)
        if number is None:
            return Kept()
        hits = self._database.matching(number, sought(text))
        stored = self._facts("owner = ? AND replaced = 0 ORDER BY id DESC LIMIT ?", number, FACTS)
        near = self._near(number, vector) if vector is not None else ()
        wanted = {*hits, *near}
        by_worth = sorted(
            stored, key=lambda each: (each.number not in wanted, -each.fact.importance, -each.seen, each.number)
        )
        return Kept(tuple(by_worth[:most]), self._episodes(number, 3), near)

    def _near(self, owner: int, vector: Vector) -> tuple[int, ...]:
        rows = self._database.run(
            "SELECT fact.id, vector.data FROM vector JOIN fact ON fact.id = vector.fact "
            "WHERE fact.owner = ? AND fact.replaced = 0 AND vector.model = ? ORDER BY fact.id DESC LIMIT ?",
            (owner, vector.model, FACTS),
        )
        return nearest(vector.data, rows)

    def unread(self, model: str, most: int) -> list[tuple[int, str]]:
        """Return facts of anybody that have no vector of this model yet, and the text to make it of."""
        rows = self._database.run(
            "SELECT fact.id, fact.kind, fact.about, fact.value, fact.said FROM fact "
            "LEFT JOIN vector ON vector.fact = fact.id AND vector.model = ? "
            "WHERE fact.replaced = 0 AND vector.fact IS NULL ORDER BY fact.id LIMIT ?",
            (model, most),
        )
        return [(number, described(*words)) for number, *words in rows]

    def learn(self, model: str, vectors: Sequence[tuple[int, bytes]]) -> None:
        """Keep vectors of a model, in place of another's; of facts that were forgotten meanwhile nothing is kept."""
        with self._database.transaction():
            for number, data in vectors:
                self._database.run(
                    "INSERT INTO vector (fact, model, data) SELECT id, ?, ? FROM fact WHERE id = ? "
                    "ON CONFLICT (fact) DO UPDATE SET model = excluded.model, data = excluded.data",
                    (model, data, number),
                )

    def owners(self) -> list[tuple[Owner, Standing]]:
        """List everybody of whom something is known."""
        rows = self._database.run(
            "SELECT who, identity, consent, (SELECT count(*) FROM fact WHERE fact.owner = person.id AND replaced = 0) "
            "FROM person ORDER BY who, identity"
        )
        return [(Owner(who, identity), Standing(bool(consent), count)) for who, identity, consent, count in rows]

    def _facts(self, where: str, *values: int) -> list[Stored]:
        rows = self._database.run(f"SELECT {_FACT} FROM fact WHERE {where}", values)  # noqa: S608 - only our own words
        return list(map(_stored, rows))

    def _episodes(self, owner: int, most: int) -> tuple[Episode, ...]:
        rows = self._database.run(
            "SELECT session, at, text FROM episode WHERE owner = ? ORDER BY at DESC, id DESC LIMIT ?", (owner, most)
        )
        return tuple(Episode(session, at, text) for session, at, text in reversed(rows))

    def _number(self, owner: Owner) -> int | None:
        found = self._database.run("SELECT id FROM person WHERE who = ? AND identity = ?", (owner.who, owner.identity))
        return int(found[0][0]) if found else None

    # ----------------------------------------------------------------------------------------------- forgetting

    def forget(self, owner: Owner, numbers: Sequence[int]) -> int:
        """Forget facts and what they had replaced, for good; return how many held."""
        with self._database.transaction():
            own = self._number(owner)
            if own is None:
                return 0
            wanted = {
                (number, slot)
                for number, slot in self._database.run(
                    "SELECT id, slot FROM fact WHERE owner = ? AND replaced = 0", (own,)
                )
                if number in set(numbers)
            }
            gone: list[int] = []
            for _, slot in sorted(wanted):
                rows = self._database.run("SELECT id FROM fact WHERE owner = ? AND slot = ?", (own, slot))
                gone += [number for (number,) in rows]
            self._delete(gone)
        if gone:
            self._database.scour()
        return len(wanted)

    def erase(self, owner: Owner) -> int:
        """Forget everything of an owner for good, what they agreed to stays; return how many facts there were."""
        with self._database.transaction():
            number = self._number(owner)
            if number is None:
                return 0
            rows = self._database.run("SELECT id, replaced FROM fact WHERE owner = ?", (number,))
            self._delete([each for each, _ in rows])
            episodes = len(self._database.run("SELECT id FROM episode WHERE owner = ?", (number,)))
            self._database.run("DELETE FROM episode WHERE owner = ?", (number,))
        if rows or episodes:
            self._database.scour()
        return sum(1 for _, replaced in rows if not replaced)

    def leave(self, owner: Owner) -> None:
        """Forget everything of an owner, and that there ever was one."""
        self.erase(owner)
        with self._database.transaction():
            self._database.run("DELETE FROM person WHERE who = ? AND identity = ?", (owner.who, owner.identity))
        self._database.scour()

    def keep_as_past(self, owner: Owner, numbers: Sequence[int]) -> None:
        """Let facts hold no longer without forgetting them, such as a promise that was kept."""
        with self._database.transaction():
            own = self._number(owner)
            for number in numbers:
                self._database.run("UPDATE fact SET replaced = 1 WHERE id = ? AND owner = ?", (number, own))

    def expire(self, before: float) -> int:
        """Forget what nobody has spoken of since `before`; return how many facts and episodes that were."""
        with self._database.transaction():
            old = [number for (number,) in self._database.run("SELECT id FROM fact WHERE seen < ?", (before,))]
            self._delete(old)
            episodes = len(self._database.run("SELECT id FROM episode WHERE at < ?", (before,)))
            self._database.run("DELETE FROM episode WHERE at < ?", (before,))
        if old or episodes:
            self._database.scour()
        return len(old) + episodes

    def _delete(self, numbers: Sequence[int]) -> None:
        self._database.forget(numbers)
        for number in numbers:
            self._database.run("DELETE FROM fact WHERE id = ?", (number,))


def _stored(row: Row) -> Stored:
    number, kind, about, value, said, session, turn, at, seen, confidence, replaced = row
    fact = Fact(cast("Kind", kind), value, about, said, confidence)
    return Stored(number, fact, session, turn, at, seen, bool(replaced))
