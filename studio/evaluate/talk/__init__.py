"""Talks with the person who is judged, by any dialogue engine, as a session would."""
