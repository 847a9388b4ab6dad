"""Lips from sound: corpora of voices, metrics, training."""
