"""Sockets: accepting, authenticating, serving pages, resuming, draining."""
