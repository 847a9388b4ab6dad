"""Tells voices apart: what makes up the sound of a voice, and whose each utterance of a session is."""
