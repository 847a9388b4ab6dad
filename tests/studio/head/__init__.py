"""Tests of the sculpted head."""
