"""Statistics of texts and of groups of people. Pure; it knows no identity."""
