"""Sentences without end to train on: own words put together at random, and words that are none, fixed by a seed."""

from __future__ import annotations

from random import Random
from typing import Final

OPENERS: Final = (
    "my", "the", "a big", "our", "every", "this", "that old", "one more", "some", "no", "your best", "the fifth",
    "another", "a small brown", "each", "his favourite", "her", "their", "which", "an empty",
)  # fmt: skip
THINGS: Final = (
    "baby", "map", "umbrella", "farm", "village", "purple box", "window", "thing", "father", "bath", "shop", "measure",
    "church", "judge", "yellow bus", "wolf", "lamp", "thumb", "bomb disposal team", "computer", "library", "voice",
    "mouth", "house", "boy", "bear", "ear", "tour", "fire", "flower", "camp", "jump", "step", "cup", "pub", "web",
    "proverb", "rhythm", "film", "palm", "knife", "cave", "wave", "glove", "laugh", "cough", "photograph", "theory",
    "path", "mouse", "garage", "beige vase", "sheep", "chips", "jeep", "king", "song", "finger", "cake", "egg", "bag",
    "ship", "push", "book", "foot", "moon", "spoon", "boot", "bird", "nurse", "bread", "pepper", "apple", "puppy",
    "hobby", "summer", "member", "number", "problem", "company", "government", "people", "table", "simple map",
    "museum", "painting", "sculpture", "bumblebee", "trumpet", "empire", "amber", "limb", "lobby", "ribbon", "rabbit",
)  # fmt: skip
ACTS: Final = (
    "makes", "moved", "brought", "found", "gives up", "pays for", "believes in", "buys", "watched", "should measure",
    "might push", "puts", "will become", "remembers", "combed", "climbs", "helped", "jumped over", "thanked", "loved",
    "caught", "asked about", "has enjoyed", "chose", "thinks of", "breathes on", "would bite", "rubbed", "wrapped",
    "stopped", "bumped into", "dropped", "filmed", "proved", "improves", "left", "laughs at", "fixed", "visits",
)  # fmt: skip
ENDS: Final = (
    "before lunch", "by the beach", "in the morning", "for a fair price", "with both thumbs", "above the river",
    "at half past five", "without any help", "on Monday", "near the bridge", "because of the fog", "under the table",
    "every time", "from Vienna", "up there", "among friends", "too", "if you please", "of course", "all the way home",
    "in October", "as happy as ever", "while we sleep", "but not for me", "very often", "", "", "",
)  # fmt: skip
ONSETS: Final = ("p", "b", "m", "f", "v", "t", "d", "n", "s", "k", "l", "r", "p", "b", "m", "f", "v", "z", "g", "h", "")
NUCLEI: Final = ("a", "e", "i", "o", "u", "a", "i", "o")
CODAS: Final = ("", "", "", "", "m", "n", "p", "s", "l", "r")


def sentence(chance: Random) -> str:
    """Return an English sentence, more or less."""
    words = [chance.choice(OPENERS), chance.choice(THINGS), chance.choice(ACTS), chance.choice(OPENERS)]
    words += [chance.choice(THINGS), chance.choice(ENDS)]
    mark = chance.choice((".", ".", ".", "?", "!"))
    if chance.random() < 0.3:
        words[3:3] = [f"{chance.choice(OPENERS)} {chance.choice(THINGS)},"]
    return " ".join(words).strip().capitalize() + mark


def nonsense(chance: Random) -> str:
    """Return syllables that any synthesizer with Latin letters can read, rich in labials."""
    words = []
    for _ in range(chance.randint(5, 9)):
        parts = range(chance.randint(1, 3))
        words.append("".join(chance.choice(ONSETS) + chance.choice(NUCLEI) for _ in parts) + chance.choice(CODAS))
    if chance.random() < 0.4:
        words[len(words) // 2] += ","
    return " ".join(words) + "."


def texts(seed: int, count: int, english: bool = True) -> list[str]:
    """Return `count` texts of either kind."""
    chance = Random(seed)
    return [sentence(chance) if english else nonsense(chance) for _ in range(count)]
