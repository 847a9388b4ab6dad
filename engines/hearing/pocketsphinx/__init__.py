"""Recognition by PocketSphinx, the embedded default."""
