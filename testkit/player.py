"""A client without a game, as a process that is told what to do line by line and tells what happens as JSON."""

from __future__ import annotations

import json
import queue
import subprocess
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

PATIENCE_S: Final = 120.0


class Player:
    """A running client: `tell` it a command, `expect` an event."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.events: list[dict[str, Any]] = []
        self._process = process
        self._lines: queue.Queue[str | None] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._lines.put(line)
        self._lines.put(None)

    def tell(self, command: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(command + "\n")
        self._process.stdin.flush()

    def expect(self, kind: str, patience: float = PATIENCE_S, **fields: Any) -> dict[str, Any]:
        """Return the next event of this kind that has these fields; AssertionError when none comes in time."""
        until = time.monotonic() + patience
        while (left := until - time.monotonic()) > 0:
            try:
                line = self._lines.get(timeout=left)
            except queue.Empty:
                break
            assert line is not None, f"the client ended while {kind} {fields} was awaited: {self.events[-5:]}"
            event = dict(json.loads(line))
            self.events.append(event)
            if event["event"] == kind and all(event.get(name) == value for name, value in fields.items()):
                return event
        raise AssertionError(f"no {kind} {fields} within {patience:.0f} s; the last were {self.events[-8:]}")

    def ask(self, command: str, kind: str) -> dict[str, Any]:
        self.tell(command)
        return self.expect(kind)


@contextmanager
def running(command: Sequence[str]) -> Iterator[Player]:
    """Yield the client that this command starts, and have it quit in the end; it must not fail."""
    with subprocess.Popen(
        list(command), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=None, text=True, bufsize=1
    ) as process:
        player = Player(process)
        try:
            yield player
            player.tell("quit")
            assert process.wait(PATIENCE_S) == 0, "the client failed"
        finally:
            if process.poll() is None:
                process.kill()
