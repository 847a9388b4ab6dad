"""Draws a person as they are shown: sculpted, drawn, or as one picture that is moved."""
