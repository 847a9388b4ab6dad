"""The mark that nobody sees: signs in the coarse structure of a picture that say who made it."""
