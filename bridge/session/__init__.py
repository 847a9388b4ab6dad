"""One conversation: hearing, deciding, speaking, fanning out."""
