"""Checks of what people read and of what a host reads: pages, CONTRIBUTING.md, the lock, workflows."""
