"""The training loop as plain functions: a loss, a step, a schedule, a checkpoint, a run."""
