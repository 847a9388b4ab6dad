"""The face of the page, as data and as a small renderer; its Python makes the data and is not needed to serve it."""
