"""Dialogues as data: read from many layouts, cleaned, counted, split."""
