"""What tests and benchmarks share; not part of the product."""
