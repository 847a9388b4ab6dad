"""Playout traces: what a client must make of a schedule of messages and pulls, as vectors/playout/README.md says."""
