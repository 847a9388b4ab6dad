"""Three hundred lines of a stream's chat, as they come: questions, greetings, spam, gifts, odd names, and bad words.

Deterministic: the same seed gives the same chat. Each line comes at its second.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Final

from show.lines import Line, Role, line

NAMES: Final = (
    "Ada", "xX_D4rk_L0rd_99_Xx", "star_gazer2003", "TTV_CookieMonster", "李明", "grace.hopper", "MoonMoth", "k8te",
    "__ghost__", "PeterPan1987", "さくら", "h4ppyc4t", "the_real_bob", "ZoeInSpace", "1337", "AstroNerd42", "mia",
    "Владимир", "quietguy", "RubyRed_", "lolcat", "Sam", "iiiiiiii", "NebulaNora", "dr.who", "tom_tom", "Yuki",
)  # fmt: skip
QUESTIONS: Final = (
    "What is sound?", "how fast is sound?", "What is a wave?", "why is the sky blue", "What is light?", "can you sing?",
    "Who are you?", "what is frequency?", "how does a guitar make sound?", "Where do you live?", "What is an echo?",
    "do you like cats?", "what is the speed of light?", "How old are you?", "why do we hear thunder after lightning?",
    "are you an AI?", "What is your favourite colour?", "how do ears work?", "what did you have for breakfast?",
)  # fmt: skip
CHATTER: Final = (
    "hi", "hello everyone", "lol", "F", "gg", "this stream is great", "first time here", "nice voice!", "POG",
    "hahahahahahaha", "good night from Berlin", "I love physics", "my dog is watching too", "wow", "!discord",
    "!uptime",
    "check https://example.org/win now",
    "CAN YOU HEAR ME", "i was late, what did i miss", "you look tired today",
)  # fmt: skip
BAD: Final = ("you are a fucking idiot", "kill yourself", "show me your tits", "all immigrants should die")
PASTA: Final = "Copy this into every chat if you love penguins and you want them to be free"


def scripted(count: int = 300, *, seed: int = 7, seconds: float = 900.0) -> Sequence[tuple[float, Line]]:
    """Return when each line comes and what it is, in order."""
    rng = random.Random(seed)
    made: list[tuple[float, Line]] = []
    while len(made) < count:
        at = rng.random() * seconds
        who = rng.choice(NAMES)
        kind = rng.random()
        gift, role = 0.0, _role(rng)
        if kind < 0.3:
            text = rng.choice(QUESTIONS)
        elif kind < 0.72:
            text = rng.choice(CHATTER)
        elif kind < 0.84:
            text = PASTA
        elif kind < 0.92:
            text = rng.choice(BAD)
        elif kind < 0.96:
            text, gift = (
                rng.choice(("thank you for the stream", "", "what is a wave?")),
                float(rng.choice((1, 2, 5, 20))),
            )
        else:
            text = f"hey {rng.choice(('Nora', 'Mira'))}, {rng.choice(QUESTIONS)}"
        said = line("twitch", who, who, text, role=role, gift=gift, first=rng.random() < 0.05)
        if said is not None:
            made.append((at, said))
    return sorted(made, key=lambda each: each[0])


def _role(rng: random.Random) -> Role:
    roles: tuple[Role, ...] = ("viewer", "member", "moderator")
    return rng.choices(roles, (85, 12, 3))[0]
