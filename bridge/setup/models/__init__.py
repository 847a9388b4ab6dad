"""Looks after models on disk: what the chosen engines need, whether it is here, and how it is fetched."""
