"""Dialogue by any OpenAI-compatible endpoint."""
