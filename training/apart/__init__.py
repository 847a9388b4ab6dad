"""Learns what tells voices apart, from synthetic voices and what a microphone and a room make of them."""
