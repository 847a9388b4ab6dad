"""Real weights for tests and benchmarks, fetched as pinned packages; never part of the product."""
