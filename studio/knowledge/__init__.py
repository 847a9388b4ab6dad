"""Compiles an identity's documents: passages, lorebook entries, lessons, facts, and what contradicts itself."""
