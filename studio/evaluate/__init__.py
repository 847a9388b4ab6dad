"""Judges a person who was made: measures, each with what it rests on, in one report and one page."""
