"""Grows hair and beards on the shaped head."""
