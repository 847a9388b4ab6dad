"""Writes a report as one page that people read, look at and print: no script, nothing from elsewhere."""
