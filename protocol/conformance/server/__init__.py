"""A scripted client that judges the server it connects to."""
