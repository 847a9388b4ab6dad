"""Learning that keeps what it learnt from to itself, and measures of how well it does."""
