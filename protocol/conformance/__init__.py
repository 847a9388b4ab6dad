"""Judges whether a client, or a server, keeps SPEC.md: rules as a table, scenes as scripts, verdicts as data."""
