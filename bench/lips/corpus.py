"""What is said: our own sentences, one set to tune on and one to report on, and a sentence in each of many languages.

Both English sets hold every phone of English, labials in all positions and neighbourhoods, pauses, and numbers.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

TUNING: Final = (
    "Bob maps the bumpy path to the pebble beach.",
    "My mother packed plums, apricots, and a pumpkin pie.",
    "Have you ever visited the vast valley of the five falls?",
    "The quick brown fox jumps over a lazy dog.",
    "Put the paper cup behind the lamp, please.",
    "She measured the azure box with a usual amount of pleasure.",
    "I thought those three brothers were there together.",
    "Yes, we choose a cheap jug of orange juice.",
    "How now, brown cow? Our house is out of town.",
    "Roy enjoys the noise of toy boats and oil boys.",
    "Few people believe that a wolf would bite a bear.",
    "The number is forty-seven thousand, five hundred and eleven.",
    "Sing along, young king, and bring the long string.",
    "A zebra dozes in the cosy zoo near the museum.",
    "Maybe Pamela can come by on Monday afternoon.",
    "Good food and books took the cook a full week.",
    "Stop! The bottom step is broken, and the lamp post leans.",
    "We were away when the water went over the wall.",
    "Earth and fur are hard words for her third nurse.",
    "Hello, and welcome. What would you like to hear about?",
    "The lifeboat men heaved the heavy fifth rope above the wave.",
    "Abrupt bumps upset grumpy members of the public club.",
    "A plump baby hippo slept beneath the purple umbrella.",
    "Thank you very much for everything that you have brought.",
)
REPORTED: Final = (
    "Peter Piper picked a peck of pickled peppers.",
    "Mum bakes brown bread before the morning bell.",
    "Five brave firemen fought off the vivid flames.",
    "Would you move the blue vase above the fireplace?",
    "The museum opens at half past nine, but not on Mondays.",
    "Please remember to bring both umbrellas to the party.",
    "This thing is smoother than the other three things.",
    "Jack fetched a huge badge from the village church.",
    "Her vision of leisure is a beige garage in Asia.",
    "Out loud, the crowd counted a thousand pounds down.",
    "The boy's voice annoyed the royal employer.",
    "Why try to fly that high at night?",
    "A pop song about a bop bag made the mob hop.",
    "Steam from the warm soup made Tim's glasses foggy.",
    "Nobody bumped into Humphrey at the tempting camp.",
    "Very few vivid leaves have fallen off the wharf.",
    "Young Yuri used a yellow unicycle in the yard.",
    "When the wind blew, we went quickly westward.",
    "Great grapes grow green in the rugged garden.",
    "A hurried bird stirred the dirt and turned.",
    "Put your foot in the wooden bush by the brook.",
    "Seven silly sisters sold sea shells; some were simply superb.",
    "Excuse me: is that the shop with the amber lamps?",
    "No, I am afraid the map is upside down.",
    "I bought a cup of cocoa for about ninety pence.",
    "Ambulance number eleven stopped at the bridge, I presume.",
    "Eve leaves the cave at five, alive and brave.",
    "Somebody proved that the proverb improves with time.",
    "They rubbed the lamp, and puff, a plume of vapour appeared.",
    "Goodbye, my friend. Come back when you can; we will be happy to help.",
    "Perhaps the problem is simple, perhaps impossible.",
    "The calm farm palm is far from the balmy harbour.",
    "Laughing Phil coughed enough to rough up his cuff.",
    "What a thumping, bumping, jumping, pumping jamboree!",
    "Fifty-five elves have shelved half of twelve volumes.",
    "Adam and Amy aim at an empty apple bin.",
)


def languages() -> dict[str, str]:
    """Return a text in each of many languages, by the name of an espeak-ng voice."""
    path = Path(__file__).parent.parent / "phone_texts.json"
    texts: dict[str, str] = json.loads(path.read_text("utf-8"))
    return texts
