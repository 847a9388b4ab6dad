"""Holds what is said to facts and rules: reads claims in sentences, finds what contradicts, and puts it right."""
