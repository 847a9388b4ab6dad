"""The side of a child process that works: frames from stdin, one generator a request, frames to stdout.

Standard library and msgpack alone, so that a child starts fast and stays small. An operation is a generator function
of one `Call`: it yields reply maps, reads further input by `yield from call.receive()`, and may yield None to let other
requests run. All operations run in the main thread, in turns; a second thread only reads stdin, so that
`call.cancelled` becomes true while native code works. It does not know what the operations do, nor who started it.

A frame is a 4-byte big-endian length and a msgpack array [request, kind, body]. To the child: open [op, fields],
send fields, finish, cancel, credit n. From it: begun, reply fields, took [inputs taken, waiting for input], end,
error [sentence, retryable], crash exception.
"""

from __future__ import annotations

import os
import signal
import struct
import sys
import threading
import traceback
from collections import deque
from collections.abc import Callable, Generator, Mapping
from typing import Any, BinaryIO, NoReturn, TypeAlias

import msgpack

Fields: TypeAlias = dict[str, Any]
Steps: TypeAlias = Generator[Fields | None, None, None]
Operation: TypeAlias = Callable[["Call"], Steps]

LENGTH = struct.Struct(">I")
MAX_FRAME = 16 * 2**20  # bytes
INPUT_WINDOW = 32  # inputs of one request sent and not yet taken
REPLY_WINDOW = 4  # replies of one request sent and not yet consumed


class Refused(Exception):
    """An operation cannot do what was asked: this request ends with a sentence for people, the child lives."""

    def __init__(self, sentence: str, *, retryable: bool = False) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.retryable = retryable


def pack(request: int, kind: str, body: object = None) -> bytes:
    """Pack one frame."""
    data: bytes = msgpack.packb([request, kind, body])
    return LENGTH.pack(len(data)) + data


class Call:
    """One request inside the child; `fields` is what it was opened with, `cancelled` may turn true at any moment."""

    def __init__(self, number: int, fields: Fields, operation: Operation) -> None:
        self.fields = fields
        self.cancelled = False
        self._number = number
        self._inputs: deque[Fields] = deque()
        self._finished = False
        self._waiting = False
        self._taken = 0
        self._begun = False
        self._told = (0, False)
        self._credit = REPLY_WINDOW
        self._steps = operation(self)

    def receive(self) -> Generator[None, None, Fields | None]:
        """Return the next input, or None when the parent has finished sending; others run while it waits."""
        while not self._inputs:
            if self._finished:
                return None
            self._waiting = True
            yield None
            self._waiting = False
        self._taken += 1
        return self._inputs.popleft()

    def _runnable(self) -> bool:
        if self.cancelled:
            return True
        return self._credit > 0 and not (self._waiting and not self._inputs and not self._finished)

    def _due(self) -> list[int | bool] | None:
        """Return what to tell the parent of the inputs taken: at half windows, and when the call waits for more."""
        told, waited = self._told
        if self._taken - told < INPUT_WINDOW // 2 and not (self._waiting and (self._taken, True) != (told, waited)):
            return None
        self._told = (self._taken, self._waiting)
        return [self._taken, self._waiting]


class _Loop:
    def __init__(self, ops: Mapping[str, Operation], source: BinaryIO, sink: BinaryIO) -> None:
        self._ops = ops
        self._source = source
        self._sink = sink
        self._calls: dict[int, Call] = {}
        self._changed = threading.Condition()

    def read(self) -> NoReturn:
        """Read frames until the parent is gone, then end the process whatever the main thread is doing."""
        while len(head := self._source.read(LENGTH.size)) == LENGTH.size:
            (size,) = LENGTH.unpack(head)
            data = self._source.read(size)
            if size > MAX_FRAME or len(data) < size:
                break
            number, kind, body = msgpack.unpackb(data)
            with self._changed:
                self._accept(number, kind, body)
                self._changed.notify()
        os._exit(0)

    def _accept(self, number: int, kind: str, body: Any) -> None:
        if kind == "open":
            name, fields = body
            self._calls[number] = Call(number, fields, self._ops.get(name) or _unknown(name))
        elif (known := self._calls.get(number)) is not None:
            match kind:
                case "send":
                    known._inputs.append(body)
                case "finish":
                    known._finished = True
                case "credit":
                    known._credit += body
                case "cancel":
                    known.cancelled = True

    def run(self) -> NoReturn:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: any(call._runnable() for call in self._calls.values()))
                ready = [call for call in self._calls.values() if call._runnable()]
            for call in ready:
                if not self._step(call):
                    with self._changed:
                        del self._calls[call._number]

    def _step(self, call: Call) -> bool:
        """Step one request; False when it is over."""
        number = call._number
        try:
            if call.cancelled:
                call._steps.close()
                return False
            if not call._begun:
                call._begun = True
                self._write(pack(number, "begun"))
            reply = next(call._steps)
        except StopIteration:
            self._write(pack(number, "end"))
            return False
        except Refused as refused:
            self._write(pack(number, "error", [refused.sentence, refused.retryable]))
            return False
        except Exception as error:  # a request that fails must not take down those of other sessions
            kind = type(error).__name__
            # The message of the exception is left out: it may quote what a person said.
            print(kind, *traceback.format_tb(error.__traceback__), sep="\n", file=sys.stderr)
            self._write(pack(number, "crash", kind))
            return False
        if reply is not None:
            with self._changed:
                call._credit -= 1
            self._write(pack(number, "reply", reply))
        if (due := call._due()) is not None:
            self._write(pack(number, "took", due))
        return True

    def _write(self, frame: bytes) -> None:
        try:
            self._sink.write(frame)
            self._sink.flush()
        except BrokenPipeError:
            os._exit(0)


def _unknown(name: str) -> Operation:
    def refuse(call: Call) -> Steps:
        yield from ()
        raise Refused(f"there is no operation {name!r}")

    return refuse


def serve(ops: Mapping[str, Operation]) -> NoReturn:
    """Run operations by name until stdin ends; the last line of a child's module.

    What libraries print on stdout goes to stderr, their stdin is empty, and an interrupt from the terminal is left to
    the parent.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    source, sink = os.dup(0), os.dup(1)
    empty = os.open(os.devnull, os.O_RDONLY)
    os.dup2(empty, 0)
    os.close(empty)
    sys.stdout.flush()
    os.dup2(2, 1)
    loop = _Loop(ops, os.fdopen(source, "rb"), os.fdopen(sink, "wb"))
    threading.Thread(target=loop.read, name="stdin", daemon=True).start()
    loop.run()
