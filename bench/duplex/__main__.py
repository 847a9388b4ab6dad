"""What does the bridge add to a duplex model? `python -m bench.duplex [--rounds 20] [--sentences 8]`.

**Times.** A scripted Realtime server in a process of its own (it begins an answer 100 ms after it was asked, takes a
turn as over after 0.3 s of silence, and says its answer at once) is talked to directly, and through a bridge in a third
process, by a client with a microphone of 20 ms frames. From a typed line, and from the last frame of speech, to the
first sound; from the first frame of speech over an answer to its end: the server's own `speech_started` there, which is
when it knows, `interrupted` here.

**Lips.** On a virtual clock a session with the real face hears a scripted server that says our own sentences (the set
`REPORTED` of `bench.lips`) in flite's voice awb, whose sounds have known times; the reader is espeak-ng. The server
gives its sound in pieces of 80 ms: all at once, or no faster than life behind a beginning of so many seconds; its words
before their sound, along with it, or none. The frames that the client is shown are scored as `bench.lips` scores them,
from the answer's beginning on; r and the lag are those of the openness of the mouth. `aligned` is the share of the
frames whose source says so.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from statistics import median

from bench.duplex.lips import looked
from bench.duplex.times import timed
from bench.stats import summarize, table


def report(floor: dict[str, list[float]], ours: dict[str, list[float]], rows: Sequence[tuple[object, ...]]) -> str:
    """Return the result as Markdown."""
    times = []
    for what, values in floor.items():
        there, here = summarize(values), summarize(ours[what])
        times.append((what, there.n, there.p50, there.worst, here.p50, here.worst, median(ours[what]) - median(values)))
    head = ("from ... to", "n", "model p50", "model max", "bridge p50", "bridge max", "added")
    lips_head = ("the model speaks", "aligned", "closures F1", "r", "lag ms", "kept ms")
    return (
        "ms; one conversation with the model itself, one through the bridge:\n\n"
        + table(head, times)
        + "\n\nLips (`kept` is the longest that sound which had come was kept before it went out, ms):\n\n"
        + table(lips_head, rows)
    )


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--sentences", type=int, default=8)
    arguments = parser.parse_args()
    rows = looked(arguments.sentences)
    floor, ours = timed(arguments.rounds)
    print(report(floor, ours, rows))


if __name__ == "__main__":
    main()
