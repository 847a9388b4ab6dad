"""The same face in the formats of other tools: each frame that is heard leaves as packets that they understand."""
