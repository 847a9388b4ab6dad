"""Engines that do what a script says, for tests, demos and load."""
