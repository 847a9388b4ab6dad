"""Reads faces in pictures: where they are, where they look, what they do."""
