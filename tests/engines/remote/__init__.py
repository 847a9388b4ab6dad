"""Engines by address."""
