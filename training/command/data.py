"""Reads, cleans and parts dialogues into a folder with a data card."""

from __future__ import annotations

import argparse
from pathlib import Path

from training.command import sources
from training.command.cli import Context
from training.data import corpus


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what it takes."""
    sources.add_arguments(parser)
    parser.add_argument("--out", type=Path, required=True, metavar="FOLDER", help="where the prepared data goes")
    parser.add_argument("--stream", action="store_true", help="for corpora that do not fit in memory")


def run(options: argparse.Namespace, context: Context) -> None:
    """Prepare the data."""
    if options.stream:
        wanted = sources.cleaning(options)
        card = corpus.prepare_stream(
            sources.dialogues(options), wanted, options.out, by=options.split, share=options.share, seed=options.seed
        )
        sources.keep(options, wanted)
    else:
        made = sources.prepared(options)
        corpus.save(options.out, made)
        card = made.card
    context.out.done({"folder": str(options.out), "card": dict(card)}, corpus.page(card))
