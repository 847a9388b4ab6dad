"""Trains a painter of portraits."""

from __future__ import annotations

import argparse

from training.command.cli import Context
from training.portrait import command

add_arguments = command.add_arguments


def run(options: argparse.Namespace, context: Context) -> None:
    """Train and tell; today, for the consent to own pictures, is the context's unless it was said."""
    options.on = options.on or context.created[:10]
    if command.train(options, context.out.progress):
        raise KeyboardInterrupt
    context.out.done({"run": str(options.run), "nets": str(options.ship or "")}, f"trained: {options.run}")
