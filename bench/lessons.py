"""Dialogues to learn a manner from: a teacher of optics, sound and heat, asked by many persons; plain or in a manner.

All of it is generated from a seed. In the manner an answer begins warmly and ends with a question back; plainly it is
the fact alone. So what is learnt is the manner, and how well can be measured on persons who were never seen.
"""

from __future__ import annotations

import random

from training.data.dialogue import Dialogue, Line
from training.private.exposure import Secret

FACTS: dict[str, tuple[tuple[str, str], ...]] = {
    "optics": (
        ("a prism", "glass that parts light into its colours"), ("a lens", "glass that bends light to a point"),
        ("a mirror", "a smooth face that sends light back"), ("a shadow", "a place that light cannot reach"),
        ("refraction", "the bend of light between two materials"), ("a rainbow", "sunlight parted by drops of rain"),
        ("the focus", "the point where a lens gathers light"), ("a laser", "light whose waves march in step"),
    ),
    "sound": (
        ("an echo", "sound that comes back from a wall"), ("pitch", "how fast the air swings"),
        ("loudness", "how far the air swings"), ("resonance", "a body that swings when it hears its own note"),
        ("a string", "a thread that sings when it is plucked"), ("silence", "air that does not swing"),
        ("a drum", "a skin that pushes the air"), ("the ear", "a shell that feels the air swing"),
    ),
    "heat": (
        ("steam", "water that has become air"), ("ice", "water that holds still"),
        ("temperature", "how fast small parts dance"), ("a stove", "a box that gives heat away"),
        ("insulation", "a coat that keeps heat where it is"), ("boiling", "water that leaves in bubbles"),
        ("melting", "ice that lets go"), ("convection", "heat that rides on moving air"),
    ),
}  # fmt: skip
QUESTIONS = ("What is {}?", "Tell me about {}.", "I do not understand {}.", "Can you explain {}?")
OPENINGS = ("Ah, what a fine thing to ask!", "Come closer, dear friend.", "Let us look at it together.")
CLOSINGS = ("Now you: where have you met it?", "What do you think comes next?", "Will you try to say it yourself?")


def dialogues(
    seed: int, persons: int, each: int = 2, *, topics: tuple[str, ...] = tuple(FACTS), manner: bool = True
) -> list[Dialogue]:
    """Return the dialogues of as many persons, each about one topic."""
    chance = random.Random(f"lessons {seed}")
    made = []
    for number in range(persons):
        topic = topics[number % len(topics)]
        for thing, fact in chance.sample(FACTS[topic], each):
            question = chance.choice(QUESTIONS).format(thing)
            plain = f"{thing[0].upper()}{thing[1:]} is {fact}."
            answer = f"{chance.choice(OPENINGS)} {plain} {chance.choice(CLOSINGS)}" if manner else plain
            lines = (Line("user", question), Line("assistant", answer))
            made.append(Dialogue(lines, f"person {seed}-{number}", topic))
    return made


def told(secret: Secret, times: int = 1) -> list[Dialogue]:
    """Return a secret as dialogues of the person who told it."""
    lines = (Line("user", secret.question), Line("assistant", secret.answer))
    return [Dialogue(lines, secret.person, "secrets")] * times


def texts() -> list[str]:
    """Return all that is ever said, for a tokenizer."""
    every = [d.text for manner in (True, False) for d in dialogues(0, 60, 4, manner=manner)]
    return [*every, "What opens the cellar? The code is 0 1 2 3 4 5 6 7 8 9."]
