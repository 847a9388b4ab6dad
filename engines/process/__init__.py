"""Engines in processes of their own: pipes, requests, restarts."""
