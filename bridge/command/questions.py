"""Asks questions on standard input; an empty line, its end, and nobody to ask all mean the answer that is proposed."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from bridge.command.output import tell

TRIES: Final = 3  # wrong answers to one question before the proposed one is taken


@dataclass(slots=True)
class Questions:
    """`asks` is False when every proposal is to be taken."""

    asks: bool = True

    def choose(self, question: str, options: Sequence[str]) -> int:
        """Ask for one of the options by its number; the first is proposed."""
        if not self.asks or len(options) == 1:
            return 0
        tell(f"\n{question}")
        for number, option in enumerate(options, 1):
            tell(f"  {number}  {option}")
        for _ in range(TRIES):
            answer = self._line("number [1]: ")
            if not answer:
                return 0
            if answer.isdecimal() and 1 <= int(answer) <= len(options):
                return int(answer) - 1
            tell(f"a number from 1 to {len(options)}")
        return 0

    def text(self, question: str, proposed: str) -> str:
        """Ask for a line of text."""
        return (self._line(f"{question} [{proposed}]: ") if self.asks else "") or proposed

    def agree(self, question: str, *, proposed: bool) -> bool:
        """Ask whether something may be done."""
        answer = self._line(f"{question} [{'Y/n' if proposed else 'y/N'}]: ").lower() if self.asks else ""
        return answer.startswith("y") if answer else proposed

    def secret(self, question: str) -> str:
        """Ask for what must not be shown; "" when nobody sits at a terminal."""
        return getpass.getpass(f"{question}: ").strip() if self.asks and sys.stdin.isatty() else ""

    def _line(self, prompt: str) -> str:
        sys.stdout.write(prompt)
        sys.stdout.flush()
        line = sys.stdin.readline()
        if not sys.stdin.isatty():
            tell(line.rstrip("\n"))  # so that what was piped in stands in the log
        if not line:
            self.asks = False
        return line.strip()
