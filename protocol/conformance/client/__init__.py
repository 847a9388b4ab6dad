"""A scripted server that judges whoever connects to it."""
