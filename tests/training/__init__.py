"""Tests of what learns."""
