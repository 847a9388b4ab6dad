"""The words between a message's marks, with the gaps that marks leave closed or opened as a writer would. Pure."""

from __future__ import annotations

from typing import Any


class Words:
    """Collects words into a list of items. The flags say what stood before the next ones."""

    def __init__(self) -> None:
        self.said = False  # anything
        self.line = True  # nothing but white space since the line began
        self.apart = False  # what follows does not touch what was said
        self.trim = False  # nor begin with white space
        self.dropped = False  # a mark without a meaning stood here
        self._last = ""  # the last character

    def say(self, words: str, items: list[Any]) -> None:
        """Add words to the items."""
        if not self.said or self.trim:
            words = words.lstrip()
        elif self.dropped and self._last.isspace():
            words = words.lstrip(" ")
        if not words:
            return
        if self.apart and _touch(self._last, words[0]):
            words = f" {words}"
        self.apart = self.trim = self.dropped = False
        self.said, self._last = True, words[-1]
        line = words.rfind("\n")
        self.line = not words[line + 1 :].strip() and (line >= 0 or self.line)
        items.append(words)


def _touch(before: str, after: str) -> bool:
    """Say whether two characters that were apart would seem to be of one word or sentence."""
    if not after.isalnum() or not before or before.isspace() or before in "([{<\"'“‘«„-–—*_/":
        return False
    return max(before, after) < "\u2e80"  # no spaces between Chinese and Japanese words
