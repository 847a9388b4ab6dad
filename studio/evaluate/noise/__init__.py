"""Asks the person what it knows with errors of typing and of hearing in the questions, and sees how answers fall."""
