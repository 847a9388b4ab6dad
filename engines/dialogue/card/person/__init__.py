"""How a companion speaks of itself: sentences about it in the first person, and forms that agree with who it is."""
