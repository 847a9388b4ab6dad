"""Decides when an answer is begun before the user's turn is over, and whether it may be used.

A part of `turns`, which tells it what is known and does what it says. An answer is begun in a pause, to words that
have not changed for a while; it is kept as long as the words are the same, case and punctuation aside, and used only
if that holds to the end. What is done with an answer until then is not known here.
"""

from __future__ import annotations

from bridge.core.opinion import SURE, UNLIKELY, Opinion
from bridge.core.turn_events import Action, Speculate, Withdraw
from bridge.core.turn_policy import Policy
from bridge.core.words import key


class Speculation:
    """The answer that is begun ahead, if there is one, and the words of the utterance that it may be begun for."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self.number = 0  # of the answer begun last
        self.deadline: float | None = None
        self._utterance = 0  # what follows is about it
        self._words = ""  # as they were understood so far
        self._changed_at = 0.0
        self._heard_at = 0.0  # when they last came, changed or not
        self._agreed = False  # the recogniser is sure of them
        self._tries = 0
        self._tried = ""  # what was answered last: not again
        self._running: str | None = None  # what the answer that is kept answers
        self._until = 0.0  # how long it is kept

    @property
    def tries(self) -> int:
        """Return how many answers to this utterance were begun."""
        return self._tries

    @property
    def running(self) -> str | None:
        """Return what the answer that is held answers, as a `key`; None if none is."""
        return self._running

    def heard(self, utterance: int, words: str, now: float, *, agreed: bool) -> None:
        """Note how much of `utterance` is understood."""
        self.attend(utterance)
        if words != self._words:
            self._words, self._changed_at = words, now
        self._heard_at, self._agreed = now, agreed

    def attend(self, utterance: int) -> None:
        """Follow `utterance`, the one that is spoken."""
        if utterance != self._utterance:
            self._utterance = utterance
            self._words, self._agreed, self._tries = "", False, 0

    def words(self, utterance: int) -> str:
        """Return what is understood of `utterance` so far."""
        return self._words if utterance == self._utterance else ""

    def review(
        self,
        prompt: str | None,
        quiet_since: float | None,
        opinion: Opinion,
        now: float,
        *,
        final: bool,
        again: bool,
    ) -> list[Action]:
        """Begin or withdraw an answer to `prompt`, all that the user said (None: it cannot be told yet).

        `quiet_since` is when they fell silent (None: they speak); `final` says that the words will not change.
        """
        self.deadline = None
        actions: list[Action] = []
        if self._running is not None:
            if now < self._until and (prompt is None or key(prompt) == self._running):
                self.deadline = self._until
                return actions
            actions = self.drop()
        if prompt is None or quiet_since is None or self._tries >= self._policy.tries:
            return actions
        wanted = key(prompt)
        if not wanted or wanted == self._tried:
            return actions
        if not final:
            likely = opinion.likelihood
            if likely is not None and likely < UNLIKELY:
                return actions
            due = max(quiet_since, 0.0 if self._agreed else self._changed_at) + self._policy.stable_after
            if self._heard_at < quiet_since and not self._agreed:
                # Recognisers lag: words that came before the silence are seldom all.
                due = quiet_since + 2 * self._policy.stable_after
            elif self._agreed and self._heard_at >= quiet_since and likely is not None and likely >= SURE:
                due = now
            if now < due:
                self.deadline = due
                return actions
        self._tries += 1
        self.number += 1
        self._running = self._tried = wanted
        self._until = self.deadline = now + self._policy.hold_for
        return [*actions, Speculate(self.number, prompt, again)]

    def take(self, prompt: str) -> tuple[list[Action], int]:
        """Return the number of the answer that was begun to the words of `prompt` (0: none), which is due now."""
        if self._running is None or self._running != key(prompt):
            return self.drop(), 0
        self._running, self._tried, self.deadline = None, "", None
        return [], self.number

    def drop(self) -> list[Action]:
        """Withdraw what was begun."""
        self.deadline = None
        if self._running is None:
            return []
        self._running = None
        return [Withdraw(self.number)]

    def forget(self) -> None:
        """Forget what was tried: the words so far are no longer the user's turn."""
        self._tried = ""
