"""Operations for the tests of `engines.process.child`: a process that obeys, stalls, shouts and breaks."""

from __future__ import annotations

import os
import time

from engines.process.loop import Call, Refused, Steps, serve

seen = {"cancelled": 0, "closed": 0}


def echo(call: Call) -> Steps:
    for _ in range(call.fields.get("times", 1)):
        yield {"value": call.fields["value"]}


def environment(call: Call) -> Steps:
    yield {"value": dict(os.environ)}


def total(call: Call) -> Steps:
    """Answers every input with the sum so far, and the end of the input with how many there were."""
    count = value = 0
    while (taken := (yield from call.receive())) is not None:
        count += 1
        value += taken["value"]
        yield {"sum": value}
    yield {"count": count}


def deaf(call: Call) -> Steps:
    """Takes no input; lets others run until it is cancelled."""
    while True:
        yield None


def busy(call: Call) -> Steps:
    """Works in one long step, as native code does, until it is cancelled."""
    try:
        yield {"value": "working"}
        while not call.cancelled:
            pass
    finally:
        seen["cancelled"] += 1


def parked(call: Call) -> Steps:
    try:
        yield from call.receive()
    finally:
        seen["closed"] += 1


def count(call: Call) -> Steps:
    yield dict(seen)


def hang(call: Call) -> Steps:
    yield {"value": "about to"}
    time.sleep(3600)


def refuse(call: Call) -> Steps:
    yield {"value": 1}
    raise Refused("There is no such thing.", retryable=call.fields["retryable"])


def crash(call: Call) -> Steps:
    yield {"value": 1}
    raise ValueError(call.fields["said"])


def leave(call: Call) -> Steps:
    yield {"value": 1}
    os._exit(3)


def shout(call: Call) -> Steps:
    print("a library says hello")
    os.write(1, b"in C too\n")
    yield {"value": os.read(0, 10)}


if __name__ == "__main__":
    serve(
        {
            op.__name__: op
            for op in (echo, environment, total, deaf, busy, parked, count, hang, refuse, crash, leave, shout)
        }
    )
