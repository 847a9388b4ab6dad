"""The face of the page, as data and as a small renderer; `tools.face` makes the data."""
