"""Coqui's VITS and XTTS."""
