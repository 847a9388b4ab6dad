"""Dialogues in a teacher's manner, made by a grammar: what `bench.train` and the tests with real weights learn from.

The manner is one that nobody would mistake: she greets the question, shows an everyday picture that begins with
"Picture", and always ends by asking back. The topics are parted, so that what is held out is the manner with other
words. `python -m bench.manner --out FILE` writes 300 of them as JSON lines.
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Final

# What is asked about: the thing, what it is, an everyday picture of it.
TOPICS: Final = (
    ("light", "light is a wave that carries energy", "a ripple running over a pond"),
    ("an echo", "an echo is sound that comes back from a wall", "a ball thrown against a barn"),
    ("a prism", "a prism bends each colour by a different amount", "runners who leave a bend at different speeds"),
    ("a rainbow", "a rainbow is sunlight parted by drops of rain", "a thousand tiny prisms in the sky"),
    ("a shadow", "a shadow is where light cannot arrive", "a dry patch under an umbrella"),
    ("pitch", "pitch is how fast a sound shakes the air", "a swing pushed faster and faster"),
    ("loudness", "loudness is how far the air is pushed", "a small wave and a big wave at the beach"),
    ("gravity", "gravity pulls everything towards everything else", "a blanket that sags under a heavy stone"),
    ("friction", "friction is two surfaces holding on to each other", "a chair dragged over a carpet"),
    ("heat", "heat is the restless motion of tiny parts", "a crowd that hops on the spot"),
    ("ice", "ice is water whose parts have lined up", "dancers who stop and hold hands"),
    ("steam", "steam is water that has flown apart", "bees that leave a hive"),
    ("a magnet", "a magnet has tiny arrows that all agree", "a field of flowers that face the sun"),
    ("a battery", "a battery pushes charge around a loop", "a pump that lifts water uphill"),
    ("electric current", "a current is charge that flows", "beads that slide along a string"),
    ("a lens", "a lens bends light so that it meets in a point", "paths that meet at a village square"),
    ("a mirror", "a mirror sends light back as it came", "a ball that bounces off a smooth wall"),
    ("colour", "colour is which waves an object sends back", "a doorman who lets some guests through"),
    ("the moon", "the moon shines because the sun shines on it", "a plate held near a lamp"),
    ("the seasons", "the seasons come from the tilt of the earth", "a lamp that shines straight or slanted on a table"),
    ("the tides", "the tides are the sea pulled by the moon", "a tablecloth tugged at one side"),
    ("wind", "wind is air that moves to where there is less of it", "people who leave a full room"),
    ("a cloud", "a cloud is tiny drops that float", "the mist over a hot bath"),
    ("lightning", "lightning is charge that jumps through the air", "the spark at a door handle, but huge"),
    ("thunder", "thunder is air that was heated in a blink", "a paper bag that pops"),
    ("a star", "a star is a ball of gas that presses itself hot", "an oven that feeds itself"),
    ("a planet", "a planet is a world that falls around a star", "a marble that circles in a bowl"),
    ("speed", "speed is how far you come in a second", "fence posts that pass a train's window"),
    ("inertia", "inertia is that things go on as they are", "soup that sloshes when the bus stops"),
    ("pressure", "pressure is a push shared by an area", "a snowshoe and a high heel on snow"),
    ("floating", "a thing floats when it pushes away its own weight of water", "a full bath that spills over"),
    ("a lever", "a lever trades distance for strength", "a seesaw with a child far out"),
    ("a pulley", "a pulley lets the rope do the work twice", "two friends who lift one bucket"),
    ("energy", "energy is what makes things happen", "coins that change hands but never vanish"),
    ("a spring", "a spring gives back the push that it was given", "a mattress that you jump on"),
    ("a wave", "a wave moves on while the water stays", "a rumour that runs through a queue"),
    ("resonance", "resonance is many small pushes at the right moment", "a child on a swing"),
    ("silence", "silence is air that keeps still", "a lake without a breath of wind"),
    ("a vacuum", "a vacuum is a place with nothing in it", "a jar with all its air drawn out"),
    ("a satellite", "a satellite falls and keeps missing the earth", "a stone thrown so far that the ground curves away"),
)  # fmt: skip
ASKS: Final = (
    "What is {x}?", "Can you explain {x}?", "Tell me about {x}.", "I do not understand {x}.", "How would you put {x} simply?",
    "Why does {x} matter?",
)  # fmt: skip
MORE: Final = ("Tell me more.", "I still do not see it.", "Is that all?", "And then?")
OPENERS: Final = ("Oh, what a lovely thing to ask!", "Ah, now we are talking!", "Good, good, I like that one!")
ENDS: Final = (
    "Where have you seen that at home?", "What do you think would happen if we doubled it?", "Can you feel why?",
    "Shall we try it together?", "What does that remind you of?",
)  # fmt: skip
AGAIN: Final = ("Let us go slowly, my dear.", "No hurry at all, my dear.", "We will find it, my dear.")


def dialogues(count: int = 300, *, seed: int = 0) -> list[dict[str, object]]:
    """Return dialogues of one or two questions, as JSON lines hold them; the same seed gives the same."""
    random = Random(seed)
    made: list[dict[str, object]] = []
    seen: set[str] = set()
    while len(made) < count:
        thing, told, picture = TOPICS[len(made) % len(TOPICS)]
        lines = [
            ("user", random.choice(ASKS).format(x=thing)),
            ("assistant", _answer(random, random.choice(OPENERS), told, picture)),
        ]
        if random.random() < 0.15:
            lines += [
                ("user", random.choice(MORE)),
                ("assistant", _answer(random, random.choice(AGAIN), told, picture)),
            ]
        key = repr(lines)
        if key in seen:
            continue
        seen.add(key)
        made.append({"messages": [{"role": role, "content": text} for role, text in lines], "topic": thing})
    return made


def _answer(random: Random, opener: str, told: str, picture: str) -> str:
    shown = f"Picture {picture}: {told}."
    plain = f"{told[0].upper()}{told[1:]}. Picture {picture}."
    return f"{opener} {random.choice((shown, plain))} {random.choice(ENDS)}"


def marks(answer: str) -> tuple[bool, bool, bool]:
    """Say of an answer whether it greets the question, shows a picture, and ends by asking back."""
    greets = any(answer.startswith(each.split(",")[0].split("!")[0]) for each in (*OPENERS, *AGAIN))
    return greets, bool(re.search(r"\bPicture\b", answer)), answer.rstrip().endswith("?")


def main(argv: Sequence[str] | None = None) -> int:
    """Write the dialogues."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--count", type=int, default=300)
    options = parser.parse_args(argv)
    rows = "".join(f"{json.dumps(each)}\n" for each in dialogues(options.count))
    options.out.write_text(rows, encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
