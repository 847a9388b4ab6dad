"""Designs voices: finds speakers by a description, and lets people hear and compare them."""
