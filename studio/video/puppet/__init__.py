"""Makes a puppet of one picture of a face: what of it moves, and how far, for each of the 52 shapes."""
