"""Tests of talking videos."""
