"""Varied copies of what is learned from: named pure functions, seeded."""
