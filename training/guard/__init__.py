"""Trains and measures the content filter's classifier on sentences that grammars make."""
