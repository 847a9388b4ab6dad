"""Keeps what is remembered of users: a database, a thread for it, and what travels of it."""
