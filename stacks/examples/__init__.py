"""Agents with a face: one for each framework."""
