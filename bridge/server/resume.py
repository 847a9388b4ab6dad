"""The sessions of a server: opened within limits, found again by a client that lost its socket, then forgotten."""

from __future__ import annotations

import secrets
from collections import Counter

from bridge.errors import Overloaded
from bridge.session.session import Session
from protocol.messages import Resume


class Sessions:
    """Every session that is open, with or without a connection; bounded in all and per user."""

    def __init__(self, *, most: int, most_per_user: int, retry_after: float) -> None:
        self._most = most
        self._most_per_user = most_per_user
        self._retry_after = retry_after
        self._open: dict[str, Session] = {}
        self._per_user: Counter[str] = Counter()

    def __len__(self) -> int:
        return len(self._open)

    def all(self) -> list[Session]:
        """Return every open session."""
        return list(self._open.values())

    def __contains__(self, name: object) -> bool:
        return name in self._open

    @property
    def newest(self) -> Session | None:
        """Return the session that was opened last."""
        return next(reversed(self._open.values()), None)

    def newest_of(self, user: str, identity: str = "") -> Session | None:
        """Return the session of `user` that was opened last, of those with `identity` ("": with anybody)."""
        everyone = reversed(self._open.values())
        mine = [each for each in everyone if each.user == user and not each.over and identity in ("", each.companion)]
        # One whose client has just gone may come back, but not before those who are there.
        return next((each for each in mine if each.attended), mine[0] if mine else None)

    def check_room(self, user: str) -> None:
        """Raise Overloaded if there is no room for another session of `user` ("": anonymous, bounded only in all)."""
        if len(self._open) >= self._most:
            raise Overloaded("server_full", "all places are taken; try again soon", retry_after=self._retry_after)
        if user and self._per_user[user] >= self._most_per_user:
            raise Overloaded(
                "user_full", f"you have {self._most_per_user} sessions already", retry_after=self._retry_after
            )

    def add(self, session: Session) -> None:
        """Remember `session`."""
        self._open[session.name] = session
        self._per_user[session.user] += 1

    def remove(self, session: Session) -> None:
        """Forget `session`."""
        if self._open.pop(session.name, None) is not None:
            self._per_user[session.user] -= 1
            if not self._per_user[session.user]:
                del self._per_user[session.user]

    def reclaim(self, resume: Resume, user: str) -> Session | str:
        """Return the session that the client lost, or the reason why it cannot have it."""
        session = self._open.get(resume.session)
        if session is None or session.over:
            return "session_expired"
        if not _same(session.token, resume.token) or session.user != user:
            return "bad_token"
        return session

    def watched(self, watch: Resume) -> Session | None:
        """Return the session that a viewer may see, if there is one."""
        session = self._open.get(watch.session)
        if session is None or session.over or not _same(session.watch_token, watch.token):
            return None
        return session


def _same(secret: str, given: str) -> bool:
    return secrets.compare_digest(secret.encode(), given.encode())
