"""Reads attributes back out of a card's texts by rules, for whoever must know whether text and attributes agree."""

from studio.extract.extract import attributes_in, compared, extracted

__all__ = ["attributes_in", "compared", "extracted"]
