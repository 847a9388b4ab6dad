"""What happened in a run: scalars, curves, a folder, a report, a comparison."""
