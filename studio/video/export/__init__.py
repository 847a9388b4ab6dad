"""Writes what moves a face in a film as files that other programs animate their own models with."""
