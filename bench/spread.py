"""How connections come to several processes: by SO_REUSEPORT, or from a front that hands sockets over.

`python -m bench.spread`: the busiest of 4 over the mean for 200 connections, clients that are cut off when one of the
listeners goes, and what handing a socket over costs. No server is needed: only sockets are counted.
"""

from __future__ import annotations

import contextlib
import select
import socket
from collections.abc import Iterator
from time import perf_counter

from bench.stats import summarize, table

LISTENERS, CLIENTS, ROUNDS = 4, 200, 50


@contextlib.contextmanager
def shared() -> Iterator[list[socket.socket]]:
    """Listen with several sockets on one port, as processes of their own would."""
    with contextlib.ExitStack() as stack:
        listeners: list[socket.socket] = []
        for _ in range(LISTENERS):
            each = stack.enter_context(socket.socket())
            each.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            each.bind(("127.0.0.1", listeners[0].getsockname()[1] if listeners else 0))
            each.listen(CLIENTS)
            each.setblocking(False)
            listeners.append(each)
        yield listeners


def clients(stack: contextlib.ExitStack, port: int) -> list[socket.socket]:
    """Connect them all."""
    return [stack.enter_context(socket.create_connection(("127.0.0.1", port))) for _ in range(CLIENTS)]


def accepted(stack: contextlib.ExitStack, listener: socket.socket) -> int:
    """Accept whoever waits at a listener."""
    count = 0
    with contextlib.suppress(BlockingIOError):
        while True:
            stack.enter_context(listener.accept()[0])
            count += 1
    return count


def imbalance() -> list[float]:
    """Return, of each round, how many connections the busiest listener has for each that it should have."""
    found = []
    for _ in range(ROUNDS):
        with shared() as listeners, contextlib.ExitStack() as stack:
            clients(stack, listeners[0].getsockname()[1])
            found.append(max(accepted(stack, each) for each in listeners) * LISTENERS / CLIENTS)
    return found


def cut_off() -> list[int]:
    """Return, of each round, how many clients are reset when a listener closes before it has accepted them."""
    found = []
    for _ in range(ROUNDS):
        with shared() as listeners, contextlib.ExitStack() as stack:
            there = clients(stack, listeners[0].getsockname()[1])
            listeners[0].close()
            lost = 0
            for each in there:
                if select.select([each], [], [], 0)[0]:
                    with contextlib.suppress(ConnectionError):
                        each.recv(1)
                    lost += 1
            found.append(lost)
    return found


def handing() -> list[float]:
    """Return the microseconds that it takes to accept a connection and hand it to another process."""
    found = []
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=CLIENTS))
        ours, theirs = (stack.enter_context(end) for end in socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET))
        for _ in range(ROUNDS):
            with contextlib.ExitStack() as these:
                clients(these, listener.getsockname()[1])
                for _ in range(CLIENTS):
                    began = perf_counter()
                    taken = listener.accept()[0]
                    socket.send_fds(ours, [b"\0\x81\xa4type\xa8newcomer"], [taken.fileno()])
                    taken.close()
                    found.append((perf_counter() - began) * 1e6)
                    these.enter_context(socket.socket(fileno=socket.recv_fds(theirs, 64, 4)[1][0]))
    return found


def main() -> None:
    """Measure and print."""
    rows = [
        ("SO_REUSEPORT: the busiest of 4 for 200 connections, in means", str(summarize(imbalance()))),
        ("SO_REUSEPORT: of 200 who wait, cut off when one listener closes", str(summarize(cut_off()))),
        ("a front: accept and hand over, µs a connection", str(summarize(handing()))),
    ]
    print(table(("what", "found"), rows))
    print("\nA front gives each socket to whoever has fewest, and its listener never closes: 1.00 means, 0 cut off.")


if __name__ == "__main__":
    main()
