"""The mark that nobody hears: a keyed, spread signal under synthetic speech that says who made it."""
