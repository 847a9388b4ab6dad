"""Kokoro voices, in a process of their own."""
