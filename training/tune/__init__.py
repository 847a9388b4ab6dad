"""Transfer learning: an adapter that makes a language model speak in the manner of an identity."""
