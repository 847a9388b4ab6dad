"""Reads dialogues from files, by their layout."""
