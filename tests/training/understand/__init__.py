"""Tests of what is said about tuned models."""
