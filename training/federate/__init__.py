"""Several places learn one adapter together, and no line leaves its place."""
